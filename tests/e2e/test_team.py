"""Roles in a repository, taking people out, and being one person in the chat and at the terminal."""

import re

import gate
from telegramming import PATIENCE, TelegramStory, fix, is_verdict


class Roles(TelegramStory):
    def bot_settings(self, **changes):
        return super().bot_settings(**{"ALLOWED_USER_IDS": "", **changes})

    def test_a_reader_looks_a_member_gives_and_a_deployer_lands(self):
        remote = self.remote()
        self.script(fix())
        self.begin(remote)
        self.ann.says("/lang en")
        self.ann.chat.wait("I speak English now.")
        given = self.persais("people", "role", self.bob.id, "reader", "--repo", remote.path)
        self.assertEqual(given.code, 0, given.story())
        self.bob.says("Mend the sum.")
        self.bob.chat.wait("You may look at this repository's tasks, and not give any.", PATIENCE)
        self.assertEqual(self.sql("select count(*) from tasks"), "0")
        self.ann.says("Mend the sum.")
        self.ann.chat.wait(is_verdict, PATIENCE)
        task = self.sql("select id from tasks")
        with self.subTest("a reader sees the result"):
            self.bob.says(f"/diff {task}")
            self.bob.chat.wait("return a + b", PATIENCE)
            self.bob.says(f"/deploy {task}")
            self.bob.chat.wait("Only an admin may do that.", PATIENCE)
        self.ann.says(f"/people role {self.bob.id} deployer")
        self.ann.chat.wait("is deployer here now: everywhere.", PATIENCE)
        with self.subTest("where a reader stays one, the role of everywhere does not count"):
            self.bob.says("Mend it again.")
            self.wait_sql("select count(*) from inbox where effect = 'refused'", "2")
        self.ann.says(f"/people role {self.bob.id} none {remote.path}")
        self.ann.chat.wait("is taken back", PATIENCE)
        self.bob.says(f"/deploy {task}")
        offer = self.bob.chat.wait(lambda m: m.button("Deploy"), PATIENCE)
        self.bob.presses(offer, "Deploy").wait(PATIENCE)
        self.wait_sql(f"select state from tasks where id = {task}", "deployed")
        self.assertEqual(self.sql("select by from audit where what = 'deployed'"), str(self.bob.id))
        listed = self.persais("people", "list", "--json")
        self.assertEqual([(line["person"], [each["role"] for each in line["roles"]]) for line in listed.lines], [(str(self.bob.id), ["deployer"])])

    def test_who_is_taken_out_has_nothing_under_way_and_the_last_admin_stays(self):
        remote = self.remote()
        hold = gate.ModelGate(self.folder, "model")
        self.addCleanup(hold.close)
        self.script({"reply": "Never.", "times": 0, **hold.step})
        service = self.begin(remote, TELEGRAM_ADMIN_IDS=None)
        code = re.search(r"`/start (\S+)`", service.wait_for_line("no admin is known yet")["message"])[1]
        self.ann.says(f"/start {code}")
        self.wait_sql("select count(*) from people where paired_at is not null", "1")
        alone = self.persais("people", "remove", self.ann.id, TELEGRAM_ADMIN_IDS=None)
        self.assertEqual((alone.code, alone.out), (2, ""))
        self.assertIn("make somebody else an admin first", alone.err)
        invited = self.persais("people", "invite", "--role", "admin", TELEGRAM_ADMIN_IDS=None)
        self.bob.says(re.search(r"/start \S+", invited.out)[0])
        self.bob.chat.wait("You have been let in.", PATIENCE)
        self.ann.says("Mend the sum.")
        hold.wait()
        self.bob.says(f"/people remove {self.ann.id}")
        self.bob.chat.wait("1 task without a result is aborted", PATIENCE)
        self.wait_sql("select state from tasks", "aborted")
        refused = self.sql("select count(*) from inbox where effect = 'refused'")
        self.ann.says("Mend it again.")
        self.wait_sql("select count(*) from inbox where effect = 'refused'", str(int(refused) + 1))
        self.assertEqual(self.sql("select count(*) from tasks"), "1")
        self.assertEqual(self.sql("select string_agg(by, ' ') from audit where what = 'removed'"), str(self.bob.id))

    def test_a_code_makes_one_person_of_chat_and_terminal(self):
        remote = self.remote()
        self.script(fix())
        self.begin(remote)
        self.ann.says("/lang en")
        self.ann.chat.wait("I speak English now.")
        self.ann.says("/link")
        code = re.search(r"persais people link (\S+)", self.ann.chat.wait("persais people link", PATIENCE).text)[1]
        self.assertEqual(self.sql(f"select count(*) from outbox where request::text like '%{code}%'"), "0", "what is stored is sealed")
        linked = self.persais("people", "link", code)
        self.assertEqual(linked.code, 0, linked.story())
        again = self.persais("people", "link", code)
        self.assertEqual(again.code, 2, again.story())
        task = self.enqueue(remote)
        self.wait_sql(f"select state from tasks where id = {task}", "review")
        self.assertEqual(self.sql("select distinct person from llm_calls"), str(self.ann.id))
        self.assertEqual(self.persais("people", "link", "--person", self.ann.id, "--github", "ann-lee").code, 0)
        self.assertIn("github: ann-lee", self.persais("people", "list").out)
