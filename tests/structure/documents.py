"""What the documents point at exists: links between them, and files that they name. ARCHITECTURE.md and CONTRIBUTING.md, which
tell people where things go, are held to more: every path in them, however short, and the table of folders."""

import fnmatch
import re
import unittest
from pathlib import Path

import includes
import tree

LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
NAMED = re.compile(r"`((?:src|tests|scripts|docs|agent|cmake|sql)/[\w./-]+\.\w+)`")
GUIDES = ("ARCHITECTURE.md", "CONTRIBUTING.md")
CODE = re.compile(r"`([^`\n]+)`")
PATH = re.compile(r"^\.?[\w-][\w.*-]*(/[\w.*-]+)*/?$")
FILE = re.compile(r"[\w*]\.(cpp|hpp|py|sh|sql|cmake|md|toml|yml|lock|patch|txt|json)$|^(Makefile|Dockerfile)$")
FOLDER_ROW = re.compile(r"^\| `([\w/]+)/` \| [^|]+ \| ([\w/ ]*) \|$", re.MULTILINE)


def violations(document, text, exists):
    found = [f"{document}: leads to {target}, which is not there" for target in LINK.findall(text)
             if "://" not in target and not exists(document.parent / target)]
    return found + [f"{document}: names {name}, which is not there" for name in NAMED.findall(text) if not exists(Path(name))]


def blocks(text):
    """Paragraphs, items of lists and rows of tables, one by one."""
    return re.split(r"\n(?=\s*\n|\||- |\d+\. )", text)


def is_path(name, known):
    """`known`: the first parts that a path of this tree may have. A path like build/dev/bin, which a build makes, is none."""
    if not PATH.match(name):
        return False
    return bool(FILE.search(name)) or ("/" in name.rstrip("/") or name.endswith("/")) and name.split("/")[0] in known


def not_found(document, text, known, exists):
    """Paths in backticks that are not there. They are written from the root or from src/; a name without a folder stands in the folder
    that the same paragraph, item or row named last."""
    found = []
    for block in blocks(text):
        folder = Path(".")
        for name in CODE.findall(block):
            if not is_path(name, known):
                continue
            places = [Path(name), Path("src") / name] if "/" in name else [folder / name, Path(name)]
            there = next((place for place in places if exists(place)), None)
            if there is None:
                found.append(f"{document}: names {name}, which is not there")
            elif "/" in name:
                folder = there if name.endswith("/") else there.parent
    return found


def exists_in_tree(path):
    if "*" in str(path):
        return any(True for _ in tree.ROOT.glob(str(path)))
    return (tree.ROOT / path).exists()


def first_parts():
    return {path.parts[0] for path in tree.files() if len(path.parts) > 1} | {path.parts[1] for path in tree.files() if path.parts[0] == "src"}


GTEST = re.compile(r"bin/(\w+)_test --gtest_filter=([^\s`]+)")
STORY = re.compile(r"tests/e2e/run\.py ([a-z_]\w*)(?:\.(\w+))?(?:\.(\w+))?")
CASE = re.compile(r"^(?:TYPED_)?TEST(?:_F|_P)?\(\s*(\w+),\s*(\w+)", re.MULTILINE)


def runs_nothing(text, cases, stories):
    """Commands for tests that name no test there is: gtest ends well when its filter fits nothing. `cases`: program → "suite.case"s,
    `stories`: module → its text."""
    found = []
    for program, filters in GTEST.findall(text):
        for wanted in filters.split("-")[0].split(":"):
            if not any(fnmatch.fnmatchcase(case, wanted) for case in cases.get(program, ())):
                found.append(f"{program}_test has no {wanted}")
    for module, suite, case in STORY.findall(text):
        module = module if module in stories else f"test_{module}"
        words = [rf"^class {suite}\b"] * bool(suite) + [rf"^    def {case}\b"] * bool(case)
        if module not in stories or not all(re.search(word, stories[module], re.MULTILINE) for word in words):
            found.append(f"{module} has no {suite}.{case}")
    return found


