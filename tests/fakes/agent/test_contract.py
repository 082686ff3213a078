"""agent/README.md's protocol, held against whatever speaks it: the same cases for the wrapper of aider and for the stub that
stands in for it in other tests. What only aider does is tested in agent/tests."""

import json
import signal
import subprocess
import sys
import tempfile
import threading
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(ROOT / "tests/fakes/model"), str(ROOT / "agent/tests")]

import server  # noqa: E402
from warm import Warm  # noqa: E402

TOKEN = "task-token-4711"
PATIENCE = 120  # seconds; a busy machine is no failure
RESULT = {"event", "verdict", "reason", "files", "answer", "conversation", "tokens", "malformed", "edits_failed", "status"}
BEFORE = "def add(a, b):\n    return a - b\n"
EDIT = {"path": "sums.py", "search": "    return a - b\n", "replace": "    return a + b\n"}


class Answer:
    """What a run came to."""

    def __init__(self, code, output):
        self.code, self.lines = code, [json.loads(line) for line in output.decode().splitlines()]

    def of(self, event):
        return [line for line in self.lines if line["event"] == event]


class Contract:
    """The cases. `command` or `started_warm` says how the agent is started."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="pa", dir="/tmp")  # a unix socket's path may have 107 bytes
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        self.tree, self.log, self.socket = self.root / "tree", self.root / "log", self.root / "gateway.sock"
        self.tree.mkdir()
        (self.tree / "sums.py").write_text(BEFORE)
        (self.tree / "notes.txt").write_text("Nothing to see.\n")
        git = ("git", "-c", "user.name=t", "-c", "user.email=t@example.com", "-C", str(self.tree))
        for words in (("init", "-q", "-b", "main"), ("add", "-A"), ("commit", "-q", "-m", "base")):
            subprocess.run((*git, *words), check=True, capture_output=True)

    def model(self, *steps, **default):
        """The model says the steps, then `default` for ever."""
        script = self.root / "script.json"
        script.write_text(json.dumps({"steps": list(steps), **({"default": default} if default else {})}))
        running, _ = server.start(server.arguments(
            ["--unix", str(self.socket), "--key", TOKEN, "--log", str(self.log), "--script", str(script)]))
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        self.addCleanup(lambda: (running.shutdown(), thread.join(), running.server_close()))

    def asked(self):
        """The bodies of the requests that the model got."""
        return [json.loads(line) for line in self.log.read_text().splitlines()] if self.log.exists() else []

    def job(self, **changes):
        return {"version": 1, "mode": "edit", "tree": str(self.tree), "scratch": str(self.root / "scratch"),
                "instruction": "Make add in sums.py add.", "model": "vendor/some-model",
                "gateway": {"socket": str(self.socket), "token": TOKEN},
                "limits": {"max_input_tokens": 100000, "max_output_tokens": 4000}, **changes}

    def begin(self, job):
        data = job if isinstance(job, bytes) else json.dumps(job).encode()
        given = self.enterContext(tempfile.TemporaryFile())
        said = self.enterContext(tempfile.TemporaryFile())
        noise = self.enterContext(tempfile.TemporaryFile())
        given.write(data)
        given.seek(0)
        return self.start([given.fileno(), said.fileno(), noise.fileno()]), said

    def end(self, child, said):
        code = child.wait()
        said.seek(0)
        return Answer(code, said.read())

    def run_agent(self, **changes):
        return self.end(*self.begin(self.job(**changes)))

    def ends_with(self, seen, verdict, code):
        """Exactly one result with exactly the keys that are described, as the last line."""
        self.assertEqual([line["verdict"] for line in seen.of("result")], [verdict], seen.lines)
        self.assertEqual(seen.code, code)
        result = seen.lines[-1]
        self.assertEqual(set(result), RESULT)
        self.assertNotIn(TOKEN, result["reason"])
        self.assertTrue(result["reason"])
        return result

    def test_edits_the_tree(self):
        self.model(edits=[EDIT])
        seen = self.run_agent()
        result = self.ends_with(seen, "edited", 0)
        self.assertEqual(result["files"], ["sums.py"])
        self.assertEqual((self.tree / "sums.py").read_text(), BEFORE.replace("-", "+"))
        self.assertEqual(seen.lines[0]["event"], "started")
        self.assertIn(("editing", "sums.py"), [(line["kind"], line["subject"]) for line in seen.of("progress")])
        self.assertIn("return a + b", "".join(line["text"] for line in seen.of("text")))
        self.assertIn("return a + b", result["answer"])
        self.assertGreater(min(result["tokens"].values()), 0)
        self.assertEqual(set(result["tokens"]), {"sent", "received"})
        talk = result["conversation"]
        self.assertEqual([talk[0]["role"], talk[-1]["role"]], ["user", "assistant"])
        self.assertIn("Make add in sums.py add.", talk[0]["content"])

    def test_makes_a_file(self):
        self.model(edits=[{"path": "new.py", "search": "", "replace": "print('new')\n"}])
        result = self.ends_with(self.run_agent(), "edited", 0)
        self.assertEqual(result["files"], ["new.py"])
        self.assertEqual((self.tree / "new.py").read_text(), "print('new')\n")

    def test_answers_a_question_and_changes_nothing(self):
        self.model(reply="It subtracts.")
        result = self.ends_with(self.run_agent(mode="ask", instruction="What does it do?"), "answered", 0)
        self.assertEqual(result["answer"].strip(), "It subtracts.")
        self.assertEqual(result["files"], [])
        self.assertEqual((self.tree / "sums.py").read_text(), BEFORE)

    def test_says_that_nothing_was_changed(self):
        self.model(reply="There is nothing to do.")
        self.assertEqual(self.ends_with(self.run_agent(), "no_change", 1)["files"], [])

    def test_asks_with_its_token_its_model_and_its_limit(self):
        self.model(reply="Nothing.")
        self.run_agent()
        for request in self.asked():
            self.assertTrue(request["authorized"])
            self.assertEqual(request["body"]["model"], "vendor/some-model")
            self.assertLessEqual(request["body"]["max_tokens"], 4000)
        self.assertTrue(self.asked())

    def test_goes_on_with_a_conversation(self):
        self.model(reply="As before.")
        earlier = [{"role": "user", "content": "Call it FROBNICATE."}, {"role": "assistant", "content": "Very well."}]
        result = self.ends_with(self.run_agent(conversation=earlier), "no_change", 1)
        self.assertIn("FROBNICATE", json.dumps(self.asked()[0]["body"]["messages"]))
        self.assertEqual(result["conversation"][:2], earlier)
        self.assertEqual(len(result["conversation"]), 4)

    def test_tells_a_refusal_and_asks_once(self):
        self.model(error={"status": 402, "message": "no credit is left"})
        result = self.ends_with(self.run_agent(), "model_failed", 3)
        self.assertEqual(result["status"], 402)
        self.assertIn("no credit is left", result["reason"])
        self.assertEqual(len(self.asked()), 1)

    def test_tells_a_gateway_that_is_not_there(self):
        result = self.ends_with(self.run_agent(), "model_failed", 3)
        self.assertIsNone(result["status"])

    def test_takes_no_answer_that_broke_off(self):
        self.model(edits=[EDIT], cut_after_chunks=2, chunk_chars=20)
        self.ends_with(self.run_agent(), "model_failed", 3)
        self.assertEqual((self.tree / "sums.py").read_text(), BEFORE)

    def test_tells_edits_that_do_not_fit(self):
        self.model(reply="sums.py\n```\n<<<<<<< SEARCH\nno such line\n=======\nother\n>>>>>>> REPLACE\n```\n")
        self.ends_with(self.run_agent(), "nonsense", 4)
        self.assertEqual((self.tree / "sums.py").read_text(), BEFORE)

    def test_refuses_a_job_that_is_none(self):
        self.model(reply="Nothing.")
        for job in (b"", b"{", b"[]", json.dumps({"version": 1}).encode()):
            seen = self.end(*self.begin(job))
            self.ends_with(seen, "bad_job", 2)
            self.assertEqual(seen.of("started"), [], job)
        self.assertEqual(self.asked(), [])

    def test_ends_when_it_is_told_to_and_says_so(self):
        began = self.root / "began"
        self.model(reply="Late.", announce_file=str(began), hold_until_file=str(self.root / "never"), before_headers=True)
        child, said = self.begin(self.job())
        self.wait_for(began)
        child.send_signal(signal.SIGTERM)
        seen = self.end(child, said)
        self.assertEqual(self.ends_with(seen, "crashed", 143)["reason"], "stopped")

    def test_is_not_interrupted_from_a_terminal(self):
        began, go = self.root / "began", self.root / "go"
        self.model(reply="Nothing.", announce_file=str(began), hold_until_file=str(go), before_headers=True)
        child, said = self.begin(self.job())
        self.wait_for(began)
        child.send_signal(signal.SIGINT)
        go.touch()
        self.ends_with(self.end(child, said), "no_change", 1)

    def wait_for(self, file):
        pause = threading.Event()
        for _ in range(PATIENCE * 100):
            if file.exists():
                return
            pause.wait(0.01)
        self.fail(f"{file.name} does not come")


class Stub(Contract, unittest.TestCase):
    def start(self, files):
        given, said, noise = files
        child = subprocess.Popen(("/usr/bin/python3", "-IS", str(Path(__file__).with_name("agent.py"))), stdin=given,
                                 stdout=said, stderr=noise, cwd=self.tree, env={"PATH": "/usr/bin:/bin"})
        self.addCleanup(lambda: (child.kill(), child.wait()))
        return child


class Aider(Contract, unittest.TestCase):
    """A fork of one that has loaded aider: a cold start for each case is what agent/tests does where it matters."""

    @classmethod
    def setUpClass(cls):
        cls.warm = Warm(str(ROOT / "build/deps/agent-env/bin/python"))
        cls.addClassCleanup(cls.warm.close)

    def start(self, files):
        return self.warm.start({"PATH": "/usr/bin:/bin"}, self.tree, files)


if __name__ == "__main__":
    unittest.main()
