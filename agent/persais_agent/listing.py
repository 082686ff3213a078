"""The repository in names only, for trees without a map: all names if they fit, else folders with their counts,
and always the names that share a word with the instruction."""

import re
from collections import Counter

from . import limits

_HEAD = """Here are the names of files in my git repository.
You see names only. If you need to read or edit any of these files, name their full paths and I will *add them to the chat*.
"""
_WORD = re.compile(r"\w{4,}")


def listing(tracked: list[str], instruction: str) -> str | None:
    """At most about LISTING_BYTES; None for an empty repository."""
    if not tracked:
        return None
    whole = "\n".join(tracked)
    if len(whole.encode()) <= limits.LISTING_BYTES:
        return f"{_HEAD}\n{whole}\n"
    parts = [_HEAD, f"There are {len(tracked)} files, so here are folders with the number of files in each:", _folders(tracked)]
    matches = _matches(tracked, instruction)
    if matches:
        parts += ["", "Files whose names share a word with my request:", *matches]
    return "\n".join(parts) + "\n"


def _folders(tracked: list[str]) -> str:
    best = ""
    folders = [path.rpartition("/")[0] for path in tracked]
    for depth in range(1, 12):
        counts = Counter("/".join(folder.split("/")[:depth]) or "." for folder in folders)
        text = "\n".join(f"{folder}/ ({count})" for folder, count in sorted(counts.items()))
        if len(text.encode()) > limits.LISTING_BYTES // 2 and best:
            break
        if text == best:
            break
        best = text[: limits.LISTING_BYTES // 2]
    return best


def _matches(tracked: list[str], instruction: str) -> list[str]:
    words = {word.casefold() for word in _WORD.findall(instruction)}
    found = []
    size = 0
    for path in tracked:
        low = path.casefold()
        if any(word in low for word in words):
            size += len(path.encode()) + 1
            if len(found) >= limits.LISTING_MATCHES or size > limits.LISTING_BYTES // 2:
                break
            found.append(path)
    return found
