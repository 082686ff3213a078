"""kill -9 of what a task stands on: the database, the agent. And two tasks at once."""

import os
import signal

import processes
from kills_story import CHECK, Kill, fix
from scripted import RIGHT


class Embedded(Kill):
    embedded = True

    def test_the_embedded_database(self):
        hold = self.model_gate()
        run = self.begin_with(fix(**hold.step, before_headers=True))
        hold.wait()
        master = int((self.data / "postgres/cluster/postmaster.pid").read_text().split()[0])
        fd = os.pidfd_open(master)
        os.kill(master, signal.SIGKILL)
        processes.wait_gone([master], 5)
        os.close(fd)
        hold.let_on()
        if run.wait() == 3:  # the task is in the database's files, and goes on from there
            self.assertIn("resume", run.result["sentence"])
            self.resume(run)
        else:
            self.expect(self.finish(run), "ready")
            self.expect_branch(self.remote_, run.result, ["calc.py"], calc__py=RIGHT)


class Others(Kill):
    def test_the_agent(self):
        hold = self.model_gate()
        run = self.begin_with(fix(**hold.step, before_headers=True))
        hold.wait()
        agents = [pid for pid in processes.below(run.pid) if b"run.py" in processes.command_line(pid)
                  and b"python" in processes.command_line(pid).split(b"\0")[0]]
        self.assertTrue(agents, [processes.describe(pid) for pid in processes.below(run.pid)])
        os.kill(agents[-1], signal.SIGKILL)
        hold.let_on()
        # An attempt is used up, and the next one does the work.
        result = self.finish(run)
        self.expect(result, "ready")
        self.assertEqual(run.wait_line(event="state", state="coding", attempt=2)["attempt"], 2)
        self.expect_branch(self.remote_, result, ["calc.py"], calc__py=RIGHT)

    def test_the_sandbox_of_the_checks(self):
        gate = self.gate()
        # The base's own check, beside the agent, passes; the one of the change is announced and held.
        held = f"{CHECK} && {{ [ -e {gate.announce.parent}/free ] || {{ {gate.shell}; }}; }}"
        run = self.begin_with(check=held)
        gate.wait()
        sandboxes = [pid for pid in processes.below(run.pid) if processes.command_line(pid).split(b"\0")[0].endswith(b"/bwrap")]
        self.assertTrue(sandboxes)
        (gate.announce.parent / "free").touch()
        os.kill(sandboxes[0], signal.SIGKILL)
        # No judgement over the work: the attempt is used up, and the next one checks it again.
        result = self.finish(run)
        self.expect(result, "ready")
        self.assertEqual(result["checks"]["rounds"], 0)
        self.assertEqual(run.wait_line(event="state", state="checking", attempt=2)["attempt"], 2)
        self.assertEqual(len(self.model.requests()), 1)
        self.expect_branch(self.remote_, result, ["calc.py"], calc__py=RIGHT)

    def test_two_at_once_and_one_that_has_ended(self):
        remote = self.remote()
        self.script(fix(once=False))
        runs = [self.begin(remote, f"Mend the sum, {who}.") for who in ("ada", "bob")]
        for run in runs:
            run.wait()
            self.in_review.add(run.task())
        for run in runs:
            self.expect(self.finish(run), "ready")
        self.assertEqual(remote.branches(), {run.result["branch"]: run.result["commit"] for run in runs})
        self.assertEqual(len(remote.branches()), 2)
        for run in runs:
            self.assertEqual(remote.file(run.result["commit"], "calc.py"), RIGHT)
        again = self.start("--json", "--resume", runs[0].task())
        self.assertEqual(again.wait(), 2, again.story())
        self.assertIn("has ended: in review", again.result["sentence"])
