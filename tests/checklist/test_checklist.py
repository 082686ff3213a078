"""docs/checklist.md leaves out no line of the user's list, names only what is there, and gives each line a test or says that it is open."""

import json
import os
import re
import subprocess
import sys
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
import checklist
from risks import Risks  # noqa: F401  its tests run here

TREE = Path(os.environ.get("PERSAIS_BIN", checklist.ROOT / "build/dev/bin")).resolve().parent

# The user's list, in short: what each section must have a line for.
ASKED = {
    "Components": ["container", "port 3000", "Python environment", "subprocess", "git command line", "SSH keys", "PostgreSQL with pgvector",
                   "GitHub or GitLab", "OpenRouter", "Telegram", "push to main", "Docker image", "Fly secrets", "single instance"],
    "Files": ["Dockerfile", "docker-compose.yml", "fly.toml", ".dockerignore", ".env.example"],
    "The Dockerfile's draft": ["builder stage", "python:3.11-slim", "openssh-client", "aider-chat", "Only the built", "Mechanic", "workspace",
                               "EXPOSE 3000", "CMD"],
    "Environment variables": ["NODE_ENV", "PORT", "DATABASE_URL", "TELEGRAM_BOT_TOKEN", "TELEGRAM_WEBHOOK_URL", "TELEGRAM_ADMIN_IDS",
                              "OPENROUTER_API_KEY", "AIDER_MODEL", "GIT_REMOTE_URL", "GIT_ACCESS_TOKEN", "ALLOWED_USER_IDS"],
    "Questions, and what was decided": [f"{number}." for number in range(1, 11)],
    "Risks": ["Fly.io is down", "out of memory", "Git conflicts", "aider hangs", "Cold start"],
    "Definition of done": ["Dockerfile builds", "docker-compose.yml works", "Fly.io deployment passes", "health check", "Git clone and push",
                           "aider starts", "connection pool", "Secrets are injected"],
}


def left_out(rows):
    return [f"{section}: {word}" for section, words in ASKED.items() for word in words
            if not any(row.section == section and word in row.asked for row in rows)]


def is_there(name, tests):
    return checklist.result(name, dict.fromkeys(tests, True)) is not None


def not_there(rows, tests, parts, exists):
    found = [f"{row.asked}: the file {name}" for row in rows for name in row.files if not exists(name)]
    found += [f"{row.asked}: the test {name}" for row in rows for name in row.tests if not is_there(name, tests)]
    found += [f"{row.asked}: the nightly part {name}" for row in rows for name in row.parts if name not in parts]
    return found + [f"{row.asked}: nothing shows it" for row in rows if not (row.tests or row.parts or row.is_open)]


def registered():
    shown = subprocess.run(["ctest", "--test-dir", TREE, "--show-only=json-v1"], capture_output=True, text=True, check=True).stdout
    return {test["name"] for test in json.loads(shown)["tests"]}


