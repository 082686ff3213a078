"""Which files a build sends, by Docker's rules for .dockerignore: the last line that fits decides, `!` takes back in,
a pattern fits a file when it fits the file's path or a folder above it, `**` is any number of folders."""

import os
import re
from pathlib import Path


def expression(pattern):
    found = ""
    rest = pattern.strip("/")
    while rest:
        if rest.startswith("**"):
            rest = rest[2:]
            if rest.startswith("/"):
                rest = rest[1:]
                found += "(?:.*/)?"
            else:
                found += ".*"
        elif rest[0] == "*":
            rest, found = rest[1:], found + "[^/]*"
        elif rest[0] == "?":
            rest, found = rest[1:], found + "[^/]"
        else:
            rest, found = rest[1:], found + re.escape(rest[0])
    return re.compile(found + "(?:/.*)?")


def rules(text):
    """(taken in?, expression) for each line."""
    lines = (line.strip() for line in text.splitlines())
    return [(line.startswith("!"), expression(line.removeprefix("!"))) for line in lines if line and not line.startswith("#")]


def sent(path, decided):
    taken = True
    for back_in, fits in decided:
        if fits.fullmatch(path):
            taken = back_in
    return taken


def context(root, text=None):
    """Paths from `root` of all files that are sent, with their sizes."""
    decided = rules((root / ".dockerignore").read_text() if text is None else text)
    found = {}
    for folder, folders, files in os.walk(root):
        for name in files:
            path = (Path(folder) / name).relative_to(root)
            if sent(path.as_posix(), decided):
                found[path.as_posix()] = (root / path).lstat().st_size
        # Large trees of which nothing can be sent are not walked.
        folders[:] = [name for name in folders if (Path(folder) / name).relative_to(root).as_posix() not in ("build", ".git")
                      or sent(f"{name}/x", decided)]
    return found
