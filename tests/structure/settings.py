"""A setting that the product reads is not told to people as one that has no effect yet."""

import re
import unittest

import tree

ROW = re.compile(r'\{"([A-Z0-9_]+)",\s*group::\w+,\s*\w+\{&s::(\w+)[^{}]*\}(.*?)\},\n', re.DOTALL)


def without_effect(table):
    """name → field, of the rows that say so."""
    return {name: field for name, field, rest in ROW.findall(table) if re.search(r",\s*later,", rest)}


def readers(field, sources):
    return sorted(name for name, text in sources.items() if re.search(rf"[.>]{field}\b", text))


class Settings(unittest.TestCase):
    def test_what_is_read_has_an_effect(self):
        # Doctor may look at a value before anything acts on it.
        sources = {str(path): tree.text(path) for path in tree.files()
                   if path.parts[0] == "src" and path.parts[1] not in ("config", "doctor") and not tree.is_test(path)}
        table = tree.text("src/config/table.cpp")
        self.assertGreater(len(ROW.findall(table)), 40)
        found = {name: readers(field, sources) for name, field in without_effect(table).items()}
        self.assertEqual({name: files for name, files in found.items() if files}, {})

    def test_a_wrong_row_is_found(self):
        table = '{"A", group::git, text{&s::a}, "", "", "", later, live},\n{"B", group::git, text{&s::b}, "", "", "", now, live},\n'
        self.assertEqual(without_effect(table), {"A": "a"})
        self.assertEqual(readers("a", {"x": "settings_.a", "y": "settings_.ab"}), ["x"])


if __name__ == "__main__":
    unittest.main()
