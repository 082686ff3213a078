"""Who may deploy, how many have to agree, and codes of authenticator apps: on the command line and in the chat."""

from authenticator import App
from json_schema import command_faults
from landing import Landing
from remote import CHECK
from telegramming import PATIENCE, TelegramStory, fix, is_verdict
from terminals import OnTerminal

ADMIN = {"TELEGRAM_ADMIN_IDS": "11,12"}


class Approvals(Landing):
    def test_a_second_person_has_to_agree_to_exactly_this_commit(self):
        rule = {**ADMIN, "DEPLOY_RULES": "* approvals=2"}
        remote = self.remote()
        task, commit = self.ready(remote)
        waits = self.persais("deploy", task, "--yes", "--json", **rule)
        self.assertEqual((waits.code, waits.lines), (1, [{"event": "approved", "task": task, "approvals": 1, "needed": 2}]), waits.story())
        again = self.persais("deploy", task, "--yes", **rule)
        self.assertEqual((again.code, again.out), (1, f"Task {task}: 1 of 2 approvals; it waits for another person who may deploy.\n"))
        self.assertEqual(self.main(remote), remote.base)
        shown = self.persais("show", task, "--json", **rule)
        self.assertEqual(command_faults(["show"], shown.lines), [])
        self.assertEqual(shown.lines[-1]["approvals"], {"by": ["terminal"], "needed": 2})
        self.assertIn("approvals   1 of 2: terminal", self.persais("show", task, **rule).out)
        status = self.persais("status", "--json", **rule)
        self.assertEqual(command_faults(["status"], status.lines), [])
        self.assertEqual([(a["task"], a["by"], a["needed"]) for a in status.lines[0]["approvals"]], [(task, ["terminal"], 2)])
        self.assertIn("1 of 2 approvals (terminal).", self.persais("status", **rule).out)
        self.sql(f"select landing_approve({task}, '{commit}', '11', false)")
        with self.subTest("who left counts no more"):
            left = self.persais("deploy", task, "--yes", "--json", **{**rule, "TELEGRAM_ADMIN_IDS": "12"})
            self.assertEqual((left.code, left.lines[-1]["approvals"]), (1, 1))
        self.assertEqual(self.land("deploy", task, **rule)["commit"], commit)
        kept = self.sql(f"select what, by, commit_id from audit where task_id = {task} order by id").splitlines()
        self.assertEqual(kept, [f"approved|terminal|{commit}", f"approved|11|{commit}", f"deploy_asked|terminal|{commit}", f"deployed|terminal|{commit}"])
        self.assertEqual(self.land("rollback", task, **rule)["state"], "rolled_back", "one person is enough to take it back")

    def test_a_setting_that_makes_no_sense_is_said_at_once(self):
        wrong = self.persais("deploy", 1, DEPLOY_RULES="team/app approvals=none")
        self.assertEqual((wrong.code, wrong.out), (2, ""))
        self.assertIn("DEPLOY_RULES: 'approvals=none' is not by=11,22", wrong.err)


