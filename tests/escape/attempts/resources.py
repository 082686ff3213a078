"""More of the machine than a task is given. What would end the whole task is tried by tasks of its own (run.py)."""

import threading

from kit import *

GIB = 1 << 30


def threads(count):
    """Started and waiting; gives what ends them. Refused when not all can be."""
    threading.stack_size(64 * 1024)
    stop = threading.Event()
    try:
        for _ in range(count):
            threading.Thread(target=stop.wait, daemon=True).start()
    except RuntimeError as why:
        stop.set()
        raise Refused(str(why)) from None
    return stop


@mechanism("resources", ASKED, ["threads", "processes_with_threads"])
def starts_more_than_a_thousand(t, how):
    """More than the 1,024 processes and threads that a task may have."""
    if how == "threads":
        threads(1100).set()
        return True
    hold, release = os.pipe()
    said, say = os.pipe()
    for _ in range(4):
        if os.fork() == 0:
            os.close(release)
            try:
                threads(280)
                os.write(say, b"y")
            except Refused:
                os.write(say, b"n")
            os.read(hold, 1)  # until all have said it
            os._exit(0)
    told = b""
    while len(told) < 4:
        told += os.read(said, 4)
    os.close(release)
    return told == b"yyyy"


@mechanism("resources", ASKED, ["/tmp", "/dev/shm"])
def fills_scratch_space(t, where):
    size = GIB + (100 << 20) if where == "/tmp" else 300 << 20
    held = os.open(where, os.O_TMPFILE | os.O_RDWR, 0o600)
    os.posix_fallocate(held, 0, size)
    return True


@mechanism("resources", ASKED, ["truncate", "far_write", "allocate", "in_home"])
def makes_a_file_larger_than_it_may(t, how):
    """Sparse: five gigabytes that take no room."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    path = os.path.expanduser("~/large") if how == "in_home" else f"large-{how}"
    held = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        if how == "far_write":
            os.pwrite(held, b"x", 5 * GIB)
        elif how == "allocate":
            os.posix_fallocate(held, 5 * GIB, 4096)
        else:
            os.ftruncate(held, 5 * GIB)
        return os.fstat(held).st_size >= 5 * GIB
    finally:
        os.close(held)
        os.unlink(path)
