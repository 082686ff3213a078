"""File names in a text: which of the tracked files does it mean? aider's own search compares every file with
every word, which took 5 s for one long answer in a tree of 100,000 files; this one looks words up."""

import os
import re

_PUNCTUATION = ",.!;:?"
_AROUND = "\"'`*_()[]{}<>«»“”"
_SPAN = re.compile(r"`([^`\n]{1,300})`")
_LINE = re.compile(r":\d+(?:[:-]\d+)?$")


class Names:
    def __init__(self, tracked: list[str]):
        self._paths = frozenset(tracked)
        self._by_base: dict[str, str | None] = {}
        for path in tracked:
            base = os.path.basename(path)
            # "run" or "make" can be plain words; a name with one of these characters is meant.
            if any(c in base for c in "._-"):
                self._by_base[base] = None if base in self._by_base else path

    def mentioned(self, text: str, open_already: set[str] = frozenset()) -> list[str]:
        """Paths in the order of the text. A bare name counts if only one tracked file has it and no open one does."""
        open_bases = {os.path.basename(path) for path in open_already}
        found: dict[str, None] = {}
        for word in self._words(text):
            path = word if word in self._paths else None
            if path is None and word not in open_bases:
                path = self._by_base.get(word)
            if path and path not in open_already:
                found[path] = None
        return list(found)

    def on_lines(self, text: str) -> list[str]:
        """The tracked paths that stand alone on a line, as above a block of edits; Markdown's marks aside."""
        lines = {line.strip().strip("`*#").strip().rstrip(":") for line in text.splitlines()}
        return sorted(lines & self._paths)

    def _words(self, text: str):
        for span in _SPAN.findall(text):
            yield span.strip()
        for word in text.split():
            for form in (word, word.rstrip(_PUNCTUATION).strip(_AROUND).rstrip(_PUNCTUATION)):
                form = form.replace("\\", "/").removeprefix("./")
                yield form
                yield _LINE.sub("", form)
