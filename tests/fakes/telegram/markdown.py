"""MarkdownV2, read byte by byte as the real server does, with its errors and their byte offsets."""

from . import links, units
from .errors import bad

RESERVED = set(b"_*[]()~`>#+-=|{}.!\n")
NAMES = {"bold": "Bold", "italic": "Italic", "underline": "Underline", "strikethrough": "Strikethrough", "spoiler": "Spoiler",
         "code": "Code", "pre": "Pre", "link": "TextUrl", "emoji": "CustomEmoji", "blockquote": "BlockQuote"}
ENDS = {"bold": b"*", "code": b"`", "pre": b"```", "link": b"]", "underline": b"__", "strikethrough": b"~", "spoiler": b"||",
        "emoji": b"]"}


class _Open:
    def __init__(self, kind, offset, at, begin, language=""):
        self.kind, self.offset, self.at, self.begin, self.language = kind, offset, at, begin, language


class Reader:
    def __init__(self, text):
        self.text, self.i, self.out, self.offset = text.encode(), 0, bytearray(), 0
        self.open, self.entities, self.quoted = [], [], False

    def ahead(self, mark):
        return self.text.startswith(mark, self.i)

    def put(self, byte):
        if byte & 0xC0 != 0x80:
            self.offset += 2 if byte >= 0xF0 else 1
        self.out.append(byte)

    def read(self):
        while self.i < len(self.text):
            byte = self.text[self.i]
            if byte == 0x5C and self.i + 1 < len(self.text) and 0 < self.text[self.i + 1] <= 126:
                self.i += 1
                self.put(self.text[self.i])
            elif byte not in (b"`" if self.open and self.open[-1].kind in ("code", "pre") else RESERVED):
                self.put(byte)
            elif self.open and self._ends(byte):
                self._end(byte)
            else:
                self._begin(byte)
            self.i += 1
        if self.quoted and self.open[-1].kind == "blockquote":
            self._close(self.open.pop())
        if self.open:
            raise self._unended()
        return self.out.decode(), units.ordered(self.entities)

    def _unended(self):
        last = self.open[-1]
        name = "PreCode" if last.language else NAMES[last.kind]
        return bad(f"can't parse entities: Can't find end of {name} entity at byte offset {last.at}")

    def _ends(self, byte):
        if self.quoted and byte == 0x0A and self.text[self.i + 1:self.i + 2] != b">":
            return True
        kind = self.open[-1].kind
        if kind == "italic":
            return byte == 0x5F and not self.ahead(b"__")
        return kind in ENDS and self.ahead(ENDS[kind])

    def _begin(self, byte):
        at, kind, language = self.i, None, ""
        if byte == 0x0A:
            self.put(byte)
            if self.text[self.i + 1:self.i + 2] == b">":
                self.i += 1
                if not self.quoted:
                    kind = "blockquote"
        elif byte == 0x3E and self.i == 0:
            kind = "blockquote"
        elif self.ahead(b"```"):
            kind, language = "pre", self._language()
        else:
            for mark, name in ((b"__", "underline"), (b"_", "italic"), (b"*", "bold"), (b"~", "strikethrough"), (b"||", "spoiler"),
                               (b"![", "emoji"), (b"[", "link"), (b"`", "code")):
                if self.ahead(mark):
                    kind = name
                    self.i += len(mark) - 1
                    break
            else:
                raise bad(f"can't parse entities: Character '{chr(byte)}' is reserved and must be escaped with the preceding '\\'")
        if kind:
            self.quoted = self.quoted or kind == "blockquote"
            self.open.append(_Open(kind, self.offset, at, len(self.out), language))

    def _language(self):
        """Steps over ```, the language and one line break; leaves the place on the last byte read."""
        self.i += 3
        end = self.i
        while end < len(self.text) and self.text[end] not in b" \t\r\n`":
            end += 1
        language = ""
        if end < len(self.text) and self.text[end] != 0x60:
            language = self.text[self.i:end].decode()
            self.i = end if language else self.i
        if self.ahead(b"\r\n") or self.ahead(b"\n\r"):
            self.i += 2
        elif self.ahead(b"\n") or self.ahead(b"\r"):
            self.i += 1
        self.i -= 1
        return language

    def _end(self, byte):
        last = self.open[-1]
        if byte == 0x0A and last.kind != "blockquote":
            raise self._unended()
        self.open.pop()
        if last.kind == "blockquote":
            self.quoted = False
            self.put(byte)
        elif last.kind in ("link", "emoji"):
            return self._link(last)
        elif last.kind in ENDS:
            self.i += len(ENDS[last.kind]) - 1
        self._close(last)

    def _close(self, last):
        size = self.offset - last.offset
        if size:
            more = {"language": last.language} if last.language else {}
            self.entities.append(units.entity(last.kind, last.offset, size, **more))

    def _link(self, last):
        size = self.offset - last.offset
        if self.text[self.i + 1:self.i + 2] != b"(":
            if last.kind == "emoji":
                raise bad("can't parse entities: Custom emoji entity must contain a tg://emoji URL")
            url = bytes(self.out[last.begin:])
        else:
            url = self._address("URL" if last.kind == "link" else "custom emoji URL")
        url = url.decode()
        if last.kind == "emoji":
            found = units.entity("custom_emoji", last.offset, size, custom_emoji_id=url.rpartition("id=")[2])
        else:
            found = links.entity(url, last.offset, size)
        if size and found:
            self.entities.append(found)

    def _address(self, what):
        self.i += 2
        begin, url = self.i, bytearray()
        while self.i < len(self.text) and self.text[self.i] != 0x29:
            if self.text[self.i] == 0x5C and self.i + 1 < len(self.text) and self.text[self.i + 1] <= 126:
                self.i += 1
            url.append(self.text[self.i])
            self.i += 1
        if self.i >= len(self.text):
            raise bad(f"can't parse entities: Can't find end of a {what} at byte offset {begin}")
        return bytes(url)


def parse(text):
    return Reader(text).read()
