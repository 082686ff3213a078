"""What people in chats live through: several at once, a service that dies while it tells, a Telegram that is away."""

from telegramming import PATIENCE, TelegramStory, fix, is_verdict


class Together(TelegramStory):
    def test_two_people_and_two_tasks_at_once_are_each_told_of_their_own(self):
        remote = self.remote()
        self.script(fix(), fix())
        self.begin(remote, TASKS_PARALLEL="2")
        self.ann.says("Mend the sum for Ann.")
        self.bob.says("Mend the sum for Bob.")
        for person in (self.ann, self.bob):
            person.chat.wait(is_verdict, PATIENCE)
        self.wait_sql("select count(*) from tasks where state = 'review'", "2")
        own = dict(line.split("|") for line in self.sql("select chat_id, task_id from task_chats").splitlines())
        for person, other in ((self.ann, self.bob), (self.bob, self.ann)):
            said = " ".join(text for message in person.chat.from_bot for text in message.texts())
            self.assertIn(own[str(person.id)], said)
            self.assertNotIn(f"mechanic/{own[str(other.id)]}-", said)
        self.assertEqual(len(remote.branches()), 2)
        self.assertEqual(self.telegram.complaints, [])

    def test_in_a_group_and_in_each_topic_only_what_is_meant_for_the_bot_is_heard(self):
        self.begin(self.remote(), OPENROUTER_API_KEY=None)
        team = self.telegram.group("Team", [self.ann, self.bob])
        forum = self.telegram.group("Forum", [self.ann, self.bob], forum=True)
        for chat in (team, forum):
            chat.add_bot("administrator")  # one who is told of everything
        one, two = forum.topic("one"), forum.topic("two")
        self.bob.says("Lunch?", chat=team)
        self.bob.says("Lunch?", chat=forum, topic=one)
        self.bob.says("@mechanic_bot mend the sum", chat=team)
        for topic in (one, two):
            self.bob.says("@mechanic_bot mend the sum", chat=forum, topic=topic)
        team.wait(lambda m: m.reply_to)
        for topic in (one, two):
            forum.wait(lambda m, topic=topic: m.reply_to and m.topic is topic)
        self.wait_sql("select count(*) from inbox where effect = 'task'", "3")
        heard = "select count(*) from inbox where convert_from(body, 'UTF8') like '%Lunch%'"
        self.wait_sql(heard + " and effect = 'ignored'", "2")
        self.assertEqual(self.sql("select count(distinct (chat_id, topic_id)) from task_chats"), "3")
        self.assertFalse([m for chat in (team, forum) for m in chat.from_bot if m.reply_to and "Lunch" in m.reply_to.text])


class Confined(TelegramStory):
    def test_with_a_sandbox_that_holds_nobody_is_told_that_there_is_none(self):
        self.script(fix())
        self.begin(self.remote(), PERSAIS_UNSAFE="1")  # allows to go without one where none can be had
        self.bob.says("/status")
        told = self.bob.chat.wait(lambda m: "Sandbox" in m.text, PATIENCE)
        self.assertIn("bubblewrap", told.text)
        self.bob.says("Mend the sum.")
        self.bob.chat.wait(is_verdict, PATIENCE)
        said = " ".join(text for message in self.bob.chat.from_bot for text in message.texts())
        self.assertNotIn("no sandbox", said)


class Dying(TelegramStory):
    def test_killed_between_a_send_and_its_commit_the_verdict_is_told_and_the_send_is_counted(self):
        remote = self.remote()
        self.script(fix())
        service = self.begin(remote)
        held = self.telegram.faults.add(method="sendMessage", chat=self.bob.id, after=True, hold=True)
        self.bob.says("Mend the sum.")
        held.wait(self.telegram, seconds=PATIENCE)
        self.bob.chat.wait(lambda m: m.reply_to)  # it stands there, and the service does not know it
        service.kill9()
        held.open()
        service = self.begin(remote)
        self.bob.chat.wait(is_verdict, PATIENCE)
        self.wait_sql("select count(*) from tasks where state = 'review'", "1")
        self.assertRegex(service.metrics(), r"(?m)^persais_telegram_unknown_sends_total 1$")
        self.assertEqual(len(remote.branches()), 1)

    def test_telegram_away_for_several_pauses_loses_no_word(self):
        remote = self.remote()
        self.script(fix())
        self.begin(remote)
        away = self.telegram.faults.add(method="sendMessage|editMessageText", times=4, status=502)
        self.bob.says("Mend the sum.")
        away.wait(self.telegram, count=4, seconds=PATIENCE)
        self.bob.chat.wait(is_verdict, PATIENCE)
        self.assertEqual(len(remote.branches()), 1)
        self.assertEqual(self.sql("select count(*) from outbox where failed is not null"), "0")


class Pressed(TelegramStory):
    def test_a_button_pressed_by_a_stranger_does_nothing(self):
        self.script(fix())
        self.begin(self.remote())
        self.bob.says("Mend the sum.")
        result = self.bob.chat.wait(is_verdict, PATIENCE)
        tasks = self.sql("select count(*) from tasks")
        press = self.eve.presses(result, result.buttons[0])
        self.wait_sql("select count(*) from inbox where done_at is not null", "2")
        self.assertEqual(self.sql("select count(*) from tasks"), tasks)
        self.assertFalse([m for m in self.eve.chat.from_bot], press.answers)


if __name__ == "__main__":
    import unittest
    unittest.main()
