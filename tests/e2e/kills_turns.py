"""kill -9 of a service between two turns of a task, and in the second."""

from turns import AGAIN, SECOND, Turns, comment, fix


class TurnKill(Turns):
    settings = {"LEASE_TTL": "4s"}  # a dead worker's task is free after that

    def first_turn(self, remote):
        service = self.serve()
        task = self.ready_task(service, remote)
        return service, task, remote.branches()

    def goes_on(self, service, remote, task, before):
        """To a second commit, made once, on the first."""
        service.wait_task(task, "review")
        (branch, first), = before.items()
        self.assertEqual(self.commits(remote, branch), ["Mend the sum.", AGAIN])
        second = remote.branches()[branch]
        self.assertEqual((remote.parents(second), remote.file(second, "calc.py")), ([first], SECOND))
        self.assertEqual((self.show(task)["commit"], self.show(task)["turn"]), (second, 1))
        self.assertEqual(service.terminate(), 0, service.story())
        self.nothing_left()

    def test_between_two_turns(self):
        remote = self.remote()
        model = self.script(fix(), comment())
        service, task, before = self.first_turn(remote)
        service.kill9()
        self.reply(task)
        self.goes_on(self.serve(), remote, task, before)
        said = [m["content"] for m in model.requests()[-1]["body"]["messages"]]
        self.assertTrue(any("Mend the sum." in text for text in said[:-1]), "the conversation is remembered")

    def test_with_a_reply_that_is_kept(self):
        remote, hold = self.remote(), self.model_gate()
        self.script(fix(**hold.step), comment())
        service = self.serve()
        task = self.enqueue(remote)
        self.in_review.add(task)
        hold.wait()
        self.reply(task, event="kept")
        service.kill9()
        hold.let_on()
        again = self.serve()
        self.wait_again(again, task, "review")
        self.assertEqual(self.commits(remote, self.one_branch(remote)[0]), ["Mend the sum.", AGAIN])

    def test_while_the_second_is_coded(self):
        remote, hold = self.remote(), self.model_gate()
        self.script(fix(), comment(**hold.step))
        service, task, before = self.first_turn(remote)
        self.reply(task)
        hold.wait()
        service.kill9()
        hold.let_on()
        self.goes_on(self.serve(), remote, task, before)

    def test_while_the_second_is_checked(self):
        remote, gate = self.remote(), self.gate()
        free = gate.announce.parent / "free"
        free.touch()
        held = f"python3 check.py && {{ [ -e {free} ] || {{ {gate.shell}; }}; }}"
        self.script(fix(), comment())
        service = self.serve()
        task = self.ready_task(service, remote, check=held)
        before = remote.branches()
        free.unlink()
        self.reply(task)
        gate.wait()
        service.kill9()
        free.touch()
        self.goes_on(self.serve(), remote, task, before)

    def test_when_the_second_push_was_accepted_and_nobody_knew(self):
        remote, gate = self.remote(), self.gate()
        self.script(fix(), comment())
        service, task, before = self.first_turn(remote)
        remote.hook("post-receive", gate.shell + "\n")
        self.reply(task)
        gate.wait()
        service.kill9()
        pushed = remote.branches()
        self.assertNotEqual(pushed, before)
        remote.hook("post-receive", "")
        gate.let_on()
        self.goes_on(self.serve(), remote, task, before)
        self.assertEqual(remote.branches(), pushed, "pushed twice with different bytes")
