"""A coding agent that keeps agent/README.md's protocol and has no aider in it: it asks the model once, makes the
SEARCH/REPLACE edits of the answer, and says so. Standard library only, so that it has started after 30 ms."""

import concurrent.futures
import http.client
import json
import re
import signal
import socket
import sys
from pathlib import Path

BLOCK = re.compile(r"^(\S+)\n(`{3,})\n<{7} SEARCH\n(.*?)^={7}\n(.*?)^>{7} REPLACE\n\2$", re.MULTILINE | re.DOTALL)
CODES = {"edited": 0, "answered": 0, "no_change": 1, "bad_job": 2, "model_failed": 3, "nonsense": 4, "too_long": 5, "crashed": 70}


class Failed(Exception):
    """(verdict, reason), and the status of a refusal."""

    def __init__(self, verdict, reason, status=None):
        super().__init__(verdict, reason)
        self.verdict, self.reason, self.status = verdict, reason, status


class Stopped(Exception):
    """SIGTERM."""


class Gateway(http.client.HTTPConnection):
    def __init__(self, path, seconds):
        super().__init__("gateway", timeout=seconds)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


def say(event, **more):
    print(json.dumps({"event": event, **more}), flush=True)


def read_stream(answer, tell):
    """The text and the usage of an answer that came to its end."""
    text, usage, finished, done = "", {}, False, False
    for line in answer:
        if not line.startswith(b"data: "):
            continue
        if line.strip() == b"data: [DONE]":
            done = True
            break
        event = json.loads(line[6:])
        if "error" in event:
            raise Failed("model_failed", f"The model's answer ended with an error: {event['error'].get('message')}")
        usage = event.get("usage") or usage
        for choice in event.get("choices", []):
            piece = choice.get("delta", {}).get("content") or ""
            finished = finished or bool(choice.get("finish_reason"))
            if piece:
                text += piece
                if tell:
                    say("text", text=piece)
    if not (finished and done):
        raise Failed("model_failed", "The model's answer was cut off.")
    return text, usage


def ask(job, messages, tell=True):
    link = Gateway(job["gateway"]["socket"], job.get("request_timeout", 600))
    body = {"model": job["model"], "messages": messages, "stream": True, "stream_options": {"include_usage": True}}
    if most := job.get("limits", {}).get("max_output_tokens"):
        body["max_tokens"] = most
    try:
        link.request("POST", "/v1/chat/completions", json.dumps(body),
                     {"Authorization": "Bearer " + job["gateway"]["token"], "Content-Type": "application/json"})
        answer = link.getresponse()
        if answer.status != 200:
            said = answer.read().decode(errors="replace")
            raise Failed("model_failed", f"The model's gateway answered {answer.status}: {said[:400]}", answer.status)
        return read_stream(answer, tell)
    except (OSError, http.client.HTTPException) as trouble:
        raise Failed("model_failed", f"The model's gateway did not answer: {trouble}") from None
    finally:
        link.close()


def ask_at_once(job, messages, count):
    """So many calls of the model side by side, each to its end."""
    with concurrent.futures.ThreadPoolExecutor(count) as several:
        return [each.result() for each in [several.submit(ask, job, messages, tell=False) for _ in range(count)]]


def apply(tree, text):
    """The files that the answer changed. The answer EAT takes memory until it is ended; LINK: TARGET is a link."""
    changed, unfit, kept = set(), set(), []
    while text == "EAT":
        kept.append(bytearray(b"x" * (16 << 20)))
    for path, _, search, replace in BLOCK.findall(text):
        file = tree / path
        before = file.read_text() if file.exists() else ""
        if search not in before:
            if replace not in before:  # else made already, by an attempt before this one
                unfit.add(path)
            continue
        say("progress", kind="editing", subject=str(path))
        if replace.startswith("LINK: "):
            file.symlink_to(replace[6:].strip())
        else:
            file.write_text(before.replace(search, replace, 1))
        changed.add(path)
    if unfit and not changed:
        raise Failed("nonsense", "The model's edits could not be applied.")
    return sorted(changed), sorted(unfit)


def work(job):
    tree = Path(job["tree"])
    if not (job["instruction"] and job["model"] and job["gateway"]):
        raise ValueError("something that a job needs is empty")
    say("started", aider="0.0-stub")
    say("progress", kind="reading_repository", subject="")
    files = "\n".join(f"{file.name}\n{file.read_text(errors='replace')}" for file in sorted(tree.iterdir()) if file.is_file())
    if lent := job.get("map", {}).get("tags"):
        files = Path(lent).read_text() + files
    for row in re.findall(r"TELLS (.*)", job["instruction"]):
        say("tags", rows=[row])
    history = [*job.get("conversation", []), {"role": "user", "content": job["instruction"]}]
    say("progress", kind="asking_model", subject="")
    shown = history
    if notes := job.get("notes"):
        shown = [*history[:-1], {"role": "user", "content": f"{notes.rstrip()}\n\nThe request:\n{job['instruction']}"}]
    text, usage = ask(job, [{"role": "system", "content": files[:20000]}, *shown])
    if many := re.fullmatch(r"AT ONCE (\d+)", text):  # then the answer of one of them is made
        text, usage = ask_at_once(job, [*history, {"role": "user", "content": text}], int(many[1]))[0]
    say("usage", sent=usage.get("prompt_tokens", 0), received=usage.get("completion_tokens", 0))
    changed, unfit = ([], []) if job.get("mode") == "ask" else apply(tree, text)
    verdict = "answered" if job.get("mode") == "ask" else "edited" if changed else "no_change"
    reason = {"answered": "The model answered.", "no_change": "The model changed no file."}.get(verdict, f"{len(changed)} changed.")
    return {"verdict": verdict, "reason": reason, "files": changed, "answer": text, "malformed": 0, "edits_failed": unfit, "status": None,
            "conversation": [*history, {"role": "assistant", "content": text}],
            "tokens": {"sent": usage.get("prompt_tokens", 0), "received": usage.get("completion_tokens", 0)}}


def stop(*_):
    raise Stopped


def main():
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, stop)
    nothing = {"files": [], "answer": "", "malformed": 0, "edits_failed": [], "conversation": [], "tokens": {"sent": 0, "received": 0}}
    try:
        job = json.loads(sys.stdin.buffer.read())
        result = work(job)
    except Failed as why:
        result = {**nothing, "verdict": why.verdict, "reason": why.reason, "status": why.status}
    except Stopped:
        say("result", **nothing, verdict="crashed", reason="stopped", status=None)
        return 143
    except (KeyError, TypeError, ValueError) as why:
        result = {**nothing, "verdict": "bad_job", "reason": f"{type(why).__name__}: {why}", "status": None}
    say("result", **result)
    return CODES[result["verdict"]]


def start(run=main):
    """Runs once; or is the parent that the wrapper's own program makes of it, with nothing loaded, whose clones run."""
    if len(sys.argv) < 5 or not sys.argv[2].endswith("/prepared.py"):
        sys.exit(run())
    _, _, program, library, idle, most = sys.argv
    sys.dont_write_bytecode = True
    sys.path.insert(0, str(Path(program).parent))
    from persais_agent import prepared
    prepared.serve(library, float(idle), int(most), load=lambda: None, run=lambda: prepared.leave(run()))


if __name__ == "__main__":
    start()