def all_tests():
    cases, stories = {}, {}
    for path in tree.files():
        if path.name.endswith("_test.cpp"):
            program = path.parts[1] if path.parts[0] == "tests" else "_".join(path.parts[1:-1])
            cases.setdefault(program, set()).update(".".join(each) for each in CASE.findall(tree.text(path)))
        elif path.parts[:2] in (("tests", "e2e"), ("tests", "faults")) and path.suffix == ".py":
            stories[path.stem] = tree.text(path)
    return cases, stories


class Documents(unittest.TestCase):
    maxDiff = None

    def test_lead_to_what_exists(self):
        found = []
        for path in tree.files():
            if path.suffix == ".md":
                found += violations(path, tree.text(path), lambda target: (tree.ROOT / target).exists())
        self.assertEqual(found, [])

    def test_the_guides_name_only_paths_that_exist(self):
        known, found = first_parts(), []
        for guide in GUIDES:
            found += not_found(guide, tree.text(guide), known, exists_in_tree)
        self.assertEqual(found, [])

    def test_the_table_of_folders_is_that_of_the_build(self):
        built = {folder: edges["USES"] for folder, edges in includes.modules(tree.text("CMakeLists.txt")).items()}
        told = {folder: set(used.split()) for folder, used in FOLDER_ROW.findall(tree.text("ARCHITECTURE.md"))}
        self.assertEqual(told, built)

    def test_each_command_that_runs_a_test_runs_one(self):
        cases, stories = all_tests()
        self.assertGreater(len(cases) + len(stories), 40)
        named = [path for path in tree.files() if path.suffix in (".md", ".patch")]
        self.assertEqual([f"{path}: {each}" for path in named for each in runs_nothing(tree.text(path), cases, stories)], [])

    def test_a_command_that_runs_no_test_is_found(self):
        cases, stories = {"git": {"push.a", "mirror.b"}}, {"test_x": "class Y(Z):\n    def test_z(self):\n"}
        self.assertEqual(runs_nothing("bin/git_test --gtest_filter=push.*:mirror.b\ntests/e2e/run.py x\ntests/e2e/run.py test_x.Y.test_z", cases, stories), [])
        self.assertEqual(runs_nothing("bin/git_test --gtest_filter=push.*:gone.*\n`bin/store_test --gtest_filter=*`\n tests/e2e/run.py test_x.Y.test_q", cases, stories),
                         ["git_test has no gone.*", "store_test has no *", "test_x has no Y.test_q"])

    def test_each_decision_has_its_number_once(self):
        numbers = [path.name[:4] for path in (tree.ROOT / "docs/decisions").glob("[0-9]*.md")]
        self.assertEqual(len(numbers), len(set(numbers)), numbers)
        self.assertEqual(sorted(numbers), [f"{number:04}" for number in range(1, len(numbers) + 1)])

    def test_a_wrong_link_is_found(self):
        text = "[a](b.md) [c](d.md#e) [f](https://g) `src/h.cpp` `src/i/`"
        self.assertEqual(len(violations(Path("docs/x.md"), text, lambda target: False)), 3)
        self.assertEqual(violations(Path("docs/x.md"), text, lambda target: True), [])

    def test_a_wrong_path_is_found(self):
        there = {"src/worker/task_run.cpp", "src/worker", "src/llm/money.cpp", "src/llm", "README.md", "tests/e2e/test_*.py", "tests"}
        text = ("`worker/task_run.cpp`, `src/llm/` (`money.cpp`, `README.md`), `tests/e2e/test_*.py`, `build/dev/bin`, `mechanic::step`, `1/2`\n"
                "| `src/llm/` | `task_run.cpp` |\n| `money.cpp` | `tests/*_test.py` |\n\n`llm/gone/`, `nowhere/x.hpp`")
        wrong = not_found("x.md", text, {"src", "tests", "worker", "llm"}, lambda path: str(path) in there)
        self.assertEqual([each.split()[2] for each in wrong], ["task_run.cpp,", "money.cpp,", "tests/*_test.py,", "llm/gone/,", "nowhere/x.hpp,"])

    def test_the_table_of_folders_is_read(self):
        self.assertEqual(FOLDER_ROW.findall("| `base/` | ids |  |\n| `a/b/` | x, `y` | base c/d |\n| `src/x.cpp` | y | z |"),
                         [("base", ""), ("a/b", "base c/d")])


if __name__ == "__main__":
    unittest.main()
