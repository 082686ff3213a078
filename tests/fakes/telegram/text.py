"""What becomes of a text on its way into a chat: parsed, cleaned, its entities mended, trimmed, links and commands found."""

import re

from . import hypertext, markdown, units
from .errors import bad

MAX_BYTES, MAX_TEXT, MAX_CAPTION, MAX_ENTITIES = 1 << 15, 4096, 1024, 100
SPLITTABLE = ("bold", "italic", "underline", "strikethrough", "spoiler")
QUOTES = ("blockquote", "expandable_blockquote")
KNOWN = SPLITTABLE + QUOTES + ("code", "pre", "text_link", "text_mention", "custom_emoji", "date_time")
IGNORED = ("mention", "hashtag", "cashtag", "bot_command", "url", "email", "phone_number")  # found, never given
FOUND = [(kind, re.compile(pattern)) for kind, pattern in (
    ("bot_command", r"(?<![\w/<>])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?(?![\w/@])"),
    ("email", r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+"), ("url", r"(?<!\w)https?://[^\s<>\"]+[^\s<>\".,;:!?)\]]"),
    ("mention", r"(?<![\w@])@[A-Za-z]\w{3,31}\b"), ("hashtag", r"(?<![\w#])#\w*[^\W\d]\w*"))]
CONTROL = {chr(code): " " for code in range(33) if chr(code) not in "\n\r"}
REMOVED = set("\r\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u0333\u033f\u030a")


def formatted(text, mode, entities, limit, complaints, empty="message text is empty", too_long="message is too long"):
    """(text, entities) as they stand in the chat. Raises ApiError."""
    if not text:
        if empty:
            raise bad(empty)
        return "", []
    if len(text.encode()) > MAX_BYTES:
        raise bad("text is too long")
    mode = (mode or "").lower()
    if mode and mode != "none":
        if mode not in ("markdownv2", "html"):
            raise bad("this server reads MarkdownV2 and HTML" if mode == "markdown" else "unsupported parse_mode")
        text, entities = (markdown if mode == "markdownv2" else hypertext).parse(text)
    else:
        entities = _given(entities or [])
    text, entities = _trimmed(*_cleaned(text, nested(entities)))
    if not text:
        if empty:
            raise bad("text must be non-empty")
        return "", []
    if len(text) > limit:
        raise bad(too_long)
    if len(entities) > MAX_ENTITIES:
        complaints.append(f"entities: {len(entities)}; all after the first {MAX_ENTITIES} are dropped")
        entities = entities[:MAX_ENTITIES]
    return text, with_found(text, entities)


def _given(entities):
    kept = []
    for found in entities:
        if found["type"] not in KNOWN + IGNORED:
            raise bad("can't parse MessageEntity: Unsupported type specified")
        for field in ("offset", "length"):
            if not 0 <= found[field] <= 1000000:
                raise bad(f"receive an entity with incorrect {field} {found[field]}")
        need = {"text_link": "url", "text_mention": "user", "custom_emoji": "custom_emoji_id"}.get(found["type"])
        if need and not found.get(need):
            raise bad(f"can't parse MessageEntity: Can't find field \"{need}\"")
        if found["length"] and found["type"] in KNOWN:
            kept.append(dict(found))
    return kept


def _cleaned(text, entities):
    """Control characters become spaces, what turns the writing direction of a whole message goes; entities follow."""
    out, at, middles, offset, byte = [], {0: 0}, {}, 0, 0
    for char in text:
        kept = CONTROL.get(char, "" if char in REMOVED else char)
        out.append(kept)
        size = units.length(char)
        if size == 2:
            middles[offset + 1] = byte + len(char.encode())
        at[offset + size] = at[offset] + units.length(kept)
        offset, byte = offset + size, byte + len(char.encode())
    for found in entities:
        begin, end = found["offset"], found["offset"] + found["length"]
        if begin in middles:
            raise bad(f"entity begins in a middle of a UTF-16 symbol at byte offset {middles[begin]}")
        if end in middles:
            raise bad(f"entity beginning at UTF-16 offset {begin} ends in a middle of a UTF-16 symbol at byte offset {middles[end]}")
        if begin >= offset:
            raise bad(f"entity begins after the end of the text at UTF-16 offset {begin}")
        if end > offset:
            raise bad(f"entity beginning at UTF-16 offset {begin} ends after the end of the text at UTF-16 offset {end}")
        found["offset"], found["length"] = at[begin], at[end] - at[begin]
    return "".join(out), [found for found in entities if found["length"]]


def _trimmed(text, entities):
    """White space goes at both ends of the text and at the start of entities; entities of nothing but white space go."""
    wide = text.encode("utf-16-le")
    blank = [wide[i:i + 2] in (b" \0", b"\n\0") for i in range(0, len(wide), 2)]
    end = len(blank)
    while end and blank[end - 1]:
        end -= 1
    kept = []
    for found in entities:
        first, last = found["offset"], min(found["offset"] + found["length"], end)
        while first < last and blank[first]:
            first += 1
        if first < last:
            kept.append({**found, "offset": first, "length": last - first})
    begin, stop = 0, min((found["offset"] for found in kept), default=end)
    while begin < stop and blank[begin]:
        begin += 1
    for found in kept:
        found["offset"] -= begin
    return wide[2 * begin:2 * end].decode("utf-16-le"), units.ordered(kept)


def _crosses(one, other):
    a, b = one["offset"], one["offset"] + one["length"]
    c, d = other["offset"], other["offset"] + other["length"]
    return max(a, c) < min(b, d) and not (a <= c and d <= b) and not (c <= a and b <= d)


def _overlaps(one, other):
    return max(one["offset"], other["offset"]) < min(one["offset"] + one["length"], other["offset"] + other["length"])


def nested(entities):
    """Entities as the server mends them: no two that cannot contain others overlap, nothing inside code and pre, what crosses is cut."""
    firm, soft = [], []
    for found in units.ordered(entities):
        if found["type"] in SPLITTABLE:
            soft.append(found)
        elif found["type"] in QUOTES:
            if not any(_overlaps(found, other) and (other["type"] in QUOTES or _crosses(found, other)) for other in firm):
                firm.append(found)
        elif not any(_overlaps(found, other) and (other["type"] not in QUOTES or _crosses(found, other)) for other in firm):
            firm.append(found)
    cuts = sorted({place for found in firm for place in (found["offset"], found["offset"] + found["length"])})
    done = []
    for kind in SPLITTABLE:
        for begin, end in _merged(found for found in soft if found["type"] == kind):
            whole = units.entity(kind, begin, end - begin)
            edges = [begin, *(cut for cut in cuts if begin < cut < end), end]
            crossing = any(_crosses(whole, other) or other["type"] in ("code", "pre") and _overlaps(whole, other) for other in firm)
            for first, last in zip(edges, edges[1:]) if crossing else [(begin, end)]:
                piece = units.entity(kind, first, last - first)
                if not any(other["type"] in ("code", "pre") and _overlaps(piece, other) for other in firm):
                    done.append(piece)
    return units.ordered(firm + _uncrossed(done))


def _merged(entities):
    spans = []
    for found in sorted(entities, key=lambda one: one["offset"]):
        begin, end = found["offset"], found["offset"] + found["length"]
        if spans and begin <= spans[-1][1]:
            spans[-1][1] = max(spans[-1][1], end)
        else:
            spans.append([begin, end])
    return spans


def _uncrossed(pieces):
    """Of two styles that cross, the one that begins first is cut where the other begins."""
    pieces = units.ordered(pieces)
    for i, one in enumerate(pieces):
        for other in pieces[i + 1:]:
            if _crosses(one, other):
                rest = units.entity(one["type"], other["offset"], one["offset"] + one["length"] - other["offset"])
                one["length"] = other["offset"] - one["offset"]
                return _uncrossed(pieces + [rest])
    return pieces


def with_found(text, entities):
    """What the server marks by itself in a text: commands, links, addresses, names, tags."""
    firm = [found for found in entities if found["type"] not in SPLITTABLE + QUOTES]
    for kind, pattern in FOUND:
        for match in pattern.finditer(text):
            one = units.entity(kind, units.length(text[:match.start()]), units.length(match[0]))
            if not any(_overlaps(one, other) for other in firm):
                firm.append(one)
                entities = entities + [one]
    return units.ordered(entities)
