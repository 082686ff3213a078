"""The fake by HTTP, for tests in other languages: POST /NAME with a JSON object, the answer is JSON. README.md lists the names."""

import http.server
import json
import threading


class Control:
    def __init__(self, fake, port=0):
        self.fake = fake
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), type("Bound", (_Handler,), {"control": self}))
        self.server.daemon_threads = True

    def start(self):
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def _person(self, given):
        return self.fake.world.people[given.pop("person")]

    def _message(self, given):
        return self.fake.world.chats[given.pop("chat")].by_id[given.pop("message")]

    def person(self, given):
        return self.fake.person(**given).json()

    def group(self, given):
        members = [self.fake.world.people[number] for number in given.pop("members", [])]
        return self.fake.group(members=members, **given).json()

    def topic(self, given):
        return {"message_thread_id": self.fake.world.chats[given["chat"]].topic(given["name"]).id}

    def says(self, given):
        person = self._person(given)
        chat = self.fake.world.chats[given.pop("chat", person.id)]
        topic = chat.topics.get(given.pop("topic", None))
        reply_to = chat.by_id.get(given.pop("reply_to", None))
        return person.says(given.pop("text"), chat, topic, reply_to, **given).json()

    def edits(self, given):
        self._person(given).edits(self._message(given), given["text"])
        return True

    def presses(self, given):
        press = self._person(given).presses(self._message(given), given["button"])
        return {"press": press.id, "data": press.data}

    def answers(self, given):
        return self.fake.world.presses[given["press"]].answers

    def blocks(self, given):
        self._person(given).blocks()
        return True

    def unblocks(self, given):
        self._person(given).unblocks()
        return True

    def messages(self, given):
        """Of a chat, as they are now; `texts` has every text that each had."""
        chat = self.fake.world.chats[given["chat"]]
        return [{**message.json(), "texts": message.texts()} for message in chat.messages]

    def calls(self, given):
        names = ("n", "method", "args", "at", "via", "status", "description", "outcome", "complaints")
        return [{name: getattr(call, name) for name in names} for call in self.fake.calls if given.get("method") in (None, call.method)]

    def fault(self, given):
        self.fake.faults.add(**given)
        return True

    def clear_faults(self, _):
        self.fake.faults.clear()
        return True

    def down(self, _):
        self.fake.down()
        return True

    def up(self, _):
        self.fake.up()
        return True

    def advance(self, given):
        self.fake.advance(given["seconds"])
        return True

    def state(self, _):
        fake = self.fake
        return {"pending": len(fake.updates.pending), "dropped": len(fake.updates.dropped), "complaints": fake.complaints,
                "violations": [str(each) for each in fake.violations], "webhook": fake.webhook.info(),
                "attempts": [{"update_id": each.update.id, "status": each.status, "error": each.error} for each in fake.webhook.attempts]}


NAMES = [name for name in vars(Control) if not name.startswith("_") and name not in ("start", "stop")]


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version, control = "HTTP/1.1", None

    def log_message(self, *_):
        pass

    def do_POST(self):
        name = self.path.strip("/")
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        status, answer = 404, f"no {name}; there are {', '.join(NAMES)}"
        if name in NAMES:
            try:
                with self.control.fake.changed:
                    status, answer = 200, getattr(self.control, name)(json.loads(raw or b"{}"))
            except Exception as reason:  # a test's mistake, told to the test
                status, answer = 400, f"{type(reason).__name__}: {reason}"
        data = json.dumps(answer, default=repr).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
