"""HTTP around a fake's answers: faults, what is held, the list of what was asked, and pages of lists."""

import json
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Refused(Exception):
    def __init__(self, status, body, fields=()):
        self.status, self.body, self.fields = status, body, dict(fields)


class Asked:
    """One request. `path` is as it was sent: what is encoded in it is one segment."""

    def __init__(self, method, target, fields, raw):
        url = urllib.parse.urlsplit(target)
        self.method, self.target, self.path, self.fields, self.raw = method, target, url.path, fields, raw
        self.query = dict(urllib.parse.parse_qsl(url.query, keep_blank_values=True))

    def body(self, refused):
        if "form" in (self.fields.get("Content-Type") or ""):
            return dict(urllib.parse.parse_qsl(self.raw.decode()))
        try:
            return json.loads(self.raw) if self.raw else {}
        except ValueError:
            raise refused from None


class Server:
    """`serve(fake, request)` answers each request."""

    def __init__(self, fake, serve):
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self):
                serve(fake, self)

            do_POST = do_PUT = do_PATCH = do_DELETE = do_GET

            def log_message(self, *_):
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.root = f"http://127.0.0.1:{self.http.server_address[1]}"

    def start(self):
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def stop(self):
        self.http.shutdown()
        self.http.server_close()


def serve(fake, request):
    raw = request.rfile.read(int(request.headers.get("Content-Length") or 0))
    asked = Asked(request.command, request.path, request.headers, raw)
    hold = next((each for each in fake.holds if each.fits(asked.method, asked.path)), None)
    if hold and not hold.after:
        hold.stop()
    with fake.lock:
        status, fields, body = respond(fake, asked)
    if hold and hold.after:
        hold.stop()
    with fake.news:
        fake.asked.append(f"{asked.method} {request.path} {status}")
        fake.news.notify_all()
    send(request, status, fields, body)


def respond(fake, asked):
    fault = next((each for each in fake.faults if each.take(asked.method, asked.path)), None)
    if fault and not fault.after:
        return fault.status, fault.fields, fake.fault_body(fault.status)
    try:
        done = fake.answer(asked)
    except Refused as no:
        done = no.status, no.fields, no.body
    return (fault.status, fault.fields, fake.fault_body(fault.status)) if fault else done


def page_of(all, size, number):
    """A part of a list, and the numbers of the last page and of the next one (None: it is the last)."""
    last = max(1, -(-len(all) // size))
    return all[(number - 1) * size:number * size], last, number + 1 if number < last else None


def send(request, status, fields, body):
    data = b"" if body is None else json.dumps(body).encode()
    request.send_response(status)
    if body is not None:
        request.send_header("Content-Type", "application/json")
    for name, value in fields.items():
        request.send_header(name, str(value))
    request.send_header("Content-Length", str(len(data)))
    request.end_headers()
    try:
        request.wfile.write(data)
    except OSError:
        pass  # who asked is gone
