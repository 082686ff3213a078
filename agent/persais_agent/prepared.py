"""The prepared parent (decision 0054): a process that has loaded all that a job needs, and is forked for each.

A request is one descriptor, the way to the keeper of the task's sandbox. The fork that gets it enters that sandbox
through the library, which is code of the keeper: it becomes the sandbox's user, gives up every right, closes every other
descriptor, and comes back with the task's environment. Then it is what `run.py` would be. The parent sees
nothing of a task, and never comes back from a fork with anything but a number.
"""

import ctypes
import errno
import gc
import os
import random
import resource
import select
import signal
import socket
import sys
import tempfile


def serve(library: str, idle_seconds: float, most_bytes: int, load=None, run=None) -> None:
    """`load` and `run`: what is done before anything is asked for, and in each fork, which `run` must not leave."""
    limits = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (min([most_bytes, *(each for each in limits if each >= 0)]), limits[1]))
    requests = socket.socket(fileno=os.dup(0))
    # The number stays taken, so that nothing else of the parent ever becomes a program's standard input.
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    # With the interpreter's lock held, because what returns is another process.
    join = ctypes.PyDLL(library).persais_join
    join.restype = None
    (load or _load)()
    # Children are the kernel's to bury.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    gc.collect()
    gc.freeze()  # else the first collection in a fork copies every page of it
    error = ctypes.CDLL(library).persais_settle()
    if error == errno.EBUSY:
        raise RuntimeError("something that was loaded has started a thread, which a fork does not have")
    if error:
        raise OSError(error, os.strerror(error))
    socket.send_fds(requests, [b"ready"], [os.pidfd_open(os.getpid())])
    while select.select([requests], [], [], idle_seconds)[0]:
        request, fds, _, _ = socket.recv_fds(requests, 1, 1)
        if not request:
            return
        if os.fork() == 0:
            requests.close()
            join(fds[0])
            resource.setrlimit(resource.RLIMIT_DATA, limits)  # a task has its own
            _become_new()
            (run or _run)()
        for fd in fds:
            os.close(fd)


def _load() -> None:
    from . import loading

    # numpy's library of algebra starts a thread for each core when it is loaded, unless it is told not to.
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    import numpy  # noqa: F401

    loading.prepare()


def _run() -> None:
    from .main import main

    main()


def leave(code: int) -> None:
    """Ends a fork, and nothing of the parent's with it."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _become_new() -> None:
    """What a new interpreter would have, and a fork has of its parent. What stays equal: decision 0054."""
    _take_environment()
    for ignored in (signal.SIGPIPE, signal.SIGXFSZ):  # as a new interpreter does
        signal.signal(ignored, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    random.seed()
    tempfile.tempdir = tempfile._name_sequence = None
    if "ssl" in sys.modules:  # OpenSSL sees a fork by the process id, which a namespace gives out again
        sys.modules["ssl"].RAND_add(os.urandom(32), 32.0)
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()


def _take_environment() -> None:
    """The library has replaced the C library's; Python read it once, at its start."""
    entries = ctypes.POINTER(ctypes.c_char_p).in_dll(ctypes.CDLL(None), "environ")
    new = {}
    for entry in entries:
        if entry is None:
            break
        name, _, value = os.fsdecode(entry).partition("=")
        new[name] = value
    os.environ.clear()
    os.environ.update(new)
