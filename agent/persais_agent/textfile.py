"""A file's bytes as text and back, so that lines which nobody touched keep their bytes.

aider reads in text mode and writes with the platform's line ending: seen with 0.86.2, one edited line turned
every CRLF of a file into LF, a missing final newline appeared, and a file that is not UTF-8 could not be
opened at all.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

ALIKE = 0.6  # of two lines, from 0 to 1: less is another line
MOST_COMPARED = 10_000  # pairs of lines that are compared with one another

_MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))


@dataclass(frozen=True)
class Text:
    content: str  # every line ends with \n
    raw: str  # as it is in the file
    encoding: str
    mark: bytes


def decode(data: bytes) -> Text | None:
    """None if the bytes are not text."""
    for mark, encoding in _MARKS:
        if data.startswith(mark) and not data.startswith(b"\xff\xfe\0\0"):
            try:
                raw = data[len(mark) :].decode(encoding)
            except UnicodeDecodeError:
                return None
            return Text(_plain(raw), raw, encoding, mark)
    if b"\0" in data:
        return None
    try:
        raw, encoding = data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        raw, encoding = _one_byte(data)
    return Text(_plain(raw), raw, encoding, b"")


def encode(content: str, before: bytes | None) -> bytes:
    """The content in the style of the file that it replaces. Throws ValueError with a message for the model."""
    old = decode(before) if before else None
    if before and old is None:
        raise ValueError("The file is binary and cannot be edited as text.")
    if old is None:
        return _to_bytes(content, "utf-8")
    if "\r\n" not in old.content:
        content = content.replace("\r\n", "\n")
    content = _final_newline(content, old.content)
    return old.mark + _to_bytes(_endings(content, old), old.encoding)


def _to_bytes(text: str, encoding: str) -> bytes:
    try:
        return text.encode(encoding)
    except UnicodeEncodeError as err:
        wrong = text[err.start : err.end][:20]
        raise ValueError(f"The file is in {encoding}, which has no {wrong!r}: use other characters.") from None


def _one_byte(data: bytes) -> tuple[str, str]:
    """An encoding that gives back the same bytes. Cyrillic text stands in runs of high bytes, Western text
    has single ones between letters; either guess keeps untouched lines."""
    high = [byte >= 0x80 for byte in data]
    in_runs = sum(1 for left, right in zip(high, high[1:]) if left and right)
    if in_runs * 2 > sum(high):
        try:
            return data.decode("cp1251"), "cp1251"
        except UnicodeDecodeError:
            pass
    return data.decode("latin-1"), "latin-1"


def _plain(raw: str) -> str:
    if "\n" not in raw:
        return raw.replace("\r", "\n")
    return raw.replace("\r\n", "\n")


def _final_newline(content: str, old: str) -> str:
    """aider ends every file that it edits with a newline, so an edit cannot say whether it means one. Where the old
    file had none it stays so (in the history of 17 public repositories, of 532 changes to the last line of such a
    file 447 left it without); an edit that only adds the newline is meant."""
    if not old or old.endswith("\n") or not content.endswith("\n") or content == old + "\n":
        return content
    return content[:-1]


def _endings(content: str, old: Text) -> str:
    crlf = old.raw.count("\r\n")
    lf = old.raw.count("\n") - crlf
    if not crlf and not lf:
        return content.replace("\n", "\r") if "\r" in old.raw else content
    if not crlf:
        return content
    if not lf:
        return content.replace("\n", "\r\n")
    return _mixed(content, old.raw, "\r\n" if crlf > lf else "\n")


def _mixed(content: str, raw: str, usual: str) -> str:
    """Each line that is still there keeps its own ending, changed or not; a new line gets the more frequent one."""
    old = raw.split("\n")
    old_plain = [line.removesuffix("\r") for line in old[:-1]] + [old[-1]]
    new = content.split("\n")
    first = 0
    while first < min(len(old), len(new)) and old_plain[first] == new[first]:
        first += 1
    last = 0
    while last < min(len(old), len(new)) - first and old_plain[-1 - last] == new[-1 - last]:
        last += 1
    cr = ["\r" if usual == "\r\n" else ""] * len(new)
    old_cr = ["\r" if line.endswith("\r") else "" for line in old]
    cr[:first] = old_cr[:first]
    cr[len(new) - last :] = old_cr[len(old) - last :]
    before, after = old_plain[first : len(old) - last], new[first : len(new) - last]
    for what, a, a_end, b, b_end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if what == "equal":
            pairs = zip(range(a, a_end), range(b, b_end))
        elif what == "replace":
            pairs = ((a + i, b + j) for i, j in _edited(before[a:a_end], after[b:b_end]))
        else:
            continue
        for i, j in pairs:
            cr[first + j] = old_cr[first + i]
    cr[-1] = ""
    return "\n".join(line + end for line, end in zip(new, cr))


def _edited(old: list[str], new: list[str]) -> Iterator[tuple[int, int]]:
    """Which new line is which old one, changed: all in their order when there are as many, else those that resemble one
    another."""
    if len(old) == len(new) or len(old) * len(new) > MOST_COMPARED:
        yield from zip(range(len(old)), range(len(new)))
        return
    begin = 0
    for j, line in enumerate(new):
        alike = [SequenceMatcher(None, each, line, autojunk=False).ratio() for each in old[begin:]]
        if alike and max(alike) >= ALIKE:
            i = begin + alike.index(max(alike))
            yield i, j
            begin = i + 1