class Checklist(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.rows = checklist.rows(checklist.DOCUMENT.read_text())

    def test_no_line_is_left_out(self):
        self.assertEqual(left_out(self.rows), [])
        self.assertIn("Risks: aider hangs", left_out([row for row in self.rows if "hangs" not in row.asked]))

    def test_what_it_names_is_there(self):
        parts = subprocess.run([checklist.ROOT / "scripts/nightly", "parts"], capture_output=True, text=True, check=True).stdout.split()
        exists = lambda name: (checklist.ROOT / name).exists()  # noqa: E731
        self.assertEqual(not_there(self.rows, registered(), parts, exists), [])

    def test_what_is_not_there_is_found(self):
        rows = checklist.rows("## S\n| a | `src/nowhere.cpp`, `Dockerfile`, `.env.example` | `ctest nosuch`, `nightly nosuch` |\n| b | `fly.toml` | a promise |\n| c | d | open: later |\n")
        wrong = not_there(rows, {"git"}, ["test"], lambda name: name == "fly.toml")
        self.assertEqual(wrong, ["a: the file src/nowhere.cpp", "a: the file Dockerfile", "a: the file .env.example", "a: the test nosuch", "a: the nightly part nosuch", "b: nothing shows it"])

    def test_what_is_open_is_not_there_and_the_rest_is(self):
        product = checklist.Product()
        wrong = [each for row in self.rows for each in checklist.wrongly_told(row.asked, row.named, row.missing, row.is_open, product)]
        self.assertEqual(wrong, [])
        self.assertEqual([row.asked for row in self.rows if checklist.LATER.search(f"{row.where} {row.shown.partition('open:')[0]}")], [])

    def test_what_is_told_wrongly_is_found(self):
        class Product:
            def has(self, name):
                return {"BACKUP_URL": False, "persais backup": False, "PORT": True, "/tasks": True}.get(name)

        def wrong(line):
            row, = checklist.rows("## S\n" + line)
            return checklist.wrongly_told(row.asked, row.named, row.missing, row.is_open, Product())

        self.assertEqual(wrong("| a | `PORT`, `x` | `ctest git`; open: backups (`persais backup`, `BACKUP_URL`) |"), [])
        self.assertEqual(wrong("| a | `BACKUP_URL` | `ctest git` |"), ["a: `BACKUP_URL` is not there"])
        self.assertEqual(wrong("| a | b | open: `/tasks` and `persais backup` |"), ["a: `/tasks` is called open, and is there"])
        self.assertEqual(wrong("| a | b | `ctest git`; open: the rest |"), ["a: open, but it names nothing that is missing"])

    def test_the_product_is_read(self):
        product = checklist.Product()
        for name, there in (("persais reply", True), ("persais config check", True), ("persais teleport", False), ("/abort", True), ("/teleport", False),
                            ("/health", True), ("/telegram/webhook", True), ("/health/nowhere", False), ("persais_tasks_running", True), ("persais_no_such", False),
                            ("PORT", True), ("NODE_ENV", True), ("BACKUP_URL", True), ("TRANSCRIBE_MODEL", False), ("src/cli/", True), ("src/nowhere/", False), ("EXPOSE", None)):
            self.assertIs(product.has(name), there, name)

    def test_a_test_that_is_named_stands_in_the_test_that_is_named(self):
        text = checklist.DOCUMENT.read_text() + (checklist.ROOT / "docs/risks.md").read_text()
        pairs = re.findall(r"`ctest ([\w.]+)`\s+\(`src/([\w/]+)/\w+_test\.cpp`", text)
        self.assertGreater(len(pairs), 3)
        self.assertEqual([(test, folder) for test, folder in pairs if test != folder.replace("/", ".")], [])

    def test_no_document_puts_off_what_is_there(self):
        product, wrong = checklist.Product(), []
        for path in [checklist.ROOT / "README.md", *sorted((checklist.ROOT / "docs").glob("*.md"))]:
            if path.name != "settings.md":  # made from the table of settings
                wrong += [f"{path.name}: {each}" for each in checklist.unfounded_promises(path.read_text(), product)]
        self.assertEqual(wrong, [])
        text = "It works.\nThe chat comes with a later version. `persais teleport` comes later; so does more.\n| x | comes next |\n\nNothing is\nnot there yet."
        self.assertEqual(checklist.unfounded_promises(text, product), ["The chat comes with a later version.", "comes next |", "Nothing is not there yet."])

    def test_a_line_is_ok_only_when_all_that_shows_it_passed(self):
        row, later, half = checklist.rows("## S\n| a | b | `ctest git`, `nightly image.run` |\n| c | d | open: later |\n| e | f | `ctest git`; open: the rest |\n")
        for tests, parts, expected in (({"git": True}, {"image.run": True}, "ok"), ({"git": True}, {"image.run": False}, "FAILED"),
                                       ({"git": True}, {}, "not run"), ({}, {"image.run": False}, "FAILED")):
            self.assertEqual(checklist.mark(row, tests, parts), expected)
        self.assertEqual(checklist.mark(later, {}, {}), "open")
        group = checklist.rows("## S\n| a | b | `ctest e2e` |\n")[0]
        for passed, expected in ((True, "ok"), (False, "FAILED")):
            self.assertEqual(checklist.mark(group, {"e2e.one": True, "e2e.other": passed, "e2e_kills": False}, {}), expected)
        self.assertEqual(checklist.mark(group, {"e2e_kills": True}, {}), "not run")
        self.assertEqual([checklist.mark(half, {"git": passed}, {}) for passed in (True, False)], ["in part", "FAILED"])
        text = checklist.printed([row, later], {"git": True}, {"image.run": True})
        self.assertRegex(text, r"(?s)S\n  ok       a\n.*shown by: ctest git, nightly image.run\n  open     c")
        self.assertTrue(text.endswith("1 ok, 1 open"))

    def test_risks_has_a_line_for_each_risk(self):
        text = (checklist.ROOT / "docs/risks.md").read_text()
        named = re.findall(r"^## (.*)$", text, re.MULTILINE)
        for risk in ("Fly.io", "memory", "conflicts", "hang", "Cold start"):
            self.assertTrue(any(risk in title for title in named), risk)
        known = registered()
        self.assertEqual([test for test in re.findall(r"`ctest ([\w.]+)`", text) if not is_there(test, known)], [])
        cases = re.findall(r"\b[a-z]+(?:_[a-z]+){3,}\b", re.sub(r"`[^`]*`", "", text))
        sources = [*checklist.ROOT.glob("src/**/*_test.cpp"), *checklist.ROOT.glob("tests/*/*.py")]
        written = "\n".join(path.read_text() for path in sources if path != Path(__file__).resolve())
        self.assertGreater(len(cases), 10)
        product = checklist.Product()
        left = [" ".join(each.split()) for each in re.findall(r"^- \*\*Open\*\*:(.*?)(?=^- |^$|\Z)", text, re.MULTILINE | re.DOTALL)]
        self.assertGreater(len(left), 1)
        self.assertEqual([wrong for each in left for wrong in checklist.wrongly_told(each[:40], [], checklist.CODE.findall(each), True, product)], [])
        self.assertEqual([case for case in cases if not re.search(rf"\b(test_)?{case}\b", written)], [])


if __name__ == "__main__":
    unittest.main()
