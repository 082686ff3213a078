"""Which path does what. One handler object serves one connection, many requests."""

import http.server
import json
import threading
import time
import urllib.parse

import validate
from answer import Answer
from errors import send_error
from ledger import tokens
from script import text_of
from wire import ClientGone, Wire

MAX_BODY_BYTES = 64 << 20


class RequestLog:
    """One JSON line a request, written when its answer ended. The key never gets into it."""

    def __init__(self, path):
        self.path, self.lock, self.count = path, threading.Lock(), 0
        if path:
            open(path, "a").close()  # a wrong path is said at the start

    def write(self, **entry):
        with self.lock:
            self.count += 1
            if self.path:
                with open(self.path, "a", encoding="utf-8") as file:
                    file.write(json.dumps({"n": self.count, "time": time.time(), **entry}) + "\n")


class Handler(http.server.BaseHTTPRequestHandler):
    """world: set by the server; key(), script, ledger, log, options."""
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "scripted-model", ""
    disable_nagle_algorithm = True
    world = None

    def log_message(self, *_):
        pass

    def send_error(self, code, message=None, explain=None):
        self.close_connection = True
        send_error(Wire(self), {"status": code, "message": message or "Bad request"})

    def handle_one_request(self):
        try:
            super().handle_one_request()
        except (ClientGone, ConnectionError, ValueError):
            self.close_connection = True  # ValueError: the file was closed under a cut connection

    def do_GET(self):
        self._serve()

    do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = do_OPTIONS = do_GET

    def _serve(self):
        raw = self._read_body()
        if raw is None:
            return
        key = self.world.key()
        given = self.headers.get("Authorization", "")
        authorized = given == f"Bearer {key}"
        url = urllib.parse.urlsplit(self.path)
        headers = {name: "…" if key in value else value for name, value in self.headers.items()
                   if name.lower() != "authorization"}
        leaked = key.encode() in raw or any(value == "…" for value in headers.values())
        entry = dict(method=self.command, path=self.path.replace(key, "…"), authorized=authorized,
                     key_elsewhere=leaked or key in self.path, headers=headers, step=None)
        try:
            entry["body"] = json.loads(raw.decode().replace(key, "…")) if raw else None
        except ValueError:
            entry["body"] = raw.decode("utf-8", "replace").replace(key, "…")
        wire = Wire(self)
        try:
            entry.update(self._route(wire, url, raw, authorized, bool(given)))
        except ClientGone:
            entry.update(outcome="client_gone")
            self.close_connection = True
        finally:
            self.world.log.write(**entry)

    def _route(self, wire, url, raw, authorized, given):
        path = url.path[len("/api"):] if url.path.startswith("/api/v1/") else url.path
        open_to_all = (self.command, path) == ("GET", "/v1/models")
        known = {("POST", "/v1/chat/completions"): self._complete, ("GET", "/v1/models"): self._models,
                 ("GET", "/v1/generation"): self._generation, ("GET", "/v1/key"): self._key,
                 ("GET", "/v1/auth/key"): self._key, ("GET", "/v1/credits"): self._credits}
        route = known.get((self.command, path))
        if not route:
            return self._refuse(wire, 404, "Not Found", "not_found")
        if not authorized and not open_to_all:
            return self._refuse(wire, 401, "User not found." if given else None, "unauthorized")
        return route(wire, url, raw)

    def _refuse(self, wire, status, message, outcome):
        send_error(wire, {"status": status, **({"message": message} if message else {})})
        return {"status": status, "outcome": outcome}

    def _complete(self, wire, url, raw):
        world = self.world
        try:
            body = json.loads(raw)
        except ValueError:
            return self._refuse(wire, 400, "the body is not JSON", "bad_request")
        wrong = validate.problem(body) or world.options.refusal(body)
        if wrong:
            return self._refuse(wire, 400, wrong, "bad_request")
        prompt = sum(tokens(text_of(message)) for message in body["messages"])
        broke = world.ledger.affordable(prompt, body.get("max_tokens") or body.get("max_completion_tokens"))
        if broke:
            return self._refuse(wire, 402, broke, "no_credit")
        step = world.script.take(body)
        if not step:  # 400, so that nobody tries again
            return self._refuse(wire, 400, "the script has no step left for this request", "no_step")
        return {"step": step.where, **Answer(wire, step, body, world.ledger, world.options).run()}

    def _models(self, wire, url, raw):
        wire.json(200, {"data": self.world.options.models()})
        return {"status": 200, "outcome": "models"}

    def _generation(self, wire, url, raw):
        name = urllib.parse.parse_qs(url.query).get("id", [""])[0]
        found = self.world.ledger.generation(name)
        if not found:
            return self._refuse(wire, 404, f"Generation {name} not found", "not_found")
        wire.json(200, {"data": found})
        return {"status": 200, "outcome": "generation"}

    def _key(self, wire, url, raw):
        wire.json(200, {"data": self.world.ledger.key_info()})
        return {"status": 200, "outcome": "key"}

    def _credits(self, wire, url, raw):
        ledger = self.world.ledger
        wire.json(200, {"data": {"total_credits": ledger.credit or 0, "total_usage": ledger.spent}})
        return {"status": 200, "outcome": "credits"}

    def _read_body(self):
        """The body, from a length or from HTTP/1.1 chunks; None after a refusal."""
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            parts, total = [], 0
            while size := int(self.rfile.readline(32).split(b";")[0], 16):
                total += size
                if total > MAX_BODY_BYTES:
                    return self.send_error(413, "too large")
                parts.append(self.rfile.read(size))
                self.rfile.readline(4)
            while self.rfile.readline(1024).strip():
                pass  # trailers
            return b"".join(parts)
        length = self.headers.get("Content-Length", "0")
        if not length.isdigit() or int(length) > MAX_BODY_BYTES:
            return self.send_error(413 if length.isdigit() else 400, "bad Content-Length")
        return self.rfile.read(int(length))
