"""How edits are read: literally, and for the file that they name. aider is more generous, and wrote what nobody had said."""

import contextlib
from pathlib import Path

from aider.coders import editblock_coder

_match = editblock_coder.match_but_for_leading_whitespace
_replace = editblock_coder.perfect_replace
_unwrap = editblock_coder.strip_quoted_wrapping


def _match_of_lines_that_lack_indentation(whole_lines, part_lines):
    """aider cuts the file's line by how much longer it is than the block's. A block's line that is longer made that a
    cut from the end, and code was put before each new line as if it were indentation."""
    if any(len(part) > len(whole) for whole, part in zip(whole_lines, part_lines)):
        return None
    return _match(whole_lines, part_lines)


class _Nothing(str):
    """What an edit leaves that takes away all that its file holds. aider asks for its truth to know whether the edit fitted."""

    def __bool__(self):
        return True


def _replace_also_by_nothing(whole_lines, part_lines, replace_lines):
    left = _replace(whole_lines, part_lines, replace_lines)
    return _Nothing() if left == "" else left


def _unwrap_what_is_wrapped(text, fname=None, fence=editblock_coder.DEFAULT_FENCE):
    """aider drops a first line that ends with the file's name, though no fence follows it (a comment, a command), and
    makes a line end of each form feed."""
    lines = (text or "").splitlines()
    if lines and fname and lines[0].strip().endswith(Path(fname).name):
        lines = lines[1:]
    if len(lines) > 1 and lines[0].startswith(fence[0]) and lines[-1].startswith(fence[1]):
        return _unwrap(text, fname, fence)
    plain = (text or "").replace("\r\n", "\n")
    return plain if not plain or plain.endswith("\n") else plain + "\n"


def install() -> None:
    editblock_coder.match_but_for_leading_whitespace = _match_of_lines_that_lack_indentation
    editblock_coder.perfect_replace = _replace_also_by_nothing
    editblock_coder.strip_quoted_wrapping = _unwrap_what_is_wrapped


@contextlib.contextmanager
def only_where_named(coder):
    """aider tries a block that does not fit its file on each open file in turn; here none is open meanwhile."""
    opened, coder.abs_fnames = coder.abs_fnames, set()
    try:
        yield
    finally:
        coder.abs_fnames = opened


_INSIDE = "\0"


@contextlib.contextmanager
def nested_fences_hidden(coder):
    """aider ends a whole file at the first fence in it (a README with an example), and makes a file that is named by the
    example's last line. A fence that says its language, inside a file's own fence, begins an example; the next one ends it."""
    said, fence = coder.partial_response_content or "", coder.fence[0]
    lines, depth = [], 0
    for line in said.splitlines(keepends=True):
        if line.startswith(fence):
            opens = depth == 0 or len(line.strip()) > len(fence)
            nested = depth > (0 if opens else 1)
            depth += 1 if opens else -1
            line = _INSIDE + line if nested else line
        lines.append(line)
    coder.partial_response_content = "".join(lines)
    try:
        yield
    finally:
        coder.partial_response_content = said


def with_nested_fences(edits):
    return [(path, source, [line.removeprefix(_INSIDE) for line in lines]) for path, source, lines in edits]
