"""The rules stand once, in src/service: what decides there is read nowhere else, and one statement adds tasks."""

import re
import unittest

import tree

# What only the rules may read → who may say it to people, too.
RULED = {
    r"limits::instruction_characters": {  # these tell how much is taken
        "src/telegram/dialog/instruct.cpp", "src/telegram/dialog/reply.cpp", "src/telegram/outbound/render_result.cpp"},
    r"limits::person_waiting": set(),
    r"limits::replies_kept": set(),
    r"\ballowed_user_ids\b": set(),
}
FREE = ("src/service/", "src/config/", "src/doctor/")
INSERT = re.compile(r"insert into tasks\b")


def product():
    return {str(path): tree.text(path) for path in tree.files()
            if path.parts[0] in ("src", "sql") and path.suffix in (".cpp", ".hpp", ".sql") and not tree.is_test(path)
            and not path.name.startswith("testing") and path.parts[1] != "migrations"}


def readers(pattern, sources):
    return {name for name, text in sources.items() if re.search(pattern, re.sub(r"//.*", "", text))}


class Rules(unittest.TestCase):
    def test_are_read_in_one_place(self):
        sources = product()
        for pattern, others in RULED.items():
            found = {name for name in readers(pattern, sources) if not name.startswith(FREE)} - others
            self.assertEqual(found, set(), pattern)
            self.assertTrue(any(name.startswith("src/service/") for name in readers(pattern, sources)), f"{pattern}: no rule reads it")

    def test_one_statement_adds_tasks(self):
        self.assertEqual(readers(INSERT, product()), {"sql/queries/queue/add_task.sql"})

    def test_a_second_place_is_found(self):
        self.assertEqual(readers("limits::a", {"x": "if (n > limits::a)", "y": "// limits::a"}), {"x"})


if __name__ == "__main__":
    unittest.main()
