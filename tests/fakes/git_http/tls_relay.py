"""Ends TLS in front of a plain server, so that lighttpd needs no TLS module. One thread a direction; for tests."""

import socket
import ssl
import threading

CHUNK = 65536


def _copy(source, sink):
    try:
        while data := source.recv(CHUNK):
            sink.sendall(data)
    except OSError:
        pass
    for one, how in ((sink, socket.SHUT_WR), (source, socket.SHUT_RD)):
        try:
            one.shutdown(how)
        except OSError:
            pass


def _relay(raw, context, port):
    try:
        with context.wrap_socket(raw, server_side=True) as outside, \
                socket.create_connection(("127.0.0.1", port)) as inside:
            thread = threading.Thread(target=_copy, args=(outside, inside), daemon=True)
            thread.start()
            _copy(inside, outside)
            thread.join()
    except OSError:
        raw.close()  # a failed handshake is the client's business


def start(listener, port, certificate, key):
    """Relays what `listener` accepts to 127.0.0.1:port, in background threads."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)

    def accept():
        while True:
            raw, _ = listener.accept()
            threading.Thread(target=_relay, args=(raw, context, port), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
