"""Who is let in from the chat: a stranger who asks, an invitation, and taking it back; and which model people may choose."""

import re

from scripted import MODEL
from telegramming import PATIENCE, TelegramStory, fix, free_port, is_verdict

LINK = re.compile(r"https://t\.me/mechanic_bot\?start=([A-Za-z0-9_-]{22})")


class Asking(TelegramStory):
    def setUp(self):
        super().setUp()
        self.olga = self.telegram.person("Ольга", "ru")

    def bot_settings(self, **changes):
        return super().bot_settings(**{"TELEGRAM_ADMIN_IDS": f"{self.ann.id},{self.olga.id}", **changes})

    def admins_are_there(self):
        """A bot cannot write first: what it has to tell an admin who never wrote waits until they do."""
        self.ann.says("/lang en")
        self.ann.chat.wait("I speak English now.")
        self.olga.says("/lang ru")
        self.olga.chat.wait("Теперь я говорю по-русски.")

    def test_a_stranger_asks_and_is_let_in_after_a_kill_and_in_a_second_service_at_once(self):
        remote = self.remote()
        self.script(fix())
        service = self.begin(remote)
        self.admins_are_there()
        self.eve.says("/start")
        self.eve.says("Please?")
        asked = self.ann.chat.wait(f"Eve ({self.eve.id}) asks to be let in.")
        of_olga = self.olga.chat.wait(f"Eve ({self.eve.id}) просит доступ.")
        self.wait_sql("select count(*) from inbox where effect = 'refused'", "2")
        service.kill9()
        service = self.begin(remote)
        beside = self.serve(**self.bot_settings(PORT=str(free_port()), GIT_REMOTE_URL=str(remote.path), CHECK_COMMAND="python3 check.py"))
        beside.wait_for_line("^Telegram sends messages to")
        told = self.ann.presses(asked, "Allow").wait(PATIENCE).get("text", "")
        self.assertEqual(told, f"Eve ({self.eve.id}) is let in. Decided by Ann.")
        self.eve.chat.wait("You have been let in.")
        self.ann.chat.wait(lambda m: "Decided by Ann." in m.text and not m.buttons)
        later = self.olga.presses(of_olga, "Не отвечать").wait(PATIENCE).get("text", "")
        self.assertEqual(later, f"Eve ({self.eve.id}): доступ открыт. Решение принял администратор Ann.")
        self.telegram.webhook.proxy = f"http://127.0.0.1:{beside.port}"
        self.eve.says("Mend the sum.")
        self.eve.chat.wait(is_verdict, PATIENCE)
        self.assertEqual(len(remote.branches()), 1)
        self.assertEqual(self.sql("select let_in, decided_by from people where id = " + str(self.eve.id)), f"t|{self.ann.id}")
        with self.subTest("and is put out again"):
            self.olga.says("/people")
            listed = self.olga.chat.wait(lambda m: m.button("Убрать: Eve"))
            self.olga.presses(listed, "Убрать: Eve")
            self.olga.chat.wait("доступ закрыт")
            self.telegram.webhook.proxy = f"http://127.0.0.1:{service.port}"
            self.eve.says("Mend it again.")
            self.wait_sql("select count(*) from inbox where effect = 'refused'", "3")
            self.assertEqual(self.sql("select count(*) from tasks"), "1")
        self.assertEqual(self.telegram.complaints, [])

    def test_who_is_ignored_and_who_asks_where_nobody_is_to_be_told_gets_silence_for_good(self):
        service = self.begin(self.remote())
        self.admins_are_there()
        self.eve.says("Let me in.")
        asked = self.ann.chat.wait("asks to be let in.")
        self.ann.presses(asked, "Ignore").wait(PATIENCE)
        self.wait_sql("select decided_by from people where id = " + str(self.eve.id), str(self.ann.id))
        self.wait_sql("select count(*) from outbox where sent_at is null", "0")
        self.assertEqual(service.terminate(), 0, service.story())
        self.begin(self.remote("other"))
        self.eve.says("Let me in!")
        self.wait_sql("select count(*) from inbox where effect = 'refused'", "2")
        self.assertEqual(len([m for m in self.olga.chat.from_bot if "Eve" in m.text]), 1)
        self.assertEqual(self.eve.chat.from_bot, [])

    def test_it_can_be_switched_off(self):
        self.begin(self.remote(), TELEGRAM_ACCESS_REQUESTS="off")
        self.eve.says("Let me in.")
        self.wait_sql("select count(*) from inbox where effect = 'refused'", "1")
        self.ann.says("/people")
        self.ann.chat.wait("Nobody was let in from the chat.")
        self.assertEqual(len(self.ann.chat.from_bot), 1)


class Invited(TelegramStory):
    def test_a_link_lets_in_whoever_opens_it_first_and_is_kept_nowhere(self):
        service = self.begin(self.remote(), OPENROUTER_API_KEY=None, LOG_LEVEL="debug")
        dan = self.telegram.person("Dan")
        self.ann.says("/invite")
        made = self.ann.chat.wait(lambda m: LINK.search(m.text))
        code = LINK.search(made.text)[1]
        self.wait_sql("select count(*) from outbox where sent_at is null", "0")
        everything = "; ".join(f"select r::text from {table} r" for table in ("inbox", "outbox", "invites", "buttons", "people"))
        self.assertNotIn(code, self.sql(everything))
        dan.says("/start " + code[:-1] + ("A" if code[-1] != "A" else "B"))
        self.wait_sql("select count(*) from inbox where effect = 'refused'", "1")
        self.eve.says("/start " + code)
        self.eve.chat.wait("You have been let in.")
        self.ann.chat.wait(f"Eve ({self.eve.id}) came in by your invitation.")
        dan.says("/start " + code)
        self.wait_sql("select count(*) from inbox where effect = 'refused'", "2")
        self.assertRegex(service.metrics(), r"(?m)^persais_telegram_refused_total 2$")
        self.eve.says("Mend the sum.")
        self.wait_sql("select count(*) from inbox where effect = 'task'", "1")
        self.assertEqual(dan.chat.from_bot, [])
        self.assertEqual(self.sql("select count(*) from invites"), "0")
        self.assertEqual(self.sql("select octet_length(body) from inbox where effect = 'command' order by update_id desc limit 1"), "0")
        self.assertNotIn(code, service.raw.decode())
        self.assertEqual(self.telegram.complaints, [])


class Models(TelegramStory):
    def test_people_choose_a_model_that_the_endpoint_has_and_an_admin_allows(self):
        self.script(flags=["--model", "test/large"])
        self.begin(self.remote(), ALLOWED_MODELS="test/large", AIDER_MODEL=MODEL)
        self.ann.says("/model test/lagre")
        self.ann.chat.wait("The endpoint has no model test/lagre. Did you mean test/large?")
        self.bob.says("/model test/other")
        self.bob.chat.wait("You can choose among these models: tests/scripted, test/large. Ask an admin for another one.")
        self.bob.says("/model test/large")
        self.bob.chat.wait("From now on test/large does the work here.")
        self.assertEqual(self.sql("select chat_id, model from conversations where model is not null"), f"{self.bob.id}|test/large")


if __name__ == "__main__":
    import unittest
    unittest.main()
