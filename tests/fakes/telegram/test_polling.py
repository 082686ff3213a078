"""getUpdates: offsets, waiting, conflicts, what is kept and for how long."""

import unittest

from testing import Case


class Polling(Case):
    def numbers(self, **args):
        return [update["update_id"] for update in self.good("getUpdates", **args)]

    def test_an_offset_acknowledges_what_is_before_it(self):
        for text in "abc":
            self.ann.says(text)
        first = self.numbers()[0]
        self.assertEqual(self.numbers(limit=2, offset=first), [first, first + 1])
        self.assertEqual(self.numbers(offset=first + 2), [first + 2])
        self.assertEqual(self.numbers(offset=first), [first + 2])  # what was acknowledged does not come back
        self.assertEqual(self.numbers(offset=first + 3, timeout=0), [])

    def test_a_negative_offset_keeps_the_newest(self):
        for text in "abc":
            self.ann.says(text)
        newest = self.fake.updates.next_id - 1
        self.assertEqual(self.numbers(offset=-1), [newest])
        self.assertEqual(list(self.fake.updates.pending), [newest])

    def test_it_waits_for_an_update(self):
        result = self.in_background(self.good, "getUpdates", timeout=30)
        self.fake.wait(lambda: self.fake.updates.polls == 1)
        self.ann.says("now")
        self.assertEqual(result()[0]["message"]["text"], "now")

    def test_an_empty_wait_ends_empty(self):
        self.assertEqual(self.good("getUpdates", timeout=1), [])

    def test_a_second_poller_ends_the_first(self):
        first = self.in_background(self.ask, "getUpdates", timeout=30)
        self.fake.wait(lambda: self.fake.updates.polls == 1)
        second = self.in_background(self.ask, "getUpdates", timeout=30)
        answer = first()
        self.assertEqual((answer["error_code"], answer["description"]), (409, (
            "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running")))
        self.ann.says("for the second")
        self.assertEqual(len(second()["result"]), 1)

    def test_a_webhook_excludes_it_and_ends_it(self):
        waiting = self.in_background(self.ask, "getUpdates", timeout=30)
        self.fake.wait(lambda: self.fake.updates.polls == 1)
        self.good("setWebhook", url="http://127.0.0.1:9/telegram/webhook")
        self.assertEqual(waiting()["description"], "Conflict: terminated by setWebhook request")
        self.wrong("getUpdates", 409, "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the "
                   "webhook first")
        self.assertEqual(self.ask("deleteWebhook")["description"], "Webhook was deleted")
        self.assertEqual(self.good("getUpdates"), [])

    def test_allowed_updates_are_remembered(self):
        self.good("getUpdates", allowed_updates=["message"])
        message = self.ann.says("a")
        self.ann.edits(message, "b")
        self.assertEqual([set(update) - {"update_id"} for update in self.good("getUpdates")], [{"message"}])
        self.assertEqual(self.good("getWebhookInfo")["allowed_updates"], ["message"])

    def test_updates_are_kept_for_a_day_and_presses_for_150_seconds(self):
        self.met()
        self.send(reply_markup={"inline_keyboard": [[{"text": "Diff", "callback_data": "d"}]]})
        self.ann.says("old", age=3600)
        self.ann.presses(self.ann.chat.last, "Diff")
        self.fake.advance(151)
        self.assertEqual([set(update) - {"update_id"} for update in self.good("getUpdates")], [{"message"}])
        self.fake.advance(82800)
        self.assertEqual(self.good("getUpdates"), [])
        self.assertEqual([update.kind for update in self.fake.updates.dropped], ["callback_query", "message"])

    def test_an_update_can_come_again(self):
        self.ann.says("a")
        number = self.numbers()[0]
        self.assertEqual(self.numbers(offset=number + 1), [])
        self.fake.updates.again(number)
        self.assertEqual(self.numbers(), [number])

    def test_ten_thousand_wait(self):
        for i in range(10000):
            self.ann.says(str(i))
        offset, seen = 0, 0
        while batch := self.numbers(offset=offset):
            offset, seen = batch[-1] + 1, seen + len(batch)
        self.assertEqual(seen, 10000)


if __name__ == "__main__":
    unittest.main()
