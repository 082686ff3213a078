"""The HTTP side of one answer: framing, waiting, and the ways a connection can go wrong."""

import json
import os
import select
import socket
import struct
import time


class ClientGone(Exception):
    """The client closed its side while an answer was still to come."""


class Wire:
    def __init__(self, handler):
        self.handler, self.socket, self.chunked, self.started = handler, handler.connection, False, False

    def start(self, status, kind, headers=(), length=None):
        """Without a length the body is sent in HTTP/1.1 chunks."""
        self.started, self.chunked = True, length is None
        self.handler.send_response(status)
        self.handler.send_header("Content-Type", kind)
        for name, value in dict(headers).items():
            self.handler.send_header(name, str(value))
        if self.chunked:
            self.handler.send_header("Transfer-Encoding", "chunked")
        else:
            self.handler.send_header("Content-Length", str(length))
        try:
            self.handler.end_headers()
        except OSError:
            raise ClientGone from None

    def send(self, data):
        framed = b"%x\r\n%s\r\n" % (len(data), data) if self.chunked else data
        try:
            self.socket.sendall(framed)
        except OSError:
            raise ClientGone from None

    def event(self, value):
        self.send(b"data: " + json.dumps(value).encode() + b"\n\n")

    def end(self):
        if self.chunked:
            try:
                self.socket.sendall(b"0\r\n\r\n")
            except OSError:
                raise ClientGone from None

    def json(self, status, value, headers=()):
        data = json.dumps(value).encode()
        self.start(status, "application/json", headers, len(data))
        self.send(data)

    def raw(self, status, text, kind, headers=()):
        data = text.encode()
        self.start(status, kind, headers, len(data))
        self.send(data)

    def cut(self, reset=False):
        """Closes without an end of the body; a reset also throws away what the client has not read yet."""
        self.handler.close_connection = True
        if reset:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.handler.wfile.close()
            self.handler.rfile.close()
            self.socket.close()
        else:
            try:
                self.socket.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # the client was faster

    def pause(self, seconds):
        """Waits, and notices at once when the client goes."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            readable, _, _ = select.select([self.socket], [], [], left)
            if readable:
                try:
                    if not self.socket.recv(1, socket.MSG_PEEK):
                        raise ClientGone
                except ConnectionError:
                    raise ClientGone from None
                time.sleep(min(left, 0.05))  # the next request is already there: only wait

    def hold(self, path):
        while not os.path.exists(path):
            self.pause(0.01)
