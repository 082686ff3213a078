"""UTF-16 code units, in which the Bot API counts."""


def length(text):
    return len(text) + sum(char > "\uffff" for char in text)


def cut(text, offset, size):
    """The part of a text that an entity of this offset and length covers."""
    data = text.encode("utf-16-le", "surrogatepass")
    return data[2 * offset:2 * (offset + size)].decode("utf-16-le", "replace")


def entity(kind, offset, size, **more):
    return {"offset": offset, "length": size, "type": kind, **more}


# Of entities that begin at the same place the longer comes first, then these in this order.
_ORDER = ("blockquote", "expandable_blockquote", "pre", "code", "text_link", "text_mention", "custom_emoji", "bold", "italic",
          "underline", "strikethrough", "spoiler")


def ordered(entities):
    def key(found):
        kind = found["type"]
        return found["offset"], -found["length"], _ORDER.index(kind) if kind in _ORDER else -1
    return sorted(entities, key=key)
