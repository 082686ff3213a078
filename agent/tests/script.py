"""A scripted model: an OpenAI-compatible server on a unix socket that says one prepared thing for each request."""

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingMixIn, UnixStreamServer


@dataclass
class Say:
    """An answer. `cut_after` closes the connection after that many pieces; `error_after` sends an error event."""

    text: str
    piece: int = 40
    usage: tuple | None = (100, 20)
    finish: str | None = "stop"
    cut_after: int | None = None
    error_after: int | None = None
    no_done: bool = False
    hold: threading.Event | None = None  # wait for it after the first piece


@dataclass
class Refuse:
    status: int
    message: str
    headers: dict = field(default_factory=dict)


@dataclass
class Raw:
    """A 200 with exactly this body."""

    body: bytes
    kind: str = "application/json"


class Server(ThreadingMixIn, UnixStreamServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, path: str, script):
        self.script = list(script)
        self.requests: list[dict] = []
        self.headers: list[dict] = []
        self.first_piece = threading.Event()
        super().__init__(path, _Handler)
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def stop(self):
        self.shutdown()
        self.server_close()

    def prompt(self, index: int = -1) -> str:
        """Everything that one request put before the model."""
        return "\n".join(str(m["content"]) for m in self.requests[index]["messages"])


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def address_string(self):
        return "local"

    def do_POST(self):
        request = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.server.requests.append({**request, "path": self.path})
        self.server.headers.append({key.lower(): value for key, value in self.headers.items()})
        step = self.server.script.pop(0) if self.server.script else Refuse(400, "the script is over")
        if isinstance(step, Refuse):
            return self._send(step.status, json.dumps({"error": {"message": step.message, "code": step.status}}).encode(), step.headers)
        if isinstance(step, Raw):
            return self._send(200, step.body, {"content-type": step.kind})
        if request.get("stream"):
            return self._stream(step)
        choice = {"index": 0, "message": {"role": "assistant", "content": step.text}, "finish_reason": step.finish}
        body = {"id": "g1", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]}
        if step.usage:
            body["usage"] = _usage(step.usage)
        self._send(200, json.dumps(body).encode(), {})

    def _send(self, status, body, headers):
        self.send_response(status)
        for key, value in {"content-type": "application/json", **headers}.items():
            self.send_header(key, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _stream(self, step):
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("connection", "close")
        self.end_headers()
        self.wfile.write(b": OPENROUTER PROCESSING\n\n")
        pieces = [step.text[i : i + step.piece] for i in range(0, len(step.text), step.piece)] or [""]
        for number, piece in enumerate(pieces):
            if number == step.cut_after:
                return
            if number == step.error_after:
                return self._event({"error": {"message": "the provider fell over", "code": 502}, "choices": []})
            self._event(_chunk({"role": "assistant", "content": piece}, None))
            self.server.first_piece.set()
            if step.hold:
                step.hold.wait(30)
        self._event(_chunk({}, step.finish))
        if step.usage:
            self._event({**_chunk({}, None), "choices": [], "usage": _usage(step.usage)})
        if not step.no_done:
            self.wfile.write(b"data: [DONE]\n\n")

    def _event(self, message):
        self.wfile.write(b"data: " + json.dumps(message).encode() + b"\n\n")
        self.wfile.flush()


def _chunk(delta, finish):
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return {"id": "g1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}


def _usage(pair):
    return {"prompt_tokens": pair[0], "completion_tokens": pair[1], "total_tokens": sum(pair)}


def block(path: str, search: str, replace: str) -> str:
    """One SEARCH/REPLACE block as a model writes it."""
    return f"{path}\n```\n<<<<<<< SEARCH\n{search}=======\n{replace}>>>>>>> REPLACE\n```\n"
