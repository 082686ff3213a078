"""A program on a terminal of its own."""

import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
import time

from persais import PATIENCE, PROGRAM


class OnTerminal:
    """`persais WORDS` whose three descriptors are a terminal of this size. Everything that it writes is in `seen`."""

    def __init__(self, words, environment, folder, rows=24, columns=100, program=PROGRAM):
        self.ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.process = subprocess.Popen([str(program), *map(str, words)], env={"TERM": "xterm", **environment}, cwd=folder,
                                        stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
                                        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        os.close(theirs)
        self.seen = b""

    def _read(self, until):
        ready, _, _ = select.select([self.ours], [], [], max(0, until - time.monotonic()))
        if not ready:
            raise AssertionError(f"nothing more came: {self.seen.decode(errors='replace')}")
        try:
            piece = os.read(self.ours, 65536)
        except OSError:  # the other end is closed
            piece = b""
        self.seen += piece
        return piece

    def wait_for(self, text):
        """Until it has shown this."""
        until = time.monotonic() + PATIENCE
        while text.encode() not in self.seen:
            if not self._read(until):
                raise AssertionError(f"ended without {text!r}: {self.seen.decode(errors='replace')}")

    def type(self, text):
        os.write(self.ours, text.encode())

    def wait(self):
        """To its end; gives the exit code."""
        until = time.monotonic() + PATIENCE
        while self._read(until):
            pass
        os.close(self.ours)
        return self.process.wait(PATIENCE)

    @property
    def text(self):
        return self.seen.decode(errors="replace").replace("\r\n", "\n")
