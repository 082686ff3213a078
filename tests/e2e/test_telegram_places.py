"""Chats that go away, come back or change under way: what a task came to is told where somebody reads it."""

from telegramming import PATIENCE, TelegramStory, fix, is_verdict


class Places(TelegramStory):
    def under_way(self, says):
        """A task whose agent is at work. `says`: the person's message, which is given by calling it."""
        self.hold = self.model_gate()
        self.script(fix(**self.hold.step))
        self.service = self.begin(self.remote())
        said = says()
        self.hold.wait()
        said.chat.wait(lambda m: m.reply_to is said, PATIENCE)
        return said

    def forum(self):
        forum = self.telegram.group("Forum", [self.ann, self.bob], forum=True)
        forum.add_bot("member")
        return forum, forum.topic("one")

    def settled(self):
        self.wait_sql("select count(*) from outbox where sent_at is null", "0")
        self.assertEqual(self.telegram.complaints, [])

    def test_a_topic_deleted_under_way_is_told_in_general(self):
        forum, one = self.forum()
        self.under_way(lambda: self.bob.says("@mechanic_bot mend the sum", chat=forum, topic=one))
        one.delete()
        self.hold.let_on()
        result = forum.wait(is_verdict, PATIENCE)
        self.assertIsNone(result.topic)
        self.settled()
        self.bob.says("@mechanic_bot /status", chat=forum, topic=forum.topic("two"))
        forum.wait(lambda m: m.topic and "queue" in m.text.lower(), PATIENCE)

    def test_where_general_is_closed_too_the_person_is_told(self):
        forum, one = self.forum()
        self.under_way(lambda: self.bob.says("@mechanic_bot mend the sum", chat=forum, topic=one))
        self.bob.says("/help")
        self.bob.chat.wait(lambda m: True, PATIENCE)
        one.close()
        self.telegram.faults.add(method="sendMessage", chat=forum.id, status=400, description="Bad Request: TOPIC_CLOSED", times=0)
        self.hold.let_on()
        self.bob.chat.wait(lambda m: not m.buttons and "ready" in m.text, PATIENCE)
        self.settled()

    def test_who_blocked_the_bot_and_unblocks_it_is_told_what_was_missed(self):
        said = self.under_way(lambda: self.bob.says("Mend the sum."))
        progress, = [m for m in self.bob.chat.from_bot if m.reply_to is said]
        self.bob.blocks()
        self.wait_sql("select count(*) from inbox where done_at is not null", "2")
        self.hold.let_on()
        self.service.wait_for_line(r"^review\b")
        self.wait_sql("select count(*) from outbox where failed is null and sent_at is null", "0")
        self.assertFalse(is_verdict(progress), "it is frozen")
        self.bob.unblocks()
        self.assertIs(self.bob.chat.wait(is_verdict, PATIENCE), progress)
        self.bob.chat.wait(lambda m: not m.buttons and "ready" in m.text, PATIENCE)
        self.settled()

    def test_a_deleted_account_is_ended_once_and_counted(self):
        self.under_way(lambda: self.bob.says("Mend the sum."))
        for n in range(3):
            self.sql("insert into outbox (body, chat_id, request) values ('', %d, "
                     "'{\"method\": \"sendMessage\", \"body\": {\"text\": \"%d\"}}')" % (self.bob.id, n))
        self.bob.deletes_account()
        before = len(self.telegram.calls_of("sendMessage"))
        self.hold.let_on()
        self.service.wait_for_line(r"^review\b")
        self.settled()
        self.ann.says("/help")
        self.ann.chat.wait(lambda m: True, PATIENCE)
        self.sql("insert into outbox (body, chat_id, request) values ('', %d, "
                 "'{\"method\": \"sendMessage\", \"body\": {\"text\": \"later\"}}')" % self.bob.id)
        self.ann.says("/tasks", age=-60)
        self.ann.chat.wait(lambda m: "task" in m.text.lower(), PATIENCE)
        self.settled()
        tried = [c for c in self.telegram.calls_of("sendMessage")[before:] if c.args["chat_id"] == self.bob.id]
        self.assertEqual(len(tried), 1, tried)
        self.assertRegex(self.service.metrics(), r'(?m)^persais_telegram_sends_total\{.*gone.*\} 1$')

    def test_a_group_that_was_upgraded_under_way_goes_on_in_its_new_chat_with_its_buttons(self):
        team = self.telegram.group("Team", [self.ann, self.bob])
        self.under_way(lambda: self.bob.says("@mechanic_bot mend the sum", chat=team))
        new = team.upgrade()
        self.hold.let_on()
        result = new.wait(is_verdict, PATIENCE)
        self.settled()
        self.bob.presses(result, "Log")
        new.wait(lambda m: "log" in m.text.lower() and m is not result, PATIENCE)
        self.assertEqual(self.sql("select distinct chat_id from task_chats"), str(new.id))


if __name__ == "__main__":
    import unittest
    unittest.main()
