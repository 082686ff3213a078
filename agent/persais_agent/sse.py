"""What an answer of the model said about itself, read from its bytes as they pass: a plain state machine.

aider and litellm take a stream that was cut, and a 200 whose body is an error, for a finished answer; so the
wrapper watches the bytes below them.
"""

import json
from dataclasses import dataclass

from . import endings, limits


@dataclass
class Answer:
    finished: bool = False  # a finish_reason was seen
    done: bool = False  # [DONE], or a whole body
    error: str | None = None
    filtered: bool = False  # the same request would be stopped again
    called_tool: bool = False  # which nobody offered
    thought: bool = False
    sent: int | None = None
    received: int | None = None

    @property
    def whole(self) -> bool:
        return self.finished and self.done and self.error is None

    def take(self, message) -> None:
        """One JSON object of the answer: a stream's event, or the whole body."""
        if not isinstance(message, dict):
            return
        if message.get("error"):
            self.error = error_text(message) or "an error without words"
        usage = message.get("usage")
        if isinstance(usage, dict):
            self.sent = _count(usage.get("prompt_tokens"), self.sent)
            self.received = _count(usage.get("completion_tokens"), self.received)
        for choice in message.get("choices") or []:
            if not isinstance(choice, dict):
                continue
            said = choice.get("delta") or choice.get("message") or {}
            if isinstance(said, dict):
                self.called_tool = self.called_tool or bool(said.get("tool_calls") or said.get("function_call"))
                self.thought = self.thought or bool(said.get("reasoning_content") or said.get("reasoning"))
            reason = choice.get("finish_reason")
            reason = reason if isinstance(reason, str) else ""
            if choice.get("error") or endings.broke_off(reason):
                self.error = error_text(choice) or f"the provider ended the answer with \"{reason[:40]}\""
            elif endings.filtered(reason):
                self.error, self.filtered = "the provider's content filter stopped it", True
            elif reason:
                self.finished = True


class Stream:
    """Server-sent events in any cut into chunks."""

    def __init__(self):
        self.answer = Answer()
        self._rest = b""

    def feed(self, chunk: bytes) -> None:
        lines = (self._rest + chunk).split(b"\n")
        self._rest = lines.pop()
        if len(self._rest) > limits.SSE_LINE_BYTES:
            self.answer.error = "one line of the answer is too long"
            self._rest = b""
        for line in lines:
            self._line(line)

    def end(self) -> None:
        self._line(self._rest)
        self._rest = b""

    def _line(self, line: bytes) -> None:
        line = line.strip()
        if not line.startswith(b"data:"):
            return
        data = line[5:].strip()
        if data == b"[DONE]":
            self.answer.done = True
            return
        try:
            self.answer.take(json.loads(data))
        except (ValueError, RecursionError):
            self.answer.error = "a part of the answer is not JSON"


class Body:
    """An answer in one piece."""

    def __init__(self):
        self.answer = Answer()
        self._data = bytearray()

    def feed(self, chunk: bytes) -> None:
        if len(self._data) + len(chunk) > limits.BODY_BYTES:
            self.answer.error = "the answer is too long"
            return
        self._data += chunk

    def end(self) -> None:
        try:
            self.answer.take(json.loads(self._data))
            self.answer.done = True
        except (ValueError, RecursionError):
            self.answer.error = self.answer.error or "the answer is not JSON"


def error_text(message) -> str | None:
    """The words in OpenRouter's and OpenAI's error objects."""
    error = message.get("error") if isinstance(message, dict) else None
    if isinstance(error, dict):
        error = error.get("message")
    return error if isinstance(error, str) and error.strip() else None


def _count(value, otherwise):
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else otherwise
