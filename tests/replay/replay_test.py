"""Replays commits of a small repository that is made here, with the real service and the real aider."""

import os
import subprocess
import sys
import tempfile
import types
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "fakes" / "model")]

import answer_of  # noqa: E402
import git_side  # noqa: E402

CHECK = "python3 -B check.py"
START = {
    "check.py": b"import pathlib, shop\nassert shop.total([1, 2]) == 3\nassert pathlib.Path('docs/\xc3\xbcber.md').exists()\n",
    "shop.py": b"def total(prices):\n    return 0\n\n\ndef names():\n    return []\n",
    "shop_test.py": b"import shop\n\n\ndef test_names():\n    assert shop.names() == []\n",
    "windows.ini": b"[one]\r\na = 1\r\nb = 2\r\n[two]\r\nc = 3\r\n",
    "bare.txt": b"first\nsecond\nlast without a newline",
    "run.sh": b"echo old\n",
    "gone.txt": b"to be deleted\n",
    "western.txt": "Grüße\nan alle\n".encode("latin-1"),
    "wide.txt": "первый\r\nвторой\r\n".encode("utf-16"),
    "docs/\N{LATIN SMALL LETTER A WITH DIAERESIS}.md": "Grüße\n\nаз\n".encode(),
}
MENDED = {
    "shop.py": b"def total(prices):\n    return sum(prices)\n\n\ndef names():\n    return []\n",
    "shop_text.py": b"import shop\n\nprint(shop.names())\n",
    "windows.ini": b"[one]\r\na = 1\r\nb = 20\r\n[two]\r\nc = 3\r\nd = 4\r\n",
    "bare.txt": b"first\nsecond and more\nlast without a newline",
    "run.sh": b"echo new\n",
    "gone.txt": None,
    "western.txt": "Schöne Grüße\nan alle\n".encode("latin-1"),
    "wide.txt": "первый\r\nвторой и третий\r\n".encode("utf-16"),
    "docs/\N{LATIN SMALL LETTER A WITH DIAERESIS}.md": "Grüße aus Köln\n\nаз\n".encode(),
    "docs/über.md": "Über uns: 世界 🙂\n".encode(),
    "empty/__init__.py": b"",
}
RED = {"shop.py": b"def total(prices):\n    return max(prices)\n\n\ndef names():\n    return []\n"}


def commit(repository, files, message):
    for path, data in files.items():
        at = repository / path
        if data is None:
            at.unlink()
        else:
            at.parent.mkdir(exist_ok=True)
            at.write_bytes(data)
    git_side.git(repository, "add", "--all")
    git_side.git(repository, "-c", "user.name=Ada", "-c", "user.email=ada@example.org", "commit", "--quiet", "-m", message)


def cells(row):
    return [cell.strip() for cell in row.strip().strip("|").split(" | ")]


class Replay(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name)
        cls.repository = cls.folder / "made"
        git_side.git(cls.folder, "init", "--quiet", "-b", "main", "made")
        commit(cls.repository, START, "Start")
        commit(cls.repository, MENDED, "/shop.py: total() adds up\n\nSee shop_test.py and windows.ini.")
        commit(cls.repository, RED, "!total() takes the greatest")

    def replay(self, name, *more):
        """(exit code, {column: cell})"""
        done = subprocess.run([str(HERE / "replay"), str(self.repository), name, *more], capture_output=True, text=True,
                              env=os.environ | {"TMPDIR": str(self.folder)})
        lines = done.stdout.splitlines()
        self.assertEqual(len(lines), 3, done.stdout + done.stderr)
        return done.returncode, dict(zip(cells(lines[0]), cells(lines[2])))

    def test_a_green_commit_of_many_kinds_comes_out_ready_and_equal(self):
        code, row = self.replay("main~1", "--check", CHECK)
        self.assertEqual((code, row["verdict"], row["equal"], row["first difference"]), (0, "ready", "yes", "-"), row)
        self.assertEqual((row["repository"], row["files"]), ("made", "10"))
        self.assertEqual((row["touched/expressed/left out"], row["left out"]), ("11/10/1", "1 deleted"))
        self.assertEqual([path.name for path in self.folder.iterdir()], ["made"])

    def test_a_commit_that_breaks_the_check_comes_out_red(self):
        code, row = self.replay("main", "--check", CHECK, "--message-only", "--snapshot")
        self.assertEqual((code, row["verdict"], row["equal"]), (0, "tests_red", "yes"), row)

    def test_a_root_commit_and_a_folder_that_is_no_repository_are_refused(self):
        for arguments, said in (((self.repository, "main~2"), "has no parent"), ((self.folder, "main"), "not a git repository"),
                                ((self.folder / "none", "main"), "is no folder")):
            done = subprocess.run([str(HERE / "replay"), *map(str, arguments)], capture_output=True, text=True)
            self.assertEqual((done.returncode, done.stdout), (2, ""))
            self.assertIn(said, done.stderr)


