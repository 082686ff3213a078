"""What the tests of this folder share: a server in this process, a client that sees every byte."""

import http.client
import json
import socket
import sys
import tempfile
import threading
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import server  # noqa: E402

KEY = "sk-test"


class Reply:
    def __init__(self, response):
        self.status, self.headers, self.broken = response.status, response.headers, False
        try:
            self.body = response.read()
        except http.client.IncompleteRead as part:
            self.body, self.broken = part.partial, True
        except ConnectionError:
            self.body, self.broken = b"", True

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def events(self):
        """The data of each event, as text."""
        return [line[6:] for line in self.body.decode().split("\n") if line.startswith("data: ")]

    @property
    def chunks(self):
        return [json.loads(event) for event in self.events if event != "[DONE]"]

    @property
    def text(self):
        return "".join(c["delta"].get("content", "") for chunk in self.chunks for c in chunk["choices"])

    @property
    def finish_reasons(self):
        return [c["finish_reason"] for chunk in self.chunks for c in chunk["choices"] if c["finish_reason"]]


class ServerCase(unittest.TestCase):
    def setUp(self):
        # A request that was stalled for ever still has its thread, which may write its line meanwhile.
        folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.log = self.folder / "log"

    def serve(self, script=None, *flags):
        args = ["--key", KEY, "--log", str(self.log), *flags]
        if script is not None:
            path = self.folder / "script.json"
            path.write_text(json.dumps(script))
            args += ["--script", str(path)]
        self.running, url = server.start(server.arguments(args))
        self.port = self.running.server_address[1]
        thread = threading.Thread(target=self.running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        self.addCleanup(lambda: (self.running.shutdown(), thread.join(), self.running.server_close()))
        self.client = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        self.addCleanup(self.client.close)
        return url

    def steps(self, *steps, flags=()):
        return self.serve({"steps": list(steps)}, *flags)

    def ask(self, method, path, body=None, key=KEY, client=None, **headers):
        client = client or self.client
        if key:
            headers["Authorization"] = f"Bearer {key}"
        data = json.dumps(body) if isinstance(body, (dict, list)) else body
        client.request(method, path, data, {"Content-Type": "application/json", **headers})
        return Reply(client.getresponse())

    def chat(self, text="hello", path="/api/v1/chat/completions", client=None, key=KEY, **fields):
        body = {"model": "persais/scripted", "messages": [{"role": "user", "content": text}], **fields}
        return self.ask("POST", path, body, key, client)

    def stream(self, text="hello", **fields):
        return self.chat(text, stream=True, **fields)

    def another(self):
        client = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        self.addCleanup(client.close)
        return client

    def logged(self, count):
        """The log's lines; a line is written just after its answer ended, so the last one may take a moment."""
        stop = threading.Event()
        for _ in range(2000):
            lines = self.log.read_text().splitlines()
            if len(lines) >= count:
                return [json.loads(line) for line in lines]
            stop.wait(0.005)
        self.fail(f"only {len(lines)} of {count} requests are in the log")

    def raw_request(self, text="hello", stream=True):
        """A plain socket on which a chat request was sent."""
        body = json.dumps({"model": "m", "stream": stream, "messages": [{"role": "user", "content": text}]}).encode()
        raw = socket.create_connection(("127.0.0.1", self.port), timeout=20)
        self.addCleanup(raw.close)
        raw.sendall(b"POST /api/v1/chat/completions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + KEY.encode() +
                    b"\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        return raw