class Rights(Landing):
    RULE = {"TELEGRAM_ADMIN_IDS": "1", "DEPLOY_RULES": "* by=11,12 approvals=2"}

    def test_whoever_left_before_the_push_has_not_agreed_to_it(self):
        remote, gate = self.remote(), self.gate()
        hold = gate.announce.parent / "hold"
        task, commit = self.ready(remote, check=f"{CHECK} && {{ [ ! -e {hold} ] || {{ {gate.shell}; }}; }}")
        tip = self.others(remote, other__txt="one\n")
        self.sql("insert into people (id, let_in, decided_at, decided_by) values (11, true, now(), 1), (12, true, now(), 1)")
        self.sql(f"select landing_approve({task}, '{commit}', '11', false)")
        hold.touch()
        service = self.serve(**self.RULE)
        self.assertEqual(self.persais("deploy", task, "--yes", "--detach", **self.RULE).code, 0)
        gate.wait()  # the checks run again, on what main is now
        self.sql("select person_remove(11, '1', '{1}')")
        hold.unlink()
        gate.let_on()
        service.wait_task(task, "review")
        shown = self.show(task)
        self.assertIn("A right was taken back meanwhile: 1 of 2 approvals count now, and nothing was deployed.", shown["sentence"])
        self.assertEqual((self.main(remote), shown["commit"], shown["attempts"]["used"]), (tip, commit, 0))
        with self.subTest("others who agree anew have it deployed"):
            self.sql(f"select landing_approve({task}, '{commit}', '12', false)")
            self.assertEqual(self.persais("deploy", task, "--yes", "--detach", **self.RULE).code, 0)
            service.wait_task(task, "deployed")
        kept = self.sql(f"select what, by from audit where task_id = {task} order by id").splitlines()
        self.assertEqual(kept, ["approved|11", "approved|terminal", "deploy_asked|terminal", "not_deployed|terminal",
                                "approved|12", "approved|terminal", "deploy_asked|terminal", "deployed|terminal"])

    def of_settings(self):
        rows = self.persais("audit", "--json").lines[::-1]
        return [(row["what"], row["person"] or row["repository"], row["detail"]) for row in rows if row["by"] in ("TELEGRAM_ADMIN_IDS", "DEPLOY_RULES")]

    def test_that_settings_give_and_take_stand_in_the_audit(self):
        admins = self.folder / "cwd/.env"
        admins.write_text("TELEGRAM_ADMIN_IDS=1\n")
        self.addCleanup(admins.unlink)
        before = len(self.of_settings())
        service = self.serve(DEPLOY_RULES=self.RULE["DEPLOY_RULES"])
        service.wait_for_line("rights by settings: 2 changes stand in the audit")
        self.assertEqual(self.of_settings()[before:], [("rule_set", "*", "by=11,12 approvals=2"), ("made_admin", "1", "")])
        with self.subTest("by a file that is read again"):
            heard = len(service.lines)
            admins.write_text("TELEGRAM_ADMIN_IDS=2\n")
            service.hang_up()
            service.wait_for_line("rights by settings: 2 changes stand in the audit", start=heard)
            self.assertEqual(self.of_settings()[before + 2:], [("no_admin", "1", ""), ("made_admin", "2", "")])
            table = self.persais("audit").out
            self.assertRegex(table, "person 1: no admin any more +TELEGRAM_ADMIN_IDS")
            self.assertRegex(table, r"rule for \*: by=11,12 approvals=2 +DEPLOY_RULES")


class SecondFactor(Landing):
    ON = {"DEPLOY_SECOND_FACTOR": "totp"}

    def test_a_deploy_needs_a_code_of_the_terminals_app_once_in_a_window(self):
        remote = self.remote()
        task, commit = self.ready(remote)
        self.refused("deploy", task, "--yes", saying="none is set up. Here: persais second-factor set-up.", **self.ON)
        made = self.persais("second-factor", "set-up")
        self.assertEqual(made.code, 0, made.story())
        app = App(made.out)
        self.refused("second-factor", "set-up", "--code", "000000", saying="That code is wrong.")
        first = app.code()
        self.assertEqual(self.persais("second-factor", "set-up", "--code", first).out, "The authenticator app is set up.\n")
        self.refused("second-factor", "set-up", saying="is set up already")
        self.sql("update second_factors set proved_at = proved_at - interval '1 day'")
        self.refused("deploy", task, "--yes", saying="A code of the authenticator app is needed: --code 123456.", **self.ON)
        self.refused("deploy", task, "--yes", "--code", first, saying="was used already", **self.ON)
        self.assertEqual(self.main(remote), remote.base)
        with self.subTest("asked for without echo"):
            person = OnTerminal(["deploy", task, "--yes", "--json"], self.environment(**self.ON), self.folder / "cwd")
            person.wait_for("Code of the authenticator app: ")
            code = app.code()
            person.type(code + "\n")
            self.assertEqual(person.wait(), 0, person.text)
            self.assertNotIn(code, person.text)
            self.assertEqual(self.main(remote), commit)
        self.assertEqual(self.land("rollback", task, **self.ON)["state"], "rolled_back", "within the window")
        self.assertEqual(self.persais("second-factor", "reset", "terminal").code, 0)
        self.refused("deploy", task, "--yes", saying="none is set up", **self.ON)
        self.refused("second-factor", "reset", "11", saying="11 has no authenticator app set up.")
        audit = self.persais("audit", "--json").lines
        self.assertEqual(command_faults(["audit"], audit), [])
        self.assertEqual([x["what"] for x in audit[::-1] if not x["task"]], ["factor_wrong", "factor_set_up", "factor_wrong", "factor_reset"])
        self.assertNotIn(first, self.sql("select string_agg(t::text, '') from audit t"))


