"""Ctrl-C."""

from scripted import fix
from story import Story


class Abort(Story):
    def test_while_the_model_writes(self):
        remote, hold = self.remote(), self.model_gate()
        self.script(fix(**hold.step, chunk_chars=16, after_chunks=2))
        run = self.begin(remote)
        hold.wait()
        run.interrupt()
        self.expect(self.finish(run), "aborted")
        self.expect_nothing_pushed(remote)

    def test_while_the_checks_run(self):
        remote, gate = self.remote(), self.gate()
        self.script(fix())
        run = self.begin(remote, check=f"python3 check.py && {gate.shell}")
        gate.wait()
        run.interrupt()
        self.expect(self.finish(run), "aborted")
        self.expect_nothing_pushed(remote)
