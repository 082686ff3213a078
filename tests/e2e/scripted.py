"""The scripted model server in this process, and the steps that the stories need."""

import json
import threading
from pathlib import Path

import edits
import server

KEY = "a-key-for-" + "the-tests-only-41c7"
MODEL = "tests/scripted"
WRONG = "def add(a, b):\n    return a * b\n"
RIGHT = "def add(a, b):\n    return a + b\n"


def edit(before, after, path="calc.py", **more):
    """A step that makes this change. aider may throw an answer away and ask again, so it is given until it was taken."""
    return {"reply": edits.block(path, before, after), "once": True, "times": 0, **more}


def fix(**more):
    return edit("    return a - b\n", "    return a + b\n", **more)


def spoil(**more):
    return edit("    return a - b\n", "    return a * b\n", name="spoil", **more)


def repair(**more):
    return edit("    return a * b\n", "    return a + b\n", name="repair", match="checks are red", **more)


class Model:
    def __init__(self, folder, steps=(), default=None, flags=(), rules=()):
        folder = Path(folder)
        script, self.log = folder / "script.json", folder / "model.jsonl"
        default = default or {"reply": "The change is complete."}
        script.write_text(json.dumps({"steps": list(steps), "default": default, "rules": list(rules)}))
        arguments = ["--script", str(script), "--key", KEY, "--model", MODEL, "--log", str(self.log), *flags]
        self.server, self.url = server.start(server.arguments(arguments))
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self.thread.start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def charges(self):
        """Dollars by generation: what it took for each call, whatever became of the answer."""
        ledger = self.server.RequestHandlerClass.world.ledger
        with ledger.lock:
            return {name: made["total_cost"] + made["upstream_inference_cost"] for name, made in ledger.generations.items()}

    def requests(self):
        """What the server wrote down of the chat requests whose answers have ended."""
        lines = [json.loads(line) for line in self.log.read_text().splitlines()]
        return [line for line in lines if line["path"].endswith("/chat/completions")]
