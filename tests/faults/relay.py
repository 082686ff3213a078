"""The way to a server: a relay that can be slow, or break off in the middle."""

import contextlib
import socket
import threading
import time

TICK = 0.02  # seconds between two drops


class Relay:
    """Listens at `port` and passes on to the server's. `drop`: so many bytes to the client each tick, None: all at once;
    `dripped`: how many came so. `break_after`: so many bytes of an answer that is longer come, and then the connection is gone; `breaks` times."""

    def __init__(self, to):
        self.to, self.drop, self.dripped, self.break_after, self.breaks = to, None, 0, 0, 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return  # closed
            server = socket.create_connection(("127.0.0.1", self.to))
            threading.Thread(target=self._to_server, args=(client, server), daemon=True).start()
            threading.Thread(target=self._to_client, args=(server, client), daemon=True).start()

    def _to_server(self, client, server):
        try:
            while data := client.recv(65536):
                server.sendall(data)
            server.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def _to_client(self, server, client):
        sent = 0
        try:
            while data := server.recv(65536):
                if self.breaks and sent + len(data) > self.break_after:
                    client.sendall(data[:self.break_after - sent])
                    self.breaks -= 1
                    break
                sent += len(data)
                self._pour(client, data)
        except OSError:
            pass
        for each in (client, server):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)  # the other direction's thread still reads it
            each.close()

    def _pour(self, client, data):
        while data and self.drop:
            client.sendall(data[:self.drop])
            self.dripped += self.drop
            data = data[self.drop:]
            time.sleep(TICK)  # what is slow is slow by the clock
        client.sendall(data)

    def close(self):
        self.listener.close()
