"""`cmake --install` makes a tree in which `persais demo` works with nothing set up; part of `make test`."""

import os
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("PERSAIS_BIN", ROOT / "build/dev/bin")).resolve().parent


class Installed(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="persais-demo-")
        self.addCleanup(scratch.cleanup)
        self.folder = Path(scratch.name)
        self.folder.chmod(0o755)
        self.prefix = self.folder / "prefix"
        subprocess.run(["cmake", "--install", BUILD, "--prefix", self.prefix], check=True, stdout=subprocess.DEVNULL)
        for name in ("agent-env", "postgres"):  # the Dockerfile makes them there
            (self.prefix / "lib/persais" / name).symlink_to(ROOT / "build/deps" / name)

    def demo(self, **environment):
        clean = {name: value for name, value in os.environ.items() if not name.startswith("PERSAIS_") and "_API_KEY" not in name}
        return subprocess.run([self.prefix / "bin/persais", "demo"], cwd=self.folder, capture_output=True, text=True, check=False,
                              timeout=300, env=clean | {"PERSAIS_DATA": str(self.folder / "data")} | environment)

    def test_the_demo_pushes_a_change_and_leaves_a_database_that_is_named_alone(self):
        done = self.demo(DATABASE_URL="postgresql://nobody@127.0.0.1:1/none", GIT_REMOTE_URL="https://example.invalid/x.git")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("Task 1: ready.", done.stdout)
        self.assertIn("Green.", done.stdout)

    def test_no_test_and_no_cache_is_installed(self):
        names = [path.relative_to(self.prefix).as_posix() for path in self.prefix.rglob("*") if "agent-env" not in path.parts]
        self.assertIn("bin/persais-keeper", names)
        self.assertIn("bin/persais-clone.so", names)
        self.assertIn("lib/persais/agent/run.py", names)
        for name in ("man/man1/persais.1", "man/man1/persais-run.1", "bash-completion/completions/persais", "zsh/site-functions/_persais",
                     "fish/vendor_completions.d/persais.fish"):
            self.assertIn(f"share/{name}", names)
        self.assertFalse([name for name in names if "__pycache__" in name or "model/test_" in name])

    def test_without_what_it_needs_it_says_what_is_missing(self):
        subprocess.run(["rm", "-r", self.prefix / "lib/persais/demo"], check=True)
        done = self.demo()
        self.assertEqual((done.returncode, done.stdout), (3, ""))
        self.assertEqual(done.stderr.strip(), f"The demo (lib/persais/demo) is not installed beside {self.prefix}/bin.")


if __name__ == "__main__":
    unittest.main()
