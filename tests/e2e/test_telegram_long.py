"""What is longer than an instruction may be: however it comes, nothing begins, and one sentence says so."""

import time

from telegramming import PATIENCE, TelegramStory, fix
from telegram.people import parts

SENTENCE = "longer than 16384 characters"
LONG = "".join(f"{n}. Исправь сумму и проверь её.\n" for n in range(1, 1000))
PARTS = parts(LONG)


class TooLong(TelegramStory):
    def nothing_began(self, model, messages):
        self.wait_sql("select count(*) from inbox where done_at is not null", str(messages))
        self.bob.chat.wait(SENTENCE)
        self.wait_sql("select count(*) from outbox where sent_at is null", "0")
        self.assertEqual(len([m for m in self.bob.chat.from_bot if SENTENCE in m.text]), 1)
        self.assertEqual(self.sql("select count(*) from tasks where state <> 'aborted' or fence > 0"), "0")
        self.assertEqual((model.requests(), self.telegram.complaints), ([], []))

    def test_a_text_that_a_client_split_begins_nothing_and_is_told_in_one_message(self):
        model = self.script(fix())
        self.begin(self.remote())
        self.bob.says_long(LONG)
        self.nothing_began(model, len(PARTS))
        told, = self.bob.chat.from_bot
        self.assertEqual(told.buttons, [])
        self.bob.says("Mend the sum.", age=-60)
        self.bob.chat.wait(lambda m: m.button("Diff"))

    def test_killed_amid_its_parts_the_rest_begins_nothing_either(self):
        model = self.script(fix())
        service = self.begin(self.remote())
        begun = time.time()
        for part in PARTS[:6]:
            self.bob.says(part)
        self.wait_sql("select count(*) from inbox where done_at is not null", "6")
        service.kill9()
        for part in PARTS[6:]:
            self.bob.says(part, age=time.time() - begun)
        self.begin(self.remote("other"))
        self.nothing_began(model, len(PARTS))

    def test_an_album_with_as_much_beside_it_begins_nothing(self):
        model = self.script(fix())
        self.begin(self.remote())
        for part in PARTS[:4]:
            self.bob.says(part)
        self.bob.sends_album(3, "x" * 1000)
        self.nothing_began(model, 7)

    def test_a_reply_in_parts_begins_no_turn_and_no_task(self):
        model = self.script(fix())
        self.begin(self.remote())
        self.bob.says("Mend the sum.", age=60)
        self.telegram.wait(lambda: any(m.button("Diff") for m in self.bob.chat.from_bot), PATIENCE)
        result = next(m for m in self.bob.chat.from_bot if m.button("Diff"))
        asked = len(model.requests())
        for n, part in enumerate(PARTS):
            self.bob.replies(result, part) if n % 3 == 0 else self.bob.says(part)  # clients differ in that
        self.wait_sql("select count(*) from inbox where done_at is not null", str(1 + len(PARTS)))
        self.bob.chat.wait(SENTENCE)
        self.wait_sql("select count(*) from outbox where sent_at is null", "0")
        self.assertEqual(len([m for m in self.bob.chat.from_bot if SENTENCE in m.text]), 1)
        self.assertEqual(self.sql("select count(*) from tasks"), "1")
        self.assertEqual(self.sql("select string_agg(state, ' ') from task_turns"), "dropped")
        self.assertEqual(len(model.requests()), asked)
        self.assertEqual(self.telegram.complaints, [])


if __name__ == "__main__":
    import unittest
    unittest.main()
