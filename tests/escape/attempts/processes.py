"""Other processes, and what outlives a task."""

import resource
import time

from kit import *

PTRACE, READV, WRITEV, PIDFD_OPEN, PIDFD_GETFD, PIDFD_SIGNAL = 101, 310, 311, 434, 438, 424
READ, TRACEME, PEEK, POKE, ATTACH, DETACH, SEIZE = 0, 0, 1, 4, 16, 17, 0x4206


@mechanism("processes", SECRET, ["cmdline", "environ", "comm", "maps", "cwd", "fd"])
def looks_at_processes_of_the_host(t, what):
    if what == "cwd":
        return "\n".join(name for pid in others() for name in listed(f"/proc/{pid}/cwd")).encode()
    if what == "fd":
        return "\n".join(target for pid in others() for target in targets(pid)).encode()
    return all_of(what)


def listed(path):
    try:
        return os.listdir(path)
    except OSError:
        return []


def targets(pid):
    found = []
    for name in listed(f"/proc/{pid}/fd"):
        try:
            found.append(os.readlink(f"/proc/{pid}/fd/{name}"))
        except OSError:
            pass
    return found


@mechanism("processes", SECRET, ["parent", "first", "canary"])
def reads_the_environment_of_its_ancestors(t, whose):
    if whose == "first":
        return read("/proc/1/environ", 65536)
    return read(f"/proc/{os.getppid() if whose == 'parent' else stranger(t, t.canary)}/environ", 65536)


def attached(pid, work):
    call(PTRACE, ATTACH, pid, 0, 0)
    os.waitpid(pid, 0x40000000)
    try:
        return work()
    finally:
        call(PTRACE, DETACH, pid, 0, 0)


def vector(address, size):
    return (ctypes.c_ulong * 2)(address, size)


@mechanism("processes", SECRET, ["file", "call", "trace"])
def reads_the_memory_of_another(t, how):
    pid, size = stranger(t, t.canary), 64
    if how == "file":
        with open(f"/proc/{pid}/mem", "rb", 0) as memory:
            memory.seek(t.canary_secret)
            return memory.read(size)
    if how == "call":
        into = ctypes.create_string_buffer(size)
        call(READV, pid, vector(ctypes.addressof(into), size), 1, vector(t.canary_secret, size), 1, 0)
        return into.raw

    def peek():
        words = b""
        for at in range(0, size, 8):
            word = ctypes.c_ulong()
            call(PTRACE, PEEK, pid, t.canary_secret + at, ctypes.addressof(word))
            words += bytes(word)
        return words
    return attached(pid, peek)


@mechanism("processes", MARK, ["file", "call", "trace"])
def writes_the_memory_of_another(t, how):
    pid, mark = stranger(t, t.canary), t.mark.encode().ljust(24, b"\0")
    at = t.canary_buffer + 64 * ["file", "call", "trace"].index(how)
    if how == "file":
        with open(f"/proc/{pid}/mem", "r+b", 0) as memory:
            memory.seek(at)
            memory.write(mark)
    elif how == "call":
        held = ctypes.create_string_buffer(mark)
        call(WRITEV, pid, vector(ctypes.addressof(held), len(mark)), 1, vector(at, len(mark)), 1, 0)
    else:
        attached(pid, lambda: [call(PTRACE, POKE, pid, at + i, int.from_bytes(mark[i:i + 8], "little")) for i in range(0, len(mark), 8)])


@mechanism("processes", MARK, SIGNALLED)
def signals_another(t, how):
    """The canary writes down which signal it got; each of these sends another."""
    pid, number = stranger(t, t.canary), t.signals[how]
    if how == "kill":
        os.kill(pid, number)
    elif how == "tgkill":
        call(234, pid, pid, number)
    elif how == "pidfd":
        call(PIDFD_SIGNAL, call(PIDFD_OPEN, pid, 0), number, None, 0)
    elif how == "queue":
        call(129, pid, number, struct.pack("iiiiiiQ", number, 0, -1, 0, os.getpid(), os.getuid(), 7).ljust(128, b"\0"))
    elif how == "owner":
        import fcntl
        left, right = socket.socketpair()
        fcntl.fcntl(left, fcntl.F_SETOWN, pid)
        fcntl.fcntl(left, 10, number)  # F_SETSIG
        fcntl.fcntl(left, fcntl.F_SETFL, os.O_ASYNC)
        right.send(b"x")
    else:
        os.killpg(pid, number)


@mechanism("processes", SECRET, ["call", "proc"])
def takes_a_descriptor_of_another(t, how):
    pid = stranger(t, t.canary)
    if how == "proc":
        return read(f"/proc/{pid}/fd/{t.canary_file}")
    return os.pread(call(PIDFD_GETFD, call(PIDFD_OPEN, pid, 0), t.canary_file, 0), 4096, 0)


