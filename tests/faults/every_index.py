"""One whole task, its service killed at each index of each call that changes the world outside: it goes on, and ends right.

The calls are those that the service makes from the claim to the review, and those that its trusted git makes (as root). Each
service goes on with the task of the one before it, then has a task of its own and is killed in its turn."""

import json
import os
import select
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import processes
import remains
import shim
from remote import git
from scripted import RIGHT, repair, spoil
from serving import SeenFromBeside, Serving
from story import IS_ROOT

ROOT = Path(__file__).resolve().parents[2]
BUDGET = 2.0
SAMPLE = 14  # in every test run
BEYOND = 3  # more indices of each call than were counted: no two runs are quite the same
WHO = {"persais": shim.SERVICE, "git": shim.GIT}


class EveryIndex(SeenFromBeside):
    """One service after another, with shim.c in it and (as root) in its git, and tasks that are judged when they ended."""

    # Attempts enough for a machine so slow that a lease of 1 s is lost by itself.
    settings = {"LEASE_TTL": "1s", "TASK_ATTEMPTS": "30", "TASKS_PARALLEL": "1", "BUDGET_TASK_USD": str(BUDGET)}

    def setUp(self):
        super().setUp()
        self.in_review = set()
        self.shim = shim.Shim(self.folder)
        self.addCleanup(self.shim.close)
        self.number, self.service = 0, None
        self.script(spoil(), repair())
        self.next_service()

    def next_service(self):
        loaded = {"before": self.shim.before} if IS_ROOT else {}
        env = {} if IS_ROOT else {"LD_PRELOAD": str(self.shim.library)}
        self.service = Serving.start(self.environment(**env), self.folder / "cwd", **loaded)
        self.addCleanup(self._end_service, self.service)
        self.service.wait_ready()

    def new_task(self):
        self.number += 1
        return self.remote(f"r{self.number}"), f"Mend the sum, number {self.number}."

    def counted(self, only_files=False):
        """How often an undisturbed task makes each call: {(who, call): times}"""
        found = {}
        for who, programs in WHO.items():
            if programs == shim.GIT and not IS_ROOT:
                continue
            remote, words = self.new_task()
            self.shim.count(programs, only_files)
            task = self.enqueue(remote, words)
            self.service.wait_task(task, "review")
            counts = self.shim.counts()
            self.shim.rest()
            self.ended_right(task, remote, words)
            found |= {(who, call): times for call, times in counts.items() if times}
        return found

    @staticmethod
    def indices(counted, beyond=0):
        return [(who, call, index) for (who, call), times in sorted(counted.items()) for index in range(1, times + beyond + 1)]

    def killed_at(self, who, call, index):
        """Whether the task came so far."""
        remote, words = self.new_task()
        self.shim.kill(self.service.pid, call, index, WHO[who])
        task = self.enqueue(remote, words)
        with self.service.seen:
            def over():
                return self.service.ended or any(line.get("task") == task and line["message"].startswith("review")
                                                 for line in self.service.lines)
            self.assertTrue(self.service.seen.wait_for(over, 60), self.service.story())
        hit = self.shim.hit
        self.shim.rest()
        if hit:
            self.assertEqual(self.service.wait(), -9, self.service.story())
        pushed = remote.branches()
        if hit:
            state = self.sql(f"select state from tasks where id = {task}")
            self.next_service()
            if state != "review":
                self.service.wait_task(task, "review")
        self.ended_right(task, remote, words)
        self.assertLessEqual(pushed.items(), remote.branches().items(), "pushed twice with different bytes")
        return hit

    def ended_right(self, task, remote, words, told=1):
        """The task's row, the remote, the money, and what is left. `told`: how often its person was."""
        self.in_review.add(task)
        state, verdict, commit, branch, rounds, sentence = self.sql(
            "select state, verdict, commit_id, facts->>'branch', facts->>'rounds_used', sentence from tasks"
            f" where id = {task}").split("|")
        self.assertEqual((state, verdict, branch, rounds, sentence), ("review", "ready", f"mechanic/{task}-{slug(words)}", "1", ""))
        self.assertEqual(remote.branches(), {branch: commit})
        self.assertEqual((remote.parents(commit), remote.changed(commit)), ([remote.base], ["calc.py"]))
        self.assertEqual(remote.file(commit, "calc.py"), RIGHT)
        git(remote.path, "fsck", "--strict", "--no-dangling")
        self.assertEqual(int(self.sql(f"select count(*) from outbox where task_id = {task}")), told)
        counted = self.sql(f"select coalesce(sum(counted_usd), 0) from llm_calls where task = {task}")
        self.assertLessEqual(float(counted), BUDGET)
        asked = [line for line in self.model.requests() if words in json.dumps(line["body"])]
        self.assertGreaterEqual(float(counted) + 1e-9, sum(line["usage"]["cost"] for line in asked if line.get("usage")))
        self.no_rest()

    def no_rest(self):
        kept = processes.kept_ready(self.service.pid)
        strangers = [pid for pid in processes.below() if pid not in self.helpers and pid != self.service.pid
                     and pid not in kept and not processes.is_database(pid)]
        left = [f"process {processes.describe(pid)}" for pid in processes.wait_gone(strangers, processes.SOON)]
        until = time.monotonic() + processes.SOON  # a service says that a task ended, and then clears its place
        while (rest := self.rest()) and time.monotonic() < until:
            select.select([], [], [], 0.02)
        self.assertEqual(left + rest, [])

    def rest(self):
        return [line for line in remains.in_data(self.data, self.in_review) if f"/gateways/{self.service.pid}-" not in line]


