"""What the documents point at exists: links between them, and files that they name."""

import re
import unittest
from pathlib import Path

import tree

LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
NAMED = re.compile(r"`((?:src|tests|scripts|docs|agent|cmake|sql)/[\w./-]+\.\w+)`")


def violations(document, text, exists):
    found = [f"{document}: leads to {target}, which is not there" for target in LINK.findall(text)
             if "://" not in target and not exists(document.parent / target)]
    return found + [f"{document}: names {name}, which is not there" for name in NAMED.findall(text) if not exists(Path(name))]


class Documents(unittest.TestCase):
    def test_lead_to_what_exists(self):
        found = []
        for path in tree.files():
            if path.suffix == ".md":
                found += violations(path, tree.text(path), lambda target: (tree.ROOT / target).exists())
        self.assertEqual(found, [])

    def test_each_decision_has_its_number_once(self):
        numbers = [path.name[:4] for path in (tree.ROOT / "docs/decisions").glob("[0-9]*.md")]
        self.assertEqual(len(numbers), len(set(numbers)), numbers)
        self.assertEqual(sorted(numbers), [f"{number:04}" for number in range(1, len(numbers) + 1)])

    def test_a_wrong_link_is_found(self):
        text = "[a](b.md) [c](d.md#e) [f](https://g) `src/h.cpp` `src/i/`"
        self.assertEqual(len(violations(Path("docs/x.md"), text, lambda target: False)), 3)
        self.assertEqual(violations(Path("docs/x.md"), text, lambda target: True), [])


if __name__ == "__main__":
    unittest.main()
