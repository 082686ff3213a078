"""Secrets that are changed: the webhook's and the bot's own, without a word lost."""

from telegramming import PATIENCE, SECRET, TelegramStory, fix, is_verdict

NEW = SECRET + "-new"


class WebhookSecret(TelegramStory):
    def statuses(self, *secrets):
        self.calls = getattr(self, "calls", 0) + 10
        return [self.call(self.tell(self.calls + n, self.eve, "x"), secret=s) for n, s in enumerate(secrets)]

    def test_changed_by_a_restart_both_are_accepted_until_telegram_knows_the_new_one_and_a_while_after(self):
        service = self.begin(self.remote())
        self.wait_sql("select count(*) from secrets where name = 'telegram_webhook_registered'", "1")
        self.assertEqual(service.terminate(), 0, service.story())
        hold = self.telegram.faults.add(method="setWebhook", hold=True)
        service = self.serve(**self.bot_settings(TELEGRAM_WEBHOOK_SECRET=NEW))
        hold.wait(self.telegram, seconds=PATIENCE)
        self.assertEqual(self.statuses(SECRET, NEW, "x" * 9, None), [200, 200, 401, 401])
        before = self.sql("select set_at from secrets where name = 'telegram_webhook_registered'")
        hold.open()
        service.wait_for_line("^Telegram sends messages to")
        self.assertEqual(self.statuses(SECRET, NEW, "x" * 9), [200, 200, 401], "what is under way shows the old one")
        self.wait_sql(f"select set_at > '{before}' from secrets where name = 'telegram_webhook_registered'", "t")
        self.assertEqual(service.terminate(), 0, service.story())
        self.begin(TELEGRAM_WEBHOOK_SECRET=NEW)
        self.assertEqual(self.statuses(SECRET, NEW), [401, 200])


class BotToken(TelegramStory):
    def test_that_was_revoked_is_said_and_with_the_new_one_all_that_waited_is_told(self):
        remote, hold, token = self.remote(), self.model_gate(), self.folder / "token"
        token.write_text(self.telegram.token)
        self.script(fix(**hold.step))
        service = self.begin(remote, TELEGRAM_BOT_TOKEN=None, TELEGRAM_BOT_TOKEN_FILE=str(token))
        self.bob.says("Mend the sum.")
        hold.wait()
        self.telegram.token = self.telegram.token + "-renewed"
        hold.let_on()
        service.wait_for_line(r"^review\b")
        self.wait_sql("select count(*) from outbox where sent_at is null and not_before > now()", "1")
        lines = len(service.lines)
        token.write_text(self.telegram.token)
        service.hang_up()
        service.wait_for_line("^Telegram sends messages to", start=lines)
        self.bob.chat.wait(is_verdict, PATIENCE)
        self.wait_sql("select count(*) from outbox where sent_at is null", "0")
        self.assertEqual((len(remote.branches()), self.sql("select count(*) from outbox where failed is not null")), (1, "0"))


if __name__ == "__main__":
    import unittest
    unittest.main()
