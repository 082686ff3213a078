#!/usr/bin/python3
"""A database that behaves like one of Neon's, in front of a real server's unix socket. See README.md."""

import argparse
import json
import socket
import ssl
import struct
import sys
import threading
import time

import relay
import wire


class World:
    def __init__(self, options):
        self.server, self.password = options.server, options.password
        self.tls = self.certificate = None
        if options.tls:
            self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.tls.load_cert_chain(*options.tls)
            with open(options.tls[0], encoding="ascii") as pem:
                text = pem.read()
            end = text.index("-----END CERTIFICATE-----") + 26  # the first is ours
            self.certificate = ssl.PEM_cert_to_DER_cert(text[:end].strip()) if options.binding else None
        self.pooled = options.pooled
        self.lock = threading.Lock()
        self.relays, self.keys = set(), {}
        self.counts = {"connections": 0, "bytes_from_clients": 0, "wakes": 0, "sleeps": 0}
        self.asleep, self.delay, self.read_only, self.refusal = False, 0.0, False, None
        self.listener = self.bind(0)
        self.port = self.listener.getsockname()[1]

    @staticmethod
    def bind(port):
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen(64)
        return listener

    def counted(self, what, how_many=1):
        with self.lock:
            self.counts[what] += how_many

    def trouble(self, parameters):
        if self.pooled and "options" in parameters:
            return ("08P01", "unsupported startup parameter: options")
        return self.refusal

    def wake(self):
        if self.asleep:
            time.sleep(self.delay)
            with self.lock:
                self.counts["wakes"] += self.asleep
                self.asleep = False
        return None

    def remember(self, real):
        mine = relay.unused_key()
        with self.lock:
            self.keys[mine] = real
        return struct.pack("!ii", *mine)

    def cancel(self, body):
        real = self.keys.get(struct.unpack("!ii", body))
        if real:
            with socket.socket(socket.AF_UNIX) as server:
                server.connect(self.server)
                server.sendall(struct.pack("!iiii", 16, wire.CANCEL_REQUEST, *real))
                server.recv(1)

    def forget(self, one):
        with self.lock:
            self.relays.discard(one)

    def accept(self):
        while True:
            try:
                raw, _ = self.listener.accept()
            except OSError:
                time.sleep(0.01)  # closed by `away`, until `back`
                continue
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            one = relay.Relay(raw, self)
            with self.lock:
                self.relays.add(one)
            threading.Thread(target=one.run, daemon=True).start()

    def tell_all(self, order):
        with self.lock:
            relays = list(self.relays)
        for one in relays:
            one.tell(order)
        while order != b"z" and self.relays & set(relays):
            time.sleep(0.005)

    def obey(self, words):
        """One order of the test; what it answers."""
        verb, rest = words[0], words[1:]
        if verb == "sleep":  # the compute is suspended: connections end, the next one waits
            self.delay = float(rest[0]) if rest else 0.0
            self.asleep = True
            self.counts["sleeps"] += 1
            self.tell_all(b"f")
        elif verb == "drop":  # connections end without a word
            self.tell_all(b"d")
        elif verb == "silence":  # connections stay and carry nothing more
            self.tell_all(b"z")
        elif verb == "away":  # nobody answers at the port
            self.listener.shutdown(socket.SHUT_RDWR)
            self.listener.close()
            self.tell_all(b"d")
        elif verb == "back":
            self.listener = self.bind(self.port)
        elif verb == "refuse":  # new connections get this error
            self.refusal = (rest[0], " ".join(rest[1:])) if rest else None
        elif verb == "read_only":  # new connections reach a standby, or no more
            self.read_only = rest == ["on"]
        elif verb != "status":
            return {"error": f"unknown order {verb}"}
        return {"port": self.port, "open": len(self.relays), "asleep": self.asleep, **self.counts}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("server", help="the socket of the real server, which must trust it: …/.s.PGSQL.5432")
    parser.add_argument("control", help="a unix socket to make, for orders")
    parser.add_argument("--password")
    parser.add_argument("--tls", nargs=2, metavar=("CERT", "KEY"))
    parser.add_argument("--no-binding", dest="binding", action="store_false", help="offer no channel binding")
    parser.add_argument("--pooled", action="store_true", help="refuse the startup parameter that poolers refuse")
    options = parser.parse_args()
    world = World(options)
    threading.Thread(target=world.accept, daemon=True).start()
    control = socket.socket(socket.AF_UNIX)
    control.bind(options.control)
    control.listen(4)
    while True:
        talk, _ = control.accept()
        with talk, talk.makefile("rw") as lines:
            for line in lines:
                lines.write(json.dumps(world.obey(line.split())) + "\n")
                lines.flush()


if __name__ == "__main__":
    main()
