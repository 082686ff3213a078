"""docs/verdicts.md has exactly the verdicts, exit codes, branches and reasons that there are: the code's table, and the schema that every
end-to-end story is held to."""

import re
import sys
import unittest

import tree

sys.path.insert(0, str(tree.ROOT / "tests/e2e"))
import schema  # noqa: E402

ROW = re.compile(r"^\| `(\w+)` \| [^|]+ \| (\d+) \| (yes|no) \| [^|]+ \|$", re.MULTILINE)
REASON = re.compile(r"^\| `(\w+)` \| `(\w+)` \| [^|]+ \| [^|]+ \|$", re.MULTILINE)
IN_CODE = re.compile(r'row\{verdict::\w+, "(\w+)",\s+told_view<"[^"]+", "[^"]+">\(\), (true|false),\s+(\d+)\}')


class Verdicts(unittest.TestCase):
    def setUp(self):
        text = tree.text(tree.ROOT / "docs/verdicts.md")
        self.rows = {name: (int(code), pushed == "yes") for name, code, pushed in ROW.findall(text)}
        self.reasons = {}
        for verdict, reason in REASON.findall(text):
            self.reasons.setdefault(verdict, set()).add(reason)

    def test_each_is_told_with_its_exit_code_and_its_branch(self):
        self.assertEqual(self.rows, schema.VERDICTS)

    def test_the_code_has_these(self):
        code = {name: (int(exit), pushed == "true") for name, pushed, exit in IN_CODE.findall(tree.text(tree.ROOT / "src/mechanic/verdict.cpp"))}
        code["aborted"] = (130, False)  # of `persais run`, where Ctrl-C is what aborts
        self.assertEqual(self.rows, code)

    def test_each_reason_is_told(self):
        self.assertEqual(self.reasons, schema.REASONS)


if __name__ == "__main__":
    unittest.main()
