"""The agent's environment with a Python of its own, so that it runs from any folder on each of the four distributions.

A venv is bound to the machine's python3, which is 3.11 on Debian 12 alone. So Debian's own CPython 3.11 goes with it: it is one program
that finds its library relative to itself, and needs nothing newer than Ubuntu 22.04 has. aider's packages are those of the lock, as
scripts/setup installed them, without what is never loaded (deploy/image/trim_agent.py)."""

import os
import shutil
import subprocess
from pathlib import Path

PYTHON, LIBRARY = Path("/usr/bin/python3.11"), Path("/usr/lib/python3.11")
# Never loaded by the agent: the builder of C extensions, tests, windows, and modules whose libraries have other names elsewhere.
GONE = ["config-3.11-*", "test", "idlelib", "tkinter", "turtledemo", "turtle.py", "lib2to3", "pydoc_data", "ensurepip", "sitecustomize.py",
        "EXTERNALLY-MANAGED", "lib-dynload/_tkinter.*", "lib-dynload/_dbm.*", "lib-dynload/_gdbm.*", "lib-dynload/nis.*", "lib-dynload/readline.*",
        "lib-dynload/_curses*", "lib-dynload/_crypt.*", "lib-dynload/_test*", "lib-dynload/_ctypes_test*", "lib-dynload/_xxtest*", "lib-dynload/xxlimited*",
        "lib-dynload/ossaudiodev.*"]
# Of an installed package: what names this machine's folders, and what only an installer reads.
INSTALLERS = ["*.dist-info/RECORD", "*.dist-info/INSTALLER", "*.dist-info/REQUESTED", "*.dist-info/direct_url.json"]


def remove(path):
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()


def make(into, installed, trim):
    """`installed`: the environment that setup made. `trim`: the program that the image's is trimmed by."""
    without = shutil.ignore_patterns("__pycache__")
    shutil.copytree(LIBRARY, into / "lib/python3.11", symlinks=True, ignore=without)
    library = into / "lib/python3.11"
    for pattern in GONE:
        for path in library.glob(pattern):
            remove(path)
    [packages] = installed.glob("lib/python3.11/site-packages")
    shutil.copytree(packages, library / "site-packages", symlinks=True, ignore=without)
    for pattern in INSTALLERS:
        for path in (library / "site-packages").glob(pattern):
            remove(path)
    (library / "dist-packages").symlink_to("site-packages")  # where Debian's Python looks when it is no venv's
    (into / "bin").mkdir()
    shutil.copy(PYTHON, into / "bin/python3.11")
    for name in ("python", "python3"):
        (into / "bin" / name).symlink_to("python3.11")
    python, quiet = into / "bin/python", {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    subprocess.run([python, "-I", trim, "--no-compile", into], check=True, env=quiet)
    # By content, never looked at again: sandboxes see it read-only, and times of files are no part of a package. Not by -I, which would
    # ignore the seed: sets of constants are written in the order of their hashes. By one process: what it has loaded and compiled before
    # shows in what it writes, and how files are dealt out to several differs each time.
    subprocess.run([python, "-s", "-P", "-m", "compileall", "-q", "-j", "1", "--invalidation-mode", "unchecked-hash", "-s", into / "lib", "-p", "/",
                    into / "lib"], check=False, stdout=subprocess.DEVNULL, env={**quiet, "PYTHONHASHSEED": "0"})
    # What files of other Pythons say when they do not compile is of no use; that the rest is there is what counts.
    if not any((library / "site-packages/aider").glob("__pycache__/main.*.pyc")):
        raise SystemExit("package: the agent's modules were not compiled")
