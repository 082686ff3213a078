"""Composes answers in aider's "diff" edit format from a file before and after.

    blocks(before, after, path) -> str      SEARCH/REPLACE blocks; before=None makes a new file; "" if nothing changes
    block(path, search, replace) -> str     one block as it is given, with nothing checked (for malformed answers too)
    reply(changes) -> str                   blocks for several (path, before, after)

Raises Inexpressible with a reason when aider's format cannot say the change. Each block's SEARCH occurs exactly once,
both in the file as it was (aider tries all blocks on that first) and in the file as the earlier blocks left it.

`writer` says what writes the file. aider 0.86.2 reads with universal newlines and writes LF with a final newline:
    "keep"   a wrapper restores what the file had: its one line ending, its missing final newline, its encoding (UTF-16 by
             its byte order mark, else UTF-8, else one byte a letter), its mark, which it does not show to the model (the
             default)
    "stock"  aider alone: a file with CRLF, or an end without newline, comes out with LF and with one
    "any"    line endings and the final newline are the caller's business
"""

import re

import aider_model
import hunks

MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))


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
    encoding = "utf-8"
    if writer == "keep" and before:
        mark, encoding = _encoding(before)
        if not after.startswith(mark):
            raise Inexpressible("a byte order mark that the writer of the file cannot leave out")
        before, after = before[len(mark):], after[len(mark):]
    raw_old = None if before is None else _decoded(before, encoding)
    raw_new = _decoded(after, encoding)
    old = None if before is None else _text(raw_old, writer)
    new = _text(raw_new, writer)
    _check_endings(raw_old, raw_new, writer)
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


def _encoding(data):
    """(byte order mark, encoding). Bytes that are no UTF-8 have one for each letter: Cyrillic ones stand together, Western
    ones between ASCII. Which of the two it is matters to what the model is shown; the bytes come back either way."""
    for mark, encoding in MARKS:
        if data.startswith(mark):
            return mark, encoding
    try:
        data.decode("utf-8")
        return b"", "utf-8"
    except UnicodeDecodeError:
        runs = [len(run) for run in re.findall(rb"[\x80-\xff]+", data)]
    if 2 * sum(run - 1 for run in runs) > sum(runs):
        try:
            data.decode("cp1251")
            return b"", "cp1251"
        except UnicodeDecodeError:
            pass
    return b"", "latin-1"


def _decoded(data, encoding):
    if b"\0" in data and not encoding.startswith("utf-16"):
        raise Inexpressible("a binary file")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        raise Inexpressible("not UTF-8, the one encoding of a new file and of one that has it" if encoding == "utf-8" else
                            f"not {encoding}, as the file was") from None
    if "\0" in text or text.encode(encoding) != data:
        raise Inexpressible("a binary file")
    return text


def _text(text, writer):
    if writer != "any" and re.search(r"\r(?!\n)", text):
        raise Inexpressible("a carriage return alone, which aider turns into a line end")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _endings(text):
    crlf = text.count("\r\n")
    kinds = {"\r\n"} if crlf else set()
    return kinds | ({"\n"} if text.count("\n") > crlf else set())


def _check_endings(before, after, writer):
    if writer == "any":
        return
    old, new = _endings(before or ""), _endings(after)
    kept = old if writer == "keep" and old else {"\n"}
    if len(old) > 1 and writer == "keep" or new - kept:
        raise Inexpressible("line endings that the writer of the file cannot make")
    bare_end = bool(before) and not before.endswith("\n") and writer == "keep"
    if after and after.endswith("\n") == bare_end:
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
