"""The story that has a Telegram: the fake of tests/fakes/telegram with people in it, and a service that is its bot."""

import http.client
import json
import re
import socket
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "fakes"))

import database
from persais import PATIENCE  # noqa: E402
from scripted import fix  # noqa: E402
from serving import SeenFromBeside, Serving  # noqa: E402
from telegram import Telegram  # noqa: E402

SECRET = "a-webhook-secret-for-" + "the-tests-only"
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
READY = re.compile(r"\bready\b", re.IGNORECASE)


def said_in(call):
    """What a call says to people; the secret of the webhook is for Telegram."""
    return repr((call.method, {name: value for name, value in call.args.items() if name != "secret_token"}, call.files))


def is_verdict(message):
    return bool(READY.search(message.text)) and bool(message.buttons)


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class TelegramStory(SeenFromBeside):
    """`ann` is an admin, `bob` may give tasks, `eve` may nothing."""

    hooked = True  # by webhook; else by asking

    def setUp(self):
        self.data = self.root / f"d{len(list(self.root.iterdir()))}"  # each test counts its own rows
        super().setUp()
        self.database = database.SHARED.fresh()
        self.telegram = Telegram(pace=0.02, enforce=False)
        self.telegram.start()
        self.addCleanup(self.telegram.stop)
        self.watch.hears("Telegram", lambda: "\n".join(map(said_in, self.telegram.calls)).encode())
        self.ann, self.bob, self.eve = (self.telegram.person(name) for name in ("Ann", "Bob", "Eve"))
        self.port = free_port()
        self.telegram.webhook.proxy = f"http://127.0.0.1:{self.port}"

    def bot_settings(self, **changes):
        hook = {"TELEGRAM_WEBHOOK_URL": "https://bot.example/telegram/webhook", "TELEGRAM_WEBHOOK_SECRET": SECRET}
        return {"TELEGRAM_API_ROOT": self.telegram.root, "TELEGRAM_BOT_TOKEN": self.telegram.token, "PORT": str(self.port),
                "TELEGRAM_ADMIN_IDS": str(self.ann.id), "ALLOWED_USER_IDS": f"{self.ann.id},{self.bob.id}",
                **(hook if self.hooked else {}), **changes}

    def begin(self, remote=None, **changes):
        """A service that Telegram reaches."""
        repository = {"GIT_REMOTE_URL": str(remote.path), "CHECK_COMMAND": "python3 check.py"} if remote else {}
        service = self.serve(**self.bot_settings(**{**repository, **changes}))
        service.wait_for_line("^Telegram sends messages to|^messages are fetched from Telegram")
        return service

    def call(self, body, secret=SECRET, **headers):
        """One call of the webhook by hand: the status."""
        return self.answer(body, secret, **headers)[0]

    def answer(self, body, secret=SECRET, **headers):
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            link.request("POST", "/telegram/webhook", body, {**({SECRET_HEADER: secret} if secret is not None else {}), **headers})
            answer = link.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            link.close()

    def tell(self, number, person, text, date=1_700_000_000, **message):
        """The body of an update with a message in a private chat."""
        who = {"id": person.id, "is_bot": False, "first_name": "A"}
        return json.dumps({"update_id": number, "message": {"message_id": number, "date": date, "from": who, "text": text,
                                                            "chat": {"id": person.id, "type": "private", "first_name": "A"},
                                                            **message}}).encode()

    def later(self, seconds):
        """What is to be sent waits as if these had passed. Whoever sends looks when somebody says something, or at a start."""
        self.sql(f"update outbox set not_before = not_before - interval '{seconds} seconds' where sent_at is null")


__all__ = ["PATIENCE", "SECRET", "SECRET_HEADER", "Serving", "TelegramStory", "fix", "is_verdict"]
