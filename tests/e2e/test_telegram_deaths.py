"""A service that dies, or whose Telegram is away, while people are told of their task."""

import re
import time

from telegramming import PATIENCE, TelegramStory, fix, is_verdict

ASKED = "Mend the sum."
HELD = 7  # seconds: LEASE_TTL and limits::telegram_send_slack; what another service was sending is free after that
UNKNOWN = r"(?m)^persais_telegram_unknown_sends_total {}$"


class Dying(TelegramStory):
    settings = {"LEASE_TTL": "2s"}  # a dead worker's task is free after that

    def progress_of(self, said):
        """What carries a task's progress: the messages with buttons that answer this one."""
        return [m for m in said.chat.from_bot if m.reply_to is said and m.buttons]

    def test_killed_while_its_progress_is_told_the_message_is_brought_up_to_date_and_stays_the_only_one(self):
        remote, hold = self.remote(), self.model_gate()
        self.script(fix(**hold.step))
        service = self.begin(remote)
        lost = self.telegram.faults.add(method="editMessageText", hold=True, lost="request", times=0)
        said = self.bob.says(ASKED)
        lost.wait(self.telegram, seconds=PATIENCE)
        hold.wait()  # the agent is at work, and what the chat shows is from before
        service.kill9()
        self.telegram.faults.clear()
        progress, = self.progress_of(said)
        frozen = progress.text
        self.begin(remote)
        self.telegram.wait(lambda: progress.text != frozen, PATIENCE, lambda: f"still frozen: {progress}")
        self.assertFalse(is_verdict(progress), "nobody has answered the agent yet")
        hold.let_on()
        self.assertIs(self.bob.chat.wait(is_verdict, PATIENCE), progress)
        self.wait_sql("select count(*) from outbox where sent_at is null", "0")
        self.assertEqual(self.progress_of(said), [progress])
        self.assertEqual((len(remote.branches()), self.telegram.complaints), (1, []))

    def test_killed_after_the_last_edit_was_lost_the_verdict_is_shown(self):
        remote = self.remote()
        self.script(fix())
        service = self.begin(remote)
        lost = self.telegram.faults.add(method="editMessageText", match=r"\bready\b", hold=True, lost="request", times=0)
        said = self.bob.says(ASKED)
        lost.wait(self.telegram, seconds=PATIENCE)
        service.kill9()
        self.telegram.faults.clear()
        progress, = self.progress_of(said)
        self.assertFalse(is_verdict(progress))
        self.begin(remote)
        self.assertIs(self.bob.chat.wait(is_verdict, PATIENCE), progress)
        self.assertEqual(self.progress_of(said), [progress])
        self.assertEqual(len(remote.branches()), 1)

    def test_killed_during_a_send_that_telegram_never_took_it_is_sent_once_and_counted(self):
        remote = self.remote()
        self.script(fix())
        service = self.begin(remote)
        lost = self.telegram.faults.add(method="sendMessage", chat=self.bob.id, hold=True, lost="request")
        said = self.bob.says(ASKED)
        lost.wait(self.telegram, seconds=PATIENCE)
        service.kill9()
        lost.open()
        self.assertEqual(self.bob.chat.from_bot, [])
        service = self.begin(remote)
        progress = self.bob.chat.wait(is_verdict, PATIENCE)
        self.wait_sql("select count(*) from outbox where sent_at is null", "0")
        self.assertEqual(self.progress_of(said), [progress])
        self.assertRegex(service.metrics(), UNKNOWN.format(1))
        self.assertEqual(len(remote.branches()), 1)

    def test_killed_during_a_send_what_the_person_asks_next_is_answered_at_once(self):
        self.settings = {"LEASE_TTL": "10m"}  # nothing else frees it within this test
        remote = self.remote()
        self.script(fix())
        service = self.begin(remote)
        self.bob.says(ASKED)
        self.bob.chat.wait(is_verdict, PATIENCE)
        self.wait_sql("select count(*) from outbox where sent_at is null", "0")
        lost = self.telegram.faults.add(method="sendMessage", chat=self.bob.id, hold=True, lost="request")
        self.bob.says("/status")
        lost.wait(self.telegram, seconds=PATIENCE)
        service.kill9()
        lost.open()
        self.begin(remote)
        result = next(m for m in self.bob.chat.from_bot if m.button("Diff"))
        self.bob.presses(result, "Diff")
        self.bob.chat.wait(lambda m: "return a + b" in m.text and not m.buttons, 40)  # the hold was 75 s

    def test_killed_for_good_while_it_tells_the_verdict_the_other_service_tells_it(self):
        remote, hold = self.remote(), self.model_gate()
        self.script(fix(**hold.step))
        dies = self.begin(remote)
        said = self.bob.says(ASKED)
        hold.wait()
        self.begin(remote, PORT="0")  # it sees that somebody works, and from then on hears of nothing
        lost = self.telegram.faults.add(method="sendMessage", chat=self.bob.id, hold=True, lost="request")
        hold.let_on()
        lost.wait(self.telegram, seconds=PATIENCE)
        dies.kill9()
        lost.open()
        self.bob.chat.wait(lambda m: not m.buttons and "ready" in m.text, 2 * HELD + PATIENCE)
        self.assertEqual(len(self.progress_of(said)), 1)
        self.assertEqual((len(remote.branches()), self.telegram.complaints), (1, []))


