"""kill -9 between what is asked of the forge and what is known of it: no request, merge or comment is doubled.

One task goes onto main and back again and again, each time by a request of its own; another one's draft is closed and opened again.
In each of these something is killed at a call that a seed chose, before or after GitHub has carried it out."""

import os
import random

from requesting import Requesting
from scripted import RIGHT, edit
from test_deploy import WRONG

LANDING = (("GET", "/pulls$"), ("POST", "/pulls$"), ("GET", r"/pulls/\d+$"), ("PUT", "/merge-async$"), ("GET", "/merge-async/"))
ENDING = (("GET", "/pulls$"), ("GET", "/comments$"), ("POST", "/comments$"), ("PATCH", r"/pulls/\d+$"))


class RequestKills(Requesting):
    def killed_landings(self, points):
        task, _ = self.proposed()
        for number, (method, path, after) in enumerate(points, 1):
            with self.subTest(number=number, method=method, path=path, after=after):
                word = "deploy" if number % 2 else "rollback"
                hold = self.github.hold(method, path, after=after)
                run = self.begin_landing(word, task)
                hold.wait()
                before = self.github.count(f"{method} [^ ]*{path[:-1] if path.endswith('$') else path}")
                run.kill()
                hold.go.set()
                self.github.wait_asked(f"{method} [^ ]*{path[:-1] if path.endswith('$') else path}", before + 1)
                self.dead_leases_end()
                done = self.land(word, task)
                self.assertEqual(done["commit"], self.main(self.team))
                self.assertEqual(self.team.file("main", "calc.py"), RIGHT if number % 2 else WRONG)
                self.assertEqual((len(self.repo.pulls), len(self.github.merges)), (number, number), "one more of each")

    def killed_endings(self, points):
        self.settings["REVIEW_REQUEST"] = "draft"
        task, _ = self.proposed(edit("\n", "\n# more\n", path="README.md"), check="true")
        pull = max(self.repo.pulls)
        for number, (method, path, after) in enumerate(points, 1):
            with self.subTest(number=number, method=method, path=path, after=after):
                service = self.serve()
                hold = self.github.hold(method, path, after=after)
                self.assertEqual(self.persais(*(("discard", task, "--yes") if number % 2 else ("undiscard", task))).code, 0)
                hold.wait()
                service.kill9()
                hold.go.set()
                self.sql("update request_duties set next_try = now()")
                service = self.serve()
                self.github.wait_asked(f"PATCH [^ ]*/pulls/{pull} 200", number)
                self.until_no_duty()
                service.terminate()
                self.assertEqual(self.repo.pulls[pull]["state"], "closed" if number % 2 else "open")
                self.assertEqual(len(self.repo.comments), number, "one more")

    def until_no_duty(self):
        for _ in range(600):
            if self.sql("select count(*) from request_duties").strip() == "0":
                return
            self.github.wait_any(0.1)
        self.fail("the request's duty stays")


class Some(RequestKills):
    def test_at_each_call_of_a_landing_that_changes_something(self):
        self.killed_landings([("POST", "/pulls$", False), ("POST", "/pulls$", True), ("PUT", "/merge-async$", False),
                              ("PUT", "/merge-async$", True)])

    def test_at_the_calls_that_close_a_request(self):
        self.killed_endings([("POST", "/comments$", True), ("PATCH", r"/pulls/\d+$", True)])


class All(RequestKills):
    """POINTS kills, in SHARE="N/OF" of them; a fifth of them while a request is closed or opened again."""

    def test_at_random_calls(self):
        part, of = map(int, os.environ.get("SHARE", "1/1").split("/"))
        points = int(os.environ.get("POINTS", "500")) // of
        chosen = random.Random(f"request kills {part}/{of}")

        def some(calls, count):
            return [(*chosen.choice(calls), chosen.random() < 0.5) for _ in range(count)]
        self.killed_endings(some(ENDING, points // 5))
        self.settings["REVIEW_REQUEST"] = "off"
        self.repo.pulls.clear(), self.github.merges.clear()
        self.killed_landings(some(LANDING, points - points // 5))
