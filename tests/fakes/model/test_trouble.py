"""Everything that can go wrong between a model and its client, one step each."""

import os
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from testing import ServerCase  # noqa: E402


class Errors(ServerCase):
    def test_each_documented_status(self):
        statuses = [400, 401, 402, 403, 404, 408, 429, 500, 502, 503]
        self.steps(*({"error": {"status": status}} for status in statuses))
        for status in statuses:
            got = self.stream()
            self.assertEqual((got.status, got.json["error"]["code"]), (status, status))
            self.assertTrue(got.json["error"]["message"])

    def test_what_an_error_carries(self):
        self.steps({"error": {"status": 429, "code": "slow", "message": "m", "retry_after": 3, "metadata": {"a": 1},
                              "headers": {"X-RateLimit-Remaining": "0"}}},
                   {"error": {"status": 502, "body": "<html>bad gateway</html>"}})
        got = self.chat()
        self.assertEqual(got.json, {"error": {"code": "slow", "message": "m", "metadata": {"a": 1}}})
        self.assertEqual((got.headers["Retry-After"], got.headers["X-RateLimit-Remaining"]), ("3", "0"))
        page = self.chat()
        self.assertEqual((page.status, page.headers["Content-Type"]), (502, "text/html"))

    def test_an_error_inside_a_200(self):
        spec = {"status": 502, "message": "Provider returned error"}
        self.steps({"error_in_200": spec}, {"error_in_200": spec}, {"error_in_200": {**spec, "in_choice": True}})
        for got in (self.chat(), self.stream()):
            self.assertEqual((got.status, got.json["error"]["code"]), (200, 502))
        choice = self.chat().json["choices"][0]
        self.assertEqual((choice["finish_reason"], choice["error"]["code"]), ("error", 502))

    def test_an_error_inside_a_stream(self):
        spec = {"code": "server_error", "message": "gone"}
        self.steps({"reply": "abcdef", "chunk_chars": 2, "error_in_stream": {**spec, "after_chunks": 2}},
                   {"reply": "abcdef", "error_in_stream": spec})
        got = self.stream()
        self.assertEqual((got.status, got.text, got.finish_reasons), (200, "abcd", ["error"]))
        self.assertEqual(got.chunks[-1]["error"], {"code": "server_error", "message": "gone"})
        self.assertNotIn("[DONE]", got.events)
        self.assertEqual(self.stream().text, "")


class Streams(ServerCase):
    def test_keep_alive_comments(self):
        self.steps({"reply": "ab", "chunk_chars": 1, "keepalive_comments": 3, "interval_ms": 1, "after_chunks": 1},
                   {"reply": "ab", "keepalive_comments": 2})
        body = self.stream().body
        self.assertEqual(body.count(b": OPENROUTER PROCESSING\n\n"), 4)
        self.assertEqual(body.split(b'"a"')[1].count(b"PROCESSING"), 3)
        whole = self.chat()
        self.assertTrue(whole.body.startswith(b"\n "))
        self.assertEqual(whole.json["choices"][0]["message"]["content"], "ab")

    def test_a_cut_stream(self):
        self.steps({"reply": "abcdef", "chunk_chars": 2, "cut_after_chunks": 2},
                   {"reply": "abcdef", "cut_after_chunks": 0}, {"reply": "abcdef" * 99, "cut_after_chunks": 1})
        got = self.stream()
        self.assertTrue(got.broken)
        self.assertEqual((got.text, got.finish_reasons, "[DONE]" in got.events), ("abcd", [], False))
        self.client.close()
        self.assertEqual(self.stream().text, "")
        self.client.close()
        self.assertTrue(self.chat().broken)
        self.assertEqual([line["outcome"] for line in self.logged(3)], ["cut"] * 3)

    def test_a_reset_and_a_drop(self):
        self.steps({"reply": "abcdef", "cut_after_chunks": 1, "reset": True}, {"drop": True})
        try:
            self.assertTrue(self.stream().broken)
        except ConnectionError:
            pass  # the reset may overtake the headers
        self.client.close()
        with self.assertRaises(ConnectionError):
            self.stream()

    def test_no_finish_reason_no_done_no_usage(self):
        self.steps({"reply": "a", "no_finish_reason": True}, {"reply": "a", "no_done": True},
                   {"reply": "a", "no_usage": True}, {"reply": "a", "finish_reason": "content_filter"})
        one, two, three, four = (self.stream() for _ in range(4))
        self.assertEqual((one.finish_reasons, one.events[-1]), ([], "[DONE]"))
        self.assertEqual((two.finish_reasons, "[DONE]" in two.events, two.broken), (["stop"] * 2, False, False))
        self.assertFalse(any("usage" in chunk for chunk in three.chunks))
        self.assertEqual(four.finish_reasons[0], "content_filter")

    def test_reasoning_and_fixed_usage(self):
        self.steps({"reply": "a", "reasoning": "hm", "usage": {"prompt_tokens": 7, "cost": 1.5}, "model": "x/picked"})
        got = self.stream()
        self.assertEqual(got.chunks[0]["choices"][0]["delta"]["reasoning"], "hm")
        self.assertEqual((got.chunks[-1]["usage"]["prompt_tokens"], got.chunks[-1]["usage"]["cost"]), (7, 1.5))
        self.assertEqual(got.chunks[0]["model"], "x/picked")


