"""The wrapper's output: one JSON object a line on a descriptor that nothing else can write to."""

import json
import os
import signal
import time

from . import limits


class Lines:
    """Takes over standard output: from here on, whatever any library prints goes to standard error."""

    def __init__(self, fd: int | None = None):
        if fd is None:
            fd = os.dup(1)
            os.dup2(2, 1)
        self._fd = fd
        self._pending: list[str] = []
        self._pending_size = 0
        self._flushed_at = 0.0
        self._last_progress = None
        self.wrote_at = time.monotonic()

    def started(self, version: str):
        self._write({"event": "started", "aider": version})

    def text(self, delta: str):
        if not delta:
            return
        self._pending.append(delta)
        self._pending_size += len(delta)
        due = time.monotonic() - self._flushed_at >= limits.TEXT_INTERVAL_SECONDS
        if due or self._pending_size >= limits.TEXT_LINE_CHARACTERS:
            self.flush()

    def flush(self):
        text, self._pending, self._pending_size = "".join(self._pending), [], 0
        step = limits.TEXT_LINE_CHARACTERS
        for start in range(0, len(text), step):
            self._write({"event": "text", "text": text[start : start + step]})
        self._flushed_at = time.monotonic()

    def progress(self, kind: str, subject: str = ""):
        if (kind, subject) == self._last_progress:
            return
        self._last_progress = kind, subject
        self.flush()
        self._write({"event": "progress", "kind": kind, "subject": subject[: limits.PROGRESS_CHARACTERS]})

    def alive(self):
        """The model is silent but its connection is not: keeps an idle deadline from ending a slow answer."""
        if time.monotonic() - self.wrote_at >= limits.ALIVE_INTERVAL_SECONDS:
            self._last_progress = None
            self.progress("waiting_for_model")

    def usage(self, sent: int, received: int):
        self.flush()
        self._write({"event": "usage", "sent": sent, "received": received})

    def tags(self, rows: list[str]):
        """In lines of a bounded length each."""
        self.flush()
        part, size = [], 0
        for row in rows:
            if part and size + len(row) > limits.TAGS_LINE_BYTES:
                self._write({"event": "tags", "rows": part})
                part, size = [], 0
            part.append(row)
            size += len(row)
        if part:
            self._write({"event": "tags", "rows": part})

    def result(self, **fields):
        self.flush()
        self._write({"event": "result", **fields})

    def _write(self, line: dict):
        # A lone surrogate (half of a pair that a model wrote as \ud83d) is no UTF-8: it becomes a question mark.
        data = json.dumps(line, ensure_ascii=False).encode("utf-8", "replace") + b"\n"
        # SIGTERM's handler writes the result line: it must not start inside another line.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
        try:
            while data:
                data = data[os.write(self._fd, data) :]
        except BrokenPipeError:
            os._exit(70)
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
        self.wrote_at = time.monotonic()
