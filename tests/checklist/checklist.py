"""docs/checklist.md read: what the user's list asks for, where it is, how it is shown."""

import re
import xml.etree.ElementTree
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "docs/checklist.md"
CODE = re.compile(r"`([^`]+)`")
FILE = re.compile(r"^\.?[\w-]+(/[\w.-]+)+/?$|^\.[\w.-]+$|^[\w-]+\.(toml|yml|md|hpp|cpp|py)$|^(Dockerfile|Makefile)$")


@dataclass
class Row:
    section: str
    asked: str
    where: str
    shown: str
    tests: list = field(default_factory=list)  # names of ctest
    parts: list = field(default_factory=list)  # names of parts of `make nightly`
    files: list = field(default_factory=list)  # paths, in any column but the first

    @property
    def is_open(self):
        return "open:" in self.shown


def rows(text):
    found, section = [], ""
    for line in text.splitlines():
        if line.startswith("## "):
            section = line[3:]
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if len(cells) != 3 or set(cells[0]) <= set("- ") or cells[0] == "asked for":
            continue
        row = Row(section, *cells)
        for code in CODE.findall(row.where + row.shown):
            if code.startswith("ctest "):
                row.tests.append(code.removeprefix("ctest "))
            elif code.startswith("nightly "):
                row.parts.append(code.removeprefix("nightly "))
            elif FILE.match(code):
                row.files.append(code)
        found.append(row)
    return found


def ctest_results(junit):
    """Name → passed, of ctest's own report (--output-junit)."""
    if not Path(junit).exists():
        return {}
    cases = xml.etree.ElementTree.parse(junit).getroot().iter("testcase")
    return {case.get("name"): case.get("status") == "run" for case in cases}


def result(name, results):
    """Of a test, or of all that are called `name.…`: passed, or None when one did not run."""
    found = [passed for each, passed in results.items() if each == name or each.startswith(name + ".")]
    return all(found) if found else None


def mark(row, tests, parts):
    """ok, FAILED, not run, open, or in part (ok, and a rest that is open). `tests`, `parts`: name → passed, what is absent did not run."""
    if row.is_open and not row.tests + row.parts:
        return "open"
    results = [result(name, tests) for name in row.tests] + [parts.get(name) for name in row.parts]
    if False in results:
        return "FAILED"
    if None in results or not results:
        return "not run"
    return "in part" if row.is_open else "ok"


def plain(text):
    """A cell as it is read on a terminal."""
    return re.sub(r"\[([^]]+)\]\([^)]+\)", r"\1", text.replace("`", "")).replace("\\|", "|")


def printed(found, tests, parts):
    """The checklist, line by line, with how each was shown and what came of it."""
    lines, section = [], None
    for row in found:
        if row.section != section:
            section = row.section
            lines.append(f"\n{section}")
        lines.append(f"  {mark(row, tests, parts):8} {plain(row.asked)}")
        lines.append(f"           {plain(row.where)}")
        lines.append(f"           shown by: {plain(row.shown)}")
    counts = {word: sum(mark(row, tests, parts) == word for row in found) for word in ("ok", "in part", "FAILED", "not run", "open")}
    lines.append("\n" + ", ".join(f"{number} {word}" for word, number in counts.items() if number))
    return "\n".join(lines)
