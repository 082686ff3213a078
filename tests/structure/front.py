"""The front door: its scripts are sound, and a setup that has nothing to do does nothing, fast."""

import os
import subprocess
import tempfile
import unittest
from pathlib import Path

import tree


def scripts():
    return [path for path in tree.files() if path.suffix != ".py" and tree.is_code(path)
            and tree.text(path).split("\n")[0].endswith(("bash", "/sh"))]


class Front(unittest.TestCase):
    def test_shell_scripts_are_sound(self):
        self.assertGreater(len(scripts()), 3)
        done = subprocess.run(["shellcheck", "--severity=warning", *scripts()], cwd=tree.ROOT, capture_output=True, text=True)
        self.assertEqual(done.stdout, "")

    def test_shell_scripts_stop_at_the_first_error(self):
        loose = [str(path) for path in scripts() if "set -eu" not in tree.text(path)]
        self.assertEqual(loose, [])

    def test_scripts_can_be_started(self):
        dead = [str(path) for path in tree.files() if path.parts[0] in ("scripts", ".ci")
                and tree.text(path).startswith("#!") and not os.access(tree.ROOT / path, os.X_OK)]
        self.assertEqual(dead, [])

    def test_a_second_setup_does_nothing_in_two_seconds(self):
        """Of CPU. Where something is missing this fails and says what: a test installs nothing, so apt-get and pip find no source either."""
        missing = subprocess.run([tree.ROOT / "scripts/setup", "--check"], capture_output=True, text=True)
        self.assertEqual((missing.returncode, missing.stdout), (0, ""))
        with tempfile.TemporaryDirectory() as folder:
            stub = Path(folder, "apt-get")
            stub.write_text("#!/bin/sh\nexit 1\n")
            stub.chmod(0o755)
            shut = {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}", "PIP_NO_INDEX": "1"}
            before = os.times()
            done = subprocess.run([tree.ROOT / "scripts/setup"], capture_output=True, text=True, env=shut)
            after = os.times()
        self.assertEqual((done.returncode, done.stdout), (0, ""))
        self.assertLess(after.children_user + after.children_system - before.children_user - before.children_system, 2)

    def test_setup_names_a_package_that_is_missing(self):
        with tempfile.TemporaryDirectory() as folder:
            stub = Path(folder, "dpkg-query")  # as the real one: prints what it knows, exits 1 for what it does not
            stub.write_text('#!/bin/sh\nshift 2\nfor p; do [ "$p" = strace ] || echo "$p install ok installed"; done\nexit 1\n')
            stub.chmod(0o755)
            done = subprocess.run([tree.ROOT / "scripts/setup", "--check"], capture_output=True, text=True,
                                  env={**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"})
        self.assertEqual(done.returncode, 1)
        self.assertTrue(done.stdout.endswith("--no-install-recommends strace\n"), done.stdout)

    def test_make_help_names_every_target(self):
        shown = subprocess.run(["make", "help"], cwd=tree.ROOT, capture_output=True, text=True, check=True).stdout
        for target in ("demo", "test", "lint", "format", "release", "asan", "tsan", "setup"):
            self.assertIn(target, shown)

    def test_make_lint_asks_for_what_lint_knows(self):
        for given, asked in ([], "changed"), (["LINT=all"], "all"):
            shown = subprocess.run(["make", "-n", "lint", *given], cwd=tree.ROOT, capture_output=True, text=True, check=True).stdout
            self.assertEqual(shown.splitlines()[-1], f"scripts/lint {asked}")


if __name__ == "__main__":
    unittest.main()
