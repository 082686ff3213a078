"""The server's side of SCRAM-SHA-256, with and without channel binding (RFC 5802, 7677, 5929)."""

import base64
import hashlib
import hmac
import os

import wire

ROUNDS = 4096
PLAIN, BOUND = "SCRAM-SHA-256", "SCRAM-SHA-256-PLUS"
SASL, SASL_CONTINUE, SASL_FINAL = 10, 11, 12


def _hmac(key, text):
    return hmac.digest(key, text, "sha256")


def _fields(text):
    return dict(part.split("=", 1) for part in text.split(",") if "=" in part)


def authenticate(sock, password, certificate):
    """Whether the client knows the password. `certificate`: ours as DER when TLS is on and binding is offered, else None."""
    offered = ([BOUND] if certificate else []) + [PLAIN]
    sock.sendall(wire.authentication(SASL, b"".join(m.encode() + b"\0" for m in offered) + b"\0"))
    _, body = wire.read(sock)
    mechanism, rest = body.split(b"\0", 1)
    first = rest[4:].decode()  # after its length
    header, bare = first[:first.index(",", first.index(",") + 1) + 1], first.split(",", 2)[2]
    nonce, salt = _fields(bare)["r"] + base64.b64encode(os.urandom(18)).decode(), os.urandom(16)
    server_first = f"r={nonce},s={base64.b64encode(salt).decode()},i={ROUNDS}"
    sock.sendall(wire.authentication(SASL_CONTINUE, server_first.encode()))

    _, body = wire.read(sock)
    final = body.decode()
    without_proof, proof = final.rsplit(",p=", 1)
    bound = header.encode() + (hashlib.sha256(certificate).digest() if mechanism == BOUND.encode() else b"")
    said = _fields(without_proof)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, ROUNDS)
    client_key = _hmac(salted, b"Client Key")
    signed = ",".join((bare, server_first, without_proof)).encode()
    signature = _hmac(hashlib.sha256(client_key).digest(), signed)
    expected = bytes(a ^ b for a, b in zip(client_key, signature))
    if not (base64.b64decode(said["c"]) == bound and said["r"] == nonce
            and hmac.compare_digest(base64.b64decode(proof), expected)):
        return False
    server = base64.b64encode(_hmac(_hmac(salted, b"Server Key"), signed)).decode()
    sock.sendall(wire.authentication(SASL_FINAL, f"v={server}".encode()))
    return True
