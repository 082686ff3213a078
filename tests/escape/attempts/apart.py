"""apart.py NAME: what would end all of its task, or is judged by what becomes of that. Exit 0: it got what it wanted."""

import mmap
import os
import sys
import time
from pathlib import Path

HELD = 2  # seconds that memory is kept: whoever watches looks several times a second

MIB, GIB = 1 << 20, 1 << 30


def fill(memory, size):
    for at in range(0, size, 4096):
        memory[at] = 1


def anonymous():
    memory = mmap.mmap(-1, 1150 * MIB, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    fill(memory, 1150 * MIB)
    time.sleep(HELD)


def unnamed_file():
    held = os.memfd_create("x")
    os.posix_fallocate(held, 0, 1150 * MIB)
    time.sleep(HELD)


def forks():
    children, ready, hold = [], os.pipe(), os.pipe()
    for _ in range(4):
        child = os.fork()
        if child == 0:
            memory = mmap.mmap(-1, 290 * MIB, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
            fill(memory, 290 * MIB)
            os.write(ready[1], b"x")
            os.close(hold[1])
            os.read(hold[0], 1)
            os._exit(0)
        children.append(child)
    os.close(ready[1])
    there = 0
    while there < 4 and os.read(ready[0], 1):
        there += 1
    time.sleep(HELD)
    os.close(hold[1])
    ended = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    sys.exit(there < 4 or any(ended))


def allocate(folder, unlinked=False):
    made = []
    for number in range(3):
        path = Path(folder).expanduser() / f"large-{number}"
        made.append(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        if unlinked:
            path.unlink()
        os.posix_fallocate(made[-1], 0, 1536 * MIB)
    if not unlinked:
        for number in range(3):
            (Path(folder).expanduser() / f"large-{number}").unlink()


def nested():
    """Folders, one in the other, to a path that is longer than the kernel takes: whoever clears up has to get them out of the way."""
    os.chdir(os.path.expanduser("~"))
    for _ in range(2200):
        os.mkdir("d")
        os.chdir("d")


WAYS = {"anonymous": anonymous, "unnamed_file": unnamed_file, "forks": forks, "tree": lambda: allocate("."), "home": lambda: allocate("~"),
        "unlinked": lambda: allocate(".", True), "nested": nested}

if __name__ == "__main__":
    WAYS[sys.argv[1]]()
