"""Which step answers which request, and what the log says of it."""

import json
import sys
import threading
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import aider_model  # noqa: E402
from testing import KEY, ServerCase  # noqa: E402


class Steps(ServerCase):
    def said(self, text="hello", **fields):
        got = self.chat(text, **fields)
        return got.json["choices"][0]["message"]["content"] if got.status == 200 else got.status

    def test_in_order_then_the_default(self):
        self.serve({"steps": [{"reply": "1"}, {"reply": "2", "times": 2}], "default": {"reply": "d"}})
        self.assertEqual([self.said() for _ in range(5)], ["1", "2", "2", "d", "d"])

    def test_nothing_left_is_a_400_that_nobody_retries(self):
        self.steps({"reply": "1"})
        self.assertEqual([self.said(), self.said()], ["1", 400])
        self.assertEqual(self.logged(2)[1]["outcome"], "no_step")

    def test_match_looks_at_the_last_user_message(self):
        self.steps({"reply": "red", "match": "FAILED.*test_x", "times": 0}, {"reply": "other", "times": 0})
        self.assertEqual([self.said("do it"), self.said("FAILED\ntests/test_x"), self.said("do it")],
                         ["other", "red", "other"])

    def test_prompt_looks_at_everything(self):
        self.steps({"reply": "yes", "prompt": "be kind", "times": 0}, {"reply": "no", "times": 0})
        kind = [{"role": "system", "content": "be kind"}, {"role": "user", "content": "x"}]
        self.assertEqual([self.said(messages=kind), self.said()], ["yes", "no"])

    def test_rules_keep_concurrent_tasks_apart(self):
        self.serve({"rules": [{"prompt": "task A", "steps": [{"reply": "a1"}, {"reply": "a2"}]},
                              {"prompt": "task B", "steps": [{"reply": "b1"}], "default": {"reply": "b"}}],
                    "steps": [{"reply": "rest", "times": 0}]})
        asked = ["task B", "task A", "task B", "task A", "task A", "task C"]
        self.assertEqual([self.said(text) for text in asked], ["b1", "a1", "b", "a2", "rest", "rest"])

    def test_each_conversation_has_its_own_steps(self):
        self.serve({"conversation": r"task (\d+)", "steps": [{"reply": "1"}, {"reply": "2"}], "default": {"reply": "d"}})
        got = [self.said(f"x task {n} y") for n in (1, 2, 1, 2, 1)]
        self.assertEqual(got, ["1", "1", "2", "2", "d"])

    def test_a_conversation_is_known_by_its_first_words_or_its_user(self):
        self.serve({"scope": "conversation", "steps": [{"reply": "1"}], "default": {"reply": "d"}})
        self.assertEqual([self.said("a"), self.said("b"), self.said("a")], ["1", "1", "d"])
        self.assertEqual([self.said("a", user="u"), self.said("z", user="u")], ["1", "d"])

    def test_a_step_is_given_once_however_many_ask(self):
        self.serve({"steps": [{"reply": "once"}], "default": {"reply": "d"}})
        got = []
        threads = [threading.Thread(target=lambda c=self.another(): got.append(
            self.chat(client=c).json["choices"][0]["message"]["content"])) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(sorted(got), ["d"] * 7 + ["once"])

    def test_replies_from_files_and_edits(self):
        (self.folder / "r.md").write_text("from a file")
        edit = {"path": "src/a.py", "search": "old\n", "replace": "```\nnew"}
        self.steps({"reply_file": "r.md"}, {"edits": [edit]})
        self.assertEqual(self.said(), "from a file")
        self.assertEqual(aider_model.parse(self.said(), aider_model.FENCES[0]), [("src/a.py", "old\n", "```\nnew\n")])

    def answers(self, name, *changes):
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps({"answers": changes}))
        return path

    def converse(self, *asked):
        """One conversation; every answer is kept in it, as aider does."""
        messages, said = [], []
        for text in asked:
            messages.append({"role": "user", "content": text})
            said.append(self.said(messages=messages))
            messages.append({"role": "assistant", "content": said[-1]})
        return said

    def test_edits_from_answers_until_the_answer_was_taken(self):
        file = self.answers("a.json", {"path": "a", "search": "x", "replace": "y"}, {"path": "new/b.txt", "replace": "z"})
        self.serve(None, "--edits-from", str(file))
        one, again, done = self.converse("do it", "I added these files to the chat: a\nLet me know", "FAILED test")
        self.assertEqual(aider_model.parse(one, aider_model.FENCES[0]), [("a", "x\n", "y\n"), ("new/b.txt", "", "z\n")])
        self.assertEqual((again, done), (one, "The change is complete."))
        self.assertEqual(self.said("another conversation"), one)

    def test_edits_from_a_folder_go_on_when_one_was_taken(self):
        for name in ("2", "1"):
            folder = self.answers(f"answers/{name}.json", {"path": "a", "replace": name}).parent
        self.serve(None, "--edits-from", str(folder))
        added = "I added these files to the chat: a"
        said = self.converse("do it", added, "FAILED", added, "FAILED")
        got = [[replace for _, _, replace in aider_model.parse(text, aider_model.FENCES[0])] for text in said]
        self.assertEqual(got, [["1\n"], ["1\n"], ["2\n"], ["2\n"], []])

    def test_the_log(self):
        self.steps({"reply": "x", "name": "first"}, {"error": {"status": 429, "retry_after": 7}})
        self.said("what was asked")
        self.said()
        self.chat("tell " + KEY, key="wrong")
        one, two, three = self.logged(3)
        self.assertEqual((one["method"], one["path"], one["step"], one["outcome"], one["status"]),
                         ("POST", "/api/v1/chat/completions", "first", "answered", 200))
        self.assertEqual(one["body"]["messages"][0]["content"], "what was asked")
        self.assertEqual([line["authorized"] for line in (one, two, three)], [True, True, False])
        self.assertEqual([line["key_elsewhere"] for line in (one, two, three)], [False, False, True])
        self.assertEqual((two["outcome"], two["status"]), ("error 429", 429))
        self.assertEqual(three["outcome"], "unauthorized")
        self.assertEqual(one["usage"]["completion_tokens"], 1)
        self.assertNotIn(KEY, self.log.read_text())


if __name__ == "__main__":
    unittest.main()
