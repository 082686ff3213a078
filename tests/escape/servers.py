"""Servers of the host that nobody in a sandbox may reach: each tells a secret to whoever connects. And one that calls, to see who listens."""

import os
import selectors
import socket
import threading
import time

TCP, UDP, PACKET = socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_SEQPACKET


class Servers:
    def __init__(self, secret, abstract, paths):
        self.answer = f"HTTP/1.0 200 OK\r\n\r\n{secret}\n".encode()
        self.watch, self.marks, self.going = selectors.DefaultSelector(), b"", True
        self.port = self._listen(socket.AF_INET6, TCP, ("::", 0))
        self.udp_port = self._listen(socket.AF_INET6, UDP, ("::", 0))
        self._listen(socket.AF_INET6, TCP, ("::", 80))
        self._listen(socket.AF_INET, UDP, ("127.0.0.53", 53))
        self.database_port = self._listen(socket.AF_INET, TCP, ("127.0.0.1", 0))
        for name, kind in (("stream", TCP), ("datagram", UDP), ("packet", PACKET)):
            self._listen(socket.AF_UNIX, kind, f"\0{abstract}-{name}")
        for path in paths:
            os.makedirs(os.path.dirname(path), exist_ok=True)
            self._listen(socket.AF_UNIX, TCP, path)
            os.chmod(path, 0o777)
        self.inward, self.abstract = 40077, abstract
        for work in (self._serve, self._call):
            threading.Thread(target=work, daemon=True).start()

    def _listen(self, family, kind, where):
        one = socket.socket(family, kind)
        if family == socket.AF_INET6:
            one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        one.bind(where)
        if kind != UDP:
            one.listen(64)
        self.watch.register(one, selectors.EVENT_READ, self._datagram if kind == UDP else self._accept)
        return one.getsockname()[1] if family != socket.AF_UNIX else None

    def _datagram(self, one):
        said, who = one.recvfrom(4096)
        if who:
            one.sendto(self.answer, who)

    def _accept(self, one):
        link = one.accept()[0]
        link.settimeout(1)
        try:
            link.recv(4096)
            link.sendall(self.answer)
            link.close()
        except OSError:
            pass

    def _serve(self):
        while self.going:
            for key, _ in self.watch.select(0.5):
                try:
                    key.data(key.fileobj)
                except OSError:
                    pass

    def _call(self):
        doors = [(socket.AF_INET, ("127.0.0.1", self.inward)), (socket.AF_INET6, ("::1", self.inward + 1)), (socket.AF_UNIX, f"\0{self.abstract}-inward"),
                 (socket.AF_UNIX, "/tmp/inward")]
        while self.going:
            for family, where in doors:
                try:
                    with socket.socket(family, TCP) as link:
                        link.settimeout(1)
                        link.connect(where)
                        self.marks += link.recv(100)
                        link.sendall(b"x")
                except OSError:
                    pass
            time.sleep(0.03)
