"""kill -9 of `persais run` before and while the agent works."""

from kills_story import Kill, fix, repair, spoil


class Coding(Kill):
    def test_while_preparing(self):
        run = self.begin_with()
        run.wait_line(event="state", state="preparing")
        self.kill(run)
        self.assertEqual(run.states(), ["preparing"])
        self.resume(run)

    def test_before_the_models_first_byte(self):
        hold = self.model_gate()
        run = self.begin_with(fix(**hold.step, before_headers=True))
        hold.wait()
        self.kill(run)
        hold.let_on()
        self.resume(run)

    def test_in_the_middle_of_a_stream(self):
        hold = self.model_gate()
        run = self.begin_with(fix(**hold.step, chunk_chars=16, after_chunks=4))
        hold.wait()
        run.wait_line(event="state", state="coding")
        self.kill(run)
        hold.let_on()
        self.resume(run)

    def test_when_the_edit_was_imported(self):
        run = self.begin_with()
        run.wait_line(event="state", state="checking")
        self.kill(run)
        self.resume(run)
        self.assertEqual(len(self.model.requests()), 1, "the model was paid twice for one edit")

    def test_between_a_red_check_and_its_repair(self):
        run = self.begin_with(spoil(), repair())
        run.wait_line(event="state", state="coding", round=1)
        self.kill(run)
        result = self.resume(run)
        self.assertEqual((result["checks"]["rounds"], result["checks"]["before"]), (1, "red"))
        asked = [line["body"]["messages"] for line in self.model.requests() if line["step"] == "repair"][-1]
        self.assertTrue(any("Mend the sum." in str(message["content"]) for message in asked), "the agent's conversation was lost")

    def test_in_a_repair_rounds_stream(self):
        hold = self.model_gate()
        run = self.begin_with(spoil(), repair(**hold.step, chunk_chars=16, after_chunks=3))
        hold.wait()
        self.kill(run)
        hold.let_on()
        result = self.resume(run)
        self.assertEqual(result["checks"]["rounds"], 1)
