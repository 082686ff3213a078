"""Cuts the difference of two texts into (search, replace) pairs that aider applies to one place only."""

import difflib

import aider_model


class Unfit(ValueError):
    pass


def _quote(lines, path, in_search):
    """How the lines have to be written so that aider's unwrapping gives them back; None if there is no way."""
    text = "".join(lines)
    if not text:
        return text
    written = text
    name = path.rsplit("/", 1)[-1]
    if lines[0].strip().endswith(name):
        written = name + "\n" + written  # aider drops one first line that ends in the file's name
    if not lines[-1].strip("\n"):
        written += "\n"  # aider drops one empty line at the end
    if any(aider_model.ends_block(line, in_search) for line in written.splitlines()):
        return None
    try:
        back = {aider_model.unwrap(written, path, fence) for fence in aider_model.FENCES}
    except aider_model.Malformed:
        return None
    return written if back == {text} else None


def _usable_as_context(line):
    # str.splitlines, which aider uses, also splits at form feeds and the like, and joins with "\n".
    return line.endswith("\n") and not aider_model.ends_block(line, in_search=False)


def _changes(old, new):
    """Changed line ranges (i1, i2, j1, j2). The common ends are cut off first: difflib is quadratic."""
    head = 0
    while head < min(len(old), len(new)) and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    a, b = old[head:len(old) - tail], new[head:len(new) - tail]
    matcher = difflib.SequenceMatcher(None, a, b, autojunk=len(a) > 2000)
    return [[i1 + head, i2 + head, j1 + head, j2 + head]
            for tag, i1, i2, j1, j2 in matcher.get_opcodes() if tag != "equal"]


def _reach(lines, start, stop, step):
    """How many lines of context can be had from `start` up to `stop`."""
    count = 0
    while start + count * step != stop and _usable_as_context(lines[start + count * step]):
        count += 1
    return count


def _window(change, room, old, new, current, offset, path):
    """The smallest window around the change whose lines are unique in the old text and in the current one; None if
    there is none within `room`, the old lines that no other change touches."""
    i1, i2, j1, j2 = change
    above, below = _reach(old, i1 - 1, room[0] - 1, -1), _reach(old, i2, room[1], 1)
    size = 0
    while True:
        lo, hi = i1 - min(size, above), i2 + min(size, below)
        part = old[lo:hi]
        if "".join(part).strip():
            search = _quote(part, path, in_search=True)
            replace = _quote(old[lo:i1] + new[j1:j2] + old[i2:hi], path, in_search=False)
            fits = search is not None and replace is not None
            if fits and len(aider_model.places(old, part)) == 1 and aider_model.places(current, part) == [lo + offset]:
                return search, replace
        if size >= max(above, below):
            return None
        size += 1 if size < 16 else size // 2


def _fit(changes, old, new, path):
    """(index, parts): the blocks of all changes, or the index of the first change for which there is none alone."""
    current, offset, parts = list(old), 0, []
    for index, (i1, i2, j1, j2) in enumerate(changes):
        room = (changes[index - 1][1] if index else 0, changes[index + 1][0] if index + 1 < len(changes) else len(old))
        found = _window((i1, i2, j1, j2), room, old, new, current, offset, path)
        if not found:
            return index, None
        current[i1 + offset:i2 + offset] = new[j1:j2]
        offset += (j2 - j1) - (i2 - i1)
        parts.append(found)
    return None, parts


def _join_nearest(changes, index):
    """Makes one change of this one and its nearer neighbour, with the lines between them."""
    gaps = [(changes[i + 1][0] - changes[i][1], i) for i in (index - 1, index) if 0 <= i < len(changes) - 1]
    first = min(gaps)[1]
    changes[first][1], changes[first][3] = changes[first + 1][1], changes[first + 1][3]
    del changes[first + 1]


def cut(old_text, new_text, path):
    """old_text may lack the final newline: aider adds one before it looks."""
    whole_old = aider_model.with_final_newline(old_text)
    old, new = whole_old.splitlines(keepends=True), new_text.splitlines(keepends=True)
    if not whole_old.strip():
        return [("", _appended(whole_old, old_text, new_text, path))]
    if old == new:  # the final newline is the change: any block brings it
        changes = [[len(old) - 1, len(old), len(new) - 1, len(new)]]
    else:
        changes = _changes(old, new)
    while True:
        index, parts = _fit(changes, old, new, path)
        if parts:
            return parts
        if len(changes) == 1:
            raise Unfit(f"no block fits around line {changes[0][0] + 1}: it would hold one of aider's own marks, or not be unique")
        _join_nearest(changes, index)


def _appended(whole_old, old_text, new_text, path):
    """A file of nothing but white space has no line to search for, but an empty SEARCH appends."""
    if not new_text.startswith(old_text):
        raise Unfit("aider finds no place in a file of white space only")
    rest = new_text[len(old_text):]
    written = _quote(rest.splitlines(keepends=True), path, in_search=False)
    if written is None:
        raise Unfit("the new text holds one of aider's own marks, or characters that it rewrites")
    return written
