"""The HTTP side: https://host/bot<token>/METHOD and /file/bot<token>/PATH, connections that stay open, and the ways they break."""

import http.server
import json
import select
import socket
import socketserver
import threading
import time
import urllib.parse

from .errors import ApiError

MAX_BODY_BYTES = 60 << 20


class Gone(Exception):
    """The client closed its side, or we close ours without an answer."""


class Server:
    """Holds its port also while it is down: then connections are refused."""

    def __init__(self, fake, port=0):
        self.fake, self.listening, self.thread = fake, None, None
        self.keeper = self._socket(port)
        self.port = self.keeper.getsockname()[1]

    @staticmethod
    def _socket(port):
        made = socket.socket()
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(("127.0.0.1", port))
        return made

    def up(self):
        if not self.listening:
            self.listening = _Listening(self._socket(self.port), type("Bound", (Handler,), {"fake": self.fake}))
            self.thread = threading.Thread(target=self.listening.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
            self.thread.start()

    def down(self):
        if self.listening:
            listening, self.listening = self.listening, None
            listening.shutdown()
            self.thread.join()
            listening.server_close()
            listening.cut()

    def close(self):
        self.down()
        self.keeper.close()


class _Listening(socketserver.ThreadingMixIn, socketserver.TCPServer):
    daemon_threads, request_queue_size, block_on_close = True, 128, False

    def __init__(self, bound, handler):
        super().__init__(bound.getsockname(), handler, bind_and_activate=False)
        self.socket.close()
        self.socket, self.open, self.lock = bound, set(), threading.Lock()
        self.server_address = bound.getsockname()
        self.server_activate()

    def process_request(self, request, client_address):
        with self.lock:
            self.open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request):
        with self.lock:
            self.open.discard(request)
        super().shutdown_request(request)

    def cut(self):
        with self.lock:
            for each in self.open:
                try:
                    each.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass  # it is gone already

    def handle_error(self, request, client_address):
        pass


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version, server_version, sys_version, disable_nagle_algorithm = "HTTP/1.1", "nginx", "", True
    fake = None

    def log_message(self, *_):
        pass

    def handle_one_request(self):
        try:
            super().handle_one_request()
        except (Gone, ConnectionError, ValueError):
            self.close_connection = True

    def do_GET(self):
        self._answer()

    do_POST = do_GET

    def _answer(self):
        raw = self._body()
        path, _, query = self.path.partition("?")
        path = urllib.parse.unquote(path)
        if path.startswith("/file/bot" + self.fake.token + "/"):
            data = self.fake.file(path)
            return self._send(200 if data is not None else 404, data or b"{}", "application/octet-stream")
        parts = path.split("/")
        if len(parts) != 3 or not parts[1].startswith("bot"):
            return self._error(ApiError(404, "Not Found"))
        if parts[1][3:] != self.fake.token:
            wrong = ":" not in parts[1] or not parts[1][3:].split(":")[0].isdigit()
            return self._error(ApiError(401, "Unauthorized: invalid token specified" if wrong else "Unauthorized"))
        self._call(parts[2], query, raw)

    def _call(self, name, query, raw):
        fake = self.fake
        try:
            call = fake.begin(name)
        except ApiError as error:
            return self._error(error)
        try:
            fake.read(call, query, self.headers.get("Content-Type"), raw)
            fault = call.fault = fake.faults.take(call)
            if fault:
                self._before(call, fault)
            result = fake.carry_out(call, self._is_gone)
            if fault and fault.get("after"):
                self._wait(fault)
            if fault and fault.get("lost") == "answer":
                fake.end(call, None, "lost answer", result)
                raise Gone
            fake.end(call, 200, "answered", result)  # before the answer: who has it finds the call ended
            self._json(200, {"ok": True, "result": result, **({"description": call.said} if call.said else {})})
        except ApiError as error:
            fake.end(call, error.code, "answered", description=error.description)
            self._error(error)
        except (Gone, OSError) as reason:
            if not call.done or isinstance(reason, OSError):
                fake.end(call, call.status, "client gone", call.result, call.description)
            self.close_connection = True

    def _wait(self, fault):
        if fault.get("stall"):
            self._pause(fault.get("stall"))
        while fault.get("hold") and not fault.gate.is_set():
            self._pause(0.02)

    def _before(self, call, fault):
        """What a fault does before the call would be carried out."""
        if not fault.get("after"):
            self._wait(fault)
        if fault.get("lost") == "request":
            self.fake.end(call, None, "lost request")
            raise Gone
        if "body" in fault.data:
            status = fault.get("status", 502)
            self.fake.end(call, status, "answered")
            self._send(status, fault.get("body").encode(), fault.get("content_type", "text/html"))
            raise Gone
        error = fault.error()
        if error:
            if error.code == 429:
                self.fake.limits.hold(call.args.get("chat_id"), error.parameters["retry_after"])
            raise error

    def _is_gone(self):
        readable, _, _ = select.select([self.connection], [], [], 0)
        try:
            return bool(readable) and not self.connection.recv(1, socket.MSG_PEEK)
        except OSError:
            return True

    def _pause(self, seconds):
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if self._is_gone():
                raise Gone
            time.sleep(min(left, 0.02))

    def _error(self, error):
        extra = {"Retry-After": str(error.parameters["retry_after"])} if "retry_after" in error.parameters else {}
        self._json(error.code, error.json(), extra)

    def _json(self, status, value, headers=()):
        self._send(status, json.dumps(value, ensure_ascii=False).encode(), "application/json", headers)

    def _send(self, status, data, kind, headers=()):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Connection", "keep-alive")
        for name, value in dict(headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def _body(self):
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            parts = []
            while size := int(self.rfile.readline(32).split(b";")[0], 16):
                parts.append(self.rfile.read(size))
                self.rfile.readline(4)
            while self.rfile.readline(1024).strip():
                pass  # trailers
            return b"".join(parts)
        length = int(self.headers.get("Content-Length") or 0)
        if length > MAX_BODY_BYTES:
            self.close_connection = True
            self._error(ApiError(413, "Request Entity Too Large"))
            raise Gone
        return self.rfile.read(length)
