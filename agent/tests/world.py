"""A git work tree, a scripted model, and run.py as a subprocess between them."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from script import Server

RUN = Path(__file__).resolve().parent.parent / "run.py"
TOKEN = "task-token-4711"


@dataclass
class Run:
    code: int
    lines: list[dict]
    stderr: str
    raw: bytes

    @property
    def result(self) -> dict:
        results = [line for line in self.lines if line["event"] == "result"]
        assert len(results) == 1 and self.lines[-1] is results[0], f"not exactly one last result line: {self.lines}\n{self.stderr}"
        return results[0]

    @property
    def verdict(self) -> tuple:
        return self.result["verdict"], self.code

    def texts(self) -> str:
        return "".join(line["text"] for line in self.lines if line["event"] == "text")

    def progress(self) -> list[tuple[str, str]]:
        return [(line["kind"], line["subject"]) for line in self.lines if line["event"] == "progress"]


class Started:
    """A run that goes on: its three standard streams are files, so that nobody has to read while it writes."""

    def __init__(self, start, data: bytes):
        self._out, self._err = tempfile.TemporaryFile(), tempfile.TemporaryFile()
        with tempfile.TemporaryFile() as given:
            given.write(data)
            given.seek(0)
            self._child = start([given.fileno(), self._out.fileno(), self._err.fileno()])
        self.send_signal, self.pid = self._child.send_signal, self._child.pid

    def finish(self) -> Run:
        code = self._child.wait()
        self._out.seek(0)
        self._err.seek(0)
        out, err = self._out.read(), self._err.read().decode("utf-8", "replace")
        return Run(code, [json.loads(line) for line in out.decode("utf-8").split("\n") if line], err, out)


@dataclass
class World:
    root: Path
    warm: object
    script: list = field(default_factory=list)

    def __post_init__(self):
        self.tree = self.root / "tree"
        self.scratch = self.root / "scratch"
        self.tree.mkdir()
        self.scratch.mkdir()
        self.git("init", "-q", "-b", "main")
        # A unix socket's path may have 107 bytes; pytest's folders can be longer.
        self.short = tempfile.TemporaryDirectory(prefix="pa", dir="/tmp")
        self.server = Server(os.path.join(self.short.name, "s"), self.script)

    def close(self):
        self.server.stop()
        self.short.cleanup()

    def git(self, *args) -> str:
        env = {"PATH": os.environ["PATH"], "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"}
        who = ("-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "core.autocrlf=false")
        return subprocess.run(("git", *who, *args), cwd=self.tree, env=env, check=True, capture_output=True, text=True).stdout

    def commit(self, **files):
        """Keyword names cannot hold a path: see `put`."""
        for name, content in files.items():
            self.put(name.replace("__", "."), content)
        self.git("add", "-A", "-f")
        self.git("commit", "-q", "-m", "base")

    def put(self, name: str, content: str | bytes):
        path = self.tree / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)

    def read(self, name: str) -> bytes:
        return (self.tree / name).read_bytes()

    def status(self) -> str:
        return self.git("status", "--porcelain", "-uall")

    def say(self, *steps):
        self.server.script.extend(steps)

    def job(self, instruction: str, **changes) -> dict:
        job = {
            "version": 1,
            "mode": "edit",
            "tree": str(self.tree),
            "scratch": str(self.scratch),
            "instruction": instruction,
            "model": "vendor/some-model",
            "gateway": {"socket": self.server.server_address, "token": TOKEN},
            "limits": {"max_input_tokens": 100000, "max_output_tokens": 4000},
        }
        return {**job, **changes}

    def start(self, job, env=None, cold=False) -> Started:
        """`cold`: a new interpreter, as the service starts it; else a fork of one that has aider loaded."""
        env = {"PATH": os.environ["PATH"], **(env or {})}

        def fresh(fds):
            command = (sys.executable, "-I", str(RUN))
            return subprocess.Popen(command, stdin=fds[0], stdout=fds[1], stderr=fds[2], cwd=self.tree, env=env)

        data = job if isinstance(job, bytes) else json.dumps(job).encode()
        return Started(fresh if cold else lambda fds: self.warm.start(env, self.tree, fds), data)

    def run(self, instruction, env=None, cold=False, **changes) -> Run:
        return self.start(self.job(instruction, **changes), env, cold).finish()

    def stop_when_answering(self, started: Started) -> Run:
        assert self.server.first_piece.wait(30)
        started.send_signal(signal.SIGTERM)
        return started.finish()
