#!/usr/bin/python3
"""Strangers at a port, as a process of their own: `strangers.py idle HOST PORT COUNT ADDRESSES`, `... post HOST PORT COUNT BYTES`.
The process says `here` when they have all come, and leaves when its standard input ends."""

import resource
import select
import selectors
import socket
import sys

HEAD = "POST {path} HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n"


def address(number):
    """One of 127.0.0.0/8, not that of the service."""
    return f"127.{1 + number // 62500}.{number // 250 % 250}.{1 + number % 250}"


def gone():
    return bool(select.select([sys.stdin], [], [], 0)[0])


def idle(host, port, count, addresses):
    """Connections that say nothing, and as many that begin a request; those that are closed come again."""
    watched, number, said = selectors.DefaultSelector(), 0, False
    watched.register(sys.stdin, selectors.EVENT_READ)
    while True:
        while len(watched.get_map()) - 1 < count:
            one = socket.socket()
            one.bind((address(number % addresses), 0))
            number += 1
            one.connect((host, port))
            one.setblocking(False)
            if number % 2:
                one.send(b"GET /health HTTP/1.1\r\nHost:")
            watched.register(one, selectors.EVENT_READ)
            if number % 64 == 0:
                break
        if not said and number >= count:
            print("here", flush=True)
            said = True
        for key, _ in watched.select(0 if number < count else 0.2):
            if key.fileobj is sys.stdin:
                return
            watched.unregister(key.fileobj)
            key.fileobj.close()


def post(host, port, count, length):
    """Each sends a head and as much of a body as is taken, to the webhook without its secret, again and again."""
    head = HEAD.format(path="/telegram/webhook", length=length).encode()
    piece, watched, number = b"x" * 65536, selectors.DefaultSelector(), 0
    watched.register(sys.stdin, selectors.EVENT_READ)
    while True:
        while len(watched.get_map()) - 1 < count:
            one = socket.socket()
            one.bind((address(number % 50000), 0))
            number += 1
            one.setblocking(False)
            one.connect_ex((host, port))
            watched.register(one, selectors.EVENT_READ | selectors.EVENT_WRITE, [head, length])
        for key, ready in watched.select(1):
            if key.fileobj is sys.stdin:
                return
            one, left = key.fileobj, key.data
            try:
                if ready & selectors.EVENT_READ and not one.recv(65536):
                    raise ConnectionError
                if ready & selectors.EVENT_WRITE and left[0]:
                    left[0] = left[0][one.send(left[0]):]
                elif ready & selectors.EVENT_WRITE and left[1] > 0:
                    left[1] -= one.send(piece[:left[1]])
                elif ready & selectors.EVENT_WRITE:
                    watched.modify(one, selectors.EVENT_READ, left)
            except BlockingIOError:
                pass
            except OSError:
                watched.unregister(one)
                one.close()
        if number == count:
            print("here", flush=True)


if __name__ == "__main__":
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    what, host, *numbers = sys.argv[1:]
    {"idle": idle, "post": post}[what](host, *map(int, numbers))
