"""What the repository map knows of a file's content: which names it defines and where, which names it uses. Known by the content's id,
so that it serves each later task of the repository; the service keeps the rows (`tags` in ../README.md) and lends them, read-only.

A row is `ID LANGUAGE JSON`, and JSON is `[[[NAME, LINE, [FIRST, END, …]], …], [[NAME, COUNT], …]]`: the definitions, each with the lines
around it that say where it stands, and the uses.
"""

import hashlib
import json
import os
from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache

from aider import repomap
from aider.repomap import RepoMap
from grep_ast import TreeContext, filename_to_lang
from pygments.lexers import get_lexer_for_filename

from . import limits, textfile


@dataclass(frozen=True)
class Known:
    definitions: list = field(default_factory=list)  # of [name, line, [first, end, …]]
    uses: list = field(default_factory=list)  # of [name, count]


NOTHING = Known()


class Rows:
    """Those that were lent, and those that are new. `file` may be missing; what is no row in it is left out."""

    def __init__(self, file: str | None):
        self._lent: dict[str, str | Known] = {}
        self.new: dict[str, str] = {}
        try:
            with open(file or "", encoding="utf-8", errors="replace") as lent:
                for line in lent.read(limits.TAGS_BYTES).split("\n"):
                    key, _, row = line.rpartition(" ")
                    self._lent[key] = row
        except OSError:
            return

    def get(self, blob: str, language: str) -> Known | None:
        key = f"{blob} {language}"
        found = self._lent.get(key)
        if isinstance(found, str):
            found = self._lent[key] = _parsed(found)
        return found

    def put(self, blob: str, language: str, known: Known) -> None:
        key = f"{blob} {language}"
        row = json.dumps([known.definitions, known.uses], ensure_ascii=True, separators=(",", ":"))
        self._lent[key] = known
        # No name has a space in it, and JSON of this form has none outside of names.
        if len(row) <= limits.TAGS_ROW_BYTES:
            self.new[key] = row

    def told(self) -> list[str]:
        """The new rows, as they are lent to later tasks."""
        return [f"{key} {row}" for key, row in list(self.new.items())]


def _parsed(row: str) -> Known | None:
    """The service has looked at each row before it lends it, so it is believed here what is in it."""
    try:
        definitions, uses = json.loads(row)
    except (ValueError, TypeError, RecursionError):
        return None
    return Known(definitions, uses)


def blob_id(data: bytes, like: str) -> str:
    """git's id for this content, of the same kind as `like`."""
    kind = hashlib.sha1 if len(like) == 40 else hashlib.sha256
    return kind(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


@lru_cache(maxsize=4096)
def _language_of(ending: str) -> str | None:
    return filename_to_lang(ending)


def language_of(path: str) -> str | None:
    return _language_of(path[path.rfind("/") + 1 :])


class _Given:
    """Stands where aider's map has its InputOutput: a file's text was read already."""

    def __init__(self, text: str):
        self._text = text

    def read_text(self, filename, silent=False) -> str:
        return self._text


class _Reader(RepoMap):
    """aider counts the last use of each kind twice; in the order of the file it is the same one each time."""

    def __init__(self, text: str):
        self.io = _Given(text)

    def _run_captures(self, query, node):
        return {tag: sorted(nodes, key=lambda each: each.start_byte) for tag, nodes in super()._run_captures(query, node).items()}


def find(path: str, data: bytes) -> Known:
    """What this content, which has this name, defines and uses. Nothing for what is too large, is no text, or has no parser."""
    text = textfile.decode(data) if len(data) <= limits.MAP_FILE_BYTES else None
    if text is None or not text.content:
        return NOTHING
    lines, uses = {}, Counter()
    for tag in _Reader(text.content).get_tags_raw(path, path):
        if not tag.name or len(tag.name.encode()) > limits.TAG_NAME_BYTES or any(c.isspace() or not c.isprintable() for c in tag.name):
            continue
        if tag.kind == "def":
            lines[tag.name, tag.line] = None
        else:
            uses[tag.name] += 1
    around = _around(path, text.content, {line for _, line in lines}) if lines else {}
    return Known([[name, line, around[line]] for name, line in lines], [[name, count] for name, count in uses.items()])


def _around(path: str, content: str, wanted: set[int]) -> dict[int, list[int]]:
    """For each line, the first lines of what it stands in (a class, a function), as aider's map shows them: first and behind the last."""
    code = content if content.endswith("\n") else content + "\n"
    context = TreeContext(os.path.basename(path), code, line_number=False, child_context=False, last_line=False, margin=0, mark_lois=False,
                          loi_pad=0, show_top_of_file_parent_scope=False)
    found = {}
    for line in wanted:
        scopes = context.scopes[line] if line < len(context.scopes) else ()
        headers = sorted({context.header[scope] for scope in scopes if context.header[scope][0] > 0})
        found[line] = [at for header in headers[: limits.TAG_HEADERS] for at in header]
    return found


def install() -> None:
    """aider reads a language's rules and compiles them anew for each file, which took most of the map's time; and it loads
    each of pygments' 600 languages to choose one by a file's name."""
    for name in ("get_language", "get_parser", "get_scm_fname", "Query"):
        function = getattr(repomap, name)
        if not hasattr(function, "cache_info"):
            setattr(repomap, name, lru_cache(maxsize=None)(function))
    repomap.guess_lexer_for_filename = get_lexer_for_filename
