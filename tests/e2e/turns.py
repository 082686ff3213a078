"""What the stories about replies share: a task with a result, replies to it, and its branch as a row of commits."""

import contextlib
import time

from persais import PATIENCE
from remote import git
from scripted import edit, fix
from serving import ServedStory

AGAIN = "Say in a comment what it adds."
SECOND = "def add(a, b):\n    return a + b  # two numbers\n"
THIRD = "def add(a, b):\n    return a + b  # two whole numbers\n"


def comment(match="in a comment", **more):
    """What AGAIN asks for."""
    return edit("    return a + b\n", "    return a + b  # two numbers\n", match=match, name="comment", **more)


def whole(**more):
    """And what a third turn asks for."""
    return edit("    return a + b  # two numbers\n", "    return a + b  # two whole numbers\n", match="whole numbers", name="whole", **more)


class Turns(ServedStory):
    def ready_task(self, service, remote, *words, **more):
        task = self.enqueue(remote, *words, **more)
        service.wait_task(task, "review")
        self.in_review.add(task)
        return task

    def reply(self, task, instruction=AGAIN, event="queued", **changes):
        """`persais reply --detach`; gives the number of the turn."""
        said = self.persais("reply", task, instruction, "--detach", "--json", **changes)
        self.assertEqual(said.code, 0, said.story())
        line = said.lines[-1]
        self.assertEqual((line["event"], line["task"]), (event, task))
        return line["turn"]

    def wait_again(self, service, task, state, times=2):
        """Until the service has said `times` times that the task came into this state; gives the last line that did."""
        start = line = 0
        for _ in range(times):
            line = service.wait_for_line(rf"^{state}\b", start=start, task=str(task))
            start = service.lines.index(line) + 1
        return line

    def either_says(self, state, services, task):
        """Until one of the services has said that the task came into this state."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            for service in services:
                with contextlib.suppress(AssertionError):
                    return service.wait_for_line(rf"^{state}\b", patience=0.5, task=str(task))
        raise AssertionError(f"task {task} did not come to {state}: {[service.story() for service in services]}")

    def show(self, task):
        said = self.persais("show", task, "--json")
        self.assertEqual(said.code, 0, said.story())
        return said.lines[-1]

    def commits(self, remote, branch):
        """Subjects of what stands on the branch above main, the oldest first."""
        return git(remote.path, "log", "--reverse", "--format=%s", f"main..{branch}").splitlines()

    def one_branch(self, remote):
        branches = remote.branches()
        self.assertEqual(len(branches), 1, branches)
        return next(iter(branches.items()))


__all__ = ["AGAIN", "SECOND", "THIRD", "Turns", "comment", "edit", "fix", "git", "whole"]
