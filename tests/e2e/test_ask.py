"""A question about the code gets an answer, and changes nothing."""

import re

from scripted import RIGHT, edit, fix
from turns import Turns

QUESTION = "Why is the sum wrong?"
ANSWER = "It subtracts: `a - b` should be `a + b`."


def answer(text=ANSWER, **more):
    return {"reply": text, "times": 0, "once": True, **more}


class Ask(Turns):
    def untouched(self, remote):
        self.assertEqual(remote.branches(), {})

    def test_is_answered_in_the_foreground(self):
        remote, model = self.remote(), self.script(answer())
        said = self.persais("ask", QUESTION, "--repo", remote.path)
        self.assertEqual(said.code, 0, said.story())
        self.assertIn(ANSWER, said.out)
        self.assertRegex(said.out, r"(?m)^Task \d+: answered\.$")
        self.assertIn(QUESTION, model.requests()[-1]["body"]["messages"][-1]["content"])
        self.untouched(remote)
        said = self.persais("ask", QUESTION, "--repo", remote.path, "--json")
        result = said.lines[-1]
        self.assertEqual((said.code, result["verdict"]), (0, "ready"), said.story())
        self.assertEqual((result["answer"], result["branch"], result["files"]), (ANSWER, "", 0))
        self.nothing_left()

    def test_an_answer_that_holds_edits_changes_nothing(self):
        remote = self.remote()
        self.script(edit("    return a - b\n", "    return a + b\n"))
        said = self.persais("ask", QUESTION, "--repo", remote.path)
        self.assertEqual(said.code, 0, said.story())
        self.untouched(remote)

    def test_is_answered_by_the_service_and_asked_on(self):
        remote, model = self.remote(), self.script(answer(), answer("Since ever.", match="Since when"))
        service = self.serve()
        said = self.persais("ask", QUESTION, "--repo", remote.path, "--detach")
        self.assertEqual(said.code, 0, said.story())
        task = said.out.strip()
        service.wait_task(task, "answered")
        shown = self.show(task)
        self.assertEqual((shown["state"], shown["said"], shown["told"], shown["kind"]), ("answered", ANSWER, ANSWER, "question"))
        self.assertIn(ANSWER, self.persais("show", task).out)
        self.reply(task, "Since when?")
        self.wait_again(service, task, "answered")
        self.assertEqual(self.show(task)["said"], "Since ever.")
        talk = [m["content"] for m in model.requests()[-1]["body"]["messages"]]
        self.assertTrue(any(QUESTION in text for text in talk) and any(ANSWER in text for text in talk), talk)
        self.untouched(remote)

    def test_its_answer_can_be_made_a_change(self):
        remote, model = self.remote(), self.script(answer(), fix(match="this answer proposes"))
        service = self.serve()
        question = self.persais("ask", QUESTION, "--repo", remote.path, "--detach").out.strip()
        service.wait_task(question, "answered")
        said = self.persais("run", "--from-answer", question, "--detach")
        self.assertEqual(said.code, 0, said.story())
        task = said.out.strip()
        service.wait_task(task, "review")
        self.in_review.add(task)
        (branch, commit), = remote.branches().items()
        self.assertEqual(remote.file(commit, "calc.py"), RIGHT)
        self.assertTrue(re.fullmatch(rf"mechanic/{task}-why-is-the-sum-wrong", branch), branch)
        shown = self.show(task)
        self.assertEqual((shown["kind"], shown["from_answer"], shown["retry_of"]), ("change", question, None))
        talk = [m["content"] for m in model.requests()[-1]["body"]["messages"]]
        self.assertIn(ANSWER, talk[-1])
        self.assertTrue(any(text.strip() == ANSWER for text in talk[:-1]), "the conversation goes on")
        refused = self.persais("run", "--from-answer", task, "--detach")
        self.assertEqual(refused.code, 2, refused.story())

    def test_a_model_that_refuses_is_told(self):
        remote = self.remote()
        self.script(default={"error": {"status": 403, "message": "Your input was flagged."}, "times": 0})
        said = self.persais("ask", QUESTION, "--repo", remote.path, "--json")
        self.assertEqual(said.code, 1, said.story())
        self.assertEqual((said.lines[-1]["verdict"], said.lines[-1]["reason"]), ("model_failed", "policy"))