class Away(TelegramStory):
    settings = {"LEASE_TTL": "70s"}  # what is being sent is held for longer than any pause, which tells them apart
    PAUSE = "select coalesce(max(ceil(extract(epoch from not_before - clock_timestamp()))), 0)::int from outbox where sent_at is null"

    def longer_pause(self, than):
        """It asks again within a minute, for ever. While it asks, its hold stands there."""
        until = time.monotonic() + PATIENCE
        while not than < (says := int(self.sql(self.PAUSE))) <= 60:
            self.assertLess(time.monotonic(), until, f"a pause of {says} s, after one of {than}")
            time.sleep(0.05)
        return says

    def test_an_hour_without_telegram_loses_nothing_keeps_the_order_and_is_over_when_it_is_back(self):
        remote, hold = self.remote(), self.model_gate()
        self.script(fix(**hold.step))
        service = self.begin(remote)
        said = self.bob.says(ASKED)
        hold.wait()
        progress = self.bob.chat.wait(lambda m: m.reply_to)
        self.telegram.down()
        for number in (71, 72, 73):
            self.bob.says(f"/diff {number}")
        self.wait_sql("select count(*) from inbox where effect = 'command'", "3")
        hold.let_on()
        service.wait_for_line(r"^review\b")
        pauses = [0]
        while pauses[-1] < 30:  # 1, 2, 4 … 60 seconds, which are over at once here
            self.later(60)
            self.ann.says(f"/diff {80 + len(pauses)}")  # whoever says something lets the sender look
            pauses.append(self.longer_pause(pauses[-1]))
        self.assertEqual(self.sql("select count(*) from outbox where failed is not null"), "0")
        late = self.bob.says("And the product.", age=3700)
        self.telegram.up()
        self.later(60)
        self.ann.says("/help")
        self.assertIs(self.bob.chat.wait(is_verdict, PATIENCE), progress)
        self.later(60)
        self.ann.says("/help")
        self.wait_sql("select count(*) from outbox where sent_at is null", "0")
        told = [int(n) for m in self.bob.chat.from_bot for n in re.findall(r"\b7[123]\b", m.text)]
        self.assertEqual(told, [71, 72, 73], "once each, in their order")
        self.assertEqual([m for m in self.bob.chat.from_bot if m.reply_to is said and m.buttons], [progress])
        self.assertTrue([m for m in self.bob.chat.from_bot if m.reply_to is late and "1 h" in m.text], self.bob.chat.from_bot)
        self.assertEqual(len([name for name in remote.branches() if name.startswith("mechanic/1-")]), 1)
        self.assertEqual(self.sql("select count(*) from outbox where failed is not null"), "0")


if __name__ == "__main__":
    import unittest
    unittest.main()
