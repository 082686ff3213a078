"""Every phrase of src/i18n/phrase.hpp is said by product code: one that nobody says is two sentences to keep true for nothing."""

import re
import unittest

import tree

PHRASE = re.compile(r"^    (\w+),", re.MULTILINE)


def unsaid(names, sources):
    """Those that no product code says; sources: texts."""
    said = {name for source in sources for name in re.findall(r"\bphrase::(\w+)", source)}
    return sorted(set(names) - said)


class Phrases(unittest.TestCase):
    def test_each_is_said(self):
        names = PHRASE.findall(tree.text(tree.ROOT / "src/i18n/phrase.hpp"))
        self.assertGreater(len(names), 200, "the list is read as it is written")
        sources = [tree.text(path) for path in tree.files()
                   if path.parts[0] == "src" and path.suffix in (".cpp", ".hpp") and not tree.is_test(path)]
        self.assertEqual(unsaid(names, sources), [], "say it, or remove it here and in both languages")

    def test_one_that_only_a_comment_or_a_longer_name_has_is_not_said(self):
        self.assertEqual(unsaid(["cost", "done"], ["say(l, phrase::cost_unknown)", "done; say(phrase::done)"]), ["cost"])


if __name__ == "__main__":
    unittest.main()
