"""What the attempts of this folder share. An attempt is one small try to reach something that is not a task's: it gives what it reached
(bytes), True when the kernel did what it was asked for, and raises or gives nothing where it was refused. Standard library only: the
same files run in each sandbox and without one."""

import ctypes
import errno
import os
import signal
import socket
import struct

SECRET = "secret"  # it gives bytes that only what it was to reach could tell
ASKED = "asked"  # it gives True: the kernel did it
MARK = "mark"  # it leaves t.mark where only somebody outside can find it
VICTIM = "victim"  # it changes t.victim, a file of the service
ATTEMPTS = {}  # name → Attempt

SANDBOXES = ("coder", "setup", "checks")
WHERE = ("bare", *SANDBOXES)  # where an attempt is tried
# How the canary is signalled, and what is done to a file of the service; each has a signal, or a file, of its own.
SIGNALLED = ("kill", "tgkill", "pidfd", "queue", "owner", "group")
VICTIMS = ("unlink", "rename", "truncate", "chmod", "utime", "append", "neighbour_file", "neighbour_link")
FIRST_SIGNAL = 34


def signal_of(where, how):
    """The number by which it is seen who signalled the canary, and how."""
    return FIRST_SIGNAL + len(SIGNALLED) * WHERE.index(where) + SIGNALLED.index(how)

LIBC = ctypes.CDLL(None, use_errno=True)


class Refused(Exception):
    """It was not possible."""


class Attempt:
    def __init__(self, area, mechanism, variant, judged, run, only):
        self.area, self.mechanism, self.variant, self.judged, self.run, self.only = area, mechanism, variant, judged, run, only
        self.name = f"{area}/{mechanism}/{variant}"


def mechanism(area, judged, variants, only=WHERE):
    """A function of this name, tried with each of these variants: `function(t, variant)`. `only`: where; for what takes long."""
    def take(function):
        for variant in variants:
            made = Attempt(area, function.__name__, str(variant), judged, lambda t, v=variant: function(t, v), only)
            assert made.name not in ATTEMPTS, made.name
            ATTEMPTS[made.name] = made
        return function
    return take


def read(path, most=8192):
    with open(path, "rb") as file:
        return file.read(most)


def write(path, text, how="a"):
    with open(path, how) as file:
        file.write(text)


def call(number, *arguments):
    """A system call: its answer, or Refused with the errno."""
    plain = [a if isinstance(a, (bytes, ctypes.Array, ctypes.Structure)) or a is None else ctypes.c_long(a) for a in arguments]
    ctypes.set_errno(0)
    answer = LIBC.syscall(ctypes.c_long(number), *plain)
    if answer < 0:
        raise Refused(errno.errorcode.get(ctypes.get_errno(), "?"))
    return answer


def asked(number, *arguments):
    call(number, *arguments)
    return True


def first(*ways):
    """What the first way that gives something gives."""
    told = None
    for way in ways:
        try:
            if got := way():
                return got
        except (OSError, Refused) as why:
            told = told or why
    raise Refused(str(told))


def in_child(work):
    """In a forked process; True when it gives something true there."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            code = 0 if work() else 1
        except BaseException:  # noqa: BLE001
            code = 1
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


NEWTIME, NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET = 0x80, 0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000
UNSHARE = 272


def with_namespaces(flags, work):
    """In a child that has become root of namespaces of its own, as far as it may; what it then does counts alone."""
    def inside():
        user, group = os.getuid(), os.getgid()
        try:
            call(UNSHARE, NEWUSER | flags)
            write("/proc/self/setgroups", "deny", "w")
            write("/proc/self/uid_map", f"0 {user} 1", "w")
            write("/proc/self/gid_map", f"0 {group} 1", "w")
        except (OSError, Refused):
            pass  # then without
        return work()
    return in_child(inside)


def connect(family, kind, address, seconds=3.0):
    link = socket.socket(family, kind)
    link.settimeout(seconds)
    link.connect(address)
    return link


def ask(link, words=b"GET /canary HTTP/1.0\r\nHost: x\r\n\r\n"):
    """What the other side says to these words, until it says no more."""
    with link:
        link.sendall(words)
        said = b""
        while more := link.recv(4096):
            said += more
            if link.type != socket.SOCK_STREAM or len(said) > 65536:
                break
        return said


def stranger(t, pid):
    """The process id, unless it is one of our own sandbox, which happens to have the same number."""
    try:
        if t.birthmark not in read(f"/proc/{pid}/cmdline", 65536):
            raise Refused("another process has its number")
    except OSError:
        pass  # not seen; the kernel may know it all the same
    return pid


def others():
    """The ids of all processes that are seen."""
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def all_of(name):
    """What /proc/*/NAME holds, of all processes that are seen."""
    found = b""
    for pid in others():
        try:
            found += read(f"/proc/{pid}/{name}", 65536)
        except OSError:
            pass
    return found


__all__ = [name for name in dir() if not name.startswith("_")] + ["ctypes", "errno", "os", "signal", "socket", "struct"]
