#!/usr/bin/env bash
# aider-chat 0.86.2 (litellm 1.81.10): a draft in the model's reasoning is applied when no answer follows it.
#
# A model that reasons sends its thoughts as `reasoning_content`, apart from `content`. aider marks them with a tag of its own and takes
# what stands between the two marks away before it looks for edits. The closing mark is written only when the first piece of `content`
# comes. When a model ends with thoughts alone (finish_reason "stop", content null), the mark never closes, nothing is taken away, and a
# SEARCH/REPLACE block that the model had only considered changes the file. With one word of `content` behind the same thoughts the
# file stays as it is. Both runs exit 0.
#
# Output seen:
#   thoughts, then an answer without an edit: a.py is unchanged
#   thoughts alone: a.py is changed
set -euo pipefail
work=$(mktemp -d)
trap 'kill "${server:-}" 2>/dev/null || true; rm -rf "$work"' EXIT
cd "$work"
python3 -m venv env
env/bin/pip install --quiet aider-chat==0.86.2 litellm==1.81.10

cat >model.py <<'PY'
import http.server, json, sys

DRAFT = "a.py\n```\n<<<<<<< SEARCH\n    return 1\n=======\n    return 2\n>>>>>>> REPLACE\n```\n"


class Model(http.server.BaseHTTPRequestHandler):
    def log_message(self, *args):
        pass

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        deltas = [{"role": "assistant", "content": None, "reasoning_content": "Perhaps so:\n" + DRAFT}]
        if asked["model"] == "answers":
            deltas.append({"content": "Nothing has to change."})
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.end_headers()
        for delta, reason in [*((delta, None) for delta in deltas), ({}, "stop")]:
            choice = {"index": 0, "delta": delta, "finish_reason": reason}
            event = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": asked["model"], "choices": [choice]}
            self.wfile.write(b"data: " + json.dumps(event).encode() + b"\n\n")
        self.wfile.write(b"data: [DONE]\n\n")


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Model)
print(server.server_port, file=open(sys.argv[1], "w"), flush=True)
server.serve_forever()
PY
mkfifo port
env/bin/python model.py port &
server=$!
read -r listening <port

changed() { # by a run of aider with this model
    rm -rf tree home && mkdir tree home
    printf 'def f():\n    return 1\n' >tree/a.py
    git -C tree init -q && git -C tree add a.py
    git -C tree -c user.name=t -c user.email=t@example.com commit -qm base
    (cd tree && HOME="$work/home" OPENAI_API_BASE="http://127.0.0.1:$listening/v1" OPENAI_API_KEY=none LITELLM_LOCAL_MODEL_COST_MAP=True timeout 120 \
        ../env/bin/aider --model "openai/$1" --edit-format diff --map-tokens 0 --message "Look at a.py." --yes-always --no-auto-commits \
        --no-gitignore --no-check-update --no-show-release-notes --no-show-model-warnings --analytics-disable --no-pretty --no-detect-urls \
        --no-fancy-input a.py </dev/null >../aider.log 2>&1) || { cat aider.log && exit 1; }
    git -C tree diff --quiet -- a.py && echo unchanged || echo changed
}

first=$(changed answers)
second=$(changed thinks)
echo "thoughts, then an answer without an edit: a.py is $first"
echo "thoughts alone: a.py is $second"
[ "$first $second" = "unchanged changed" ]
