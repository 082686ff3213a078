"""kill -9 of `persais run` while it checks and publishes."""

from kills_story import CHECK, Kill


class Publishing(Kill):
    def test_during_the_checks(self):
        gate = self.gate()
        # The base's own check, beside the agent, passes; the one of the change is announced and held.
        held = f"{CHECK} && {{ [ -e {gate.announce.parent}/free ] || {{ {gate.shell}; }}; }}"
        run = self.begin_with(check=held)
        gate.wait()
        self.kill(run)
        (gate.announce.parent / "free").touch()
        self.resume(run)

    def test_before_the_push_was_accepted(self):
        remote, gate = self.remote(), self.gate()
        remote.hook("pre-receive", f"[ -e {gate.announce.parent}/free ] || {{ {gate.shell}; exit 1; }}\n")
        run = self.begin_with(remote=remote)
        gate.wait()
        self.kill(run)
        self.assertEqual(remote.branches(), {})
        (gate.announce.parent / "free").touch()
        gate.let_on()
        self.resume(run)

    def test_when_the_push_was_accepted_and_nobody_knew(self):
        remote, gate = self.remote(), self.gate()
        remote.hook("post-receive", gate.shell + "\n")
        run = self.begin_with(remote=remote)
        gate.wait()
        self.kill(run)
        pushed = remote.branches()
        self.assertEqual(len(pushed), 1)
        gate.let_on()
        result = self.resume(run)
        self.assertEqual(remote.branches(), pushed)
        self.assertEqual(result["commit"], next(iter(pushed.values())))
        self.assertEqual(len(self.model.requests()), 1)

    def test_when_the_result_was_stored(self):
        run = self.begin_with()
        run.wait_line(event="state", state="review")
        pushed = self.remote_.branches()
        run.kill()
        self.in_review.add(run.task())
        for _ in range(2):
            again = self.start("--json", "--resume", run.task())
            self.assertEqual(again.wait(), 2, again.story())
            self.assertIn("has ended: in review", again.result["sentence"])
        self.assertEqual((self.remote_.branches(), len(pushed)), (pushed, 1))
        self.nothing_left()
