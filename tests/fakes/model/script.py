"""The script: which step answers which request. README.md describes the format."""

import json
import re
import threading
from pathlib import Path

import edits

# aider throws an answer away when it names files that are not in its chat: it adds them, says so, and asks again.
ASKED_AGAIN = re.compile(r"I added these files to the chat")
ANSWERS = {"reply", "reply_file", "edits", "error", "error_in_200", "drop"}
SHAPES = {
    "match", "prompt", "times", "once", "name", "error_in_stream", "stall_seconds", "after_chunks", "keepalive_comments",
    "interval_ms", "cut_after_chunks", "reset", "no_finish_reason", "no_done", "no_usage", "chunk_chars",
    "chunk_delay_ms", "finish_reason", "usage", "reasoning", "model", "hold_until_file", "announce_file",
    "before_headers",
}


class BadScript(ValueError):
    pass


class Step:
    def __init__(self, data, where, folder):
        unknown = set(data) - ANSWERS - SHAPES if isinstance(data, dict) else {"(not an object)"}
        if unknown:
            raise BadScript(f"{where}: unknown: {', '.join(sorted(unknown))}")
        self.data, self.where = data, data.get("name", where)
        self.match = re.compile(data["match"], re.DOTALL) if "match" in data else None
        self.prompt = re.compile(data["prompt"], re.DOTALL) if "prompt" in data else None
        self.times = data.get("times", 1)  # 0: for ever
        self.text = data.get("reply", "")
        if "reply_file" in data:
            self.text = (folder / data["reply_file"]).read_text(encoding="utf-8")
        if "edits" in data:
            self.text = "\n".join(edits.block(e["path"], e.get("search", ""), e["replace"]) for e in data["edits"])

    def fits(self, messages, last_user, prompt):
        return ((not self.match or self.match.search(last_user)) and (not self.prompt or self.prompt.search(prompt))
                and not (self.get("once") and self._was_taken(messages, last_user)))

    def _was_taken(self, messages, last_user):
        """Whether this answer was given in the conversation and not thrown away."""
        said = [self.text.strip() in text_of(m) for m in messages if m.get("role") == "assistant"]
        return any(said) and not (said[-1] and ASKED_AGAIN.search(last_user))

    def get(self, name, otherwise=None):
        return self.data.get(name, otherwise)


class _List:
    """Steps in order; each conversation has its own counters where the scope says so."""

    def __init__(self, data, where, folder):
        self.prompt = re.compile(data["prompt"], re.DOTALL) if "prompt" in data else None
        self.steps = [Step(step, f"{where}steps[{i}]", folder) for i, step in enumerate(data.get("steps", []))]
        self.default = Step(data["default"], where + "default", folder) if "default" in data else None
        self.used = {}

    def take(self, conversation, messages, last_user, prompt):
        used = self.used.setdefault(conversation, [0] * len(self.steps))
        for i, step in enumerate(self.steps):
            if (step.times == 0 or used[i] < step.times) and step.fits(messages, last_user, prompt):
                used[i] += 1
                return step
        return self.default


class Script:
    def __init__(self, data, folder=Path(".")):
        unknown = set(data) - {"scope", "conversation", "rules", "steps", "default", "comment"}
        if unknown:
            raise BadScript(f"unknown: {', '.join(sorted(unknown))}")
        if data.get("scope", "global") not in ("global", "conversation"):
            raise BadScript('scope is "global" or "conversation"')
        self.by_conversation = data.get("scope") == "conversation" or "conversation" in data
        self.conversation = re.compile(data["conversation"], re.DOTALL) if "conversation" in data else None
        self.lists = [_List(rule, f"rules[{i}].", folder) for i, rule in enumerate(data.get("rules", []))]
        self.lists.append(_List({k: data[k] for k in ("steps", "default") if k in data}, "", folder))
        self.lock = threading.Lock()

    @classmethod
    def load(cls, path):
        path = Path(path)
        return cls(json.loads(path.read_text(encoding="utf-8")), path.parent)

    @classmethod
    def answering_edits(cls, path):
        """An answers file, or a folder of them in the order of their names: each is given in a conversation until it
        was taken, and then the next. After the last one there is nothing more to change."""
        path = Path(path)
        files = sorted(path.glob("*.json")) if path.is_dir() else [path]
        if not files:
            raise BadScript(f"{path}: no answers")
        steps = [{"edits": json.loads(file.read_text(encoding="utf-8"))["answers"], "name": file.name,
                  "times": 0, "once": True} for file in files]
        return cls({"steps": steps, "default": {"reply": "The change is complete."}})

    def _key(self, body, prompt, messages):
        if not self.by_conversation:
            return None
        if self.conversation:
            found = self.conversation.search(prompt)
            return found.group(found.lastindex or 0) if found else None
        first = next((text_of(m) for m in messages if m.get("role") == "user"), "")
        return body.get("session_id") or body.get("user") or first

    def take(self, body):
        """The step for this request, None when nothing is left for it."""
        messages = body["messages"]
        prompt = "\n".join(text_of(m) for m in messages)
        last_user = next((text_of(m) for m in reversed(messages) if m.get("role") == "user"), "")
        key = self._key(body, prompt, messages)
        with self.lock:
            for steps in self.lists:
                if not steps.prompt or steps.prompt.search(prompt):
                    step = steps.take(key, messages, last_user, prompt)
                    if step:
                        return step
        return None


def text_of(message):
    content = message.get("content") or ""
    if isinstance(content, str):
        return content
    return "\n".join(part.get("text", "") for part in content)
