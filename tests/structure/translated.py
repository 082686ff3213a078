"""README.ru.md says what README.md says: what is no prose (what is typed and printed, links, headings' levels, codes) is the same in both."""

import re
import unittest

import tree

PAIRS = {"README.ru.md": "README.md"}
FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
INDENTED = re.compile(r"(?:^    .*\n)+", re.MULTILINE)
LINK = re.compile(r"\]\(([^)#\s]+)\)")
TYPED = re.compile(r"`([^`\n]+)`")
CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)


def parts(text):
    """What has to be the same. Names of the two files, and what a person would write in their own language, aside."""
    blocks = FENCED.findall(text)
    prose = FENCED.sub("", text)
    blocks += INDENTED.findall(prose)
    prose = INDENTED.sub("", prose)
    flat = re.sub(r"\s+", " ", prose)
    typed = {re.sub(r' "[^"]*"', "", word) for word in TYPED.findall(flat)}
    return {"blocks": blocks, "links": sorted(link for link in LINK.findall(prose) if link not in (*PAIRS, *PAIRS.values())),
            "typed": sorted(typed), "headings": re.findall(r"^#+ ", prose, re.MULTILINE), "rows": prose.count("\n| ")}


class Translated(unittest.TestCase):
    maxDiff = None

    def test_each_has_what_its_original_has(self):
        for translation, original in PAIRS.items():
            self.assertEqual(parts(tree.text(translation)), parts(tree.text(original)))

    def test_each_leads_to_the_other(self):
        for translation, original in PAIRS.items():
            self.assertIn(f"]({original})", tree.text(translation))
            self.assertIn(f"]({translation})", tree.text(original))

    def test_no_paragraph_was_left_in_the_other_language(self):
        for translation in PAIRS:
            prose = INDENTED.sub("", FENCED.sub("", tree.text(translation)))
            english = [each for each in re.split(r"\n\s*\n", prose) if len(each) > 80 and not CYRILLIC.search(each)]
            self.assertEqual(english, [])

    def test_what_differs_is_found(self):
        same = "# A\n\nSay `persais run \"x\"`: [docs](docs/a.md).\n\n    make\n"
        self.assertEqual(parts(same), parts("# Б\n\nСкажите `persais run \"икс\"`: [тут](docs/a.md).\n\n    make\n"))
        for other in (same.replace("make", "made"), same.replace("docs/a", "docs/b"), same.replace("persais run", "persais ask"),
                      same.replace("# A", "## A")):
            self.assertNotEqual(parts(same), parts(other), other)


if __name__ == "__main__":
    unittest.main()
