#!/usr/bin/python3
"""Runs the stories of this folder: `run.py stories` (test_*.py), `run.py kills` (kills_*.py), those of tests/faults:
`run.py faults` (faults_*.py), or names of unittest."""

import sys
import time
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
for folder in (HERE, HERE.parent / "faults", HERE.parent / "kills", HERE.parent / "fakes/model", HERE.parent / "fakes/agent"):
    sys.path.insert(0, str(folder))
sys.dont_write_bytecode = True

from database import SHARED  # noqa: E402
from kept import kept  # noqa: E402

PATTERNS = {"stories": (HERE, "test_*.py"), "kills": (HERE, "kills_*.py"), "faults": (HERE.parent / "faults", "faults_*.py")}


class Timed(unittest.TextTestResult):
    def startTest(self, test):
        self.began = time.monotonic()
        super().startTest(test)

    def addSuccess(self, test):
        self.stream.write(f"{time.monotonic() - self.began:.1f} s ")
        super().addSuccess(test)


def test(names):
    loader = unittest.TestLoader()
    suites = [loader.discover(*map(str, PATTERNS[name])) if name in PATTERNS else loader.loadTestsFromName(name)
              for name in names]
    runner = unittest.TextTestRunner(verbosity=2, stream=sys.stderr, resultclass=Timed)
    done = runner.run(unittest.TestSuite(suites))
    SHARED.end()
    return 0 if done.wasSuccessful() and done.testsRun else 1


if __name__ == "__main__":
    sys.exit(kept(lambda: test(sys.argv[1:] or ["stories"]), "e2e."))
