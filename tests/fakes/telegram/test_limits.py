"""How often a bot may send, and what happens to one that does not heed it. The clock is moved by hand."""

import unittest

from testing import Case

from telegram.limits import Limits


class Chat:
    def __init__(self, number, group=False):
        self.id, self.is_group = number, group


class Rates(unittest.TestCase):
    def setUp(self):
        self.now = 1000.0
        self.limits = Limits(lambda: self.now)

    def send(self, chat, method="sendMessage"):
        """The seconds to wait, 0 when it may."""
        try:
            self.limits.check(method, chat)
        except Exception as error:
            return error.parameters["retry_after"]
        return 0

    def test_one_a_second_is_never_too_fast(self):
        for _ in range(120):
            self.assertEqual(self.send(Chat(1)), 0)
            self.now += 1.0
        self.assertEqual(self.limits.violations, [])

    def test_a_short_burst_passes_and_a_lasting_one_does_not(self):
        self.assertEqual([self.send(Chat(1)) for _ in range(4)], [0, 0, 0, 1])
        self.assertEqual(self.limits.violations[0].kind, "chat")
        self.now += 1.0
        self.assertEqual(self.send(Chat(1)), 0)

    def test_who_does_not_wait_is_noted(self):
        self.limits.hold(1, 5)
        self.assertEqual(self.send(Chat(1)), 5)
        self.assertEqual(self.limits.violations[0].kind, "impatient")
        self.now += 5
        self.assertEqual(self.send(Chat(1)), 0)

    def test_a_group_gets_twenty_a_minute(self):
        group = Chat(-5, group=True)
        for _ in range(20):
            self.assertEqual(self.send(group), 0)
            self.now += 1
        self.assertEqual(self.send(group), 40)

    def test_thirty_a_second_in_all(self):
        self.assertEqual([self.send(Chat(i)) for i in range(31)], [0] * 30 + [1])
        self.assertEqual(self.limits.violations[-1].kind, "overall")

    def test_edits_count_and_actions_do_not(self):
        for _ in range(3):
            self.send(Chat(1), "editMessageText")
        self.assertEqual(self.send(Chat(1), "sendChatAction"), 0)
        self.assertEqual(self.send(Chat(1), "answerCallbackQuery"), 0)
        self.assertEqual(self.send(Chat(1)), 1)


class OnTheWire(Case):
    options = {"chat_burst": 1}

    def test_too_fast_is_a_429_with_its_seconds(self):
        self.met()
        now = [1000.0]
        self.fake.limits.clock = lambda: now[0]
        self.send()
        status, answer, headers = self.raw("sendMessage", f'{{"chat_id": {self.ann.id}, "text": "a"}}'.encode())
        self.assertEqual((status, answer["parameters"], answer["description"], headers["Retry-After"]),
                         (429, {"retry_after": 1}, "Too Many Requests: retry after 1", "1"))
        now[0] += 1
        self.send()


class OnlyNoted(Case):
    def test_without_enforcement_it_passes(self):
        self.met()
        self.fake.limits.clock = lambda: 1000.0
        for _ in range(5):
            self.send()
        self.assertEqual([each.kind for each in self.fake.violations], ["chat"] * 2)


if __name__ == "__main__":
    unittest.main()
