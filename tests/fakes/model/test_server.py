"""The protocol: what a well-behaved endpoint says. test_script.py holds scripts, test_trouble.py what goes wrong."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from testing import HERE, KEY, ServerCase  # noqa: E402


class Protocol(ServerCase):
    def test_a_whole_answer(self):
        self.steps({"reply": "x" * 40})
        got = self.chat("y" * 8)
        self.assertEqual(got.status, 200)
        self.assertEqual(got.json["choices"][0]["message"], {"role": "assistant", "content": "x" * 40})
        self.assertEqual(got.json["choices"][0]["finish_reason"], "stop")
        usage = got.json["usage"]
        self.assertEqual((usage["prompt_tokens"], usage["completion_tokens"], usage["total_tokens"]), (2, 10, 12))
        self.assertAlmostEqual(usage["cost"], 2 * 3e-6 + 10 * 15e-6)
        self.assertRegex(got.json["id"], "^gen-")
        self.assertEqual(got.headers["X-Generation-Id"], got.json["id"])

    def test_a_streamed_answer(self):
        self.steps({"reply": "hello world", "chunk_chars": 3})
        got = self.stream()
        self.assertEqual(got.headers["Content-Type"], "text/event-stream")
        self.assertTrue(got.body.startswith(b": OPENROUTER PROCESSING\n\n"))
        self.assertEqual(got.text, "hello world")
        self.assertEqual(got.events[-1], "[DONE]")
        self.assertEqual(got.finish_reasons, ["stop", "stop"])  # again in the usage chunk, as documented
        self.assertEqual(got.chunks[-1]["usage"]["completion_tokens"], 3)
        self.assertEqual(len({chunk["id"] for chunk in got.chunks}), 1)

    def test_as_openai_usage_comes_only_when_asked(self):
        self.serve({"default": {"reply": "hi"}}, "--no-usage-unless-asked", "--no-cost")
        self.assertFalse(any("usage" in chunk for chunk in self.stream().chunks))
        last = self.stream(stream_options={"include_usage": True}).chunks[-1]
        self.assertEqual(last["choices"], [])
        self.assertEqual(last["usage"]["prompt_tokens"], 2)
        self.assertNotIn("cost", last["usage"])

    def test_prices_and_own_provider_key(self):
        self.serve({"default": {"reply": "x" * 400}}, "--price-prompt", "0", "--price-completion", "100", "--byok")
        usage = self.chat().json["usage"]
        self.assertAlmostEqual(usage["cost"], 0.01 * 0.05)
        self.assertAlmostEqual(usage["cost_details"]["upstream_inference_cost"], 0.01)
        self.assertEqual(self.ask("GET", "/api/v1/models").json["data"][0]["pricing"]["completion"], "0.0001")

    def test_max_tokens_cuts_the_answer(self):
        self.serve({"default": {"reply": "x" * 100}})
        got = self.stream(max_tokens=5)
        self.assertEqual((got.text, got.finish_reasons[0]), ("x" * 20, "length"))
        whole = self.chat(max_tokens=25).json["choices"][0]
        self.assertEqual((len(whole["message"]["content"]), whole["finish_reason"]), (100, "stop"))

    def test_keys(self):
        self.serve({"default": {"reply": "hi"}})
        for key in (None, "wrong", KEY + "x"):
            got = self.chat(key=key)
            self.assertEqual((got.status, got.json["error"]["code"]), (401, 401))
            self.assertTrue(got.json["error"]["message"])
        self.assertEqual(self.chat().status, 200)

    def test_a_key_can_be_withdrawn(self):
        file = self.folder / "key"
        file.write_text("one\n")
        self.serve({"default": {"reply": "hi"}}, "--key-file", str(file))
        self.assertEqual(self.chat(key="one").status, 200)
        file.write_text("two")
        self.assertEqual([self.chat(key=k).status for k in ("one", "two")], [401, 200])
        file.write_text("")
        self.assertEqual([self.chat(key=k).status for k in ("two", None)], [401, 401])

    def test_bad_bodies(self):
        self.serve({"default": {"reply": "hi"}})
        good = {"model": "m", "messages": [{"role": "user", "content": "x"}]}
        wrong = [{"model": 1}, {"model": None}, {"messages": []}, {"messages": "x"}, {"stream": "yes"},
                 {"max_tokens": 0}, {"max_tokens": "9"}, {"max_tokens": True}, {"temperature": 3}, {"stop": 1},
                 {"messages": [{"role": "boss", "content": "x"}]}, {"messages": [{"role": "user"}]},
                 {"messages": [{"role": "user", "content": [1]}]}, {"stream_options": {"include_usage": True}},
                 {"stream": True, "stream_options": {"include_usage": 1}}]
        for change in wrong:
            got = self.ask("POST", "/api/v1/chat/completions", {**good, **change})
            if change != {"model": None}:
                self.assertEqual((got.status, got.json["error"]["code"]), (400, 400), change)
        for body in ("{", "[]", ""):
            self.assertEqual(self.ask("POST", "/api/v1/chat/completions", body).status, 400)
        parts = [{"role": "user", "content": [{"type": "text", "text": "x"}]}]
        self.assertEqual(self.ask("POST", "/v1/chat/completions", {**good, "messages": parts}).status, 200)

    def test_models_and_their_limits(self):
        self.serve({"default": {"reply": "hi"}}, "--model", "a/b", "--strict-models", "--context", "100")
        model = self.ask("GET", "/api/v1/models", key=None).json["data"][0]
        self.assertEqual((model["id"], model["context_length"]), ("a/b", 100))
        self.assertEqual(model["pricing"]["prompt"], "0.000003")
        self.assertEqual(model["top_provider"]["max_completion_tokens"], 64000)
        self.assertIn("not a valid model ID", self.chat(model="c/d").json["error"]["message"])
        self.assertIn("maximum context length", self.chat("x" * 500, model="a/b").json["error"]["message"])
        self.assertEqual(self.chat(model="a/b", max_tokens=98).status, 200)

    def test_a_generation_is_found_and_settled(self):
        self.serve({"steps": [{"reply": "x" * 40}, {"reply": "y" * 400, "chunk_chars": 4, "cut_after_chunks": 3}]},
                   "--late-generations", "1")
        for count, reply in ((10, self.stream()), (3, self.stream())):
            path = "/api/v1/generation?id=" + reply.chunks[0]["id"]
            self.client.close()
            self.assertEqual(self.ask("GET", path).status, 404)
            data = self.ask("GET", path).json["data"]
            self.assertEqual(data["native_tokens_completion"], count)
            self.assertAlmostEqual(data["total_cost"], 2 * 3e-6 + count * 15e-6)
        self.assertEqual(self.ask("GET", "/api/v1/generation?id=gen-0").status, 404)

    def test_credit_runs_out(self):
        self.serve({"default": {"reply": "x" * 4000}}, "--credit", "0.02")
        self.assertEqual(self.chat(max_tokens=1000).status, 200)
        left = self.ask("GET", "/api/v1/key").json["data"]
        self.assertAlmostEqual(left["limit_remaining"], 0.02 - 0.015 - 6e-6)
        short = self.chat(max_tokens=1000)
        self.assertEqual((short.status, short.json["error"]["code"]), (402, 402))
        self.assertRegex(short.json["error"]["message"], "can only afford 332")
        self.assertEqual(self.chat().status, 200)  # without max_tokens nothing can be reserved
        self.assertRegex(self.chat().json["error"]["message"], "Insufficient credits")

    def test_elsewhere_404_in_json_and_the_connection_lives_on(self):
        self.serve({"default": {"reply": "hi"}})
        for method, path in (("GET", "/"), ("POST", "/api/v1/models"), ("DELETE", "/api/v1/key"), ("PUT", "/x")):
            got = self.ask(method, path, "{}")
            self.assertEqual((got.status, got.json["error"]["code"]), (404, 404))
        before = self.client.sock
        self.chat(), self.stream()
        self.assertIs(self.client.sock, before)

    def test_a_request_body_in_chunks(self):
        self.serve({"default": {"reply": "hi"}})
        body = json.dumps({"model": "m", "messages": [{"role": "user", "content": "x"}]}).encode()
        self.client.request("POST", "/v1/chat/completions", iter([body[:9], body[9:]]),
                            {"Authorization": f"Bearer {KEY}"}, encode_chunked=True)
        self.assertEqual(self.client.getresponse().status, 200)


class Program(ServerCase):
    def launch(self, *flags):
        process = subprocess.Popen([sys.executable, HERE / "server.py", *flags], stdout=subprocess.PIPE, text=True)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process, process.stdout.readline()

    def test_says_where_it_listens_and_ends_on_sigterm(self):
        file = self.folder / "port"
        process, line = self.launch("--port-file", str(file), "--key", KEY)
        self.assertRegex(line, r"^listening http://127\.0\.0\.1:\d+/api/v1\n$")
        self.assertEqual(file.read_text(), line.split(" ")[1])
        self.client = http.client.HTTPConnection(line.split("/")[2], timeout=20)
        self.addCleanup(self.client.close)
        self.assertEqual(self.chat().json["choices"][0]["message"]["content"], "Hello.")
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(20), 0)

    def test_a_unix_socket(self):
        path = str(self.folder / "s")
        process, _ = self.launch("--unix", path, "--key", KEY)
        self.client = http.client.HTTPConnection("model", timeout=20)
        self.client.sock = socket.socket(socket.AF_UNIX)
        self.client.sock.connect(path)
        self.addCleanup(self.client.close)
        self.assertEqual([self.stream().text, self.stream().text], ["Hello."] * 2)
        process.terminate()
        self.assertEqual(process.wait(20), 0)
        self.assertFalse(os.path.exists(path))

    def test_ends_with_its_parent(self):
        parent = subprocess.Popen(
            [sys.executable, "-c", "import subprocess, sys; p = subprocess.Popen(sys.argv[1:]); sys.stdin.read()",
             sys.executable, str(HERE / "server.py"), "--die-with-parent"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.assertIn("listening", parent.stdout.readline())
        parent.kill()
        parent.wait()
        self.assertEqual(parent.stdout.read(), "")  # end of file: the server, too, has let go of it
        parent.stdin.close(), parent.stdout.close()

    def test_a_wrong_script_is_refused(self):
        bad = self.folder / "bad.json"
        bad.write_text('{"steps": [{"repply": "x"}]}')
        done = subprocess.run([sys.executable, HERE / "server.py", "--script", bad], capture_output=True, text=True)
        self.assertEqual(done.returncode, 2)
        self.assertIn("steps[0]: unknown: repply", done.stderr)


if __name__ == "__main__":
    unittest.main()
