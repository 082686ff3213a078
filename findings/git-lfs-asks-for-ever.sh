#!/usr/bin/env bash
# git-lfs 3.3.0 (Debian 12), git 2.39.5: with GIT_ASKPASS, a refused password is asked for again without end.
#
# git itself asks once and gives up when the server refuses what it was told. git-lfs asks the same program again after each 401, and the
# program, which is no person, gives the same answer: thousands of requests, until git-lfs has no descriptors left or is stopped. A
# header of our own (http.ORIGIN/.extraheader) that is refused ends it after one request.
#
# Output seen (the first number varies):
#   GIT_ASKPASS, stopped after 10 s: 3301 requests
#   http.extraheader, ended by itself: 1 requests
set -euo pipefail
work=$(mktemp -d)
trap 'kill "${server:-}" 2>/dev/null || true; rm -rf "$work"' EXIT
cd "$work"

cat >refuse.py <<'PY'
import http.server, sys


class Refuse(http.server.BaseHTTPRequestHandler):
    def log_message(self, *args):
        pass

    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        print("asked", file=open("requests", "a"))
        self.send_response(401)
        self.send_header("WWW-Authenticate", 'Basic realm="x"')
        self.send_header("Content-Length", "0")
        self.end_headers()


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Refuse)
print(server.server_port, file=open(sys.argv[1], "w"), flush=True)
server.serve_forever()
PY
mkfifo port
python3 refuse.py port &
server=$!
read -r listening <port
origin=http://127.0.0.1:$listening

printf '#!/bin/sh\necho wrong\n' >askpass
chmod +x askpass
git init -q tree
printf 'version https://git-lfs.github.com/spec/v1\noid sha256:%064d\nsize 5\n' 1 >tree/a.bin
git -C tree add a.bin
git -C tree -c user.name=t -c user.email=t@example.com commit -qm pointer

requests() { # of one fetch that gets ten seconds; the words are settings
    : >requests
    (cd tree && GIT_TERMINAL_PROMPT=0 timeout 10 git -c credential.helper= -c "lfs.url=$origin/lfs" -c "remote.origin.url=$origin/r" "$@" \
        lfs fetch origin HEAD) >/dev/null 2>&1 || true
    wc -l <requests
}

export GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null
first=$(GIT_ASKPASS=$work/askpass requests)
second=$(GIT_ASKPASS=/bin/false requests -c "http.$origin/.extraheader=Authorization: Basic d3Jvbmc6d3Jvbmc=")
echo "GIT_ASKPASS, stopped after 10 s: $first requests"
echo "http.extraheader, ended by itself: $second requests"
[ "$first" -gt 20 ] && [ "$second" -lt 10 ]
