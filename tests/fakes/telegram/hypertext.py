"""The HTML that the Bot API takes, with its errors and their byte offsets."""

import re

from . import links, units
from .errors import bad

KINDS = {"b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline", "ins": "underline", "s": "strikethrough",
         "strike": "strikethrough", "del": "strikethrough", "tg-spoiler": "spoiler", "span": "spoiler", "a": "link",
         "code": "code", "pre": "pre", "blockquote": "blockquote", "tg-emoji": "emoji"}
NAMED = {b"lt": "<", b"gt": ">", b"amp": "&", b"quot": '"'}
REFERENCE = re.compile(rb"&(?:#x([0-9a-fA-F]{1,6})|#([0-9]{1,7})|([a-zA-Z]+));?")
NAME = re.compile(rb"[^\s>]*")
ATTRIBUTE = re.compile(rb"([^\s=>]*)\s*(=?)\s*(?:\"([^\"]*)(\"?)|'([^']*)('?)|([a-zA-Z0-9.\-]*))")


def _unreferenced(data):
    def one(found):
        text = _character(found)
        return found[0] if text is None else text.encode("utf-8", "surrogatepass")
    return REFERENCE.sub(one, data)


def _character(found):
    if found[3]:
        return NAMED.get(found[3])
    code = int(found[1], 16) if found[1] else int(found[2])
    return chr(code) if 0 < code < 0x10FFFF else None


class Reader:
    def __init__(self, text):
        self.text, self.i, self.out, self.offset, self.open, self.entities = text.encode(), 0, [], 0, [], []

    def wrong(self, message):
        return bad(f"can't parse entities: {message}")

    def read(self):
        while self.i < len(self.text):
            if self.text.startswith(b"</", self.i):
                self._end()
            elif self.text[self.i] == 0x3C:
                self._begin()
            else:
                found = REFERENCE.match(self.text, self.i)
                character = _character(found) if found else None
                if character is None:
                    end = re.compile(rb".[^<&]*", re.DOTALL).match(self.text, self.i).end()
                    character, self.i = self.text[self.i:end].decode(), end
                else:
                    self.i = found.end()
                self.out.append(character)
                self.offset += units.length(character)
        if self.open:
            raise self.wrong(f"Can't find end tag corresponding to start tag \"{self.open[-1][0]}\"")
        text = "".join(self.out)
        try:
            text.encode()
        except UnicodeEncodeError:
            raise self.wrong("Text contains invalid Unicode characters after decoding HTML entities, check for unmatched "
                             "surrogate code units") from None
        return text, units.ordered(self.entities)

    def _begin(self):
        at = self.i
        found = NAME.match(self.text, at + 1)
        name, self.i = found[0].decode().lower(), found.end()
        if self.i >= len(self.text):
            raise self.wrong(f"Unclosed start tag at byte offset {at}")
        if name not in KINDS:
            raise self.wrong(f"Unsupported start tag \"{name}\" at byte offset {at}")
        attributes = self._attributes(name, at)
        if name == "span" and attributes.get("class") != "tg-spoiler":
            raise self.wrong(f"Tag \"span\" must have class \"tg-spoiler\" at byte offset {at}")
        self.open.append((name, attributes, self.offset, len(self.out)))

    def _attributes(self, tag, at):
        found = {}
        while True:
            while self.text[self.i:self.i + 1].isspace():
                self.i += 1
            if self.text[self.i:self.i + 1] == b">":
                self.i += 1
                return found
            if self.i >= len(self.text):
                raise self.wrong(f"Unclosed start tag \"{tag}\" at byte offset {at}")
            one = ATTRIBUTE.match(self.text, self.i)
            if not one[1]:
                raise self.wrong(f"Empty attribute name in the tag \"{tag}\" at byte offset {at}")
            if not one[2] and one[1] != b"expandable":
                raise self.wrong(f"Expected equal sign in declaration of an attribute of the tag \"{tag}\" at byte offset {at}")
            begin, self.i = self.i, one.end() if one[2] else self.i + len(one[1])
            value = next((value for value in (one[3], one[5], one[7]) if value is not None), b"")
            if one[7] is not None and self.text[self.i:self.i + 1] not in (b">", b" ", b"\n", b"\t", b""):
                raise self.wrong(f"Unexpected end of name token at byte offset {begin + len(one[1]) + 1}")
            found[one[1].decode().lower()] = _unreferenced(value).decode("utf-8", "replace")

    def _end(self):
        at = self.i
        if not self.open:
            raise self.wrong(f"Unexpected end tag at byte offset {at}")
        found = re.compile(rb"</([^\s>]*)\s*(>?)").match(self.text, at)
        name, opened = found[1].decode().lower(), self.open[-1][0]
        if not found[2]:
            raise self.wrong(f"Unclosed end tag at byte offset {at}")
        if name and name != opened:
            raise self.wrong(f"Unmatched end tag at byte offset {at}, expected \"</{opened}>\", found \"</{name}>\"")
        self.i = found.end()
        _, attributes, offset, begin = self.open.pop()
        size = self.offset - offset
        if size:
            self._add(KINDS[opened], attributes, offset, size, begin)

    def _add(self, kind, attributes, offset, size, begin):
        last = self.entities[-1] if self.entities else {}
        if kind == "link":
            found = links.entity(attributes.get("href") or "".join(self.out[begin:]), offset, size)
        elif kind == "emoji":
            found = units.entity("custom_emoji", offset, size, custom_emoji_id=attributes.get("emoji-id", ""))
        elif kind == "pre" and (last.get("type"), last.get("offset"), last.get("length")) == ("code", offset, size) and "language" in last:
            last["type"] = "pre"  # <pre><code class="language-…">
            return
        else:
            name = "expandable_blockquote" if kind == "blockquote" and "expandable" in attributes else kind
            found = units.entity(name, offset, size)
            language = attributes.get("class", "").partition("language-")[2] if kind == "code" else ""
            found.update({"language": language} if language else {})
        if found:
            self.entities.append(found)


def parse(text):
    text, entities = Reader(text).read()
    for found in entities:
        if found["type"] == "code":
            found.pop("language", None)
    return text, entities
