"""A small model of how aider 0.86.2 reads an answer in its "diff" edit format.

Written from the behaviour of aider's EditBlockCoder; test_edits.py holds it against aider itself where aider is
installed. It exists so that answers can be composed and checked by the system's Python alone.
"""

import re

# The fences aider picks from, by what the files in its chat contain. An answer has to survive all of them, because
# who writes the answer cannot know which files are in the chat.
FENCES = [("```", "```"), ("````", "````")] + [
    (f"<{name}>", f"</{name}>") for name in ("source", "code", "pre", "codeblock", "sourcecode")
]
# aider reads these as pictures, whatever they hold.
IMAGE_EXTENSIONS = (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tiff", ".webp", ".pdf")

HEAD = re.compile(r"^<{5,9} SEARCH>?\s*$")
DIVIDER = re.compile(r"^={5,9}\s*$")
UPDATED = re.compile(r"^>{5,9} REPLACE\s*$")


class Malformed(ValueError):
    """aider would refuse the answer, or crash on it."""


def with_final_newline(text):
    return text + "\n" if text and not text.endswith("\n") else text


def ends_block(line, in_search):
    """Whether aider takes this line for the end of a SEARCH or REPLACE part."""
    line = line.strip()
    return bool(DIVIDER.match(line) or (not in_search and UPDATED.match(line)))


def unwrap(text, path, fence):
    """What is left of a part after aider took away a first line with the file's name and a wrapping fence."""
    if not text:
        return text
    lines = text.splitlines()
    if lines[0].strip().endswith(path.rsplit("/", 1)[-1]):
        lines = lines[1:]
    if not lines:
        raise Malformed("nothing but the file's name")
    if lines[0].startswith(fence[0]) and lines[-1].startswith(fence[1]):
        lines = lines[1:-1]
    # The last of several empty lines is lost here: it already ends in a newline.
    return with_final_newline("\n".join(lines))


def _name_of(line, fence):
    name = line.strip()
    if name == "...":
        return None
    for mark in (fence[0], "```"):
        if name.startswith(mark):
            rest = name[len(mark):]
            return rest if "." in rest or "/" in rest else None
    return name.rstrip(":").lstrip("#").strip().strip("`").strip("*")


def filename(above, fence):
    """The name found in the (up to three) lines above a block, when no file of the chat competes for it."""
    names = []
    for line in reversed(above):
        name = _name_of(line, fence)
        if name:
            names.append(name)
        if not line.startswith((fence[0], "```")):
            break
    return next((name for name in names if "." in name), names[0] if names else None)


def parse(answer, fence):
    """The (path, search, replace) triples of an answer, outside of shell blocks."""
    lines = answer.splitlines(keepends=True)
    found, path, i = [], None, 0
    while i < len(lines):
        if HEAD.match(lines[i].strip()):
            path = filename(lines[max(0, i - 3):i], fence) or path
            if not path:
                raise Malformed("no file name above the block")
            parts = ["", ""]
            for which in (0, 1):
                i += 1
                start = i
                while i < len(lines) and not ends_block(lines[i], which == 0):
                    i += 1
                if i == len(lines):
                    raise Malformed("the block does not end")
                parts[which] = "".join(lines[start:i])
            found.append((path, *parts))
        i += 1
    return found


def places(lines, part):
    """Where the lines `part` occur in `lines`."""
    size = len(part)
    return [i for i in range(len(lines) - size + 1) if lines[i] == part[0] and lines[i:i + size] == part]


def apply(content, path, search, replace, fence):
    """The file's text after one block; only exact matches, for what aider does beyond them is guessing."""
    search, replace = unwrap(search, path, fence), unwrap(replace, path, fence)
    if not search.strip():
        return content + replace
    lines = with_final_newline(content).splitlines(keepends=True)
    part = with_final_newline(search).splitlines(keepends=True)
    found = places(lines, part)
    if not found:
        raise Malformed("the SEARCH part does not occur")
    replacement = with_final_newline(replace).splitlines(keepends=True)
    result = "".join(lines[:found[0]] + replacement + lines[found[0] + len(part):])
    if not result:
        raise Malformed("aider takes an empty result for a failure")
    return result
