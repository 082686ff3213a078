"""Budgets of repositories and people, what was spent, and a pause of all spending: on the command line and in the chat."""

import csv
import io

import gate
from serving import SeenFromBeside
from telegramming import PATIENCE, TelegramStory, fix, free_port, is_verdict


class Budgets(TelegramStory):
    def test_a_repository_that_used_its_budget_up_waits_until_it_has_more(self):
        remote = self.remote()
        self.script(fix())
        self.begin(remote)
        self.ann.says("/lang en")
        self.ann.chat.wait("I speak English now.")
        made = self.persais("budget", "set", "--repo", remote.path, "--day", "0.001", "--month", "50")
        self.assertEqual(made.code, 0, made.story())
        self.assertIn("$0.00 of $0.00 today, $0.00 of $50.00 this month", made.out)
        self.bob.says("Mend the sum.")
        told = self.bob.chat.wait("Waiting: The budget of this day for", PATIENCE).text
        self.assertRegex(told, r"for \S+ \(\$0\.00\) is used up; it is free again at \d{4}-\d\d-\d\d 00:00 UTC\.")
        self.assertEqual(self.sql("select state, wait_reason, coalesce((facts ->> 'attempts_used')::int, 0) from tasks"), "waiting|day_budget|0")
        self.assertEqual(self.persais("budget", "set", "--repo", remote.path, "--day", "5").code, 0)
        self.bob.chat.wait(is_verdict, PATIENCE)
        self.bob.says("/budget")
        left = self.bob.chat.wait("Left today (everybody)").text
        self.assertRegex(left, r"Left today \(\S+\): \$(4\.\d\d|5\.00) of \$5\.00\.")
        self.assertRegex(left, r"Left this month \(\S+\): \$\S+ of \$50\.00\.")
        with self.subTest("and the costs are the books"):
            lines = list(csv.DictReader(io.StringIO(self.persais("costs", "--by", "person", "--csv").out)))
            self.assertEqual([line["person"] for line in lines], [str(self.bob.id)])
            self.assertEqual(lines[0]["usd"], self.sql("select sum(counted_usd) from llm_calls"))
            self.assertAlmostEqual(float(lines[0]["usd"]), sum(self.model.charges().values()), 9)
            by = self.persais("costs", "--by", "repository", "--json")
            self.assertEqual([(line["name"], line["calls"]) for line in by.lines], [(self.sql("select repository from llm_calls limit 1"), int(lines[0]["calls"]))])
            self.assertIn("In all: $", self.persais("costs").out)

    def test_admins_are_warned_once_at_four_fifths(self):
        remote = self.remote()
        self.script(fix())
        self.ann.says("/lang en")
        self.begin(remote)
        self.ann.chat.wait("I speak English now.")
        self.sql("insert into llm_calls (task, day, model, state, reserved_at, reserved_usd, reserved_tokens, priced, settled_at, settled_by, "
                 "outcome, cost_usd, tokens_sent, tokens_received) values (0, (now() at time zone 'utc')::date, 'm', 'settled', now(), 17, 1, true, "
                 "now(), 'cost', 'ok', 17, 1, 1)")
        self.newest_call = int(self.sql("select max(id) from llm_calls"))  # it was no model's of ours
        self.bob.says("Mend the sum.")
        self.ann.chat.wait("of the day's budget of $20.00 are spent or reserved.", PATIENCE)
        self.bob.chat.wait(is_verdict, PATIENCE)
        self.assertEqual(len([m for m in self.ann.chat.from_bot if "spent or reserved" in m.text]), 1)
        self.assertEqual([m for m in self.bob.chat.from_bot if "spent or reserved" in m.text], [])


class Pause(TelegramStory):
    def test_stops_what_is_spent_in_every_service_and_outlives_a_kill(self):
        remote = self.remote()
        hold = gate.ModelGate(self.folder, "model")
        self.addCleanup(hold.close)
        self.script({"reply": "Never.", "times": 1, **hold.step, "after_chunks": 1}, fix())
        service = self.begin(remote)
        beside = self.serve(**self.bot_settings(TELEGRAM_BOT_TOKEN=None, PORT=str(free_port()), GIT_REMOTE_URL=str(remote.path)))
        self.ann.says("/lang en")
        self.ann.chat.wait("I speak English now.")
        self.bob.says("Mend the sum.")
        hold.wait()
        said = self.persais("pause")
        self.assertEqual(said.code, 0, said.story())
        self.assertRegex(said.out, r"All spending is paused since .* by terminal")
        self.wait_sql("select count(*) from llm_calls where state = 'settled'", "1")  # cut: the model is held
        self.wait_sql("select state, wait_reason, coalesce((facts ->> 'attempts_used')::int, 0) from tasks", "waiting|paused|0")
        self.bob.chat.wait("Waiting: all spending is paused.", PATIENCE)
        with self.subTest("and nothing begins"):
            self.bob.says("Mend it again.")
            self.wait_sql("select count(*) from tasks where wait_reason = 'paused'", "2")
            calls = len(self.model.requests())
        service.kill9()
        self.begin(remote)
        self.ann.says("/status")
        self.ann.chat.wait("All spending is paused: /resume ends it.", PATIENCE)
        self.assertTrue(self.persais("status", "--json").lines[0]["paused"])
        self.assertEqual(len(self.model.requests()), calls)
        self.bob.says("/resume")
        self.bob.chat.wait("admin")
        self.assertEqual(self.sql("select count(*) from pause"), "1")
        self.ann.says("/resume")
        self.ann.chat.wait("Spending goes on", PATIENCE)
        self.bob.chat.wait(is_verdict, PATIENCE)
        self.wait_sql("select count(*) from tasks where state = 'waiting'", "0")
        self.assertEqual(self.sql("select string_agg(what || ' ' || by, ', ' order by id) from audit where what in ('paused', 'resumed')"),
                         f"paused terminal, resumed {self.ann.id}")
        self.assertEqual(beside.terminate(), 0, beside.story())
