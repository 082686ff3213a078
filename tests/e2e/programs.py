#!/usr/bin/python3
"""Runs a command and writes down which programs it and all that it starts execute.

    programs.py FILE COMMAND…

FILE gets a line for each, its name; `remote:` is before that of a program which is the far end of a local remote, or was started by it. They
are counted as a debugger would see them (ptrace), so that none is too short to be seen. Ends as the command does."""

import ctypes
import os
import signal
import sys
from pathlib import Path

TRACEME, CONT, SETOPTIONS = 0, 7, 0x4200
FORK, VFORK, CLONE, EXEC, EXITKILL = 1 << 1, 1 << 2, 1 << 3, 1 << 4, 1 << 20
EXEC_EVENT, WALL = 4, 0x40000000
FAR_ENDS = ("upload-pack", "receive-pack")
LIBC = ctypes.CDLL(None, use_errno=True)
LIBC.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]


def ptrace(what, pid, data=0):
    return LIBC.ptrace(what, pid, None, data)


def name_of(pid):
    try:
        return os.path.basename(os.readlink(f"/proc/{pid}/exe"))
    except OSError:
        return "unknown"


def is_far_end(pid):
    """Whether it is git's other side of a fetch or push, a shell in front of that, or what one of them started."""
    while pid > 1:
        try:
            words = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
            parent = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError):
            return False
        shell = words[:2] == ["/bin/sh", "-c"] and any(f" {end} " in words[2] for end in FAR_ENDS)
        if shell or any(end in words for end in FAR_ENDS):
            return True
        pid = parent
    return False


def follow(first, seen):
    """The first one's exit status."""
    code, known = 1, {first}
    while True:
        try:
            pid, status = os.waitpid(-1, WALL)
        except ChildProcessError:
            return code
        if not os.WIFSTOPPED(status):
            if pid == first:
                code = os.waitstatus_to_exitcode(status)
            continue
        event, number = status >> 16, os.WSTOPSIG(status)
        if event == EXEC_EVENT:
            seen.append(("remote:" if is_far_end(pid) else "") + name_of(pid))
        new = pid not in known
        known.add(pid)
        ptrace(CONT, pid, 0 if event or number == signal.SIGTRAP or (new and number == signal.SIGSTOP) else number)


def main():
    target, command = Path(sys.argv[1]), sys.argv[2:]
    child = os.fork()
    if child == 0:
        ptrace(TRACEME, 0)
        os.kill(os.getpid(), signal.SIGSTOP)
        os.execvp(command[0], command)
    os.waitpid(child, WALL)
    if ptrace(SETOPTIONS, child, FORK | VFORK | CLONE | EXEC | EXITKILL) != 0:
        sys.exit("a child cannot be traced here")
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda which, _: os.kill(child, which))
    ptrace(CONT, child)
    seen = []
    code = follow(child, seen)
    target.write_text("".join(f"{name}\n" for name in seen[1:]))
    sys.exit(code if code >= 0 else 128 - code)


if __name__ == "__main__":
    main()
