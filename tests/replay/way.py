"""The whole way of one replay: a scripted model server and `persais run` before it."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import answer_of
from git_side import CannotReplay

ROOT = Path(__file__).resolve().parents[2]
MODEL = "replay/commit"
KEY = "replayed"
KEPT = ("PATH", "HOME", "LANG", "USER", "TMPDIR", "PERSAIS_AGENT_ENV", "PERSAIS_POSTGRES", "PERSAIS_UNSAFE")


@dataclass
class Told:
    result: dict = field(default_factory=dict)  # the last line of --json; empty if there was none
    code: int = 0
    errors: str = ""
    first_request: float | None = None  # seconds from the start of the program
    requests: int = 0
    timeline: list = field(default_factory=list)  # (seconds, text)


def program():
    folder = os.environ.get("PERSAIS_BIN") or ROOT / "build" / "dev" / "bin"
    return str(Path(folder) / "persais")


class ModelServer:
    def __init__(self, folder, text):
        self.log = folder / "model.jsonl"
        script = folder / "script.json"
        script.write_text(json.dumps({
            "steps": [{"reply": text, "name": "the change", "times": 0, "once": True}],
            "default": {"reply": "The change is complete.", "name": "complete"},
        }))
        self.process = subprocess.Popen(
            [sys.executable, str(ROOT / "tests/fakes/model/server.py"), "--script", str(script), "--key", KEY,
             "--model", MODEL, "--log", str(self.log), "--die-with-parent", "--context", "4000000",
             "--max-completion-tokens", "1000000", "--price-prompt", "0.01", "--price-completion", "0.01"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        self.url = self.process.stdout.readline().removeprefix("listening ").strip()
        if not self.url:
            raise CannotReplay("the scripted model server did not start")

    def requests(self):
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        return [one for one in map(json.loads, lines) if one["path"].endswith("chat/completions")]

    def stop(self):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()


def environment(folder, url):
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    return kept | {"PERSAIS_DATA": str(folder / "data"), "OPENROUTER_BASE_URL": url, "OPENROUTER_API_KEY": KEY,
                   "AIDER_MODEL": MODEL, "AIDER_EDIT_FORMAT": "diff", "LOG_LEVEL": "warn", "BUDGET_TASK_USD": "1000",
                   "BUDGET_DAY_USD": "1000"}


def run(at_work, answer, args):
    """Told. A run that takes longer than `args.timeout` is interrupted as a person would."""
    server = ModelServer(at_work.folder, answer.text)
    try:
        return _run(at_work, answer, args, server)
    finally:
        server.stop()


def _run(at_work, answer, args, server):
    line = [program(), "run", "--json", "--repo", str(at_work.remote)]
    for name, given in (("--setup", args.setup), ("--check", args.check)):
        if given or not args.guess:
            line += [name, given or "true"]
    line.append(answer_of.instruction(at_work.change, answer, args.message_only))
    told, started, wall = Told(), time.monotonic(), time.time()
    with (at_work.folder / "stderr").open("w+") as errors:
        process = subprocess.Popen(line, cwd=at_work.folder, env=environment(at_work.folder, server.url),
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, text=True)
        signal.signal(signal.SIGALRM, lambda *_: process.send_signal(signal.SIGINT))
        signal.setitimer(signal.ITIMER_REAL, args.timeout)
        try:
            for text in process.stdout:
                _note(told, time.monotonic() - started, text)
            told.code = process.wait()
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
                process.wait()
        errors.seek(0)
        told.errors = errors.read()[-2000:].strip()
    told.timeline.append((time.monotonic() - started, "ended"))
    asked = server.requests()
    told.requests = len(asked)
    told.first_request = asked[0]["time"] - wall if asked else None
    (at_work.folder / "timeline").write_text("".join(f"{at:8.3f}  {text}\n" for at, text in told.timeline))
    return told


def _note(told, at, text):
    try:
        said = json.loads(text)
    except ValueError:
        told.timeline.append((at, "not JSON: " + text.strip()))
        return
    if said.get("event") == "result":
        told.result = said
    told.timeline.append((at, " ".join(str(said[k]) for k in ("event", "state", "text", "verdict") if k in said)))
