"""Transcripts of docs/first-hour.md, held to what was printed and sent. WRITE_DOCUMENTS=1 in front of a story records them anew."""

import os
import re
from pathlib import Path

DOCUMENT = Path(__file__).resolve().parents[2] / "docs/first-hour.md"
BLOCK = re.compile(r"<!-- transcript: (tests/e2e/test_first_hour\.py, ([\w ]+): [\w ]+) -->\n```\n(.*?)```\n", re.DOTALL)

FIGURES = ((r"\$\d+\.\d+", "$N"), (r"\b(preparing|coding|checking|publishing) \d+\.\d", r"\1 N"), (r"\d[\d ]* tokens sent, \d[\d ]* received", "tokens"),
           (r"\b(\d+ (?:min|мин) )?\d+(\.\d+)? (ms|s|min|мс|с|мин)\b", "N s"), (r"\bjust now\b|\bN s ago\b", "then"), (r"\b\d+ MiB\b", "N MiB"), (r"\bup to \d+ tasks?\b", "up to N tasks"),
           (r"\b\d{4}-\d\d-\d\d(?:[T ][\d:.]+Z?)?", "TIME"), (r"\b\d\d:\d\d:\d\d\b", "TIME"), (r"(127\.0\.0\.1|localhost|0\.0\.0\.0):\d+", r"\1:PORT"), (r"\b[0-9a-f]{40}\b|\b[0-9a-f]{12}\b", "HASH"),
           (r"\bindex [0-9a-f]+\.\.[0-9a-f]+", "index"), (r"(_ms|bytes)\":[\d.e+-]+", r'\1":N'),
           (r"(?<=\S) {2,}", "  "))


def without_figures(text):
    """Times, money, hashes and ports are other ones each time; columns are as wide as what is in them. What is told while the agent and
    the check of the base are under way beside each other comes in the order in which they come to it."""
    for pattern, instead in FIGURES:
        text = re.sub(pattern, instead, text)
    lines, under_way = [], []
    for line in text.splitlines():
        if lines and under_way is not None and line.startswith("  "):
            under_way.append(line.rstrip())
            continue
        lines += sorted(under_way or [])
        under_way = [] if re.match(r"task \d+: ", line) else None
        lines.append(line.rstrip())
    return lines + sorted(under_way or [])


class Recorded:
    """Of one person. `hold` at the end, once for all of it."""

    def __init__(self, person):
        self.person, self.parts = person, {}

    def add(self, name, text):
        self.parts[f"tests/e2e/test_first_hour.py, {self.person}: {name}"] = text

    def hold(self, story):
        if os.environ.get("WRITE_DOCUMENTS"):
            DOCUMENT.write_text(BLOCK.sub(lambda m: m[0].replace(m[3], self.parts.get(m[1], m[3])) if m[3] else
                                          m[0].replace("```\n```\n", f"```\n{self.parts.get(m[1], '')}```\n"), DOCUMENT.read_text()))
        told = {name: text for name, person, text in BLOCK.findall(DOCUMENT.read_text()) if person == self.person}
        story.assertEqual(list(told), list(self.parts), f"the transcripts of {DOCUMENT.name}")
        for name, text in self.parts.items():
            story.assertEqual(without_figures(told[name]), without_figures(text), name)
