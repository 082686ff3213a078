"""Going on with a task from the chat: replies, answers that become tasks, and money that is given on the way."""

from telegramming import PATIENCE, TelegramStory
from scripted import RIGHT
from turns import AGAIN, SECOND, Turns, comment, fix, git

ASKED = "Mend the sum."
ANSWER = "It subtracts: `a - b` should be `a + b`."


class ChatOfTurns(TelegramStory):
    commits, one_branch = Turns.commits, Turns.one_branch
    settings = Turns.settings

    def shows(self, person, button, count=1):
        """The newest message of a person's chat with this button, when so many have it; waits for them."""
        def with_it():
            return [m for m in person.chat.from_bot if m.button(button)]
        self.telegram.wait(lambda: len(with_it()) >= count, PATIENCE, lambda: f"{count} with {button}: {person.chat.from_bot}")
        return with_it()[-1]

    def goes_on(self, remote, model, first):
        """One branch with a commit for each turn, and an agent that remembers."""
        branch, second = self.one_branch(remote)
        self.assertEqual(self.commits(remote, branch), [ASKED, AGAIN])
        self.assertEqual((remote.parents(second), remote.file(second, "calc.py")), ([first], SECOND))
        said = [m["content"] for m in model.requests()[-1]["body"]["messages"]]
        self.assertTrue(any(ASKED in text for text in said[:-1]), said)
        self.assertEqual(self.telegram.complaints, [])


class Reply(ChatOfTurns):
    def test_to_a_result_goes_on_with_the_task_on_its_branch_also_after_a_restart(self):
        remote, model = self.remote(), self.script(fix(), comment())
        service = self.begin(remote)
        self.bob.says(ASKED)
        result = self.shows(self.bob, "Diff")
        _, first = self.one_branch(remote)
        service.terminate()
        service = self.begin(remote)
        said = self.bob.replies(result, AGAIN)
        service.wait_for_line(r"^review\b")
        second = self.shows(self.bob, "Diff", 2)
        self.goes_on(remote, model, first)
        self.assertEqual(second.reply_to.id, said.id)
        self.assertIn(AGAIN, second.text)
        self.assertIn("ready", second.text)
        self.assertIn("-    return a + b\n", second.text, "what this turn changed")
        self.assertIn(ASKED, result.text, "the result before stays as it was")
        self.assertEqual(self.sql("select count(*) from tasks"), "1")

    def test_that_changed_the_commit_leaves_the_button_that_was_shown_before_without_effect(self):
        remote = self.remote()
        self.script(fix(), comment())
        self.begin(remote)
        self.ann.says(ASKED)
        result = self.shows(self.ann, "Deploy")
        stale = result.button("Deploy")
        self.ann.replies(result, AGAIN)
        newest = self.shows(self.ann, "Deploy", 2)
        _, commit = self.one_branch(remote)
        answer = self.ann.presses(result, stale).wait(PATIENCE).get("text", "")
        self.assertEqual(answer, "Task 1 has moved on since: look at its newest message.")
        self.assertEqual((git(remote.path, "rev-parse", "main").strip(), self.sql("select count(*) from audit where task_id is not null")), (remote.base, "0"))
        self.assertEqual(self.ann.presses(newest, "Deploy").wait(PATIENCE).get("text"), "Task 1 is being deployed.")
        self.wait_sql("select state from tasks", "deployed")
        self.assertEqual((git(remote.path, "rev-parse", "main").strip(), self.telegram.complaints), (commit, []))

    def test_while_the_task_is_under_way_is_kept_and_told_and_both_results_are_shown(self):
        remote, hold = self.remote(), self.model_gate()
        model = self.script(fix(**hold.step), comment())
        service = self.begin(remote)
        asked = self.bob.says(ASKED)
        hold.wait()
        self.bob.replies(asked, AGAIN)
        self.bob.chat.wait("is under way; I go on with this")
        self.wait_sql("select not_before <= clock_timestamp() from task_turns", "t")  # it waits for no more parts
        hold.let_on()
        line = service.wait_for_line(r"^review\b")
        service.wait_for_line(r"^review\b", start=service.lines.index(line) + 1)
        newest = self.shows(self.bob, "Diff", 2)
        first = self.bob.chat.from_bot[0]
        self.telegram.wait(lambda: sum("Task 1: ready" in m.text for m in self.bob.chat.from_bot) == 4, PATIENCE,
                           lambda: f"two results and two notices: {self.bob.chat.from_bot}")
        self.assertNotEqual(first.id, newest.id)
        self.assertIn("-    return a - b\n", first.text)
        self.assertIn("-    return a + b\n", newest.text)
        self.assertEqual([b["text"] for b in first.buttons], ["Diff", "Log"], "the rest acts on the task as it is now")
        self.goes_on(remote, model, remote.parents(self.one_branch(remote)[1])[0])


class Ask(ChatOfTurns):
    def test_is_answered_changes_nothing_and_its_answer_becomes_a_task_with_one_press(self):
        remote = self.remote()
        self.script({"reply": ANSWER, "times": 0, "once": True}, fix(match="this answer proposes"))
        service = self.begin(remote)
        self.bob.says("/ask Why is the sum wrong?")
        answer = self.shows(self.bob, "Make it a task")
        self.assertIn("It subtracts: a - b should be a + b.", answer.text)
        self.assertEqual(remote.branches(), {})
        self.assertIn("Task 2 is made of it.", self.bob.presses(answer, "Make it a task").wait()["text"])
        service.wait_for_line(r"^review\b", task="2")
        self.shows(self.bob, "Diff")
        _, commit = self.one_branch(remote)
        self.assertEqual(remote.file(commit, "calc.py"), RIGHT)
        self.assertIn("before", self.bob.presses(answer, "Make it a task").wait()["text"])
        self.assertEqual((self.sql("select count(*) from tasks"), self.telegram.complaints), ("2", []))


class Budget(ChatOfTurns):
    def test_a_task_that_waits_for_money_goes_on_with_a_button(self):
        remote = self.remote()
        self.script(fix())
        service = self.begin(remote, BUDGET_TASK_USD="0.01")
        self.ann.says(ASKED)
        seen, budget = 0, 0.01
        while True:  # doubled until it is enough
            line = service.wait_for_line(r"^(waiting|review)\b", start=seen)
            seen = service.lines.index(line) + 1
            if line["message"].startswith("review"):
                break
            label = f"${budget:.4f} more"
            self.assertIn("goes on", self.ann.presses(self.shows(self.ann, label), label).wait()["text"])
            budget *= 2
        self.assertGreater(budget, 0.01, "it waited")
        self.shows(self.ann, "Diff")
        self.one_branch(remote)
        self.assertEqual(self.telegram.complaints, [])
