"""File names in a text: which of the tracked files does it mean? aider's own search compares every file with
every word, which took 5 s for one long answer in a tree of 100,000 files; this one looks words up."""

import os
import re
from functools import cached_property

_PUNCTUATION = ",.!;:?"
_AROUND = "\"'`*_()[]{}<>«»“”"
_SPAN = re.compile(r"`([^`\n]{1,300})`")
_LINE = re.compile(r":\d+(?:[:-]\d+)?$")
# "run" or "make" can be plain words; a name with one of these characters is meant.
_NAMED = re.compile(r"[._-]")
# A table of all last names takes longer than the whole first request is to wait, so the few words of an order are searched for.
_SEARCHED = 16


class Names:
    """`paths`: each tracked path, of one line, in any container that is asked quickly whether it holds one."""

    def __init__(self, paths):
        self._paths = paths
        self._searches = 0

    @cached_property
    def _text(self) -> str:
        return "\n".join(["", *self._paths, ""])

    @cached_property
    def _by_base(self) -> dict[str, str | None]:
        found: dict[str, str | None] = {}
        for path in self._paths:
            base = path[path.rfind("/") + 1 :]
            found[base] = None if base in found else path
        return found

    def mentioned(self, text: str, open_already: set[str] = frozenset()) -> list[str]:
        """Paths in the order of the text. A bare name counts if only one tracked file has it and no open one does."""
        open_bases = {os.path.basename(path) for path in open_already}
        found: dict[str, None] = {}
        seen = set()
        for word in self._words(text):
            if word in seen:
                continue
            seen.add(word)
            path = word if word in self._paths else None
            if path is None and word not in open_bases and "/" not in word and _NAMED.search(word):
                path = self._only_one_named(word)
            if path and path not in open_already:
                found[path] = None
        return list(found)

    def _only_one_named(self, base: str) -> str | None:
        self._searches += 1
        if self._searches > _SEARCHED or "_by_base" in self.__dict__:
            return self._by_base.get(base)
        start = self._text.find(f"/{base}\n") + 1  # one without a folder would have been found as a path
        if not start or self._text.find(f"/{base}\n", start) >= 0:
            return None
        return self._text[self._text.rfind("\n", 0, start) + 1 : start + len(base)]

    def on_lines(self, text: str) -> list[str]:
        """The tracked paths that stand alone on a line, as above a block of edits; Markdown's marks aside."""
        lines = {line.strip().strip("`*#").strip().rstrip(":") for line in text.splitlines()}
        return sorted(line for line in lines if line in self._paths)

    def _words(self, text: str):
        for span in _SPAN.findall(text):
            yield span.strip()
        for word in text.split():
            for form in (word, word.rstrip(_PUNCTUATION).strip(_AROUND).rstrip(_PUNCTUATION)):
                form = form.replace("\\", "/").removeprefix("./")
                yield form
                yield _LINE.sub("", form)
