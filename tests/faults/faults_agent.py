"""The agent takes more memory than it may, the model says nothing: the task alone ends, is told why, and counted."""

from fault import Fault
from scripted import fix, repair, spoil


class Agent(Fault):
    def test_that_eats_memory_dies_alone(self):
        """The stub eats what the model tells it to."""
        other, remote, hold = self.remote("other"), self.remote(), self.model_gate()
        self.script({"match": "eat", "reply": "EAT", "times": 0}, fix(**hold.step, before_headers=True))
        service = self.serve(TASKS_PARALLEL="64")
        beside = self.enqueue(other)
        hold.wait()
        task = self.enqueue(remote, "Please eat it all.")
        line = service.wait_for_line("^(failed|waiting|review)", task=task)
        self.assertRegex(line["message"], r"agent used more than \d+ MiB of memory and was ended")
        self.expect_nothing_pushed(remote)
        self.assertIn("persais_out_of_memory_kills_total 1", service.metrics())
        hold.let_on()
        self.ends_ready(service, other, beside, attempts=0)

    def test_whose_model_says_nothing_is_stopped_when_nothing_was_heard(self):
        service, remote, task, hold = self.held(TASK_IDLE_TIMEOUT="8s")
        line = service.wait_task(task, "failed")
        self.assertRegex(line["message"], "nothing was heard of it or of the model for 8 s")
        self.expect_nothing_pushed(remote)
        self.assertRegex(service.metrics(), r'persais_tasks_ended_total\{[^}]*timed_out[^}]*\} 1')
        hold.let_on()

    def test_whose_repair_fails_still_knows_what_was_said(self):
        """The stub's result of a failure has no conversation; the one before is kept."""
        remote = self.remote()
        self.script(spoil(), repair(cut_after_chunks=1, chunk_chars=8, times=1), repair())
        service = self.serve()
        task = self.enqueue(remote, "Mend the sum.", REPAIR_ROUNDS="1")
        self.ends_ready(service, remote, task, attempts=1)
        last = [message["content"] for message in self.model.requests()[-1]["body"]["messages"]]
        self.assertTrue(any("Mend the sum." in text for text in last), last)
