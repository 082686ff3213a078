"""docs/risks.md: each risk of the table has a section with what stands against it, a test that shows it and an alert that tells it, and all that
it names is there. A part of test_checklist.py."""

import re
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs/risks.md").read_text()
METRICS = set(re.findall(r"(?m)^\| `(\w+)` \|", (ROOT / "docs/metrics.md").read_text()))
FROM_ELSEWHERE = {"up", "probe_success"}  # of Prometheus and its blackbox exporter
METRIC = re.compile(r"\b(?:persais|process)_\w+")


def sections(text):
    """Title → text, of each section."""
    return dict(part.split("\n", 1) for part in re.split(r"(?m)^## ", text)[1:])


def alerts(section):
    """The expressions of its line "Told by"."""
    [line] = re.findall(r"(?s)\*\*Told by\*\*: (.*?)(?=\n- |\n\n|\Z)", section)
    return re.findall(r"`([^`]+)`", line)


def anchor(title):
    return re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")


class Risks(unittest.TestCase):
    def test_each_row_leads_to_a_section_and_each_section_has_a_row(self):
        named = re.findall(r"(?m)^\| [^|]+ \| \w+ \| \w+ \| \[[^\]]+\]\(#([^)]+)\) \|$", TEXT)
        self.assertEqual(named, [anchor(title) for title in sections(TEXT)])
        self.assertEqual(len(named), 5)

    def test_each_has_a_test_that_shows_it_and_an_alert_that_tells_it(self):
        for title, section in sections(TEXT).items():
            self.assertRegex(section, r"`(ctest|nightly) [\w.]+`", title)
            self.assertTrue([each for each in alerts(section) if re.search(r"[<>=]", each)], title)

    def test_alerts_ask_for_metrics_that_there_are(self):
        for title, section in sections(TEXT).items():
            for each in alerts(section):
                asked = {re.sub(r"_(bucket|sum|count)$", "", name) for name in METRIC.findall(each)}
                self.assertEqual(asked - METRICS, set(), title)
                self.assertTrue(asked or FROM_ELSEWHERE & set(re.findall(r"\w+", each)), each)

    def test_the_verdicts_and_states_that_alerts_name_are_there(self):
        known = (ROOT / "src/mechanic/verdict.cpp").read_text() + (ROOT / "src/mechanic/task.cpp").read_text()
        for word in re.findall(r'(?:verdict|to)="(\w+)"', TEXT):
            self.assertIn(f'"{word}"', known)

    def test_cases_of_tests_are_there(self):
        sources = "".join(path.read_text(errors="replace") for folder in ("src", "tests") for kind in ("*_test.cpp", "test_*.py") for path in (ROOT / folder).rglob(kind))
        for cases in re.findall(r"\(([^()]*)\)", re.sub(r"\]\([^)]*\)", "]", TEXT)):
            for word in re.findall(r"\b[a-z]+(?:_[a-z0-9]+){3,}\b", cases):
                self.assertIn(word, sources, word)