class InTheChat(TelegramStory):
    def says(self, person, message, button):
        return person.presses(message, button).wait(PATIENCE).get("text", "")

    def test_two_admins_agree_each_with_a_code_that_no_chat_keeps(self):
        remote = self.remote()
        self.script(fix())
        cara = self.telegram.person("Cara")
        self.begin(remote, TELEGRAM_ADMIN_IDS=f"{self.ann.id},{cara.id}", ALLOWED_USER_IDS=f"{self.ann.id},{self.bob.id},{cara.id}",
                   DEPLOY_RULES="* approvals=2", DEPLOY_SECOND_FACTOR="totp")
        apps = {}
        for person in (self.ann, cara):
            person.says("/second_factor")
            secret = person.chat.wait("For your authenticator app, shown this once:")
            apps[person] = App(secret.text)
            person.presses(secret, "I have it, hide it").wait(PATIENCE)
            person.chat.wait(lambda m: m.text == "Hidden. Send me the code that the app shows.")
            self.assertFalse([m for m in person.chat.from_bot if "otpauth" in m.text], "it is hidden")
            person.says(apps[person].code())
            person.chat.wait("Your authenticator app is set up.")
        self.sql("update second_factors set proved_at = proved_at - interval '1 day'")
        self.bob.says("Mend the sum.")
        result = self.bob.chat.wait(is_verdict, PATIENCE)
        self.assertEqual(self.says(self.bob, result, "Deploy"), "Only an admin may do that.")
        self.ann.says("/deploy 1")
        offer = self.ann.chat.wait(lambda m: m.button("Deploy"), PATIENCE)
        self.assertEqual(self.says(self.ann, offer, "Deploy"), "Send me the code that your authenticator app shows, then press again.")
        self.ann.says(apps[self.ann].code())
        self.ann.chat.wait("The code is right: you can deploy and roll back for 5 min.")
        self.assertEqual(self.says(self.ann, offer, "Deploy"), "1 of 2 approvals. It waits for another person who may deploy.")
        asked = cara.chat.wait(lambda m: "Ann agrees" in m.text and m.button("Deploy"), PATIENCE)
        self.ann.says("/status")
        self.ann.chat.wait(f"Task 1 ({remote.path.stem}): 1 of 2 approvals.")
        cara.says(apps[cara].code())
        cara.chat.wait("The code is right")
        self.assertEqual(self.says(cara, asked, "Deploy"), "Task 1 is being deployed.")
        self.wait_sql("select state from tasks", "deployed")
        self.assertEqual(self.sql("select what, by from audit where task_id is not null order by id").split(),
                         [f"approved|{self.ann.id}", f"approved|{cara.id}", f"deploy_asked|{cara.id}", f"deployed|{cara.id}"])
        self.wait_sql("select count(*) from outbox where sent_at is null", "0")
        kept = "".join(self.sql(f"select string_agg(t::text, '') from {table} t") for table in ("inbox", "outbox", "tasks", "task_events", "audit"))
        for person, app in apps.items():
            self.assertNotIn(app.secret, kept)
            self.assertFalse([m for m in person.chat.messages if m.text.isdigit()], "codes are deleted from the chat")
        self.assertEqual(self.sql("select count(*) from inbox where octet_length(body) = 0"), "4")
        self.assertEqual(self.telegram.complaints, [])
