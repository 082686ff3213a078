#!/usr/bin/env bash
# litellm 1.81.10 (openai 2.20.0): a whole answer is lost when its finish_reason is none of those that litellm knows.
#
# DeepSeek documents finish_reason "insufficient_system_resource", Mistral "model_length", vLLM sends "abort". Such a reason comes with the last
# chunk, after all of the text. litellm passes the text on as it comes, and raises APIError when it puts the chunks together for its own count
# of tokens, because its type allows nine words; without a stream it raises InternalServerError ("Invalid response object") and the text cannot
# be had at all. Both are errors that its own retries, and callers', treat as the server's: the answer, which was charged, is bought again.
# "ERROR", in capitals, is mapped to "stop", and the answer counts as complete.
#
# Output seen:
#   model_length, streamed: 5 characters, then APIError
#   model_length, in one piece: InternalServerError
#   ERROR, streamed: 5 characters, then stop
#   ERROR, in one piece: stop
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
        head = {"id": "1", "created": 1, "model": asked["model"]}
        self.send_response(200)
        self.send_header("content-type", "text/event-stream" if asked.get("stream") else "application/json")
        self.end_headers()
        if not asked.get("stream"):
            choice = {"index": 0, "message": {"role": "assistant", "content": "hello"}, "finish_reason": asked["model"]}
            usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
            return self.wfile.write(json.dumps({**head, "object": "chat.completion", "choices": [choice], "usage": usage}).encode())
        for delta, reason in [({"role": "assistant", "content": "hello"}, None), ({}, asked["model"])]:
            choice = {"index": 0, "delta": delta, "finish_reason": reason}
            event = {**head, "object": "chat.completion.chunk", "choices": [choice]}
            self.wfile.write(b"data: " + json.dumps(event).encode() + b"\n\n")
        self.wfile.write(b"data: [DONE]\n\n")


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Provider)
threading.Thread(target=server.serve_forever, daemon=True).start()
logging.disable(logging.CRITICAL)
litellm.suppress_debug_info = True


def ask(reason, stream):
    got, end = 0, None
    try:
        answer = litellm.completion(model=f"openai/{reason}", messages=[{"role": "user", "content": "Say hello."}], stream=stream,
                                    api_base=f"http://127.0.0.1:{server.server_port}/v1", api_key="none", num_retries=0, max_retries=0)
        for chunk in answer if stream else []:
            got += len(chunk.choices[0].delta.content or "")
            end = chunk.choices[0].finish_reason or end
        end = end if stream else answer.choices[0].finish_reason
    except litellm.exceptions.APIError as err:
        end = type(err).__name__
    except litellm.InternalServerError as err:
        end = type(err).__name__
    return f"{got} characters, then {end}" if stream else end


with open("seen", "w") as seen:
    for reason in ["model_length", "ERROR"]:
        print(f"{reason}, streamed: {ask(reason, True)}", file=seen)
        print(f"{reason}, in one piece: {ask(reason, False)}", file=seen)
PY
LITELLM_LOCAL_MODEL_COST_MAP=True env/bin/python ask.py >log 2>&1 || { cat log && exit 1; }
cat seen
diff seen - <<'SEEN'
model_length, streamed: 5 characters, then APIError
model_length, in one piece: InternalServerError
ERROR, streamed: 5 characters, then stop
ERROR, in one piece: stop
SEEN
