"""The few messages of PostgreSQL's protocol that a proxy needs to know."""

import struct

SSL_REQUEST, GSS_REQUEST, CANCEL_REQUEST = 80877103, 80877104, 80877102
PROTOCOL = 196608


class Gone(Exception):
    """The other side closed, or was told to go."""


def exactly(sock, count):
    data = b""
    while len(data) < count:
        try:
            more = sock.recv(count - len(data))
        except OSError as error:
            raise Gone(str(error)) from error
        if not more:
            raise Gone("closed")
        data += more
    return data


def read_opening(sock):
    """The first packet, which has no type: its code and the rest."""
    size, code = struct.unpack("!ii", exactly(sock, 8))
    return code, exactly(sock, size - 8)


def read(sock):
    """A typed message: its type and body."""
    kind, size = struct.unpack("!ci", exactly(sock, 5))
    return kind, exactly(sock, size - 4)


def message(kind, body):
    return kind + struct.pack("!i", len(body) + 4) + body


def authentication(code, body=b""):
    return message(b"R", struct.pack("!i", code) + body)


def fatal(state, words):
    fields = {"S": "FATAL", "V": "FATAL", "C": state, "M": words}
    return message(b"E", b"".join(f"{k}{v}".encode() + b"\0" for k, v in fields.items()) + b"\0")


def key_data(process, secret):
    return message(b"K", struct.pack("!ii", process, secret))


def startup(parameters):
    body = b"".join(part.encode() + b"\0" for pair in parameters.items() for part in pair) + b"\0"
    return struct.pack("!ii", len(body) + 8, PROTOCOL) + body


def startup_parameters(body):
    parts = [part.decode() for part in body.split(b"\0")[:-2]]
    return dict(zip(parts[0::2], parts[1::2]))
