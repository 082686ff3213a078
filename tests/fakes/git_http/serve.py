#!/usr/bin/python3
"""Serves the bare repositories below ROOT by a real lighttpd and the real git http-backend. See README.md."""

import argparse
import ctypes
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import config  # noqa: E402
import tls_relay  # noqa: E402

PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None)


def arguments(argv):
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("root")
    p.add_argument("--user", action="append", default=[], help="followed by --token; may be repeated")
    p.add_argument("--token", action="append", default=[])
    p.add_argument("--read-only-user", action="append", default=[], metavar="USER:TOKEN", help="403 when it pushes")
    p.add_argument("--no-access-user", action="append", default=[], metavar="USER:TOKEN", help="403 always")
    p.add_argument("--tls", nargs=2, metavar=("CERT", "KEY"))
    p.add_argument("--port", type=int, default=0)
    p.add_argument("--port-file", help="the base URL is written here when the server listens")
    p.add_argument("--log", help="one line a request: user, method, path, status")
    args = p.parse_args(argv)
    if len(args.user) != len(args.token):
        p.error("each --user needs a --token")
    args.accounts = [(user, token, "write") for user, token in zip(args.user, args.token)]
    for kind, names in (("read", args.read_only_user), ("none", args.no_access_user)):
        args.accounts += [(*name.split(":", 1), kind) for name in names]
    return args


def listen(port=0):
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen(128)
    return listener, listener.getsockname()[1]


def start_lighttpd(conf, listener):
    """LISTEN_PID has to be lighttpd's own id, so the shell that becomes it sets it."""
    fd = listener.fileno()
    return subprocess.Popen(
        ["sh", "-c", f'exec 3<&{fd}; LISTEN_PID=$$ LISTEN_FDS=1 exec lighttpd -D -f "$1"', "sh", conf],
        pass_fds=[fd], stdin=subprocess.DEVNULL, env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"},
        stdout=sys.stderr, preexec_fn=lambda: LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM))


def keep(args, folder, life, ready):
    """Runs until lighttpd ends, or until `life` is at its end: the serve.py that the caller knows is gone then, even by
    SIGKILL. Either way nothing is left behind."""
    web = None
    try:
        listener, port = listen(0 if args.tls else args.port)
        web = start_lighttpd(config.write(folder, args.root, port, args.accounts, args.log), listener)
        scheme = "http"
        if args.tls:
            front, outside = listen(args.port)
            tls_relay.start(front, port, *args.tls)
            scheme, port = "https", outside
        ended = os.pidfd_open(web.pid)
        # The socket accepts from the start; an answer (401) shows that lighttpd took it over and read its configuration.
        with socket.create_connection(listener.getsockname()) as probe:
            probe.sendall(b"GET / HTTP/1.0\r\n\r\n")
            if probe in select.select([probe, ended, life], [], [])[0]:
                os.write(ready, f"{scheme}://127.0.0.1:{port}".encode())
        os.close(ready)
        select.select([life, ended], [], [])
        if web.poll() is not None:
            log = Path(folder, "error.log")
            sys.stderr.write(f"lighttpd ended: {web.returncode}\n" + (log.read_text() if log.exists() else ""))
    finally:
        if web:
            web.terminate()
            web.wait()
        shutil.rmtree(folder, ignore_errors=True)


def main(argv):
    args = arguments(argv)
    folder = tempfile.mkdtemp(prefix="git_http.")
    life_read, life_write = os.pipe()
    ready_read, ready_write = os.pipe()
    keeper = os.fork()
    if keeper == 0:
        os.setsid()  # a Ctrl-C is for the other one
        os.close(life_write), os.close(ready_read)
        try:
            keep(args, folder, life_read, ready_write)
        except Exception as reason:
            print(f"serve.py: {reason}", file=sys.stderr)
        os._exit(1)
    os.close(ready_write), os.close(life_read)

    def leave(*_):
        os.close(life_write)
        os.waitpid(keeper, 0)
        os._exit(0)

    signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGINT, leave)
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    url = os.read(ready_read, 200).decode()
    if url:
        if args.port_file:
            Path(args.port_file + ".part").write_text(url + "\n")
            os.rename(args.port_file + ".part", args.port_file)
        print(f"listening {url}", flush=True)
    os.waitpid(keeper, 0)  # only comes back when lighttpd ended by itself
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
