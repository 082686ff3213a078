"""Transcripts of docs/first-hour.md, held to what was printed and sent. WRITE_DOCUMENTS=1 in front of a story records them anew."""

import os
import re
from pathlib import Path

DOCUMENT = Path(__file__).resolve().parents[2] / "docs/first-hour.md"
BLOCK = re.compile(r"<!-- transcript: (tests/e2e/test_first_hour\.py, ([\w ]+): [\w ]+) -->\n```\n(.*?)```\n", re.DOTALL)

FIGURES = (
    (r"\$\d+\.\d+", "$N"),
    (r"\d+ tokens sent, \d+ received", "tokens"),
    (r"\b(preparing|coding|checking|publishing) \d+\.\d", r"\1 N"),
    (r"\b(\d+ (?:min|мин) )?\d+(\.\d+)? (ms|s|min|мс|с|мин)\b", "N s"),
    (r"\bjust now\b|\bN s ago\b", "then"),
    (r"\b\d{4}-\d\d-\d\d(?:[T ][\d:.]+Z?)?|\b\d\d:\d\d:\d\d\b", "TIME"),
    (r"\b\d+ MiB\b", "N MiB"),
    (r"\bup to \d+ tasks?\b", "up to N tasks"),
    (r"(_ms|bytes|at|newest)\":[\d.e+-]+", r'\1":N'),
    (r"\bat step \d+", "at step N"),
    (r"\b[0-9a-f]{12}\b|(?<=\bcommit )[0-9a-f]{10}\b|(?<=\bкоммит )[0-9a-f]{10}\b", "HASH"),
    (r"(?<=\S) {2,}", "  "))


def without_figures(text):
    """Times, money, sizes and hashes are other ones each time; columns are as wide as what is in them."""
    for pattern, instead in FIGURES:
        text = re.sub(pattern, instead, text)
    return [line.rstrip() for line in text.splitlines()]


class Recorded:
    """Of one person. `hold` at the end, once for all of it."""

    def __init__(self, person):
        self.person, self.parts = person, {}

    def add(self, name, text):
        self.parts[f"tests/e2e/test_first_hour.py, {self.person}: {name}"] = text

    def hold(self, story):
        if os.environ.get("WRITE_DOCUMENTS"):
            DOCUMENT.write_text(BLOCK.sub(lambda m: f"<!-- transcript: {m[1]} -->\n```\n{self.parts.get(m[1], m[3])}```\n", DOCUMENT.read_text()))
        told = {name: text for name, person, text in BLOCK.findall(DOCUMENT.read_text()) if person == self.person}
        story.assertEqual(list(told), list(self.parts), f"the transcripts of {DOCUMENT.name}")
        for name, text in self.parts.items():
            story.assertEqual(without_figures(told[name]), without_figures(text), f"{name} (WRITE_DOCUMENTS=1 records it anew)")