class Clones(unittest.TestCase):
    """What is replayed of may be any clone."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        (self.folder / "work").mkdir()

    def made(self, *how):
        repository = self.folder / "made"
        git_side.git(self.folder, "init", "--quiet", "-b", "main", *how, "made")
        for text in (b"one\n", b"two\n", b"three\n", b"four\n"):
            commit(repository, {"a.txt": text}, text.decode())
            git_side.git(repository, "tag", text.decode().strip())
        return repository

    def at_work(self, repository, name="main"):
        return git_side.Workplace(git_side.Change(repository, name), self.folder / "work")

    def seen(self, at_work, *more):
        """What a client gets of the remote."""
        git_side.git(self.folder, "clone", "--quiet", *more, f"file://{at_work.remote}", "client")
        return git_side.git(self.folder / "client", "log", "--format=%s").decode().split()

    def test_the_remote_has_the_tags_of_the_bases_history(self):
        at_work = self.at_work(self.made(), "main~1")
        self.assertEqual(self.seen(at_work), ["two", "one"])
        self.assertEqual(git_side.git(self.folder / "client", "tag").decode().split(), ["one", "two"])

    def test_a_tag_is_a_commit(self):
        repository = self.made()
        git_side.git(repository, "-c", "user.name=x", "-c", "user.email=x", "tag", "-am", "signed", "release", "main~1")
        self.assertEqual(git_side.Change(repository, "release").message, "three")

    def test_a_clone_with_sha_256(self):
        at_work = self.at_work(self.made("--object-format=sha256"))
        self.assertEqual(self.seen(at_work), ["three", "two", "one"])
        tree = at_work.expected_tree({"a.txt": b"four\n"})
        self.assertEqual(tree, git_side.git(self.folder / "made", "rev-parse", "main^{tree}").decode().strip())
        self.assertEqual((at_work.checkout(tree, self.folder / "tree") / "a.txt").read_bytes(), b"four\n")

    def test_a_shallow_clone(self):
        git_side.git(self.folder, "clone", "--quiet", "--depth=3", f"file://{self.made()}", "shallow")
        at_work = self.at_work(self.folder / "shallow")
        self.assertEqual(self.seen(at_work), ["three", "two"])
        pushed = git_side.git(self.folder / "client", "-c", "user.name=x", "-c", "user.email=x", "commit-tree", "-m", "four", "-p", "HEAD",
                              "HEAD^{tree}").decode().strip()
        git_side.git(self.folder / "client", "push", "--quiet", "origin", f"{pushed}:refs/heads/work")
        self.assertEqual(at_work.pushed_tree("work"), git_side.git(self.folder / "client", "rev-parse", "HEAD^{tree}").decode().strip())


class WhatEditsCannotSay(unittest.TestCase):
    def test_it_is_left_out_with_a_reason(self):
        def touched(path, status, before, after, old="100644", new="100644"):
            return git_side.Touched(path, status, old, new, before, after)

        changes = [
            touched("deleted", "D", b"x\n", None, new="000000"),
            touched("link", "A", None, b"there", old="000000", new="120000"),
            touched("module", "A", None, None, old="000000", new="160000"),
            touched("tool", "M", b"x\n", b"x\n", new="100755"),
            touched("tool2", "M", b"x\n", b"y\n", new="100755"),
            touched("bytes", "M", b"x\n", b"\0\n"),
            touched("name\udcff", "A", None, b"x\n", old="000000"),
            touched("latin", "M", b"\xfc\n", b"\xfcber\n"),
            touched("new latin", "A", None, b"\xfcber\n", old="000000"),
            touched("fine", "A", None, b"x\n", old="000000"),
        ]
        answer = answer_of.compose(types.SimpleNamespace(touched=changes))
        self.assertEqual(answer.left_out, {
            "deleted": "deleted", "link": "a symbolic link", "module": "a submodule", "tool": "only its mode changes",
            "bytes": "a binary file",
            "new latin": "not UTF-8, the one encoding of a new file and of one that has it", "name\udcff": "its name is not UTF-8"})
        self.assertEqual(answer.expressed, {"tool2": b"y\n", "latin": b"\xfcber\n", "fine": b"x\n"})
        self.assertEqual(answer.modes, ["tool2"])


if __name__ == "__main__":
    unittest.main()
