"""A real sshd before the real git-shell."""

import select
import subprocess
import sys
import unittest
from pathlib import Path

SERVE = Path(__file__).resolve().parents[1] / "fakes/sshd/serve.py"


class Sshd:
    """Serves the bare repositories below `root` until the test ends; its files are in `folder`."""

    def __init__(self, story, root, folder):
        self.folder = Path(folder)
        server = subprocess.Popen([sys.executable, SERVE, str(root), "--folder", str(folder)], stdout=subprocess.PIPE,
                                  stderr=subprocess.DEVNULL, env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}, text=True)

        def stop():
            server.stdout.close()
            server.terminate()
            server.wait()

        story.addCleanup(stop)
        if not select.select([server.stdout], [], [], 60)[0]:
            raise AssertionError("the ssh server does not listen")
        kind, _, rest = server.stdout.readline().strip().partition(" ")
        if kind == "unusable:":
            raise unittest.SkipTest(rest)
        self.authority = rest.removeprefix("ssh://")

    def key(self, name="writer"):
        return (self.folder / name).read_text()

    @property
    def known_hosts(self):
        return (self.folder / "known_hosts").read_text()

    @property
    def log(self):
        log = self.folder / "log"
        return log.read_text() if log.exists() else ""
