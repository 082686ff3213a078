"""What runs below a process, seen through /proc."""

import os
import re
import select
import signal
import time

# Seconds. Within one a tree is gone, which src/sandbox/kill_test.cpp measures; here it only has to go by itself, on a machine
# that may have much else to do.
SOON = 20


def _stat(pid):
    """(parent, state, start time), or None when it is gone."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            fields = file.read().rpartition(")")[2].split()
    except OSError:
        return None
    return int(fields[1]), fields[0], fields[19]


def birth(pid):
    """Tells a process from a later one with its number; None when it is gone."""
    seen = _stat(pid)
    return seen and seen[2]


def is_alive(pid):
    """No zombie either."""
    seen = _stat(pid)
    return bool(seen) and seen[1] not in "ZX"


def below(root=None):
    """Process ids of all living descendants of `root` (this process)."""
    children = {}
    for name in os.listdir("/proc"):
        if name.isdigit() and (seen := _stat(name)) and seen[1] not in "ZX":
            children.setdefault(seen[0], []).append(int(name))
    found, queue = [], [root or os.getpid()]
    while queue:
        more = children.get(queue.pop(), [])
        found += more
        queue += more
    return found


def _read(pid, name):
    try:
        with open(f"/proc/{pid}/{name}", "rb") as file:
            return file.read()
    except OSError:
        return b""


def command_line(pid):
    return _read(pid, "cmdline")


def namespaces(pid):
    """How many numbers it has: one in its own namespace of process ids and in each around that, to ours; 0 when it is gone."""
    found = re.search(rb"^NSpid:(.*)$", _read(pid, "status"), re.MULTILINE)
    return len(found[1].split()) if found else 0


def kept_ready(service):
    """The agent that a service keeps ready for its tasks, with the keeper and the sandbox around it: nothing of them is of a task."""
    kept = set()
    for pid in below(service):
        if (_stat(pid) or (None,))[0] != service:
            continue
        tree = {pid, *below(pid)}
        if any(b"/prepared.py" in command_line(each) and namespaces(each) == namespaces("self") for each in tree):
            kept |= tree
    return kept


def environment(pid):
    return _read(pid, "environ")


def describe(pid):
    return f"{pid} {command_line(pid).replace(bytes(1), b' ').decode(errors='replace')[:160]}"


def is_database(pid):
    """The embedded server, which outlives a killed persais by design."""
    words = command_line(pid)
    return words.startswith(b"postgres: ") or words.split(b"\0")[0].endswith(b"/bin/postgres")


def end_database(root):
    """The server of a data folder below `root`, where a test ended without the last persais that would have stopped it."""
    masters = [pid for pid in below() if is_database(pid) and os.fsencode(root) in command_line(pid)]
    for pid in masters:
        os.kill(pid, signal.SIGQUIT)
    wait_gone(masters, 10)


def wait_gone(pids, seconds):
    """Those of `pids` that are alive after so long."""
    until, left = time.monotonic() + seconds, []
    for pid in pids:
        try:
            fd = os.pidfd_open(pid)
        except OSError:
            continue
        # An orphan that is ours by now is a zombie until it is waited for; its pidfd is ready all the same.
        if not select.select([fd], [], [], max(0.0, until - time.monotonic()))[0]:
            left.append(pid)
        os.close(fd)
    return left


def end_all():
    """SIGKILL to everything below this process, until nothing is."""
    while pids := below():
        for pid in pids:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        wait_gone(pids, 5)
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def memory_holds(pid, needles):
    """Which of `needles` (bytes) stand in the memory of a process. Needs root."""
    found = set()
    try:
        with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
            for line in maps:
                span, rights = line.split()[:2]
                if rights[0] != "r" or "[v" in line:
                    continue
                start, end = (int(x, 16) for x in span.split("-"))
                try:
                    memory.seek(start)
                    data = memory.read(end - start)
                except (OSError, ValueError, OverflowError):
                    continue
                found |= {needle for needle in needles if needle in data}
    except OSError:
        pass
    return found
