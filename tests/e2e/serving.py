"""A `persais serve` as a process, on ports that were free: its log's lines as they come, its health, its end, its death;
and the story that has one, with the commands that people run beside it."""

import http.client
import json
import re
import signal
import subprocess
import threading
import time

import leaks
import processes
from json_schema import command_faults
from persais import PATIENCE, PROGRAM
from story import Story


class Serving:
    """`Serving.start(environment, folder)`; the caller ends it, with terminate() or kill9()."""

    @classmethod
    def start(cls, environment, folder, before=()):
        return cls(environment, folder, before)

    def __init__(self, environment, folder, before=(), program=PROGRAM):
        """HOST, PORT and METRICS_ADDRESS are free ones of this machine, unless `environment` has them; JSON is logged.
        `before`: words in front, such as unshare's."""
        given = {"HOST": "127.0.0.1", "PORT": "0", "METRICS_ADDRESS": "127.0.0.1:0", "LOG_FORMAT": "json", **environment}
        self.lines, self.seen, self.ended = [], threading.Condition(), False  # each line {time, level, message, task?}
        self.process = subprocess.Popen([*before, str(program), "serve"], env=given, cwd=folder, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.pid, self.raw = self.process.pid, b""
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()
        leaks.started(given, folder, "persais serve", lambda: self.raw)

    def _read(self):
        for raw in self.process.stdout:
            try:
                line = json.loads(raw)
            except ValueError:
                line = {"level": None, "message": raw.decode(errors="replace").rstrip("\n")}
            with self.seen:
                self.raw += raw
                self.lines.append(line)
                self.seen.notify_all()
        with self.seen:
            self.ended = True
            self.seen.notify_all()

    def wait_for_line(self, text, start=0, patience=PATIENCE, **fields):
        """The first line, from number `start` on, whose message matches `text` (a regular expression) and that has these
        fields. Waits for it; a service that ended, or took too long, is a failure."""
        pattern = re.compile(text)

        def found():
            return next((x for x in self.lines[start:] if pattern.search(str(x.get("message", "")))
                         and all(x.get(k) == v for k, v in fields.items())), None)
        with self.seen:
            self.seen.wait_for(lambda: found() or self.ended, patience)
            line = found()
        if not line:
            raise AssertionError(f"no line with {text!r} {fields}: {self.story()}")
        return line

    def wait_ready(self):
        """Until it takes tasks."""
        self.wait_for_line("^ready: up to")
        return self

    def wait_task(self, task, state):
        """Until it says that the task came into this state."""
        return self.wait_for_line(rf"^{state}\b", task=str(task))

    def _port(self, what):
        return int(self.wait_for_line(rf"^{what} on ")["message"].rpartition(":")[2])

    @property
    def port(self):
        return self._port("HTTP")

    @property
    def metrics_port(self):
        return self._port("metrics")

    def get(self, path, port=None, method="GET"):
        """(status, bytes)"""
        link = http.client.HTTPConnection("127.0.0.1", port or self.port, timeout=PATIENCE)
        try:
            link.request(method, path)
            answer = link.getresponse()
            return answer.status, answer.read()
        finally:
            link.close()

    def health(self, path="/health"):
        """(status, what its JSON says)"""
        status, body = self.get(path)
        return status, json.loads(body)

    def metrics(self):
        return self.get("/metrics", self.metrics_port)[1].decode()

    def hang_up(self):
        self.process.send_signal(signal.SIGHUP)

    def wait(self):
        """Waits for the end; gives the exit code."""
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"did not end: {self.story()}") from None
        self.thread.join(10)
        return self.process.returncode

    def terminate(self, number=signal.SIGTERM):
        """In order; gives the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.wait()

    def kill9(self):
        """The service alone; what ran below it and still does after a while is in `left`, the database's aside."""
        below = [pid for pid in processes.below(self.pid) if not processes.is_database(pid)]
        self.process.kill()
        self.process.wait()
        self.left = [processes.describe(pid) for pid in processes.wait_gone(below, processes.SOON)]
        self.thread.join(1 if self.left else PATIENCE)

    def messages(self):
        return [line["message"] for line in self.lines]

    def story(self):
        """What it logged, for a failed assertion."""
        return f"serve: exit {self.process.poll()}\n{self.raw.decode(errors='replace')}"


class Said:
    """A command that ended."""

    def __init__(self, process, words):
        self.code, self.out, self.err = process.returncode, process.stdout, process.stderr
        self.words = words

    @property
    def lines(self):
        """Of --json."""
        return [json.loads(line) for line in self.out.splitlines()]

    def story(self):
        return f"persais {' '.join(self.words)}: exit {self.code}\n{self.out}{self.err}"


class ServedStory(Story):
    """Stories with a service. It leaves at the end of each test, before its model does."""

    def serve(self, **changes):
        """A service that takes tasks, on the class's data folder."""
        service = Serving.start(self.environment(**changes), self.folder / "cwd")
        self.addCleanup(self._end_service, service)
        return service.wait_ready()

    def _end_service(self, service):
        if service.process.poll() is None:
            service.terminate()

    def persais(self, *words, **changes):
        """`persais WORDS`, to its end."""
        words = [str(word) for word in words]
        said = Said(subprocess.run([str(PROGRAM), *words], env=self.environment(**changes), cwd=self.folder / "cwd", text=True,
                                   stdin=subprocess.DEVNULL, capture_output=True, errors="replace", timeout=PATIENCE), words)
        leaks.started(self.environment(**changes), self.folder / "cwd", f"persais {words[0]}", (said.out + said.err).encode())
        if "--json" in words and said.out.startswith("{"):
            self.assertEqual(command_faults(words, said.lines), [], said.story())
        return said

    def enqueue(self, remote, instruction="Mend the sum.", check="python3 check.py", more=(), **changes):
        """`persais run --detach`; gives the task's number."""
        where = getattr(remote, "path", remote)
        flags = ["--repo", where, *(["--check", check] if check is not None else []), *more]
        said = self.persais("run", "--detach", "--json", *flags, instruction, **changes)
        self.assertEqual(said.code, 0, said.story())
        return said.lines[-1]["task"]


__all__ = ["Said", "ServedStory", "Serving"]


class SeenFromBeside(ServedStory):
    """With the service's own database, past it."""

    def sql(self, statement, database=None):
        """What it says, a line for each row."""
        return self.database.sql(statement, database)

    def wait_sql(self, statement, value):
        """Until the database says so: what no line of a service tells, or that of another process."""
        until = time.monotonic() + PATIENCE
        while (says := self.sql(statement)) != value:
            self.assertLess(time.monotonic(), until, f"{statement}: {says}, not {value}")
            time.sleep(0.05)

    def dead_leases_end(self):
        """As if their time had passed: what a killed one worked on is free. A server that is gone, too, leaves it to time."""
        if not self.embedded or (self.data / "postgres/cluster/postmaster.pid").exists():
            subprocess.run(self.database.psql("-c", "update tasks set lease_until = clock_timestamp() where lease_until is not null"), capture_output=True)
