"""One client of the fake: opening, authentication, then bytes both ways."""

import os
import select
import socket
import ssl
import struct

import scram
import wire

CHUNK = 65536


class Relay:
    """Runs in a thread of its own. `world` is the fake: what it was told to do, and what it counts."""

    def __init__(self, raw, world):
        self.client, self.world = raw, world
        self.server = None
        self.orders, self.told = socket.socketpair()  # whoever wants something of us writes to `told`

    def run(self):
        try:
            opened = self.open()
            if opened:
                self.pass_on()
        except (wire.Gone, OSError, ssl.SSLError):
            pass  # the client's business
        finally:
            self.world.forget(self)
            for one in (self.client, self.server, self.orders, self.told):
                if one:
                    one.close()

    def tell(self, order):
        try:
            self.told.sendall(order)
        except OSError:
            pass

    def open(self):
        code, body = wire.read_opening(self.client)
        while code in (wire.SSL_REQUEST, wire.GSS_REQUEST):
            take = code == wire.SSL_REQUEST and self.world.tls
            self.client.sendall(b"S" if take else b"N")
            if take:
                self.client = self.world.tls.wrap_socket(self.client, server_side=True)
            code, body = wire.read_opening(self.client)
        if code == wire.CANCEL_REQUEST:
            self.world.cancel(body)
            return False
        parameters = wire.startup_parameters(body)
        self.world.counted("connections")
        trouble = self.world.trouble(parameters)
        if not trouble and self.world.password is not None:
            certificate = self.world.certificate if isinstance(self.client, ssl.SSLSocket) else None
            if not scram.authenticate(self.client, self.world.password, certificate):
                trouble = ("28P01", f"password authentication failed for user '{parameters.get('user')}'")
        if not trouble:
            trouble = self.world.wake()  # takes as long as it takes
        if trouble:
            self.client.sendall(wire.fatal(*trouble))
            return False
        self.meet_server(parameters)
        return True

    def meet_server(self, parameters):
        """The server trusts us. Its welcome is passed on with a process number and a key of our own, as Neon does."""
        self.server = socket.socket(socket.AF_UNIX)
        self.server.connect(self.world.server)
        if self.world.read_only:
            parameters["options"] = "-c default_transaction_read_only=on"
        self.server.sendall(wire.startup(parameters))
        while True:
            kind, body = wire.read(self.server)
            if kind == b"K":
                real = struct.unpack("!ii", body)
                body = self.world.remember(real)
            self.client.sendall(wire.message(kind, body))
            if kind == b"E":
                raise wire.Gone("refused")
            if kind == b"Z":
                return

    def pass_on(self):
        while True:
            ready, _, _ = select.select([self.client, self.server, self.orders], [], [])
            if self.orders in ready:
                order = self.orders.recv(1)
                if order == b"f":  # a farewell, as of a server that shuts down
                    self.client.sendall(wire.fatal("57P01", "terminating connection due to administrator command"))
                    return
                if order == b"z":  # silent from now on: not even the end is told
                    self.orders.recv(1)
                return
            for source, sink in ((self.client, self.server), (self.server, self.client)):
                if source in ready:
                    data = source.recv(CHUNK)
                    while isinstance(source, ssl.SSLSocket) and source.pending():
                        data += source.recv(source.pending())
                    if not data:
                        return
                    if source is self.client:
                        self.world.counted("bytes_from_clients", len(data))
                    sink.sendall(data)


def unused_key():
    return struct.unpack("!ii", os.urandom(8))
