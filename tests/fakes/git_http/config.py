"""Writes what lighttpd needs into one folder: its configuration, the password file, the CGI wrapper."""

import os
import shlex
import subprocess
from pathlib import Path

# git http-backend decides by itself that 'receive-pack' is forbidden (403) for readers; the wrapper only says who is one.
WRAPPER = """#!/bin/sh
export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0='*'
case "$REMOTE_USER" in
  {strangers}) printf 'Status: 403 Forbidden\\r\\nContent-Type: text/plain\\r\\n\\r\\nno access\\n'; exit 0 ;;
  {readers}) export GIT_CONFIG_COUNT=2 GIT_CONFIG_KEY_1=http.receivepack GIT_CONFIG_VALUE_1=false ;;
esac
case "$PATH_INFO" in */info/lfs/*) exec /usr/bin/python3 -S {lfs} ;; esac
exec {backend}
"""

CONFIG = """
server.modules = ("mod_alias", "mod_setenv", "mod_auth", "mod_authn_file", "mod_cgi", "mod_accesslog")
server.document-root = "{folder}"
server.bind = "127.0.0.1"
server.port = {port}
# The socket is opened by serve.py: its port is known before lighttpd starts, and nobody else can take it meanwhile.
server.systemd-socket-activation = "enable"
server.errorlog = "{folder}/error.log"
server.breakagelog = "{folder}/cgi.log"
accesslog.filename = "{log}"
accesslog.format = "%u %m %U%q %s"
server.upload-dirs = ("{folder}")
auth.backend = "htpasswd"
auth.backend.htpasswd.userfile = "{folder}/htpasswd"
auth.require = ("/" => ("method" => "basic", "realm" => "git", "require" => "valid-user"))
alias.url = ("/" => "{folder}/backend/")
cgi.assign = ("" => "")
setenv.set-environment = ("GIT_PROJECT_ROOT" => "{root}", "GIT_HTTP_EXPORT_ALL" => "1", "PATH" => "/usr/bin:/bin")
"""


def _pattern(names):
    return "|".join(shlex.quote(name) for name in names) or "''"


def _hash(token):
    command = ["openssl", "passwd", "-apr1", "-stdin"]  # not an argument: a token does not belong into `ps`
    done = subprocess.run(command, input=token, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def _quoted(path):
    if any(c in str(path) for c in '"\\\n$'):
        raise ValueError(f"lighttpd's configuration cannot hold the path {path}")
    return str(path)


def write(folder, root, port, accounts, log):
    """accounts: (user, token, "write" | "read" | "none"). The configuration's path is returned."""
    folder = Path(folder)
    exec_path = subprocess.run(["git", "--exec-path"], capture_output=True, text=True, check=True).stdout.strip()
    of = lambda kind: _pattern(user for user, _, right in accounts if right == kind)  # noqa: E731
    backend = folder / "backend"
    backend.write_text(WRAPPER.format(strangers=of("none"), readers=of("read"),
                                      lfs=shlex.quote(str(Path(__file__).resolve().parent / "lfs.py")),
                                      backend=shlex.quote(exec_path + "/git-http-backend")))
    backend.chmod(0o700)
    passwords = folder / "htpasswd"
    passwords.touch(0o600)
    passwords.write_text("".join(f"{user}:{_hash(token)}\n" for user, token, _ in accounts))
    config = folder / "lighttpd.conf"
    config.write_text(CONFIG.format(folder=_quoted(folder), root=_quoted(os.path.abspath(root)), port=port,
                                    log=_quoted(log or folder / "access.log")))
    return config
