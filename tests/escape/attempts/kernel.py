"""What a program may ask of the kernel. It is only asked; nothing is done with what is given."""

import fcntl
import mmap
import pty

from kit import *

KINDS = {"user": 0, "mount": NEWNS, "network": NEWNET, "process": NEWPID, "ipc": NEWIPC, "name": NEWUTS, "cgroup": NEWCGROUP, "time": NEWTIME}


@mechanism("kernel", ASKED, KINDS)
def makes_a_namespace(t, which):
    return in_child(lambda: asked(UNSHARE, NEWUSER | KINDS[which]))


@mechanism("kernel", ASKED, ["clone", "clone_network", "clone3", "program"])
def makes_a_namespace_with_a_process(t, how):
    if how == "program":
        return in_child(lambda: os.execv("/usr/bin/unshare", ["unshare", "-U", "/bin/true"]))
    flags = NEWUSER | (NEWNET if how == "clone_network" else 0)
    if how == "clone3":
        made = call(435, struct.pack("=QQQQQQQQ", flags, 0, 0, 0, signal.SIGCHLD, 0, 0, 0), 64)
    else:
        made = call(56, flags | signal.SIGCHLD, 0, 0, 0, 0)
    if made == 0:
        os._exit(0)
    os.waitpid(made, 0)
    return True


@mechanism("kernel", ASKED, ["user", "mount", "network", "all"])
def joins_namespaces_of_another(t, which):
    """Of the canary in a user namespace, which belongs to the same person."""
    def join():
        pid = stranger(t, t.namespaced)
        user = os.open(f"/proc/{pid}/ns/user", os.O_RDONLY)
        other = os.open(f"/proc/{pid}/ns/{'mnt' if which == 'mount' else 'net'}", os.O_RDONLY)
        if which == "all":
            return asked(308, call(434, pid, 0), NEWUSER | NEWNET)
        call(308, user, 0)
        return which == "user" or asked(308, other, 0)
    return in_child(join)


def mounts(how):
    home = os.path.expanduser("~").encode()
    if how == "tmpfs":
        return asked(165, b"none", home, b"tmpfs", 0, None)
    if how == "bind":
        return asked(165, b"/", home, None, 0x5000, None)
    if how == "overlay":
        call(165, b"none", home, b"tmpfs", 0, None)
        for name in (b"/low", b"/up", b"/work", b"/all"):
            os.mkdir(home + name)
        return asked(165, b"none", home + b"/all", b"overlay", 0, b"lowerdir=%s/low,upperdir=%s/up,workdir=%s/work" % (home, home, home))
    if how == "unmount":
        call(165, b"none", home, b"tmpfs", 0, None)
        return asked(166, home, 2)
    if how == "pivot":
        call(165, b"none", home, b"tmpfs", 0, None)
        os.mkdir(home + b"/old")
        return asked(155, home, home + b"/old")
    if how == "clone_tree":
        return asked(428, -100, b"/", 0x80001 | 0x8000)
    if how == "attributes":
        call(165, b"none", home, b"tmpfs", 0, None)
        return asked(442, -100, home, 0, struct.pack("=QQQQ", 1, 0, 0, 0), 32)
    made = call(430, b"tmpfs", 0)
    call(431, made, 6, None, None, 0)
    return asked(432, made, 0, 0)


@mechanism("kernel", ASKED, ["tmpfs", "bind", "overlay", "unmount", "pivot", "clone_tree", "attributes", "new_calls"])
def mounts_something(t, how):
    return with_namespaces(NEWNS, lambda: mounts(how))


@mechanism("kernel", ASKED, ["chroot", "host_name", "domain_name"])
def acts_as_root_of_a_namespace(t, how):
    return with_namespaces(NEWUTS, {"chroot": lambda: asked(161, b"/"), "host_name": lambda: asked(170, b"other", 5),
                                    "domain_name": lambda: asked(171, b"other", 5)}[how])


@mechanism("kernel", SECRET, ["search", "request", "by_number"])
def reads_keys_of_the_kernel(t, how):
    """A key that a process of the same person put into the keyring of that person."""
    if how == "search":
        key = call(250, 10, -4, b"user", b"persais-canary", 0)
    elif how == "request":
        key = call(249, b"user", b"persais-canary", None, 0)
    else:
        key = t.key
    into = ctypes.create_string_buffer(64)
    call(250, 11, key, into, 64, 0)
    return into.raw


@mechanism("kernel", ASKED, ["add", "own_ring", "join"])
def keeps_keys_in_the_kernel(t, how):
    if how == "add":
        return asked(248, b"user", b"persais-attempt", b"x", 1, -2)
    return asked(250, 0, -4, 1) if how == "own_ring" else in_child(lambda: asked(250, 1, None))


