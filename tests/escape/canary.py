"""A process of the host that others are after: what it holds, who signals it, what is written into its memory. Says where things are as a
line of JSON, then answers lines: `dump` (its buffer and the signals so far)."""

import ctypes
import json
import mmap
import os
import signal
import sys

SIGNALS = set(range(34, 64))


def main(secret, folder, mark):  # the mark tells it from a process that has its number elsewhere
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(15, secret[:15].encode(), 0, 0, 0)
    os.chdir(folder)
    with open(secret, "w") as file, open("secret", "w") as other:
        file.write(secret.ljust(4096))
        other.write(secret)
    held = os.open(secret, os.O_RDONLY)
    mapped = mmap.mmap(held, 4096, prot=mmap.PROT_READ, flags=mmap.MAP_PRIVATE)  # noqa: F841
    own = ctypes.create_string_buffer(secret.encode(), 64)
    buffer = ctypes.create_string_buffer(256)
    libc.shmat.restype = ctypes.c_void_p
    key = os.getpid() + 0x7000000
    shared = libc.shmat(libc.shmget(key, 256, 0o1666), None, 0)
    ctypes.memmove(shared, secret.encode(), len(secret))
    queue = libc.msgget(key, 0o1666)
    libc.msgsnd(queue, b"\1" + b"\0" * 7 + secret.encode().ljust(64), 64, 0)
    kept = libc.syscall(248, b"user", b"persais-canary", secret.encode(), len(secret), -4)
    libc.syscall(250, 5, kept, ctypes.c_long(0x3f3f0000))  # whoever possesses it, and its user, may all
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    at = ctypes.addressof
    print(json.dumps({"canary": os.getpid(), "canary_secret": at(own), "canary_buffer": at(buffer), "canary_file": held, "key": kept, "ipc_key": key}), flush=True)
    seen = []
    for _ in sys.stdin:
        while got := signal.sigtimedwait(SIGNALS, 0):
            seen.append(got.si_signo)
        print(json.dumps({"signals": seen, "buffer": buffer.raw.decode("latin-1"), "shared": ctypes.string_at(shared, 256).decode("latin-1")}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
