"""What goes wrong by script. README.md has the table of a fault's fields."""

import re
import threading

from .errors import ApiError, too_many

FIELDS = {"method", "chat", "match", "times", "skip", "status", "description", "retry_after", "body", "content_type", "stall", "hold",
          "after", "lost"}
DESCRIPTIONS = {400: "Bad Request: something", 403: "Forbidden: bot was blocked by the user", 409: "Conflict: something",
                429: "Too Many Requests: retry after 1", 500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Unavailable"}


class Fault:
    """`hits`: the calls it fell on; wait(fake) waits for the first. `open` lets those go on that `hold` keeps."""

    def __init__(self, **data):
        unknown = set(data) - FIELDS
        if unknown:
            raise ValueError(f"a fault has no {', '.join(sorted(unknown))}")
        if data.get("lost") not in (None, "request", "answer"):
            raise ValueError("lost is \"request\" or \"answer\"")
        self.data, self.hits, self.gate = data, [], threading.Event()
        self.left, self.skip = data.get("times", 1), data.get("skip", 0)

    def get(self, name, otherwise=None):
        return self.data.get(name, otherwise)

    def open(self):
        self.gate.set()

    def wait(self, fake, count=1, seconds=20):
        fake.wait(lambda: len(self.hits) >= count, seconds, f"a call on which this falls: {self.data}")
        return self.hits[count - 1]

    def fits(self, call):
        if self.get("times", 1) and not self.left:
            return False
        named = self.get("method")
        if named and not re.fullmatch(named, call.method, re.IGNORECASE):
            return False
        if self.get("chat") is not None and self.get("chat") != call.args.get("chat_id"):
            return False
        match = self.get("match")
        return not match or bool(re.search(match, str(call.args.get("text", call.args.get("caption", ""))), re.DOTALL))

    def error(self):
        """The answer instead of the real one; None when there is none."""
        status = self.get("status") or (429 if self.get("retry_after") else None)
        if not status:
            return None
        if status == 429:
            return too_many(self.get("retry_after", 1))
        return ApiError(status, self.get("description", DESCRIPTIONS.get(status, "Error")))


class Faults:
    def __init__(self, lock):
        self.list, self.lock = [], lock

    def add(self, **data):
        fault = Fault(**data)
        with self.lock:
            self.list.append(fault)
        return fault

    def clear(self):
        with self.lock:
            for fault in self.list:
                fault.open()
            self.list.clear()

    def take(self, call):
        """The first fault that falls on this call."""
        with self.lock:
            for fault in self.list:
                if fault.fits(call):
                    if fault.skip:
                        fault.skip -= 1
                        continue
                    fault.left -= 1
                    fault.hits.append(call)
                    self.lock.notify_all()
                    return fault
        return None
