"""The HTTP API as a program calls it: requests, and streams of server-sent events, by the standard library alone."""

import http.client
import json
import threading

from persais import PATIENCE


class Answer:
    def __init__(self, answer):
        self.status, self.headers, self.raw = answer.status, dict(answer.getheaders()), answer.read()

    @property
    def json(self):
        return json.loads(self.raw)

    @property
    def text(self):
        return self.raw.decode()

    def __repr__(self):
        return f"{self.status} {self.raw[:2000]!r}"


class Caller:
    def __init__(self, port, token=None, **headers):
        self.port, self.headers = port, {**({"Authorization": f"Bearer {token}"} if token else {}), **headers}

    def ask(self, method, path, body=None, **headers):
        """`body`: sent as JSON; bytes: as they are. In the names of headers _ stands for -."""
        given = {**self.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
        if body is not None:
            given.setdefault("Content-Type", "application/json")
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            link.request(method, path, body, given)
            return Answer(link.getresponse())
        finally:
            link.close()

    def get(self, path, **headers):
        return self.ask("GET", f"/api/v1{path}", **headers)

    def post(self, path, body=None, **headers):
        return self.ask("POST", f"/api/v1{path}", body, **headers)

    def stream(self, path, last=None):
        return Stream(self, f"/api/v1{path}", last)


class Stream:
    """Events as they come: each (id, kind, data)."""

    def __init__(self, caller, path, last):
        self.link = http.client.HTTPConnection("127.0.0.1", caller.port, timeout=PATIENCE)
        more = {} if last is None else {"Last-Event-ID": str(last)}
        self.link.request("GET", path, headers={**caller.headers, **more})
        self.socket = self.link.sock
        self.answer = self.link.getresponse()
        self.status, self.events, self.seen, self.ended = self.answer.status, [], threading.Condition(), False
        self.answer.readline()  # `retry`: now it is registered, or soon
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self):
        fields = {}
        try:
            for raw in self.answer:
                line = raw.decode().rstrip("\n")
                name, _, value = line.partition(": ")
                if line and name:
                    fields[name] = value
                elif fields.get("event"):
                    with self.seen:
                        self.events.append((fields.get("id"), fields["event"], json.loads(fields["data"])))
                        self.seen.notify_all()
                if not line:
                    fields = {}
        except (OSError, ValueError, http.client.HTTPException):
            pass  # cut, or closed
        with self.seen:
            self.ended = True
            self.seen.notify_all()

    def wait(self, found, what=""):
        """The first event of which `found(kind, data)` holds."""
        def first():
            return next((e for e in self.events if found(e[1], e[2])), None)
        with self.seen:
            self.seen.wait_for(lambda: first() or self.ended, PATIENCE)
            if not first():
                raise AssertionError(f"no such event {what}, ended: {self.ended}: {self.events}")
            return first()

    def wait_state(self, state, task=None):
        return self.wait(lambda kind, data: kind == "state" and data["state"] == state and task in (None, data["task"]), state)

    def wait_end(self):
        with self.seen:
            self.seen.wait_for(lambda: self.ended, PATIENCE)
            return self.ended

    def numbers(self):
        with self.seen:
            return [data["number"] for _, kind, data in self.events if kind != "end"]

    def close(self):
        try:
            self.socket.shutdown(2)
        except OSError:
            pass
        self.thread.join(PATIENCE)
        self.link.close()
