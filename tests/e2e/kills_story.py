"""What every kill has in common: a task, kill -9 at a chosen step, and a resume that ends as if nothing had been."""

import remains
from remote import CHECK
from scripted import RIGHT, fix, repair, spoil
from serving import SeenFromBeside


class Kill(SeenFromBeside):

    def begin_with(self, *steps, remote=None, **more):
        """`steps`: of the model, for the first run and the resumed one alike."""
        self.remote_ = remote or self.remote()
        self.script(*(steps or (fix(),)))
        return self.begin(self.remote_, **more)

    def kill(self, run):
        """kill -9; the programs of the task go with it."""
        run.kill()
        self.assertEqual(run.left, [], "outlived the kill")

    def resume(self, run, attempt=2, files=("calc.py",), **changes):
        """Goes on with the killed task to its end: ready, one commit, the right bytes, nothing left."""
        pushed = self.remote_.branches()
        task = run.task()
        self.dead_leases_end()
        again = self.start("--json", "--resume", task, **changes)
        result = self.finish(again)
        self.expect(result, "ready")
        self.assertEqual(result["task"], task)
        self.expect_branch(self.remote_, result, list(files), calc__py=RIGHT)
        for name, commit in pushed.items():
            self.assertEqual(self.remote_.branches()[name], commit, "pushed twice with different bytes")
        self.assertEqual(again.wait_line(event="state")["attempt"], attempt)
        return result

    def step_held(self, gate, which=fix, **more):
        """A model's step that stops at `gate`."""
        return which(**gate.step, **more)


__all__ = ["CHECK", "Kill", "fix", "remains", "repair", "spoil"]
