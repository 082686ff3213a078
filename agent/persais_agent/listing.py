"""The repository in names only, for trees without a map: all names if they fit, else folders with their counts,
and always the names that share a word with the instruction."""

import re
from collections import Counter
from itertools import repeat
from operator import itemgetter

from . import limits
from .conversation import clipped

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
    folders = Counter(map(itemgetter(0), map(str.rpartition, tracked, repeat("/"))))
    for depth in range(1, 12):
        counts = Counter()
        for folder, count in folders.items():
            counts["/".join(folder.split("/")[:depth]) or "."] += count
        text = "\n".join(f"{folder}/ ({count})" for folder, count in sorted(counts.items()))
        if len(text.encode()) > limits.LISTING_BYTES // 2 and best:
            break
        if text == best:
            break
        best = clipped(text, limits.LISTING_BYTES // 2)
    return best


def _matches(tracked: list[str], instruction: str) -> list[str]:
    """The first names that hold one of the words, whatever the case. All names are searched as one text."""
    words = sorted({word.casefold() for word in _WORD.findall(instruction)}, key=len)[-limits.LISTING_WORDS :]
    names = "\n".join(tracked).casefold()
    starts = set()
    for word in words:
        at = names.find(word)
        for _ in range(limits.LISTING_MATCHES):
            if at < 0:
                break
            starts.add(names.rfind("\n", 0, at) + 1)
            end = names.find("\n", at)
            at = names.find(word, end) if end >= 0 else -1
    found = []
    size = index = counted = 0
    for start in sorted(starts)[: limits.LISTING_MATCHES]:
        index += names.count("\n", counted, start)
        counted = start
        size += len(tracked[index].encode()) + 1
        if size > limits.LISTING_BYTES // 2:
            break
        found.append(tracked[index])
    return found
