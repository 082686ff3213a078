"""What the tests of this folder share: a fake, a plain client, a webhook of the test's own."""

import http.client
import http.server
import json
import sys
import threading
import unittest
import urllib.parse
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from telegram import Telegram  # noqa: E402


class Case(unittest.TestCase):
    options = {"enforce": False}

    def setUp(self):
        self.fake = Telegram(**self.options)
        self.fake.start()
        self.addCleanup(self.fake.stop)
        self.ann = self.fake.person("Ann")

    def raw(self, method, data=b"", kind="application/json", query=""):
        """(status, the JSON, headers)."""
        connection = http.client.HTTPConnection("127.0.0.1", self.fake.port, timeout=30)
        try:
            connection.request("POST", f"/bot{self.fake.token}/{method}{query}", data, {"Content-Type": kind})
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read()), answer.headers
        finally:
            connection.close()

    def ask(self, method, **args):
        return self.raw(method, json.dumps(args).encode())[1]

    def good(self, method, **args):
        answer = self.ask(method, **args)
        self.assertTrue(answer["ok"], answer)
        return answer["result"]

    def wrong(self, method, code, description, **args):
        answer = self.ask(method, **args)
        self.assertEqual((answer["ok"], answer.get("error_code"), answer.get("description")), (False, code, description))
        return answer

    def send(self, text="hello", chat=None, **args):
        return self.good("sendMessage", chat_id=(chat or self.ann).id, text=text, **args)

    def met(self):
        """Ann has written, and the bot has read it."""
        self.ann.says("hi")
        self.fake.updates.clear()
        self.fake.updates.dropped.clear()

    def form(self, method, **args):
        return self.raw(method, urllib.parse.urlencode(args).encode(), "application/x-www-form-urlencoded")[1]

    def multipart(self, method, files, **args):
        parts = [f'--=limit=\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode() for name, value in args.items()]
        for name, (filename, data) in files.items():
            filename = filename.replace('"', '\\"')
            head = f'--=limit=\r\nContent-Disposition: form-data; name="{name}"; filename="{filename}"\r\nContent-Type: text/x-diff\r\n\r\n'
            parts.append(head.encode() + data + b"\r\n")
        return self.raw(method, b"".join(parts) + b"--=limit=--\r\n", 'multipart/form-data; boundary="=limit="')[1]

    def in_background(self, function, *args, **more):
        """A thread's result, when it is called."""
        box = []
        thread = threading.Thread(target=lambda: box.append(function(*args, **more)))
        thread.start()
        self.addCleanup(thread.join)

        def result():
            thread.join(30)
            return box[0]
        return result


class Hook:
    """A bot's webhook. `answer`: from a request's update to (status, body, headers); it may wait."""

    def __init__(self, answer=lambda update: (200, b"", {})):
        self.got, self.answer, self.headers = [], answer, []
        hook = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version, disable_nagle_algorithm = "HTTP/1.1", True

            def log_message(self, *_):
                pass

            def do_POST(self):
                update = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                hook.got.append(update)
                hook.headers.append(dict(self.headers))
                status, data, headers = hook.answer(update)
                self.send_response(status)
                for name, value in {"Content-Length": str(len(data)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(data)

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/telegram/webhook"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
