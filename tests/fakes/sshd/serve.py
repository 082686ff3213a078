#!/usr/bin/python3
"""Serves the bare repositories below ROOT by a real sshd and the real git-shell. See README.md."""

import argparse
import ctypes
import os
import pwd
import select
import signal
import socket
import subprocess
import sys
from pathlib import Path

PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None)
SSHD = "/usr/sbin/sshd"
UNUSABLE = 77

# What each key may do; in its authorized_keys line this is the only command there is.
FORCED = """#!/bin/sh
cd '{root}' || exit 1
case "$1 $SSH_ORIGINAL_COMMAND" in
"read git-receive-pack"*) echo 'ERROR: The key you are authenticating with has been marked as read only.' >&2; exit 1 ;;
*frozen.git*) kill -STOP "$PPID"; exec sleep 600 ;;
esac
exec /usr/bin/git-shell -c "$SSH_ORIGINAL_COMMAND"
"""


def arguments(argv):
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("root")
    p.add_argument("--folder", help="for keys, settings and the log; ROOT/../ssh")
    p.add_argument("--host-key", default="ed25519", metavar="TYPE")
    p.add_argument("--option", action="append", default=[], metavar="LINE", help="of sshd's settings")
    p.add_argument("--silent", choices=["greeting", "exchange"], help="no sshd: takes connections, says nothing (further)")
    args = p.parse_args(argv)
    args.root = Path(args.root).resolve()
    args.folder = Path(args.folder or args.root.parent / "ssh").resolve()
    return args


def account():
    """Who logs in: whoever runs this. sshd runs a forced command by the account's shell."""
    try:
        who = pwd.getpwuid(os.geteuid())
    except KeyError:
        return None, "this user id has no account"
    if not os.access(who.pw_shell, os.X_OK) or who.pw_shell.rsplit("/", 1)[-1] in ("nologin", "false"):
        return None, f"the account {who.pw_name} has no login shell"
    return who, ""


def locked(name):
    """sshd alone refuses an account whose password is locked; PAM does not mind."""
    try:
        lines = Path("/etc/shadow").read_text().splitlines()
    except OSError:
        return False
    return any(line.split(":")[:2][-1].startswith("!") for line in lines if line.split(":")[0] == name)


def make_key(path, kind="ed25519"):
    subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", "", "-C", path.name, "-f", path], check=True)
    return path.with_suffix(".pub").read_text().strip()


def prepare(args, who):
    folder = args.folder
    folder.mkdir(mode=0o700, parents=True)
    make_key(folder / "host", args.host_key)
    forced = folder / "forced"
    forced.write_text(FORCED.format(root=args.root))
    forced.chmod(0o755)
    lines = [f'restrict,command="{forced} {right}" {make_key(folder / name)}' for name, right in
             (("writer", "write"), ("reader", "read"))]
    make_key(folder / "stranger")
    (folder / "authorized_keys").write_text("\n".join(lines) + "\n")
    # The first value of a setting counts.
    settings = [*args.option, f"HostKey {folder}/host", f"AuthorizedKeysFile {folder}/authorized_keys", "StrictModes no",
                f"UsePAM {'yes' if os.geteuid() == 0 and locked(who.pw_name) else 'no'}", "PermitRootLogin prohibit-password",
                "PasswordAuthentication no", "KbdInteractiveAuthentication no", "PermitUserRC no", "PrintMotd no",
                "AcceptEnv GIT_PROTOCOL", "PidFile none", "LogLevel VERBOSE"]
    (folder / "sshd_config").write_text("\n".join(settings) + "\n")
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # else sshd does not start; the packaged service makes it


def note_host(args, port):
    (args.folder / "known_hosts").write_text(f"[127.0.0.1]:{port} {(args.folder / 'host.pub').read_text()}")


def serve(args, listener, stop):
    """One sshd a connection, as inetd does it: the port is ours before anybody knows of it."""
    children, held = [], []
    while True:
        ready = select.select([listener, stop], [], [])[0]
        if stop in ready:
            break
        connection, _ = listener.accept()
        if args.silent:
            if args.silent == "exchange":
                connection.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")
            held.append(connection)
            continue
        children = [child for child in children if child.poll() is None]
        children.append(subprocess.Popen(
            [SSHD, "-i", "-f", args.folder / "sshd_config", "-E", args.folder / "log"], stdin=connection, stdout=connection,
            stderr=subprocess.DEVNULL, env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"},
            preexec_fn=lambda: LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)))
        connection.close()
    for child in children:
        child.kill()  # a frozen one hears nothing else
        child.wait()


def main(argv):
    args = arguments(argv)
    who, why_not = account()
    if not who:
        print(f"unusable: {why_not}", flush=True)
        return UNUSABLE
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    wake_read, wake_write = os.pipe()
    os.set_blocking(wake_write, False)
    signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    prepare(args, who)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(128)
        port = listener.getsockname()[1]
        note_host(args, port)
        print(f"listening ssh://{who.pw_name}@127.0.0.1:{port}", flush=True)
        serve(args, listener, wake_read)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
