#!/usr/bin/env bash
# litellm 1.81.10 (openai 2.20.0): an answer whose stream holds 101 equal pieces in a row ends with an error of the server.
#
# litellm compares the last hundred chunks of a stream, and takes a hundred equal ones of more than two characters for a model that is caught in a
# loop: it raises InternalServerError, so that the request is tried again. A provider that sends an answer line by line, or a model whose one
# token is a whole cell, makes such a stream of any table, fixture or bitmap with equal rows. The same question gives the same answer, and
# each try is charged. What came before is lost for callers that keep only whole answers. A hundred rows are no loop.
#
# Output seen:
#   100 rows: complete
#   101 rows: InternalServerError after 101 rows were charged
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv env
env/bin/pip install --quiet litellm==1.81.10 openai==2.20.0
cat >ask.py <<'PY'
import http.server, json, logging, threading

import litellm


class Provider(http.server.BaseHTTPRequestHandler):
    def log_message(self, *args):
        pass

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.end_headers()
        for delta, reason in [*[({"content": "0;0;0\n"}, None)] * int(asked["model"]), ({}, "stop")]:
            choice = {"index": 0, "delta": delta, "finish_reason": reason}
            event = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}
            self.wfile.write(b"data: " + json.dumps(event).encode() + b"\n\n")
        self.wfile.write(b"data: [DONE]\n\n")


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Provider)
threading.Thread(target=server.serve_forever, daemon=True).start()
logging.disable(logging.CRITICAL)
litellm.suppress_debug_info = True


def ask(rows):
    try:
        stream = litellm.completion(model=f"openai/{rows}", messages=[{"role": "user", "content": f"A table of {rows} rows of zeros."}],
                                    stream=True, api_base=f"http://127.0.0.1:{server.server_port}/v1", api_key="none", num_retries=0)
        text = "".join(chunk.choices[0].delta.content or "" for chunk in stream)
        return "complete" if text == "0;0;0\n" * rows else f"{len(text)} characters"
    except litellm.InternalServerError as err:
        return f"{type(err).__name__} after {rows} rows were charged"


with open("seen", "w") as seen:
    for rows in [100, 101]:
        print(f"{rows} rows: {ask(rows)}", file=seen)
PY
LITELLM_LOCAL_MODEL_COST_MAP=True env/bin/python ask.py >log 2>&1 || { cat log && exit 1; }
cat seen
diff seen - <<'SEEN'
100 rows: complete
101 rows: InternalServerError after 101 rows were charged
SEEN