@mechanism("processes", ASKED, ["priority", "affinity", "scheduler", "io_priority", "limits"])
def slows_another(t, how):
    pid = stranger(t, t.canary)
    if how == "priority":
        os.setpriority(os.PRIO_PROCESS, pid, 19)
    elif how == "affinity":
        os.sched_setaffinity(pid, os.sched_getaffinity(pid))
    elif how == "scheduler":
        os.sched_setscheduler(pid, os.SCHED_BATCH, os.sched_param(0))
    elif how == "io_priority":
        call(251, 1, pid, 3 << 13)
    else:
        resource.prlimit(pid, resource.RLIMIT_CORE, (0, 0))
    return True


@mechanism("processes", ASKED, ["attach", "seize", "traceme", "own_child"])
def traces(t, how):
    if how == "traceme":
        return in_child(lambda: asked(PTRACE, TRACEME, 0, 0, 0))
    if how in ("attach", "seize"):
        pid = stranger(t, t.canary)
        if how == "attach":
            return attached(pid, lambda: True)
        return in_child(lambda: asked(PTRACE, SEIZE, pid, 0, 0))
    child = os.fork()
    if child == 0:
        time.sleep(5)
        os._exit(0)
    try:
        return asked(PTRACE, SEIZE, child, 0, 0)
    finally:
        os.kill(child, signal.SIGKILL)


@mechanism("processes", ASKED, ["kcmp", "robust_list"])
def examines_another(t, how):
    pid = stranger(t, t.canary)
    if how == "kcmp":
        return call(312, os.getpid(), pid, 1, 0, 0) >= 0
    return asked(274, pid, ctypes.create_string_buffer(8), ctypes.create_string_buffer(8))


def sleeper(t, seconds=300):
    os.execv("/bin/sh", ["sh", "-c", f"sleep {seconds}; :", t.mark])


@mechanism("processes", MARK, ["own_session", "two_forks", "deaf", "stopped", "own_group", "reforks", "no_parent_signal", "subreaper"])
def outlives_its_task(t, how):
    reading, writing = os.pipe()
    if os.fork():
        os.close(writing)
        os.read(reading, 1)  # until it is on its own
        return  # the harness looks for the mark among the host's processes when the task has ended
    os.setsid()
    if how == "two_forks" and os.fork():
        os._exit(0)
    if how == "own_group":
        os.setpgid(0, 0) if os.getpid() != os.getsid(0) else None
    if how in ("deaf", "reforks"):
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
    if how == "no_parent_signal":
        LIBC.prctl(1, 0)
    if how == "subreaper":
        LIBC.prctl(36, 1)
        if os.fork():
            os.closerange(3, 256)
            time.sleep(300)
    os.closerange(3, 256)
    null = os.open("/dev/null", os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(null, number)
    if how == "stopped":
        if os.fork():
            os._exit(0)
        os.execv("/bin/sh", ["sh", "-c", "kill -STOP $$; sleep 300; :", t.mark])
    if how == "reforks":
        os.execv("/usr/bin/python3", ["python3", "-ISc", REFORK, t.mark])
    sleeper(t)


REFORK = """import os, time
for generation in range(1000):
    if os.fork():
        time.sleep(1)
        os._exit(0)
    time.sleep(0.25)
"""


@mechanism("processes", ASKED, ["own", "parents"])
def makes_itself_no_victim_of_full_memory(t, how):
    """Lowers what says whom the kernel ends first, to that of the service."""
    path = f"/proc/{'self' if how == 'own' else os.getppid()}/oom_score_adj"
    before = int(read(path))
    write(path, "0", "w")
    after = int(read(path))
    write(path, str(before), "w")
    return after < before


@mechanism("processes", ASKED, ["core", "files", "file_size", "processes"])
def raises_its_limits(t, which):
    kind, most = {"core": (resource.RLIMIT_CORE, 0), "files": (resource.RLIMIT_NOFILE, 16384), "file_size": (resource.RLIMIT_FSIZE, 4 << 30),
                  "processes": (resource.RLIMIT_NPROC, 1024)}[which]
    hard = resource.getrlimit(kind)[1]
    wanted = hard if hard == resource.RLIM_INFINITY else max(hard, most + 1)
    resource.setrlimit(kind, (wanted, wanted))
    return wanted == resource.RLIM_INFINITY or wanted > most


@mechanism("processes", ASKED, ["new_privileges", "bounding_set", "filter"])
def has_rights_to_gain(t, which):
    """By programs that it starts: nothing says that they may not, capabilities are left to be gained, no filter is set."""
    if which == "new_privileges":
        return LIBC.prctl(39, 0, 0, 0, 0) == 0
    if which == "bounding_set":
        return any(LIBC.prctl(23, number, 0, 0, 0) == 1 for number in range(41) if number not in (6, 7, 8))
    return LIBC.prctl(21, 0, 0, 0, 0) == 0
