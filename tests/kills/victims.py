"""What may be killed, and how one of each is found alive. A process is held by its pidfd from the moment it was chosen: a
number that was given to another one meanwhile is never signalled."""

import os
import signal
import time

import processes


def name_of(pid):
    try:
        with open(f"/proc/{pid}/comm") as file:
            return file.read().strip()
    except OSError:
        return ""


def runs_the_wrapper(pid, name):
    """Started for one task (run.py), or the parent that is kept ready and its clones, which have its command line."""
    return name.startswith("python") and any(word.endswith((b"/run.py", b"/prepared.py")) for word in processes.command_line(pid).split(b"\0"))


def is_agent(pid, name):
    """In a task's sandbox, which has process ids of its own."""
    return runs_the_wrapper(pid, name) and processes.namespaces(pid) > processes.namespaces("self")


def is_kept_ready(pid, name):
    """The parent of the clones, or one of them on its way to its sandbox: the service's own process ids are theirs."""
    return runs_the_wrapper(pid, name) and processes.namespaces(pid) == processes.namespaces("self")


def on_the_remote(pid):
    """What git runs at the other end of a local path: somebody else's machine, in truth."""
    words = processes.command_line(pid)
    return b"receive-pack" in words or b"upload-pack" in words or words == [b""]  # in the middle of its exec: whose it is nobody knows yet


CHOICES = {
    "git": lambda pid, name: name.startswith("git") and not on_the_remote(pid),
    "agent": is_agent,
    "kept agent": is_kept_ready,  # costs no task anything
    "bwrap": lambda pid, name: name == "bwrap",
    "keeper": lambda pid, name: name in ("persais-keeper", "keeper"),  # outside the sandbox, and its first process
}


def below(root):
    """As processes.below, along the kernel's own lists of children: quick enough to meet a git that lives for five milliseconds."""
    found, queue = [], [root]
    while queue:
        try:
            for thread in os.listdir(f"/proc/{queue[-1]}/task"):
                with open(f"/proc/{queue[-1]}/task/{thread}/children") as file:
                    queue[:0] = map(int, file.read().split())
        except OSError:
            pass  # it is gone
        found.append(queue.pop())
    return found[1:]


def candidates(kind, services):
    fits = CHOICES[kind]
    return [pid for service in services for pid in below(service.pid) if fits(pid, name_of(pid))]


class Held:
    """One process, wherever its number goes."""

    def __init__(self, pid):
        self.pid, self.fd = pid, os.pidfd_open(pid)
        self.what = processes.command_line(pid).replace(b"\0", b" ").decode(errors="replace")

    def kill(self):
        """Whether it was alive."""
        try:
            alive = processes.is_alive(self.pid)
            signal.pidfd_send_signal(self.fd, signal.SIGKILL)
            return alive
        except ProcessLookupError:
            return False
        finally:
            os.close(self.fd)


def kill_one(kind, services, random, most=3.0):
    """Waits until there is one, then a random moment more. Its command line, or None: there was none in time."""
    until = time.monotonic() + most
    while time.monotonic() < until:
        found = candidates(kind, services)
        if not found:
            time.sleep(0.002)  # between two looks at /proc
            continue
        try:
            held = Held(random.choice(found))
        except OSError:
            continue
        time.sleep(random.choice((0, random.uniform(0, 0.02))) if kind == "git" else random.uniform(0, 0.15))
        if held.kill():
            return held.what
    return None
