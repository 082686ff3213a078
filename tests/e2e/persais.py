"""One `persais` as a process: its lines as they come, its end, its death."""

import json
import os
import signal
import subprocess
import threading
from pathlib import Path

import leaks
import processes

PROGRAM = Path(os.environ.get("PERSAIS_BIN", Path(__file__).resolve().parents[2] / "build/dev/bin")).resolve() / "persais"
PATIENCE = 120  # seconds: for a line, and for the end, on a machine that has much else to do


class Persais:
    """`persais ARGUMENTS` with exactly this environment. `before`: words in front, such as unshare's."""

    def __init__(self, arguments, environment, folder, before=()):
        self.lines, self.seen, self.ended = [], threading.Condition(), False
        errors, error_end = os.pipe()
        self.process = subprocess.Popen([*before, str(PROGRAM), *arguments], env=environment, cwd=folder,
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=error_end)
        os.close(error_end)
        self.pid, self.raw, self.errors = self.process.pid, b"", b""
        self.threads = [threading.Thread(target=self._read_lines, daemon=True),
                        threading.Thread(target=self._read_errors, args=(errors,), daemon=True)]
        for thread in self.threads:
            thread.start()
        leaks.started(environment, folder, f"persais {arguments[0]}", lambda: self.raw + b"\n" + self.errors)

    def _read_lines(self):
        for raw in self.process.stdout:
            with self.seen:
                self.raw += raw
                try:
                    self.lines.append(json.loads(raw))
                except ValueError:
                    self.lines.append({"event": None, "raw": raw.decode(errors="replace")})
                self.seen.notify_all()
        with self.seen:
            self.ended = True
            self.seen.notify_all()

    def _read_errors(self, fd):
        with open(fd, "rb") as file:
            while data := file.read1():
                self.errors += data

    def wait_line(self, **fields):
        """The first line that has these fields."""
        def found():
            return next((x for x in self.lines if all(x.get(k) == v for k, v in fields.items())), None)
        with self.seen:
            self.seen.wait_for(lambda: found() or self.ended, PATIENCE)
            line = found()
        if not line:
            raise AssertionError(f"no line with {fields}: {self.story()}")
        return line

    def task(self):
        return self.wait_line(event="state")["task"]

    def wait(self):
        """Waits for the end; gives the exit code."""
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"did not end: {self.story()}") from None
        for thread in self.threads:
            thread.join(10)
        return self.process.returncode

    def interrupt(self):
        self.process.send_signal(signal.SIGINT)

    def kill(self):
        """kill -9, and the end of what was below it, the database's aside: `left` is what does not come to its end."""
        below = processes.below(self.pid)
        self.process.kill()
        self.process.wait()
        fresh = [pid for pid in below if not processes.is_database(pid)]
        self.left = [processes.describe(pid) for pid in processes.wait_gone(fresh, processes.SOON)]
        self.threads[0].join(1 if self.left else PATIENCE)

    @property
    def result(self):
        return self.lines[-1] if self.lines else {}

    def states(self):
        return [line["state"] for line in self.lines if line.get("event") == "state"]

    def story(self):
        """What it printed, for a failed assertion."""
        return f"exit {self.process.returncode}\n{self.raw.decode(errors='replace')}{self.errors.decode(errors='replace')}"
