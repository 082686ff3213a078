"""The fake as a test holds it: repositories, tokens, faults, and what was asked."""

import re
import threading
import time
from datetime import datetime, timezone

from forge.server import Server

from . import merging
from .hooks import Hooks
from .repository import Repository
from .server import answer
from .shapes import Shapes

LEVELS = {None: 0, "read": 1, "write": 2}
RIGHTS = ("metadata", "contents", "issues", "pull_requests", "statuses", "checks", "actions", "deployments")


class Token:
    """A fine-grained token: what it may, and of which repositories it knows. `take` takes a right away, as its owner can at any time."""

    def __init__(self, secret, login, rights, admin, repositories):
        self.secret, self.login, self.rights, self.admin, self.repositories = secret, login, dict(rights), admin, repositories
        self.revoked, self.expires, self.scopes = False, None, None  # scopes: of a classic token; then the rights follow from them

    @property
    def is_good(self):
        return not self.revoked and (self.expires is None or time.time() < self.expires)

    def level(self, right):
        if self.scopes is not None:
            return "write" if "repo" in self.scopes else None
        if right == "administration":
            return "read" if self.admin else None
        return self.rights.get(right)

    def may(self, right, level):
        return LEVELS[self.level(right)] >= LEVELS[level]

    def sees(self, repo):
        return self.repositories is None or repo.full_name in self.repositories

    def take(self, right, leave=None):
        self.rights[right] = leave


class Fault:
    """Answers `status` instead of what is asked; with `after`, what is asked is done all the same. `times` None: until it is lifted."""

    def __init__(self, status, method, path, times, after, fields, message):
        self.status, self.method, self.path, self.times, self.after = status, method, re.compile(path), times, after
        self.fields, self.message = fields, message

    def fits(self, method, path):
        return self.times != 0 and method in (self.method, self.method or method) and self.path.search(path) is not None


class Hold:
    """A request that does not go on until it is let."""

    def __init__(self, method, path, after):
        self.method, self.path, self.after = method, re.compile(path), after
        self.came, self.go = threading.Event(), threading.Event()

    def wait(self, seconds=60):
        if not self.came.wait(seconds):
            raise AssertionError(f"no {self.method} {self.path.pattern} came")


class GitHub:
    def __init__(self, looks_to_compute=1, web="https://github.example"):
        self.looks_to_compute = looks_to_compute  # at a request, until its mergeability is computed
        self.repositories, self.tokens, self.faults, self.holds = {}, {}, [], []
        self.apps, self.rights, self.moved = {}, RIGHTS, {}
        self.elsewhere = None  # the root of another host, which answers for what was moved
        self.asked, self.merges = [], []  # "GET /repos/…", the status; and what was merged by whom
        self.async_merges, self.queues = True, True  # not each server has them
        self.merges_wait = False  # until run_merges()
        self.base_races = 0  # merges that find that the base branch was modified
        self.remaining, self.limit = 5000, 5000
        self.lock = threading.RLock()
        self.news = threading.Condition(self.lock)
        self.server = Server(self, answer)
        self.root = self.server.root
        self.shapes = Shapes(self.root, web)
        self.hooks = Hooks(self)

    def __enter__(self):
        self.server.start()
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

    def repository(self, full_name, path):
        self.repositories[full_name] = repo = Repository(full_name, path, self.now, 7 + len(self.repositories))
        repo.tell = lambda event, action, **what: self.hooks.tell(repo, event, action, **what)
        return repo

    def rename(self, full_name, to):
        """Its old name leads to its number from then on; so does a transfer, which is a new owner."""
        with self.lock:
            repo = self.moved[full_name] = self.repositories.pop(full_name)
            self.repositories[to] = repo
            repo.full_name, (repo.owner, repo.name) = to, to.split("/")

    def app(self, id, public, repositories, life=3600, secret=None, **rights):
        """An App that is installed on some repositories; `public`: its public key's file. Its tokens are good for `life` seconds;
        `secret`: they are all this one, which a git server beside it knows."""
        self.apps[id] = {"id": id, "public": public, "repositories": list(repositories), "life": life, "secret": secret, "slug": "mechanic", "given": [],
                         "installation": 4000 + len(self.apps), "rights": {right: "write" for right in RIGHTS} | rights}
        return self.apps[id]

    def token(self, secret, login="mechanic-bot", admin=False, repositories=None, **rights):
        self.tokens[secret] = Token(secret, login, {right: "write" for right in RIGHTS} | rights, admin, repositories)
        return self.tokens[secret]

    def fail(self, status=502, method="", path="", times=1, after=False, fields=(), message="Server Error"):
        self.faults.append(Fault(status, method, path, times, after, dict(fields), message))
        return self.faults[-1]

    def hold(self, method, path, after=False):
        self.holds.append(Hold(method, path, after))
        return self.holds[-1]

    def lift(self):
        self.faults.clear()

    def run_merges(self):
        """What GitHub does in the background."""
        with self.lock:
            for repo in self.repositories.values():
                for asked in repo.merge_requests.values():
                    if not asked["result"]:
                        merging.run(self, repo, asked)

    def take_base_race(self):
        self.base_races -= 1
        return self.base_races >= 0

    def wait_asked(self, what, times=1, seconds=60):
        """Until a line of `asked` fitted so often."""
        def count():
            return sum(1 for line in self.asked if re.search(what, line))
        with self.news:
            if not self.news.wait_for(lambda: count() >= times, seconds):
                raise AssertionError(f"{what} was asked {count()} times, not {times}: {self.asked[-20:]}")

    def wait_any(self, seconds):
        """Until the next request, or so long."""
        with self.news:
            self.news.wait(seconds)

    def count(self, what):
        with self.lock:
            return sum(1 for line in self.asked if re.search(what, line))
