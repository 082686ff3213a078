"""Buttons: each press is answered with what came of it, also when it comes too late, again, or from somebody who may not."""

import shutil

from landing import push_to_main
from remote import git
from test_deploy_conflicts import SOLVED, THEIRS, solve
from telegramming import PATIENCE, TelegramStory, fix, is_verdict


class Pressed(TelegramStory):
    def setUp(self):
        super().setUp()
        self.cara = self.telegram.person("Cara")
        self.team = self.telegram.group("Team", [self.ann, self.bob, self.cara, self.eve])

    def bot_settings(self, **changes):
        return super().bot_settings(**{"ALLOWED_USER_IDS": f"{self.ann.id},{self.bob.id},{self.cara.id}", **changes})

    def ready(self, remote, hold):
        """A task of bob's in the group with its result; what its message had while it was under way: (message, Abort)."""
        self.bob.says("@mechanic_bot mend the sum", chat=self.team)
        hold.wait()
        abort = self.team.wait(lambda m: m.button("Abort"), PATIENCE).button("Abort")
        hold.let_on()
        result = self.team.wait(is_verdict, PATIENCE)
        self.assertEqual(len(remote.branches()), 1)
        return result, abort

    def says(self, person, message, button):
        """What a press is answered."""
        return person.presses(message, button).wait(PATIENCE).get("text", "")

    def test_by_whom_they_are_not_for_or_again_they_do_nothing_and_say_so(self):
        remote, hold = self.remote(), self.model_gate()
        self.script(fix(**hold.step), fix())
        self.begin(remote)
        result, abort = self.ready(remote, hold)
        commit = next(iter(remote.branches().values()))
        with self.subTest("the wrong person"):
            for button in ("Retry", "Diff", "Log"):
                self.assertEqual(self.says(self.eve, result, button), "You may not press this one.", button)
            for button in (abort, result.button("Retry")):
                self.assertEqual(self.says(self.cara, result, button), "You may not press this one.", button)
            self.assertEqual(self.sql("select count(*), bool_and(state = 'review') from tasks"), "1|t")
        with self.subTest("of another time"):
            self.assertEqual(self.says(self.bob, result, {"callback_data": "of-another-time"}),
                             "This button does nothing any more. Use the newest message, or a command.")
        with self.subTest("again"):
            retry = result.button("Retry")
            self.assertIn("as task 2.", self.says(self.bob, result, retry))
            for person in (self.bob, self.ann):
                self.assertEqual(self.says(person, result, retry), "This was pressed before.")
            self.wait_sql("select count(*) from tasks where state = 'review'", "2")
        with self.subTest("who may, after one who may not; an abort of what has a result by now asks first"):
            self.says(self.bob, result, abort)
            question = self.team.wait(lambda m: m.button("Yes, discard it"), PATIENCE)
            self.assertEqual(self.sql("select count(*) from tasks where state = 'review'"), "2")
            self.assertEqual(self.says(self.bob, question, "Yes, discard it"), "Task 1 is discarded.")
        self.assertEqual(self.sql("select count(*) from tasks"), "2")
        self.assertEqual(self.eve.chat.from_bot, [])
        self.assertIn(commit, remote.branches().values())
        self.assertEqual(self.telegram.complaints, [])

    def test_a_result_is_deployed_and_rolled_back_by_an_admin(self):
        remote, hold = self.remote(), self.model_gate()
        self.script(fix(**hold.step))
        self.begin(remote)
        result, _ = self.ready(remote, hold)
        commit, before = next(iter(remote.branches().values())), remote.file("main", "calc.py")
        self.assertEqual(self.says(self.bob, result, "Deploy"), "Only an admin may do that.")
        self.assertEqual(self.says(self.ann, result, "Deploy"), "Task 1 is being deployed.")
        deployed = self.team.wait(lambda m: m.button("Roll back"), PATIENCE)
        self.assertEqual(git(remote.path, "rev-parse", "main").strip(), commit)
        self.assertTrue(deployed.text.startswith("\U0001f680 Task 1: deployed") and "Deployed: main is at " + commit[:10] in deployed.text, deployed)
        self.assertEqual(self.says(self.ann, deployed, "Roll back"), "Task 1 is being rolled back.")
        self.team.wait(lambda m: m.text.startswith("\u21a9\ufe0f Task 1: rolled back"), PATIENCE)
        self.assertEqual(remote.file("main", "calc.py"), before)
        self.assertEqual((remote.parents("main"), self.telegram.complaints), ([commit], []))

    def test_a_conflict_of_a_deploy_is_solved_by_the_agent_and_asked_about_again(self):
        remote, hold = self.remote(), self.model_gate()
        self.script(fix(**hold.step), solve(remote.base))
        self.begin(remote)
        result, _ = self.ready(remote, hold)
        deploy, tip = result.button("Deploy"), push_to_main(remote, calc__py=THEIRS)
        self.assertEqual(self.says(self.ann, result, deploy), "Task 1 is being deployed.")
        again = self.team.wait(lambda m: m.button("Deploy") and "the agent made the change anew on that" in m.text, PATIENCE)
        self.assertIn("look at it again, then deploy it", again.text)
        (branch, commit), = remote.branches().items()
        self.assertEqual((remote.parents(commit), git(remote.path, "rev-parse", "main").strip()), ([tip], tip))
        self.assertEqual(self.says(self.ann, result, deploy), "Task 1 has moved on since: look at its newest message.")
        self.assertEqual(self.says(self.ann, again, "Deploy"), "Task 1 is being deployed.")
        self.wait_sql("select state from tasks", "deployed")
        self.assertEqual((remote.file("main", "calc.py"), self.telegram.complaints), (SOLVED, []))

    def test_a_result_is_put_away_after_one_question_and_taken_up_again(self):
        remote, hold = self.remote(), self.model_gate()
        self.script(fix(**hold.step))
        self.begin(remote)
        result, _ = self.ready(remote, hold)
        (branch, commit), = remote.branches().items()
        deploy = result.button("Deploy")
        self.assertEqual(self.says(self.cara, result, "Discard"), "You may not press this one.")
        self.says(self.bob, result, "Discard")
        question = self.team.wait(lambda m: m.button("Yes, discard it"), PATIENCE)
        self.assertIn(f"Discard its result, commit {commit[:10]}? Its branch {branch} stays in the repository", question.text)
        self.assertEqual(self.sql("select state from tasks"), "review", "it was only asked")
        self.assertEqual(self.says(self.bob, question, "Yes, discard it"), "Task 1 is discarded.")
        away = self.team.wait(lambda m: m.button("Undo"), PATIENCE)
        self.assertTrue(away.text.startswith("⏹ Task 1: discarded") and f"Its branch {branch} stays" in away.text, away)
        self.assertFalse(away.button("Deploy") or away.button("Discard"), away)
        self.assertEqual(self.says(self.ann, result, deploy), "Task 1 has no result that could be deployed.")
        self.assertEqual(self.says(self.bob, away, "Undo"), "The result of task 1 is there again.")
        self.team.wait(lambda m: m.button("Discard") and is_verdict(m), PATIENCE)
        self.assertEqual(self.sql("select state, verdict, commit_id from tasks"), f"review|ready|{commit}")
        self.assertEqual((remote.branches(), self.telegram.complaints), ({branch: commit}, []))

    def test_who_is_no_admin_deploys_nothing_whatever_way_it_is_asked(self):
        remote, hold = self.remote(), self.model_gate()
        self.script(fix(**hold.step))
        self.begin(remote)
        self.ready(remote, hold)
        commit, = remote.branches().values()
        for person, words in ((self.bob, "/deploy 1"), (self.bob, "/rollback 1"), (self.cara, "/deploy 1"), (self.bob, "/deploy 4711")):
            before = len(person.chat.from_bot)
            person.says(words)
            answer = person.chat.wait(lambda m, before=before: m in person.chat.from_bot[before:], PATIENCE)
            self.assertFalse(answer.button("Deploy") or answer.button("Roll back"), answer)
        self.ann.says("/deploy 1")
        offer = self.ann.chat.wait(lambda m: m.button("Deploy"), PATIENCE)
        self.assertIn(commit[:10], offer.text)
        for person in (self.bob, self.eve):
            self.assertIn(self.says(person, offer, "Deploy"), ("Only an admin may do that.", "You may not press this one."))
        self.assertEqual((git(remote.path, "rev-parse", "main").strip(), self.sql("select count(*) from audit where task_id is not null")), (remote.base, "0"))
        self.assertEqual(self.says(self.ann, offer, "Deploy"), "Task 1 is being deployed.")
        self.wait_sql("select state from tasks", "deployed")
        self.assertEqual(self.says(self.ann, offer, "Deploy"), "Task 1 has no result that could be deployed.")
        self.assertEqual(self.sql("select what, by from audit where task_id is not null order by id").split(), [f"deploy_asked|{self.ann.id}", f"deployed|{self.ann.id}"])
        self.assertEqual((self.eve.chat.from_bot, self.telegram.complaints), ([], []))

    def test_one_abort_is_one_message(self):
        hold = self.model_gate()
        self.script(fix(**hold.step))
        self.begin(self.remote())
        self.bob.says("Mend the sum.")
        hold.wait()
        self.bob.says("/abort")
        self.bob.chat.wait(lambda m: m.text.startswith("⏹ Task 1: aborted"), PATIENCE)
        self.wait_sql("select count(*) from inbox where done_at is null", "0")
        self.wait_sql("select count(*) from outbox where sent_at is null", "0")
        carrying, told = self.bob.chat.from_bot
        self.assertTrue(carrying.reply_to and "aborted" in carrying.text, carrying)
        self.assertEqual(told.text, "⏹ Task 1: aborted.")

    def test_too_late_they_say_what_the_task_is_now(self):
        hold = self.model_gate()
        self.script({"reply": "Nothing has to change.", "times": 0, **hold.step})
        self.begin(self.remote())
        self.bob.says("Mend the sum.")
        hold.wait()
        message = self.bob.chat.wait(lambda m: m.button("Abort"), PATIENCE)
        abort = message.button("Abort")
        hold.let_on()
        self.bob.chat.wait("no change", PATIENCE)
        for _ in range(2):
            self.assertEqual(self.says(self.bob, message, abort), "Too late: task 1 is no change now.")
        self.assertEqual((self.sql("select count(*) from tasks"), self.telegram.complaints), ("1", []))

    def test_a_diff_whose_branch_and_copy_are_gone_says_so(self):
        remote, hold = self.remote(), self.model_gate()
        self.script(fix(**hold.step))
        self.begin(remote)
        result, _ = self.ready(remote, hold)
        shutil.rmtree(self.data / "mirrors")
        self.says(self.bob, result, "Diff")
        branch, = remote.branches()
        self.team.wait(lambda m: m is not result and branch in m.text, PATIENCE)
        self.assertEqual(self.telegram.complaints, [])


if __name__ == "__main__":
    import unittest
    unittest.main()
