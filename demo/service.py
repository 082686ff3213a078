#!/usr/bin/python3
"""A tiny service that is deployed by a push: it answers with the code that its remote's main holds.

    service.py REMOTE

Prints its port. `/merge?intervals=1-3,3-5` gives the merged intervals as JSON; `/health` is 200 with the commit in X-Commit."""

import json
import re
import subprocess
import sys
import types
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


def git(*words):
    return subprocess.run(["git", f"--git-dir={sys.argv[1]}", *words], check=True, capture_output=True, text=True).stdout


class Service(BaseHTTPRequestHandler):
    commit, code = None, None

    def deploy(self):
        commit = git("rev-parse", "main").strip()
        if commit != Service.commit:
            code = types.ModuleType("intervals")
            exec(compile(git("show", f"{commit}:intervals.py"), "intervals.py", "exec"), code.__dict__)
            Service.commit, Service.code = commit, code

    def do_GET(self):
        self.deploy()
        url = urlsplit(self.path)
        if url.path == "/health":
            return self.answer(200, "well\n")
        if url.path == "/merge":
            pairs = re.findall(r"(\d+)-(\d+)", parse_qs(url.query).get("intervals", [""])[0])
            return self.answer(200, json.dumps(self.code.merge([(int(a), int(b)) for a, b in pairs])) + "\n")
        self.answer(404, "There is /health and /merge.\n")

    def answer(self, status, text):
        self.send_response(status)
        self.send_header("X-Commit", Service.commit)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
print(server.server_address[1], flush=True)
server.serve_forever()
