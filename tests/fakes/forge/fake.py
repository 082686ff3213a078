"""The fake as a test holds it: faults, requests that are held, and what was asked."""

import re
import threading
from datetime import datetime, timezone

from .server import Server, serve


class Fault:
    """Answers `status` instead of what is asked; with `after`, what is asked is done all the same. `times` None: until it is lifted."""

    def __init__(self, status, method, path, times, after, fields):
        self.status, self.method, self.path, self.times, self.after, self.fields = status, method, re.compile(path), times, after, fields

    def take(self, method, path):
        """Whether it is this request's answer."""
        if self.times == 0 or method != (self.method or method) or not self.path.search(path):
            return False
        self.times = self.times and self.times - 1
        return True


class Hold:
    """A request that does not go on until it is let."""

    def __init__(self, method, path, after):
        self.method, self.path, self.after = method, re.compile(path), after
        self.came, self.go = threading.Event(), threading.Event()

    def wait(self, seconds=60):
        if not self.came.wait(seconds):
            raise AssertionError(f"no {self.method} {self.path.pattern} came")

    def fits(self, method, path):
        return not self.came.is_set() and self.method == method and self.path.search(path) is not None

    def stop(self):
        self.came.set()
        self.go.wait()


class Forge:
    web = "https://forge.example"

    def __init__(self):
        self.repositories, self.tokens, self.faults, self.holds = {}, {}, [], []
        self.asked, self.merges = [], []  # "GET /path 200"; and what was merged as what
        self.lock = threading.RLock()
        self.news = threading.Condition(self.lock)
        self.server = Server(self, serve)
        self.root = self.server.root

    def answer(self, asked):
        """The status, the fields and the body of one request; what it refuses is a Refused."""
        raise NotImplementedError

    def fault_body(self, status):
        return {"message": f"{status}"}

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self):
        self.server.start()

    def stop(self):
        for hold in self.holds:
            hold.go.set()
        self.server.stop()

    @staticmethod
    def now():
        return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")

    def fail(self, status=502, method="", path="", times=1, after=False, fields=()):
        self.faults.append(Fault(status, method, path, times, after, dict(fields)))
        return self.faults[-1]

    def lift(self):
        self.faults.clear()

    def hold(self, method, path, after=False):
        self.holds.append(Hold(method, path, after))
        return self.holds[-1]

    def count(self, what):
        with self.lock:
            return sum(1 for line in self.asked if re.search(what, line))

    def wait_asked(self, what, times=1, seconds=60):
        """Until a line of `asked` fitted so often."""
        with self.news:
            if not self.news.wait_for(lambda: self.count(what) >= times, seconds):
                raise AssertionError(f"{what} was asked {self.count(what)} times, not {times}: {self.asked[-20:]}")
