"""An API that speaks JSON, with answers that a test writes down: Telegram's, a forge's."""

import http.server
import json
import threading


class Api:
    """`answers`: path: (status, body) or (status, body, headers). `seen`: (path, headers) of each request."""

    def __init__(self, story, answers):
        self.answers, self.seen = dict(answers), []
        api = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                api.seen.append((self.path, dict(self.headers)))
                status, body, *more = api.answers.get(self.path, (404, {"message": "Not Found"}))
                raw = json.dumps(body).encode()
                self.send_response_only(status)
                for name, value in {"Date": self.date_time_string(), "Content-Type": "application/json",
                                    "Content-Length": len(raw), **(more or [{}])[0]}.items():
                    self.send_header(name, str(value))
                self.end_headers()
                self.wfile.write(raw)

            def do_POST(self):
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                self.do_GET()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()

        def stop():
            self.server.shutdown()
            self.server.server_close()
            thread.join()

        story.addCleanup(stop)

    def headers(self, path):
        return next(headers for seen, headers in self.seen if seen == path)


BOT = "4242:" + "a-bot-token-for-the-tests-only"


def telegram(story, webhook=None, token=BOT):
    hook = {"url": "", "has_custom_certificate": False, "pending_update_count": 0, **(webhook or {})}
    return Api(story, {f"/bot{token}/getMe": (200, {"ok": True, "result": {"id": 42, "is_bot": True, "username": "tests_bot"}}),
                       f"/bot{token}/getWebhookInfo": (200, {"ok": True, "result": hook})})
