"""Composes answers in aider's "diff" edit format from a file before and after.

    blocks(before, after, path) -> str      SEARCH/REPLACE blocks; before=None makes a new file; "" if nothing changes
    block(path, search, replace) -> str     one block as it is given, with nothing checked (for malformed answers too)
    reply(changes) -> str                   blocks for several (path, before, after)

Raises Inexpressible with a reason when aider's format cannot say the change. Each block's SEARCH occurs exactly once,
both in the file as it was (aider tries all blocks on that first) and in the file as the earlier blocks left it.

`writer` says what writes the file. aider 0.86.2 reads with universal newlines and writes LF with a final newline:
    "keep"   a wrapper restores what the file had: its one line ending, its missing final newline, its byte order mark,
             which it does not show to the model (the default)
    "stock"  aider alone: a file with CRLF, or an end without newline, comes out with LF and with one
    "any"    line endings and the final newline are the caller's business
"""

import re

import aider_model
import hunks

MARK = b"\xef\xbb\xbf"


class Inexpressible(ValueError):
    pass


def fence_for(*texts):
    """Backticks longer than any run at the start of a line. aider takes every fence that starts with three backticks
    for one, while a fence like <source> is only understood when aider itself chose it."""
    runs = [len(run) for text in texts for run in re.findall(r"^`{3,}", text, re.MULTILINE)]
    return "`" * (max(runs) + 1 if runs else 3)


def block(path, search, replace, fence=None):
    fence = fence or fence_for(search, replace)
    search, replace = (aider_model.with_final_newline(part) for part in (search, replace))
    return f"{path}\n{fence}\n<<<<<<< SEARCH\n{search}=======\n{replace}>>>>>>> REPLACE\n{fence}\n"


def blocks(before, after, path, writer="keep"):
    """before: bytes or None, after: bytes, path: str as in the repository."""
    if after is None:
        raise Inexpressible("an edit block cannot delete a file")
    if before == after:
        return ""
    _check_path(path)
    if writer == "keep" and before and before.startswith(MARK):
        if not after.startswith(MARK):
            raise Inexpressible("a byte order mark that the writer of the file cannot leave out")
        before, after = before[len(MARK):], after[len(MARK):]
    old = None if before is None else _text(before, writer)
    new = _text(after, writer)
    _check_endings(before, after, writer)
    if not new:
        raise Inexpressible("aider takes an empty result for a failed edit")
    old_text, new_text = old or "", aider_model.with_final_newline(new)
    if old_text == new_text:
        raise Inexpressible("only line endings change")
    try:
        parts = hunks.cut(old_text, new_text, path)
    except hunks.Unfit as reason:
        raise Inexpressible(str(reason)) from None
    fence = fence_for(*(text for part in parts for text in part))
    answer = "\n".join(block(path, search, replace, fence) for search, replace in parts)
    _check_answer(answer, path, old_text, new_text)
    return answer


def reply(changes, writer="keep"):
    return "\n".join(filter(None, (blocks(before, after, path, writer) for path, before, after in changes)))


def _text(data, writer):
    if b"\0" in data:
        raise Inexpressible("a binary file")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise Inexpressible("not UTF-8, the one encoding aider reads and writes") from None
    if writer != "any" and re.search(r"\r(?!\n)", text):
        raise Inexpressible("a carriage return alone, which aider turns into a line end")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _endings(data):
    crlf = data.count(b"\r\n")
    kinds = {b"\r\n"} if crlf else set()
    return kinds | ({b"\n"} if data.count(b"\n") > crlf else set())


def _check_endings(before, after, writer):
    if writer == "any":
        return
    old, new = _endings(before or b""), _endings(after)
    kept = old if writer == "keep" and old else {b"\n"}
    if len(old) > 1 and writer == "keep" or new - kept:
        raise Inexpressible("line endings that the writer of the file cannot make")
    bare_end = bool(before) and not before.endswith(b"\n") and writer == "keep"
    if after and after.endswith(b"\n") == bare_end:
        cannot = "add" if bare_end else "leave out"
        raise Inexpressible(f"a final newline that the writer of the file cannot {cannot}")


def _check_path(path):
    if path.endswith(aider_model.IMAGE_EXTENSIONS):
        raise Inexpressible("aider reads a file of this name as a picture")


def _check_answer(answer, path, old_text, new_text):
    """The proof: read back by the model of aider, under each fence that aider may have chosen."""
    for fence in aider_model.FENCES:
        text = old_text
        try:
            found = aider_model.parse(answer, fence)
            for name, search, replace in found:
                if name != path:
                    raise Inexpressible(f"aider would read the file's name as {name!r}")
                text = aider_model.apply(text, path, search, replace, fence)
        except aider_model.Malformed as reason:
            raise Inexpressible(str(reason)) from None
        if text != new_text:
            raise Inexpressible("aider's parser would not give the text back")
