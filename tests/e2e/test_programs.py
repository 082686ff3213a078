"""How many programs a whole task starts, whose remote is on this disk, with the stub agent and no checks. It is a count, not a time, and its
bounds only fall: each of them costs some milliseconds, on a busy machine many. Those before the first git look for a sandbox, which a service
does once when it starts; the rest is what each task costs it. Those of the remote's own side are not ours: with a remote elsewhere, they are there."""

import collections
import subprocess
import sys
from pathlib import Path

from scripted import fix
from story import Story

MOST = 40  # of `persais run`
MOST_OF_A_TASK = 22  # in a service, without the remote's own side
COUNTER = Path(__file__).with_name("programs.py")


class Programs(Story):
    def started(self, remote, **changes):
        names = self.folder / "programs"
        self.expect(self.finish(self.begin(remote, check=None, before=(sys.executable, COUNTER, names), **changes)), "ready_unchecked")
        return names.read_text().split()

    def test_a_task_starts_so_many_programs_and_no_more(self):
        remote = self.remote()
        self.script(fix())
        self.expect(self.run_on(remote, check=None), "ready_unchecked")  # the mirror is there now
        started = self.started(remote)
        self.assertLessEqual(len(started), MOST, collections.Counter(started))
        of_the_task = started[started.index("git") - 1:]  # with the keeper in front of it
        ours = [name for name in of_the_task if not name.startswith("remote:")]
        self.assertLessEqual(len(ours), MOST_OF_A_TASK, ours)
        self.assertGreaterEqual(len(of_the_task) - len(ours), 4, of_the_task)  # two shells, and a git behind each
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(self.folder / "key")], check=True)
        # What a busy machine has it do once more, as a look at the refs, is in one of them alone.
        signed = min((self.started(remote, GIT_SIGNING_KEY_FILE=str(self.folder / "key")) for _ in range(2)), key=len)
        self.assertLessEqual(len(signed) - len(started), 4, "ssh-keygen, git that stores what it signed, and a keeper each")