@mechanism("kernel", ASKED, ["file", "folder", "root"])
def names_files_by_handle(t, what):
    """With the handle, and a right that few have, a file is opened that no path leads to."""
    handle = ctypes.create_string_buffer(struct.pack("=II", 120, 0) + b"\0" * 120)
    path = {"file": b"/usr/bin/env", "folder": b"/usr", "root": b"/"}[what]
    return asked(303, -100, path, handle, ctypes.create_string_buffer(8), 0)


@mechanism("kernel", ASKED, ["clock", "faults", "switches", "another"])
def counts_performance(t, which):
    config = {"clock": 1, "faults": 2, "switches": 3, "another": 1}[which]
    attributes = struct.pack("=IIQQQQQ", 1, 112, config, 0, 0, 0, 1 | 1 << 5 | 1 << 6).ljust(112, b"\0")
    return call(298, attributes, stranger(t, t.canary) if which == "another" else 0, -1, -1, 0) >= 0


ASKED_ALONE = {
    "handles_page_faults": {"plain": (323, 1), "nonblocking": (323, 1 | os.O_NONBLOCK), "cloexec": (323, 1 | os.O_CLOEXEC)},
    "uses_io_uring": {"plain": (425, 8, b"\0" * 120), "own_kernel_thread": (425, 8, struct.pack("=III", 0, 0, 2).ljust(120, b"\0")),
                      "own_size": (425, 8, struct.pack("=III", 0, 16, 8).ljust(120, b"\0"))},
    "watches_all_files": {"identified": (300, 0x200, 0), "with_names": (300, 0xe00, 0)},
    "changes_the_processors_rights": {"ldt": (154, 0, b"\0" * 64, 64), "default_ldt": (154, 2, b"\0" * 64, 64)},
    "takes_another_personality": {"executable_data": (135, 0x0400000), "mapped_zero": (135, 0x0100000), "old_layout": (135, 0x0200000),
                                  "short_names": (135, 0x0000003), "three_gigabytes": (135, 0x8000000)},
    "looks_at_the_clocks_discipline": {"old": (159, b"\0" * 208), "new": (305, 0, b"\0" * 208)},
    "asks_for_quotas": {"old": (179, 0x80000100, None, 0, None)},
    "asks_about_file_systems": {"by_device": (136, os.stat("/").st_dev if os.stat("/").st_dev < 1 << 31 else 0, b"\0" * 64)},
}
for name, variants in ASKED_ALONE.items():
    def one(t, which, numbers=variants):
        return in_child(lambda: asked(*numbers[which]))
    one.__name__ = name
    mechanism("kernel", ASKED, variants)(one)


@mechanism("kernel", ASKED, ["getpid", "uname", "time"])
def calls_as_another_architecture(t, which):
    """`int 0x80` is the door of 32-bit programs; a filter that knows only the other numbers is passed by it."""
    number = {"getpid": 20, "uname": 122, "time": 13}[which]

    def through():
        page = mmap.mmap(-1, 8192, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x40)
        page.write(b"\x53\xb8" + struct.pack("<I", number) + b"\xbb" + struct.pack("<I", 0) + b"\xcd\x80\x5b\xc3")  # push rbx; …; int 0x80; pop; ret
        code = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))
        answer = code()
        return answer > 0 or (which == "uname" and answer == -errno.EFAULT)  # it looked at the address, so it was called
    return in_child(through)


@mechanism("kernel", ASKED, ["own_terminal", "high_half", "by_name"])
def types_into_a_terminal(t, how):
    def typed():
        os.setsid()
        _, tty = pty.openpty()
        fcntl.ioctl(tty, 0x540E, 0)  # TIOCSCTTY
        if how == "by_name":
            tty = os.open("/dev/tty", os.O_RDWR)
        return LIBC.ioctl(ctypes.c_int(tty), ctypes.c_ulong(0x5412 | (1 << 32 if how == "high_half" else 0)), b"x") == 0
    return in_child(typed)


@mechanism("kernel", SECRET, ["memory", "queue", "shm_file"])
def reads_shared_memory_of_the_host(t, how):
    if how == "memory":
        LIBC.shmat.restype = ctypes.c_void_p
        at = LIBC.shmat(call(29, t.ipc_key, 64, 0), None, 0o10000)
        return ctypes.string_at(at, 64)
    if how == "shm_file":
        return read("/dev/shm/somebodys")
    into = ctypes.create_string_buffer(72)
    call(70, call(68, t.ipc_key, 0), into, 64, 0, 0o4000 | 0o40000)  # a copy (MSG_COPY), so that the next one finds it too
    return into.raw


@mechanism("kernel", MARK, ["memory"])
def writes_shared_memory_of_the_host(t, how):
    LIBC.shmat.restype = ctypes.c_void_p
    at = LIBC.shmat(call(29, t.ipc_key, 64, 0), None, 0)
    ctypes.memmove(at + 64, t.mark.encode(), len(t.mark))