class Some(EveryIndex):
    """As many as a test run has time for, other ones with each commit."""

    def test_a_task_goes_on_wherever_its_service_was_killed(self):
        every = self.indices(self.counted())
        chosen = sample(every, SAMPLE)
        hits = [self.killed_at(*each) for each in chosen]
        print(f"killed at {sum(hits)} of {len(every)}: {chosen} … ", end="", file=sys.stderr)
        self.assertGreater(sum(hits), len(hits) / 2, chosen)


class All(EveryIndex):
    def test_a_task_goes_on_wherever_its_service_was_killed(self):
        counted = self.counted()
        share(self, self.indices(counted, BEYOND), self.killed_at)
        print(f"one task makes {', '.join(f'{who} {call} {times}' for (who, call), times in sorted(counted.items()))} … ",
              end="", file=sys.stderr)


def sample(every, size):
    step = max(1, len(every) // size)
    return every[int(commit()[:8], 16) % step::step][:size]


def share(story, every, look):
    """Looks at the share of `every` that SHARE names (`2/4`; all of them without it), but for what was well with this commit."""
    number, of = map(int, os.environ.get("SHARE", "1/1").split("/"))
    kept = ROOT / f"build/nightly/{type(story).__module__}.{type(story).__name__}.{number}.{of}.json"
    kept.parent.mkdir(parents=True, exist_ok=True)
    before = json.loads(kept.read_text()) if kept.exists() else {}
    state = before if before.get("commit") == commit() else {"commit": commit(), "done": []}
    every = every[number - 1::of]
    done = {tuple(each) for each, _ in state["done"]}
    for each in every:
        if each not in done:
            with story.subTest(each):
                state["done"].append([each, look(*each)])
                kept.write_text(json.dumps(state))
    reached = Counter(f"{each[0]} {each[1]}" for each, hit in state["done"] if hit)
    print(f"\n{len(every)} in this share, {len(state['done'])} of them well, of which reached: "
          f"{', '.join(f'{name} {times}' for name, times in sorted(reached.items()))}; ", end="", file=sys.stderr)
    story.assertEqual(len(state["done"]), len(every))


def commit():
    """Of this source; what is not in git has the one of zeros."""
    said = subprocess.run(["git", "-C", str(ROOT), "rev-parse", "HEAD"], capture_output=True, text=True).stdout.strip()
    changed = subprocess.run(["git", "-C", str(ROOT), "diff", "--quiet", "HEAD", "--", "src", "tests"], capture_output=True).returncode
    return (said or "0" * 40) + ("+changes" if changed else "")


def slug(words):
    return "-".join("".join(c if c.isalnum() else " " for c in words.lower()).split())

