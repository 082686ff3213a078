"""A relay before a server, which can be away for a while: then it closes every connection at once, also those under way."""

import contextlib
import socket
import threading


class Relay:
    def __init__(self, story, address):
        """`address`: http://host:port of the server. `self.address` is the relay's."""
        host, _, port = address.rpartition("//")[2].rpartition(":")
        self.to, self.away, self.lock, self.links = (host, int(port)), False, threading.Lock(), set()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()
        story.addCleanup(self.go_away)
        story.addCleanup(self.listener.close)

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                near = self.listener.accept()[0]
                with self.lock:
                    if self.away:
                        near.close()
                        continue
                    far = socket.create_connection(self.to)
                    self.links |= {near, far}
                for one, other in ((near, far), (far, near)):
                    threading.Thread(target=self._copy, args=(one, other), daemon=True).start()

    @staticmethod
    def _copy(one, other):
        with contextlib.suppress(OSError):
            while piece := one.recv(1 << 16):
                other.sendall(piece)
        with contextlib.suppress(OSError):
            other.shutdown(socket.SHUT_WR)

    def go_away(self):
        with self.lock:
            self.away = True
            for link in self.links:
                with contextlib.suppress(OSError):
                    link.shutdown(socket.SHUT_RDWR)
                link.close()
            self.links.clear()

    def come_back(self):
        with self.lock:
            self.away = False