class Waiting(ServerCase):
    def read_until(self, raw, end):
        data = b""
        while end not in data:
            more = raw.recv(4096)
            self.assertTrue(more, data)
            data += more
        return data

    def test_a_held_answer_goes_on_when_the_file_is_there(self):
        go, here = self.folder / "go", self.folder / "here"
        os.mkfifo(here)  # opening it for reading waits until the server announces itself
        self.steps({"reply": "ab", "chunk_chars": 1, "after_chunks": 1, "hold_until_file": str(go),
                    "announce_file": str(here)})
        raw = self.raw_request()
        here.read_bytes()
        self.assertNotIn(b"DONE", self.read_until(raw, b'"a"'))
        go.touch()
        self.read_until(raw, b"[DONE]")

    def test_others_are_answered_during_a_stall(self):
        self.serve({"steps": [{"reply": "a", "stall_seconds": 600, "match": "slow"}], "default": {"reply": "b"}})
        raw = self.raw_request("slow")
        self.read_until(raw, b"PROCESSING")
        self.assertEqual(self.stream().text, "b")

    def test_a_client_that_goes_ends_a_stall_at_once(self):
        self.steps({"reply": "abcd" * 10, "chunk_chars": 4, "stall_seconds": 600, "after_chunks": 2})
        raw = self.raw_request()
        data = self.read_until(raw, b"abcd")
        while data.count(b"abcd") < 2:
            data += raw.recv(4096)
        raw.close()
        line = self.logged(1)[0]
        self.assertEqual((line["outcome"], line["usage"]["completion_tokens"]), ("client_gone", 2))
        found = self.ask("GET", "/api/v1/generation?id=" + line["generation"]).json["data"]
        self.assertTrue(found["cancelled"])

    def test_a_stall_before_the_headers(self):
        self.steps({"reply": "a", "stall_seconds": 600, "before_headers": True})
        raw = self.raw_request()
        raw.settimeout(0.2)  # the promise is silence, so time has to pass
        with self.assertRaises(TimeoutError):
            raw.recv(1)

    def test_chunk_delays_are_kept(self):
        self.steps({"reply": "abc", "chunk_chars": 1, "chunk_delay_ms": 20})
        start = time.monotonic()
        self.assertEqual(self.stream().text, "abc")
        self.assertGreaterEqual(time.monotonic() - start, 0.06)


if __name__ == "__main__":
    unittest.main()
