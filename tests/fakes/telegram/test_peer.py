"""Another bot library of the ecosystem, python-telegram-bot, run against the fake: it behaves as it does against Telegram."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import unittest
import urllib.error
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from telegram import Telegram  # noqa: E402

PEER = HERE.parents[2] / "build/deps/telegram-peer"
SECRET = "a-secret_of-the-test"


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


class Stories:
    """What happens in both ways of delivery."""

    def setUp(self):
        if not (PEER / "telegram").is_dir():
            self.fail("python-telegram-bot is not there: run scripts/setup")
        self.fake = Telegram(pace=0.05)
        self.fake.start()
        self.addCleanup(self.fake.stop)
        self.ann = self.fake.person("Ann_*", language="ru")
        self.errors = tempfile.TemporaryFile()
        self.addCleanup(self.errors.close)
        self.bot = subprocess.Popen(["/usr/bin/python3", "-B", HERE / "peer/bot.py", self.fake.root, self.fake.token, *self.mode()],
                                    env={"PATH": os.environ["PATH"], "PYTHONPATH": str(PEER)}, stderr=self.errors)
        self.addCleanup(self.leave)
        self.fake.wait(self.is_up, 120, self.told)

    def leave(self):
        self.bot.send_signal(signal.SIGTERM)
        try:
            self.bot.wait(60)
        finally:
            self.bot.kill()
            self.bot.wait()

    def told(self):
        self.errors.seek(0)
        return self.errors.read().decode()

    def says(self, text, answer):
        self.ann.says(text)
        return self.hears(answer)

    def hears(self, answer):
        return self.ann.chat.wait(answer, 120)

    def nothing_wrong(self):
        self.assertEqual((self.fake.complaints, self.told()), ([], ""))

    def test_a_conversation(self):
        greeting = self.says("/start", "Hello")
        self.assertEqual((greeting.text, greeting.styled("bold"), greeting.styled("code")), ("Hello, Ann_* 😀, a_b", ["Ann_*"], ["a_b"]))
        self.assertEqual(greeting.reply_to.text, "/start")
        press = self.ann.presses(greeting, "More")
        self.assertEqual(press.wait(120), {"text": "Here is more"})
        self.hears("told: Message is not modified")
        self.assertEqual((greeting.texts(), greeting.styled("bold"), greeting.buttons), (["Hello, Ann_* 😀, a_b", "More & more"], ["More"], []))
        document = self.says("document", "a diff")
        self.assertEqual((document.document["file_name"], document.file), ("c d.diff", b"--- a\n+++ b\n"))
        self.assertEqual(self.ann.chat.actions[0][1], "upload_document")
        self.ann.sends_document("trace.log", b"12345")
        self.hears("trace.log: 5 bytes")
        self.assertEqual(self.says("see https://a.b/c 😀 @someone", "see").entities[0]["type"], "url")
        self.assertEqual(self.fake.world.bot.settings["commands", ("all_private_chats", None, None), "ru"][0]["command"], "start")
        self.nothing_wrong()

    def test_too_many_requests_are_heeded(self):
        self.fake.limits.chat_seconds = 2  # so that a busy machine is too fast as well
        self.ann.says("many 6")
        self.hears("message 5")
        self.assertEqual([message.text for message in self.ann.chat.from_bot], [f"message {i}" for i in range(6)])
        self.assertTrue(self.fake.calls_of("sendMessage", status=429))
        self.assertEqual([each.kind for each in self.fake.violations if each.kind != "chat"], [])
        self.nothing_wrong()

    def test_a_scripted_429(self):
        self.fake.faults.add(method="sendMessage", retry_after=2)
        self.says("again", "again")
        refused, sent = self.fake.calls_of("sendMessage")
        self.assertGreaterEqual(sent.at - refused.at, 1.9)
        self.assertEqual(self.fake.violations, [])


class Polling(Stories, unittest.TestCase):
    def mode(self):
        return ["polling"]

    def is_up(self):
        return self.fake.updates.polls

    def test_another_poller_and_an_outage_pass(self):
        try:
            urllib.request.urlopen(f"{self.fake.root}/bot{self.fake.token}/getUpdates?timeout=1").close()
        except urllib.error.HTTPError as error:
            error.close()  # one of the two pollers gets the conflict
        self.fake.wait(lambda: any(call.status == 409 for call in self.fake.calls), 60)
        self.says("after the conflict", "after the conflict")
        self.fake.down()
        self.fake.up()
        self.says("after the outage", "after the outage")

    def test_the_last_update_is_acknowledged_at_the_end(self):
        self.says("a", "a")
        self.leave()
        self.assertEqual(self.fake.updates.pending, {})


class Webhook(Stories, unittest.TestCase):
    def mode(self):
        self.port = free_port()
        return ["webhook", str(self.port), SECRET]

    def is_up(self):
        return self.fake.webhook.url

    def test_a_wrong_secret_is_refused(self):
        self.says("with the right one", "with the right one")
        wrong = urllib.request.Request(self.fake.webhook.url, b"{}", {"X-Telegram-Bot-Api-Secret-Token": "no", "Content-Type": "application/json"})
        with self.assertRaises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(wrong)
        self.assertEqual(caught.exception.code, 403)
        caught.exception.close()
        self.assertEqual(self.fake.webhook.secret, SECRET)


if __name__ == "__main__":
    unittest.main()
