"""Delivery by webhook: the secret, order, connections, the schedule of tries, calls inside answers."""

import collections
import json
import threading
import unittest

from testing import Case, Hook


class Delivery(Case):
    options = {"enforce": False, "pace": 0.01}

    def hook(self, *answer, **args):
        hook = Hook(*answer)
        self.addCleanup(hook.stop)
        self.good("setWebhook", url=hook.url, **args)
        return hook

    def attempts(self, count):
        self.fake.wait(lambda: len(self.fake.webhook.attempts) >= count, what=lambda: f"{count} attempts: {self.fake.webhook.attempts}")
        return self.fake.webhook.attempts

    def test_an_update_arrives_with_the_secret(self):
        hook = self.hook(secret_token="a_secret-1")
        self.ann.says("hello")
        self.attempts(1)
        self.assertEqual((hook.got[0]["message"]["text"], hook.headers[0]["X-Telegram-Bot-Api-Secret-Token"]), ("hello", "a_secret-1"))
        self.assertEqual(self.good("getWebhookInfo")["pending_update_count"], 0)

    def test_what_waited_before_is_delivered_too(self):
        self.ann.says("earlier")
        hook = self.hook()
        self.attempts(1)
        self.assertEqual(hook.got[0]["message"]["text"], "earlier")

    def test_a_public_address_leads_to_the_bot_behind_its_proxy(self):
        hook = Hook()
        self.addCleanup(hook.stop)
        self.fake.webhook.proxy = hook.url.removesuffix("/telegram/webhook")
        self.good("setWebhook", url="https://bot.example.org/telegram/webhook")
        self.ann.says("hello")
        self.attempts(1)
        self.assertEqual(hook.headers[0]["Host"], "bot.example.org")

    def test_what_setWebhook_refuses(self):
        for args, description in (({"url": "http://example.org/x"}, "bad webhook: An HTTPS URL must be provided for webhook"),
                                  ({"url": "https://example.org:8444/x"}, "bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443"),
                                  ({"url": "https://"}, "invalid webhook URL specified"),
                                  ({"url": "https://e.org", "secret_token": "a b"}, "secret token contains unallowed characters"),
                                  ({"url": "https://e.org", "secret_token": "a" * 257}, "secret token is too long")):
            self.fake.webhook._next_set = 0
            self.wrong("setWebhook", 400, "Bad Request: " + description, **args)

    def test_setting_it_again(self):
        url = "http://127.0.0.1:9/a"
        self.fake.webhook.pace = 1000
        self.assertEqual(self.ask("setWebhook", url=url)["description"], "Webhook was set")
        self.assertEqual(self.wrong("setWebhook", 429, "Too Many Requests: retry after 1", url=url)["parameters"], {"retry_after": 1})
        self.fake.webhook._next_set = 0
        self.assertEqual(self.ask("setWebhook", url=url)["description"], "Webhook is already set")
        self.assertEqual(self.ask("setWebhook", url="")["description"], "Webhook was deleted")
        self.assertEqual(self.ask("deleteWebhook")["description"], "Webhook is already deleted")

    def test_a_chat_keeps_its_order_while_others_go_beside_it(self):
        first, both = threading.Event(), threading.Barrier(2)

        def answer(update):
            message = update["message"]
            if message["text"] == "1":
                both.wait(20)  # Ann's first and Bob's first are there at once
                first.wait(20)
            elif message["chat"]["id"] == bob.id:
                both.wait(20)
            return 200, b"", {}
        bob = self.fake.person("Bob")
        hook = self.hook(answer, max_connections=4)
        for text in ("1", "2", "3"):
            self.ann.says(text)
        bob.says("beside")
        self.attempts(1)
        self.assertEqual(len(hook.got), 2)
        first.set()
        self.attempts(4)
        self.assertEqual([update["message"]["text"] for update in hook.got if update["message"]["chat"]["id"] == self.ann.id], ["1", "2", "3"])

    def test_no_more_connections_than_allowed(self):
        most, now, lock, third = [0], [0], threading.Lock(), threading.Event()

        def answer(_):
            with lock:
                now[0] += 1
                most[0] = max(most[0], now[0])
                if now[0] == 3:
                    third.set()
            third.wait(0.2)  # the promise is that none comes, so time has to pass
            with lock:
                now[0] -= 1
            return 200, b"", {}
        self.hook(answer, max_connections=2)
        for i in range(8):
            self.fake.person(f"P{i}").says("x")
        self.attempts(8)
        self.assertEqual(most[0], 2)

    def test_a_refused_update_comes_again_and_again_later_and_holds_back_its_chat(self):
        left = [6]

        def answer(_):
            left[0] -= 1
            return (500 if left[0] >= 0 else 200), b"", {}
        hook = self.hook(answer)
        self.ann.says("first")
        self.ann.says("second")
        attempts = self.attempts(8)
        self.assertEqual([update["message"]["text"] for update in hook.got], ["first"] * 7 + ["second"])
        gaps = [after.began - before.at for before, after in zip(attempts[:6], attempts[1:7])]
        for gap, due in zip(gaps, (0, 2, 4, 8, 16, 32)):
            self.assertGreaterEqual(gap, due * 0.01 - 0.002)
        self.assertEqual(self.good("getWebhookInfo")["last_error_message"], "Wrong response from the webhook: 500 Internal Server Error")

    def test_retry_after_is_heeded(self):
        answers = [(503, b"", {"Retry-After": "20"}), (204, b"", {})]
        self.hook(lambda _: answers.pop(0))
        self.ann.says("a")
        first, second = self.attempts(2)
        self.assertGreaterEqual(second.began - first.at, 0.2)

    def test_chats_that_are_refused_hold_back_all_at_last(self):
        stuck = [self.fake.person(f"P{i}") for i in range(2)]
        hook = self.hook(lambda update: (200 if update["message"]["text"] == "fine" else 500, b"", {}), max_connections=1)
        self.fake.webhook.pace = 1000
        for person in stuck:
            person.says("refused")
        self.attempts(4)  # each twice: the second try comes at once
        self.ann.says("fine")
        self.fake.webhook.pace = 0.01
        self.assertEqual([update["message"]["text"] for update in hook.got], ["refused"] * 4)
        self.assertEqual(self.good("getWebhookInfo")["pending_update_count"], 3)

    def test_an_update_is_given_up_after_a_day(self):
        self.hook(lambda _: (500, b"", {}))
        self.ann.says("a", age=86390)
        self.fake.wait(lambda: self.fake.updates.dropped)
        self.assertEqual(self.good("getWebhookInfo")["pending_update_count"], 0)

    def test_without_a_connection_nothing_is_lost(self):
        hook = self.hook()
        hook.stop()
        self.ann.says("a")
        self.fake.wait(lambda: self.fake.webhook.error)
        self.assertIn("refused", self.good("getWebhookInfo")["last_error_message"])
        self.assertEqual(self.fake.updates.pending[self.fake.updates.next_id - 1].failures, 0)
        another = Hook()
        self.addCleanup(another.stop)
        self.good("setWebhook", url=another.url)
        self.attempts(1)
        self.assertEqual(len(another.got), 1)

    def test_presses_go_beside_the_messages_of_their_chat(self):
        self.met()
        self.send(reply_markup={"inline_keyboard": [[{"text": "Diff", "callback_data": "d"}]]})
        go = threading.Event()

        def answer(update):
            if "message" in update:
                go.wait(20)
            return 200, b"", {}
        hook = self.hook(answer)
        self.ann.says("slow")
        self.ann.presses(self.ann.chat.last, "Diff")
        self.attempts(1)
        self.assertEqual(collections.Counter("message" in update for update in hook.got)[False], 1)
        go.set()
        self.attempts(2)

    def test_a_call_inside_the_answer(self):
        self.met()
        body = json.dumps({"method": "sendMessage", "chat_id": self.ann.id, "text": "at once"}).encode()
        self.hook(lambda _: (200, body, {"Content-Type": "application/json"}))
        self.ann.says("a")
        self.assertEqual(self.ann.chat.wait("at once").text, "at once")
        self.assertEqual(self.fake.wait_for_calls("sendMessage")[-1].via, "webhook")

    def test_pending_updates_can_be_dropped(self):
        self.ann.says("a")
        hook = self.hook(drop_pending_updates=True)
        self.ann.says("b")
        self.attempts(1)
        self.assertEqual([update["message"]["text"] for update in hook.got], ["b"])


if __name__ == "__main__":
    unittest.main()
