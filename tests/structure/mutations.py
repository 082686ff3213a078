"""Each mutation still applies, its check still exists, and docs/reliability.md has its row: they are run at night only, so that a change of
the code could leave one meaning nothing, unseen."""

import fnmatch
import os
import re
import subprocess
import unittest

import tree

HEAD = re.compile(r"^# breaks: (.+)\n# caught by: (.+)\n--- ")
ROW = re.compile(r"^\| `(\w+)` \| (.+) \| `(.+)` \| [^|]+ \|$", re.MULTILINE)
CASE = re.compile(r"^TEST(?:_F|_P)?\((\w+), (\w+)\)|^TYPED_TEST(?:_P)?\((\w+), (\w+)\)", re.MULTILINE)


def mutations():
    return [path for path in tree.files() if path.parts[:2] == ("tests", "mutations") and path.suffix == ".patch"]


def refused(paths):
    """What git says of those that do not apply. It looks for no repository around the tree, which may have none."""
    env = {**os.environ, "GIT_CEILING_DIRECTORIES": str(tree.ROOT.parent)}
    asked = [subprocess.Popen(["git", "apply", "--check", path], cwd=tree.ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
             for path in paths]
    return [f"{path}: {said}" for path, process in zip(paths, asked) for said in process.communicate()[:1] if process.returncode]


def cases(files):
    """Each case of the tests in C++, as suite.name."""
    return {f"{found[1] or found[3]}.{found[2] or found[4]}" for path in files if path.name.endswith("_test.cpp") for found in CASE.finditer(tree.text(path))}


def scripts(files):
    return {path.stem: tree.text(path) for path in files if path.parts[0] == "tests" and path.suffix == ".py"}


def says_nothing(command, known, stories):
    """Whether what a command names is not there: then it is green whatever is broken, or red without it too."""
    if filtered := re.search(r"--gtest_filter=(\S+)", command):
        return not fnmatch.filter(known, filtered[1])
    if story := re.search(r"tests/e2e/run\.py (\w+)(?:\.(\w+))?(?:\.(\w+))?$", command):
        module, group, name = story.groups()
        text = stories.get(module, "")
        return not text or bool(group) and f"class {group}(" not in text or bool(name) and f"def {name}(" not in text
    return not (tree.ROOT / command.split()[0]).is_file()


class Mutations(unittest.TestCase):
    maxDiff = None

    def test_each_applies(self):
        self.assertGreater(len(mutations()), 60)
        self.assertEqual(refused(mutations()), [], "make it anew, so that it means the same fault in the code of now")

    def test_what_is_to_catch_each_exists(self):
        files = tree.files()
        known, stories = cases(files), scripts(files)
        self.assertEqual([path.stem for path in mutations() if says_nothing(HEAD.match(tree.text(path))[2], known, stories)], [])

    def test_the_document_has_a_row_of_each(self):
        rows = {found[1]: (found[2], found[3]) for found in ROW.finditer(tree.text("docs/reliability.md"))}
        self.assertEqual(rows, {path.stem: HEAD.match(tree.text(path)).groups() for path in mutations()}, "tests/mutations/run --table")

    def test_a_check_that_is_gone_is_seen(self):
        known, stories = {"push.takes"}, {"test_a": "class B(Story):\n    def test_c(self):\n"}
        for command, gone in (("build/dev/bin/git_test --gtest_filter=push.*", False), ("build/dev/bin/git_test --gtest_filter=pull.*", True),
                              ("python3 tests/e2e/run.py test_a.B.test_c", False), ("python3 tests/e2e/run.py test_a.B.test_d", True),
                              ("python3 tests/e2e/run.py test_b", True), ("tests/kills/gone.py batch 1 40", True)):
            self.assertEqual(says_nothing(command, known, stories), gone, command)


if __name__ == "__main__":
    unittest.main()
