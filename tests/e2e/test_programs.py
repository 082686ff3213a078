"""How many programs a whole task starts, whose remote is on this disk, with the stub agent and no checks. It is a count, not a time, and its
bound only falls: each of them costs some milliseconds, on a busy machine many."""

import collections
import subprocess
import sys
from pathlib import Path

from scripted import fix
from story import Story

MOST = 51
COUNTER = Path(__file__).with_name("programs.py")


class Programs(Story):
    def started(self, remote, **changes):
        names = self.folder / "programs"
        self.expect(self.finish(self.begin(remote, check=None, before=(sys.executable, COUNTER, names), **changes)), "ready_unchecked")
        return collections.Counter(names.read_text().split())

    def test_a_task_starts_so_many_programs_and_no_more(self):
        remote = self.remote()
        self.script(fix())
        self.expect(self.run_on(remote, check=None), "ready_unchecked")  # the mirror is there now
        started = self.started(remote)
        self.assertLessEqual(started.total(), MOST, started)
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(self.folder / "key")], check=True)
        signed = self.started(remote, GIT_SIGNING_KEY_FILE=str(self.folder / "key"))
        self.assertLessEqual((signed - started).total(), 4, f"ssh-keygen, git that stores what it signed, and a keeper each: {signed - started}")
