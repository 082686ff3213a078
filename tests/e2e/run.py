#!/usr/bin/python3
"""Runs the stories of this folder: `run.py stories` (test_*.py), `run.py kills` (kills_*.py), those of tests/faults:
`run.py faults` (faults_*.py), or names of unittest.

Two processes: a keeper, which every orphan of the run is given to, and the tests below it. However the tests end, also by
SIGKILL, the keeper ends what is left of them and removes their folder; what is left after an end in order is a failure."""

import ctypes
import os
import select
import shutil
import signal
import sys
import tempfile
import time
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
for folder in (HERE, HERE.parent / "faults", HERE.parent / "fakes/model", HERE.parent / "fakes/agent"):
    sys.path.insert(0, str(folder))
sys.dont_write_bytecode = True

import processes  # noqa: E402
import remains  # noqa: E402

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
PATTERNS = {"stories": (HERE, "test_*.py"), "kills": (HERE, "kills_*.py"), "faults": (HERE.parent / "faults", "faults_*.py")}
LIBC = ctypes.CDLL(None)


class Timed(unittest.TextTestResult):
    def startTest(self, test):
        self.began = time.monotonic()
        super().startTest(test)

    def addSuccess(self, test):
        self.stream.write(f"{time.monotonic() - self.began:.1f} s ")
        super().addSuccess(test)


def test(names):
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    for number, handler in ((signal.SIGINT, signal.default_int_handler), (signal.SIGTERM, signal.SIG_DFL)):
        signal.signal(number, handler)
    LIBC.prctl(PR_SET_CHILD_SUBREAPER, 1)
    loader = unittest.TestLoader()
    suites = [loader.discover(*map(str, PATTERNS[name])) if name in PATTERNS else loader.loadTestsFromName(name)
              for name in names]
    runner = unittest.TextTestRunner(verbosity=2, stream=sys.stderr, resultclass=Timed)
    done = runner.run(unittest.TestSuite(suites))
    return 0 if done.wasSuccessful() and done.testsRun else 1


def keep(names, life, folder):
    """The exit code. `life` is at its end when the process that the caller knows is gone."""
    os.setsid()  # a Ctrl-C is for the tests
    LIBC.prctl(PR_SET_CHILD_SUBREAPER, 1)
    before = remains.snapshot()
    tests = os.fork()
    if tests == 0:
        os._exit(test(names))
    ended = os.pidfd_open(tests)
    select.select([ended, life], [], [])
    code = 1
    if select.select([ended], [], [], 0)[0]:
        code = os.waitstatus_to_exitcode(os.waitpid(tests, 0)[1])
        left = remains.since(before, folder)
        for line in left:
            print(f"left behind: {line}", file=sys.stderr)
        code = code or bool(left)
    processes.end_all()
    shutil.rmtree(folder, ignore_errors=True)
    return code


def main(names):
    folder = tempfile.mkdtemp(prefix="e2e.")
    os.chmod(folder, 0o755)  # the database and the sandbox run as users of their own
    os.environ["E2E_FOLDER"] = folder
    life_read, life_write = os.pipe()
    keeper = os.fork()
    if keeper == 0:
        os.close(life_write)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)  # it ends when all others have
        code = 1
        try:
            code = keep(names or ["stories"], life_read, folder)
        finally:
            sys.stderr.flush()
            os._exit(code)
    os.close(life_read)
    os.set_inheritable(life_write, False)
    signal.signal(signal.SIGTERM, lambda *_: os._exit(143))
    return os.waitstatus_to_exitcode(os.waitpid(keeper, 0)[1])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
