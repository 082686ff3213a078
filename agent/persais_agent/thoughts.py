"""What a model thinks aloud before it answers: no part of the answer, and no edit in it is meant."""

import re

_OPENING = re.compile(r"\s*<(think|thinking|thought|reasoning)>", re.IGNORECASE)


def without(text: str, tag: str | None = None) -> str:
    """The answer behind the thoughts that it begins with; empty when they never end. `tag`: one more name for them."""
    opening = re.compile(rf"\s*<({re.escape(tag)})>") if tag else None
    while begun := _OPENING.match(text) or (opening and opening.match(text)):
        ended = re.compile(rf"</{re.escape(begun[1])}>\n*", re.IGNORECASE).search(text, begun.end())
        if not ended:
            return ""
        text = text[ended.end() :]
    return text
