"""What a run complains of, with results that are made up."""

import sys
import unittest
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.dont_write_bytecode = True

import expected  # noqa: E402
import verdict  # noqa: E402

NUMBER = 8


def row(name, bare=True, **won):
    area, mechanism, variant = name.split("/", 2)
    made = verdict.Row(area, mechanism.replace("_", " "), variant)
    made.bare, made.won = bare, {("user", where): got for where, got in won.items()}
    made.why = {}
    return made


def all_blocked():
    """As many attempts as a run has at least."""
    return [row(f"processes/mechanism_{kind}/{number}", coder=False, checks=False) for kind in range(40) for number in range(NUMBER)]


class Verdict(unittest.TestCase):
    def found(self, *more):
        return list(verdict.complaints([*all_blocked(), *more]))

    def test_all_is_well_when_each_is_blocked_that_works_without(self):
        self.assertEqual(self.found(), [])

    def test_a_way_out_is_a_failure(self):
        self.assertIn("WORKED in the sandbox of checks", self.found(row("files/reads/x", checks=True))[0])

    def test_what_does_not_work_without_a_sandbox_is_no_test(self):
        self.assertIn("is no test", self.found(row("files/reads/x", bare=False, checks=False))[0])
        self.assertEqual(self.found(row("kernel/uses_io_uring/plain", bare=False, checks=False)), [], "a kernel may be without")

    def test_what_is_known_to_be_open_is_no_failure_and_its_end_is(self):
        name = "files/reads/x"
        with mock.patch.object(verdict, "EXPECTED_OPEN", [("A wall", ["files/reads/*"], ("setup",), ("user",))]):
            self.assertEqual(self.found(row(name, setup=True)), [])
            self.assertIn("take its mark out", self.found(row(name, setup=False))[0])
            self.assertIn("WORKED", self.found(row(name, coder=True))[0], "it is known to be open elsewhere only")

    def test_too_few_are_a_failure(self):
        few = [each for each in all_blocked() if each.variant == "0"]
        self.assertIn("only 40 attempts by 40 mechanisms", list(verdict.complaints(few))[0])
        many_of_one = [row(f"files/one_{kind}/{number}", checks=False) for kind in range(40) for number in range(4)]
        many_of_one += [row(f"files/one_0/{number}", checks=False) for number in range(100, 200)]
        self.assertIn("only 260", list(verdict.complaints(many_of_one))[0], "no more than eight of one mechanism count")

    def test_each_mark_is_of_an_attempt(self):
        import fnmatch
        names = {*verdict.ATTEMPTS, *(f"{area}/{mechanism.replace(' ', '_')}/{name.split('-', 1)[-1]}" for name, (area, mechanism) in
                                      {**verdict.APART, **{each: verdict.repository_row(each) for each in repository_names()}}.items())}
        self.assertEqual([pattern for _, patterns, _, _ in expected.EXPECTED_OPEN for pattern in patterns if not fnmatch.filter(names, pattern)], [])

    def test_the_page_is_held_to_the_run(self):
        rows = [*all_blocked(), row("files/reads_the_services_home/x", checks=False)]
        page = f"before\n{verdict.BEGIN}\n{verdict.END}behind\n"
        self.assertTrue(list(verdict.differences(page, rows)))
        page = verdict.written(page, rows)
        self.assertEqual(list(verdict.differences(page, rows)), [])
        self.assertIn("| files | reads the service's home | 1 | works | – | – | blocked |", page)
        self.assertTrue(list(verdict.differences(page, [*rows[:-1], row("files/reads_the_services_home/x", checks=True)])))
        self.assertEqual(list(verdict.differences(page, [*rows[:-1], row("files/reads_the_services_home/x", bare=False, checks=True)])), [],
                         "what could not be tried says nothing")


def repository_names():
    sys.path.insert(0, str(Path(__file__).resolve().parent / "attempts"))
    import repository
    return [*(f"hooks-{name}" for name in repository.HOOKS), *(f"programs-{name}" for name in repository.PROGRAMS), *repository.LEFT]


if __name__ == "__main__":
    unittest.main()
