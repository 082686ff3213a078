"""A deployment that answers at a health address: it is what its remote's main is, as after a push that deploys."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from turns import git


class Deployment:
    """`unwell(commit)`: whether it fails with that commit. `paused`: it stays at what it was."""

    def __init__(self, remote, unwell=lambda commit: False):
        self.remote, self.unwell, self.paused, self.asked = remote, unwell, None, 0
        self.seen = threading.Condition()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                commit = outer.paused or git(outer.remote.path, "rev-parse", "main").strip()
                self.send_response(502 if outer.unwell(commit) else 200)
                self.send_header("X-Version", commit)
                self.send_header("Content-Length", "0")
                self.end_headers()
                with outer.seen:
                    outer.asked += 1
                    outer.seen.notify_all()

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/health"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def wait_asked(self, times):
        with self.seen:
            if not self.seen.wait_for(lambda: self.asked >= times, 60):
                raise AssertionError(f"asked {self.asked} times, not {times}")

    def end(self):
        self.server.shutdown()
        self.server.server_close()
