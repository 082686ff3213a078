"""scripts/nightly goes on where it was, ends what is over its time with all that it started, and says what failed."""

import contextlib
import importlib.machinery
import importlib.util
import io
import os
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True


def load():
    """A copy of the program, to be given parts of its own."""
    loader = importlib.machinery.SourceFileLoader("nightly", str(ROOT / "scripts/nightly"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("nightly", loader))
    loader.exec_module(module)
    return module


class Nightly(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.folder = Path(holder.name)
        self.of = "a" * 40

    def nightly(self, parts, *words, limit=60):
        module = load()
        module.WORK, module.STATE, module.JUNIT = self.folder, self.folder / "state.json", self.folder / "ctest.xml"
        module.ROOT = self.folder.parent  # logs are named relative to it
        module.PARTS = {name: ["sh", "-c", f"echo {name} >>{self.folder}/ran; {script}"] for name, script in parts.items()}
        module.LIMIT, module.LAST_WORDS, module.commit, module.report = limit, 0.2, lambda: self.of, lambda parts: print("report")
        said = io.StringIO()
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            self.code = module.main(list(words))
        self.said = said.getvalue()
        ran = self.folder / "ran"
        names = ran.read_text().split() if ran.exists() else []
        ran.unlink(missing_ok=True)
        return names

    def test_what_passed_is_not_run_again_and_what_failed_is(self):
        self.assertEqual(self.nightly({"a": "true", "b": "echo why; exit 3", "c": "true"}), ["a", "b", "c"])
        self.assertEqual(self.code, 1)
        self.assertRegex(self.said, r"(?s)a +passed.*b +FAILED.*    why\n.*c +passed.*report")
        self.assertEqual(self.nightly({"a": "true", "b": "true", "c": "true"}), ["b"])
        self.assertEqual((self.code, self.nightly({"a": "true", "b": "true", "c": "true"})), (0, []))
        self.assertEqual(self.nightly({"a": "true", "b": "true", "c": "true"}, "--again"), ["a", "b", "c"])

    def test_another_commit_begins_anew(self):
        self.nightly({"a": "true"})
        self.of = "b" * 40
        self.assertEqual(self.nightly({"a": "true"}), ["a"])

    def test_one_part_at_a_time(self):
        parts = {"a": "true", "b": "true"}
        self.assertEqual([self.nightly(parts, "--next") for _ in range(3)], [["a"], ["b"], []])
        self.assertEqual(self.nightly(parts, "b"), ["b"], "named, it runs whatever passed before")

    def test_a_part_over_its_time_ends_with_all_that_it_started(self):
        os.mkfifo(self.folder / "alive")
        reader = os.open(self.folder / "alive", os.O_RDONLY | os.O_NONBLOCK)
        os.set_blocking(reader, True)
        self.nightly({"a": f"trap '' TERM; (exec 3>{self.folder}/alive; echo up >&3; sleep 1000) & wait; wait"}, limit=1)
        self.assertEqual(os.read(reader, 10), b"up\n")
        self.assertEqual(os.read(reader, 10), b"", "nobody holds it any more")
        os.close(reader)
        self.assertEqual(self.code, 1)
        self.assertIn("over its 1 s", self.said)

    def test_an_unknown_part_is_wrong_use(self):
        self.assertEqual((self.nightly({"a": "true"}, "b"), self.code), ([], 2))
        self.assertIn("b is no part of it; its parts are a", self.said)


if __name__ == "__main__":
    unittest.main()
