"""shim.c: compiled for one test, and what stands in its control file."""

import errno
import mmap
import shutil
import struct
import subprocess
from pathlib import Path

SOURCE = Path(__file__).with_name("shim.c")
# The same order in shim.c.
CALLS = ("write", "send", "fsync", "rename", "unlink", "mkdir", "link", "spawn")
COUNT, KILL, FAIL = range(3)
SERVICE, GIT = 1, 2
_HEAD = struct.Struct("=8iq")
_COUNTS = struct.Struct(f"={len(CALLS)}i")


class Shim:
    """`library` goes into LD_PRELOAD of a service; or `before` before its command, for the service and its git."""

    def __init__(self, folder):
        self.library, control = folder / "shim.so", folder / "shim.control"
        control.write_bytes(bytes(mmap.PAGESIZE))
        control.chmod(0o666)
        self.file = control.open("r+b")
        self.memory = mmap.mmap(self.file.fileno(), mmap.PAGESIZE)
        compiler = shutil.which("clang-19") or "cc"
        # In a mount namespace of the service's own, every program outside of a sandbox loads it: the trusted git, which gets no
        # environment that a test could write to. Needs root.
        preload = folder / "etc/upper/ld.so.preload"
        self.before = ["unshare", "-m", "sh", "-c", f'mount -t tmpfs -o mode=755 none "{folder}/etc" && '
                       f'mkdir "{folder}/etc/upper" "{folder}/etc/work" && echo "{self.library}" > "{preload}" && '
                       f'mount -t overlay -o "lowerdir=/etc,upperdir={folder}/etc/upper,workdir={folder}/etc/work" none /etc && '
                       'exec "$@"', "sh"]
        (folder / "etc").mkdir()
        subprocess.run([compiler, "-O1", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", f'-DCONTROL="{control}"', SOURCE,
                        "-o", self.library], check=True)

    def close(self):
        self.memory.close()
        self.file.close()

    def set(self, what=COUNT, call="write", index=0, error=0, programs=0, only_files=False, victim=0, clock_shift=0):
        """From now on, counted from nothing. With no programs: nothing at all."""
        for who in (0, programs):  # nobody sees half of it
            self.memory[:_HEAD.size] = _HEAD.pack(what, CALLS.index(call), index, error, who, only_files, victim, 0, clock_shift)
            self.memory[_HEAD.size:_HEAD.size + _COUNTS.size] = bytes(_COUNTS.size)

    def rest(self):
        self.set()

    def count(self, programs=SERVICE, only_files=False):
        self.set(programs=programs, only_files=only_files)

    def kill(self, victim, call, index, programs=SERVICE):
        self.set(KILL, call, index, programs=programs, victim=victim)

    def fail(self, call, index=1, error=errno.EIO, programs=SERVICE, only_files=True):
        self.set(FAIL, call, index, error, programs, only_files)

    def shift_clock(self, seconds, programs=SERVICE):
        self.set(programs=programs, clock_shift=seconds)

    @property
    def hit(self):
        return bool(_HEAD.unpack_from(self.memory)[7])

    def counts(self):
        return dict(zip(CALLS, _COUNTS.unpack_from(self.memory, _HEAD.size)))
