"""Somebody who writes far more than anybody could want: bounded, told once, and nobody else waits for it."""

from telegramming import PATIENCE, TelegramStory

BURST = 30  # limits::person_burst
TOO_MUCH = "more than I can take at once"
HEARD = "effect in ('task', 'joined')"


class Flood(TelegramStory):
    def told_so(self):
        return [m for m in self.bob.chat.from_bot if TOO_MUCH in m.text]

    def test_that_waited_is_bounded_and_told_once_and_whoever_wrote_last_is_not_behind_it(self):
        service = self.begin(self.remote(), OPENROUTER_API_KEY=None)
        for person in (self.ann, self.bob):  # a bot writes to nobody who never wrote to it
            person.says("/start")
            person.chat.wait(lambda m: True, PATIENCE)
        bodies = [self.tell(n, self.bob, f"Do {n}.") for n in range(1, 401)] + [self.tell(401, self.ann, "/help")]
        self.sql("insert into inbox (update_id, body) values " +  # nobody is told, so they wait for the next start
                 ",".join(f"({n}, '\\x{body.hex()}')" for n, body in enumerate(bodies, 1)))
        self.assertEqual(service.terminate(), 0, service.story())
        service = self.begin(self.remote("other"), OPENROUTER_API_KEY=None)
        self.wait_sql("select count(*) from inbox where done_at is null", "0")
        self.assertEqual(self.sql(f"select count(*) filter (where {HEARD}), count(*) filter (where effect = 'refused') from inbox "
                                  "where update_id <= 400"), f"{BURST}|{400 - BURST}", "each has its effect")
        before = self.sql(f"select count(*) from inbox where update_id <= 400 and {HEARD} and done_at < (select done_at from inbox where update_id = 401)")
        self.assertLess(int(before), BURST, "heard beside the flood, not behind it")
        self.telegram.wait(lambda: len(self.ann.chat.from_bot) == 2, PATIENCE, "an answer to whoever wrote last")
        self.wait_sql("select count(*) from outbox where sent_at is null", "0")
        self.assertEqual(len(self.told_so()), 1, self.bob.chat.from_bot)
        words = self.sql("select string_agg(instruction, ' ' order by id) from tasks").replace("\n", " ").split()
        self.assertEqual([w for w in words if w != "Do"], [f"{n}." for n in range(1, BURST + 1)], "what was taken is all there, in order")

    def test_by_the_webhook_holds_up_nobody_and_is_over_when_it_is_over(self):
        self.begin(self.remote(), OPENROUTER_API_KEY=None)
        for number in range(200):
            self.bob.says(f"Do {number}.")
        self.ann.says("/help")
        self.ann.chat.wait(lambda m: "/status" in m.text, PATIENCE)
        self.telegram.wait(lambda: not self.telegram.updates.pending, PATIENCE, "all taken")
        self.wait_sql("select count(*) from inbox where done_at is null", "0")
        self.assertEqual(self.sql("select count(*) from inbox"), "201")
        heard = int(self.sql(f"select count(*) from inbox where {HEARD}"))
        self.assertTrue(BURST <= heard < 2 * BURST, heard)  # one more every two seconds that the burst took
        self.assertEqual(self.sql("select count(*) from inbox where effect = 'refused'"), str(200 - heard))
        self.wait_sql("select count(*) from outbox where sent_at is null", "0")
        self.assertEqual(len(self.told_so()), 1, self.bob.chat.from_bot)
        self.bob.says("/lang ru", age=-120)  # two minutes later
        self.bob.chat.wait("по-русски", PATIENCE)


if __name__ == "__main__":
    import unittest
    unittest.main()
