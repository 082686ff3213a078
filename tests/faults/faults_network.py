"""The way to the remote is slow, or breaks in the middle of what it brings: seen from a service."""

import random
import urllib.parse

import git_http
from fault import Fault
from relay import TICK, Relay
from scripted import fix

BALLAST = random.Random(1).randbytes(200_000)  # nothing that a pack could make smaller

SLOW, LEASES, LEASE = 200, 3, 3  # bytes each tick, and leases of so many seconds that the copy takes at least


class OverHttp(Fault):
    def setUp(self):
        super().setUp()
        self.remote_ = self.remote(files={"ballast": BALLAST})
        web = urllib.parse.urlsplit(git_http.serve(self, self.remote_.path.parent))
        self.relay = Relay(web.port)
        self.addCleanup(self.relay.close)
        self.url = f"http://127.0.0.1:{self.relay.port}/{self.remote_.path.name}"

    def begin(self, **changes):
        self.script(fix())
        self.settings = {**self.settings, "GIT_REMOTE_URL": self.url, "GIT_ACCESS_TOKEN": git_http.TOKEN}
        return self.serve(**changes)

    def test_a_copy_that_breaks_in_the_middle_is_tried_again(self):
        self.relay.break_after, self.relay.breaks = len(BALLAST) // 2, 2  # the service's own at its start, and the task's
        service = self.begin()
        task = self.enqueue(self.url)
        self.waits(service, task, "cannot be reached|remote")
        self.assertEqual(self.relay.breaks, 0)
        self.ends_ready(service, self.remote_, task)

    def test_a_copy_that_takes_several_leases_is_waited_for(self):
        self.relay.drop = SLOW
        service = self.begin(LEASE_TTL=f"{LEASE}s")
        task = self.enqueue(self.url)
        service.wait_for_line("^preparing$", task=task)
        before = self.relay.dripped
        self.ends_ready(service, self.remote_, task, attempts=0)
        self.assertGreater(self.relay.dripped - before, LEASES * LEASE * SLOW / TICK, "the copy came before the task waited for it")
