"""One scripted answer to a chat completion, streamed or whole."""

import json
import time

from errors import error_object, send_error
from ledger import CHARS_A_TOKEN, tokens
from script import text_of
from wire import ClientGone

COMMENT = b": OPENROUTER PROCESSING\n\n"


class Answer:
    """options: no_cost, plain (as OpenAI itself: usage in a stream only when asked, no comments), provider."""

    def __init__(self, wire, step, body, ledger, options):
        self.wire, self.step, self.body, self.ledger, self.options = wire, step, body, ledger, options
        self.id, self.created = ledger.new_id(), int(time.time())
        self.model = step.get("model", body["model"])
        self.prompt_tokens = sum(tokens(text_of(message)) for message in body["messages"])
        text = step.text
        limit = body.get("max_tokens") or body.get("max_completion_tokens")
        cut = limit is not None and tokens(text) > limit
        self.text = text[:limit * CHARS_A_TOKEN] if cut else text
        self.finish = None if step.get("no_finish_reason") else step.get("finish_reason", "length" if cut else "stop")
        self.sent, self.result = "", {"status": 200, "generation": self.id}

    def run(self):
        """Sends the answer; returns what the log says of it. A generation that began is settled, however it ends."""
        if self.step.get("announce_file"):
            open(self.step.get("announce_file"), "a").close()
        try:
            if self.step.get("before_headers"):
                self._wait()
            outcome = self._send()
        except ClientGone:
            outcome = "client_gone"
            self.wire.handler.close_connection = True
        if self.sent and "usage" not in self.result:
            self._settle(cancelled=outcome == "client_gone")
        return dict(self.result, outcome=outcome)

    def _send(self):
        step, stream = self.step, bool(self.body.get("stream"))
        if step.get("drop"):
            self.wire.cut(step.get("reset", False))
            return "dropped"
        if step.get("error"):
            self.result["status"] = send_error(self.wire, step.get("error"))
            return f"error {self.result['status']}"
        broken = step.get("error_in_200") or (not stream and step.get("error_in_stream"))
        if broken:
            return self._error_in_200(broken)
        return self._stream() if stream else self._whole()

    def _error_in_200(self, spec):
        error = error_object(spec)
        if spec.get("in_choice"):
            message = {"role": "assistant", "content": ""}
            choice = dict(self._choice("message", message, "error"), error=error)
            self.wire.json(200, self._envelope("chat.completion", [choice]), {"X-Generation-Id": self.id})
        else:
            self.wire.json(200, {"error": error}, {"X-Generation-Id": self.id})
        return "error_in_200"

    def _wait(self):
        if self.step.get("hold_until_file"):
            self.wire.hold(self.step.get("hold_until_file"))
        self.wire.pause(self.step.get("stall_seconds", 0))

    def _keep_alive(self, data):
        for _ in range(self.step.get("keepalive_comments", 0)):
            self.wire.send(data)
            self.wire.pause(self.step.get("interval_ms", 0) / 1000)

    def _pieces(self):
        size = self.step.get("chunk_chars", 64)
        return [self.text[i:i + size] for i in range(0, len(self.text), size)]

    def _stream(self):
        step, wire, pieces = self.step, self.wire, self._pieces()
        broken = step.get("error_in_stream")

        def at(name, source=step):
            return None if name not in source else min(source[name], len(pieces))

        trouble = at("after_chunks", broken) or 0 if broken else None
        waiting, cut = at("after_chunks", step.data) or 0, at("cut_after_chunks", step.data)
        wire.start(200, "text/event-stream", {"X-Generation-Id": self.id, "Cache-Control": "no-cache"})
        if not self.options.plain:
            wire.send(COMMENT)
        if step.get("reasoning"):
            self._chunk({"role": "assistant", "content": "", "reasoning": step.get("reasoning")}, None)
        for count in range(len(pieces) + 1):
            if count == waiting:
                self._keep_alive(COMMENT)
                if not step.get("before_headers"):
                    self._wait()
            if count == trouble:
                return self._error_in_stream(broken)
            if count == cut:
                self._settle()
                wire.cut(step.get("reset", False))
                return "cut"
            if count < len(pieces):
                self._chunk({"role": "assistant", "content": pieces[count]}, None)
                self.sent += pieces[count]
                wire.pause(step.get("chunk_delay_ms", 0) / 1000)
        return self._finish_stream()

    def _finish_stream(self):
        empty = {"role": "assistant", "content": ""}
        if not self.step.get("no_finish_reason"):
            self._chunk(empty, self.finish)
        asked = (self.body.get("stream_options") or {}).get("include_usage")
        if not self.step.get("no_usage") and (asked or not self.options.plain):
            # OpenRouter repeats the finish reason in a choice here; OpenAI sends no choice at all.
            choices = [] if self.options.plain else [self._choice("delta", empty, self.finish)]
            self.wire.event(dict(self._envelope("chat.completion.chunk", choices), usage=self._usage()))
        self._settle()  # before the end, so that who saw the end finds it
        if not self.step.get("no_done"):
            self.wire.send(b"data: [DONE]\n\n")
        self.wire.end()
        return "answered"

    def _error_in_stream(self, spec):
        choice = self._choice("delta", {"content": ""}, "error")
        if self.sent:  # OpenRouter takes nothing for an error before the first word
            self._settle()
        self.wire.event(dict(self._envelope("chat.completion.chunk", [choice]), error=error_object(spec)))
        self.wire.end()
        return "error_in_stream"

    def _whole(self):
        step, wire = self.step, self.wire
        choice = self._choice("message", {"role": "assistant", "content": self.text}, self.finish)
        if step.get("reasoning"):
            choice["message"]["reasoning"] = step.get("reasoning")
        self.sent = self.text
        value = self._envelope("chat.completion", [choice])
        if not step.get("no_usage"):
            value["usage"] = self._usage()
        self._settle()
        headers = {"X-Generation-Id": self.id}
        if "cut_after_chunks" in step.data:
            data = json.dumps(value).encode()
            wire.start(200, "application/json", headers, len(data))
            wire.send(data[:len(data) // 2])
            wire.cut(step.get("reset", False))
            return "cut"
        if step.get("keepalive_comments"):
            # A whole answer has no comments; white space before the JSON keeps it alive.
            wire.start(200, "application/json", headers)
            self._keep_alive(b"\n         ")
            self._wait()
            wire.send(json.dumps(value).encode())
            wire.end()
        else:
            if not step.get("before_headers"):
                self._wait()
            wire.json(200, value, headers)
        return "answered"

    def _chunk(self, delta, finish):
        self.wire.event(self._envelope("chat.completion.chunk", [self._choice("delta", delta, finish)]))

    def _choice(self, kind, value, finish):
        return {"index": 0, kind: value, "finish_reason": finish, "native_finish_reason": finish, "logprobs": None}

    def _envelope(self, kind, choices):
        return {"id": self.id, "provider": self.options.provider, "model": self.model, "object": kind,
                "created": self.created, "choices": choices}

    def _full_usage(self):
        return self.ledger.usage(self.prompt_tokens, tokens(self.sent), self.step.get("usage"))

    def _usage(self):
        usage = self._full_usage()
        if self.options.no_cost:
            for name in ("cost", "cost_details", "is_byok"):
                usage.pop(name)
        return usage

    def _settle(self, cancelled=False):
        usage = self._full_usage()
        self.result["usage"] = usage
        self.ledger.settle(self.id, self.model, usage, bool(self.body.get("stream")), self.finish, cancelled,
                           self.options.provider)
