"""Work from GitHub, for the nightly: red checks, kill -9 at each call, without a public address, and a person of the chat who is linked
with their name there: what they ask for is theirs here, too."""

from intaking import KEY, Intake
from scripted import edit, fix
from telegramming import PATIENCE, TelegramStory


class ByWebhook(Intake):
    def test_a_red_check_of_its_own_request_is_mended_once_for_each_commit(self):
        self.script(fix(), edit("\n", "\n# more\n", path="README.md", match="checks of the forge failed", name="more"))
        self.listening(REPAIR_ROUNDS="1")
        issue = self.repo.open_issue("ann", "@persais mend the sum")
        self.wait_said(issue, "Accepted as task ", "The result of task ")
        task = self.only_task()
        shown = self.show(task)
        self.repo.ci_ends(self.team.base, "build", "failure", "main")
        self.wait_effect("red", self.team.base, "ignored")
        self.repo.ci_ends(shown["commit"], "lint", "success", shown["branch"])
        self.repo.ci_ends(shown["commit"], "build", "failure", shown["branch"])
        self.repo.ci_ends(shown["commit"], "build", "failure", shown["branch"])
        number = max(self.repo.pulls)
        self.wait_said(number, f"Task {task} goes on: what is red is mended.", f"The result of task {task}: ready.")
        self.assertIn("build (https://github.example/acme/team/runs/", self.sql(f"select instruction from task_turns where task_id = {task}"))
        again = self.show(task)["commit"]
        self.assertNotEqual(again, shown["commit"])
        self.repo.ci_ends(again, "build", "failure", shown["branch"])
        self.wait_said(number, f"Task {task} goes on", "The result", "The checks of the forge are still red after 1 tries")
        self.assertEqual(len(self.effects()), 4)

    def test_kill_9_at_each_call_doubles_neither_task_nor_comment(self):
        self.script(*(fix(name=f"fix {n}") for n in range(4)))
        issue = self.repo.open_issue("ann", "The sum is wrong", "")
        points = [("GET", "/permission$", after) for after in (False, True)]
        points += [("POST", f"/issues/{issue}/comments$", after) for after in (False, True)]
        for number, (method, path, after) in enumerate(points, 1):
            with self.subTest(method=method, path=path, after=after):
                service = self.listening()
                hold = self.github.hold(method, path, after=after)
                said = self.repo.comment(issue, "ann", "@persais mend the sum")
                hold.wait()
                service.kill9()
                hold.go.set()
                self.github.hooks.redeliver()  # to nobody
                self.assertIsNone(self.github.hooks.sent[-1]["status"])
                self.dead_leases_end()
                self.now_at_forges()
                service = self.listening()
                self.wait_effect("comment", said["id"], "task")
                self.wait_said(issue, *["Accepted as task ", "The result of task "] * number)
                self.assertEqual(len(self.tasks()), number)
                self.assertEqual(service.terminate(), 0)


class Unheard(Intake):
    def test_without_a_secret_no_call_is_taken(self):
        self.listening().terminate()
        service = self.serve(FORGE_WEBHOOK_SECRET=None)
        self.github.hooks.url = f"http://127.0.0.1:{service.port}/forge/webhook"
        self.assertEqual(self.github.hooks.redeliver(0), 404)


class ByPolling(Intake):
    settings = {**Intake.settings, "FORGE_WEBHOOK_SECRET": None, "FORGE_POLL": "1s"}

    def sleeps(self):
        """Whether three looks in a row send no SQL and cost nothing at GitHub."""
        def looks():
            return self.github.count("GET [^ ]*/pulls/comments.* 304")
        asked, looked, remaining = len(self.statements("")), looks(), self.github.remaining
        self.wait_until(lambda: looks() > looked + 2, "it does not look")
        return (self.statements("")[asked:], self.github.remaining) == ([], remaining)

    def test_without_a_public_address_it_looks_by_itself_and_what_has_not_changed_costs_nothing(self):
        self.sql(f"alter database {self.database.name} set log_statement = 'all'")
        self.script(fix(), edit("\n", "\n# more\n", path="README.md", match="a word about it", name="more"))
        old = self.repo.open_issue("ann", "@persais from before", "")
        self.repo.issues[old].update(at="2026-01-01T00:00:00Z")
        service = self.serve()
        self.github.wait_asked("GET [^ ]*/issues/comments.* 304")
        issue = self.repo.open_issue("ann", "The sum is wrong", "")
        self.repo.comment(issue, "ann", "@persais mend the sum")
        self.wait_said(issue, "Accepted as task ", "The result of task ")
        task = self.only_task()
        number = max(self.repo.pulls)
        self.repo.review(number, "bob", "COMMENTED", "", [("calc.py", 2, "Add a word about it.")])
        self.wait_said(number, f"Accepted as a reply to task {task}.", f"The result of task {task}: ready.")
        commit = self.show(task)["commit"]
        self.repo.check_run(commit, "build", "failure")
        self.wait_said(number, "Accepted", "The result", f"Task {task} goes on", "The result")
        self.assertEqual(self.said(old), [])

        self.assertTrue(any(self.sleeps() for _ in range(20)), "nothing is new, and the database is asked")
        service.kill9()
        missed = self.repo.comment(issue, "ann", "@persais mend it again")
        service = self.serve()
        self.wait_effect("comment", missed["id"], "task")
        self.assertEqual(len(self.tasks()), 2)


class Linked(Intake, TelegramStory):
    def told(self, *words):
        said = self.persais(*words)
        self.assertEqual(said.code, 0, said.story())

    def test_their_task_is_in_their_chat_and_takes_from_their_budget_within_their_rights(self):
        self.script(fix())
        service = self.begin()
        self.github.hooks.add(f"http://127.0.0.1:{service.port}/forge/webhook", KEY)
        self.bob.says("/status")
        self.bob.chat.wait("No errors in the last day.", PATIENCE)
        self.told("people", "link", "--person", self.bob.id, "--github", "Bob")
        issue = self.repo.open_issue("stranger", "The sum is wrong", "")
        self.repo.comment(issue, "bob", "@persais mend the sum")
        self.wait_said(issue, "Accepted as task ", "The result of task ")
        task = self.only_task()
        self.bob.chat.wait(lambda m: f"{task}" in m.text and "ready" in m.text.lower(), PATIENCE)
        self.assertEqual(self.sql(f"select distinct person from llm_calls where task = {task}"), str(self.bob.id))
        self.told("people", "role", self.bob.id, "reader", "--repo", "acme/team")
        self.repo.comment(issue, "bob", "@persais mend it again")
        self.wait_said(issue, "Accepted", "The result", "You may look at this repository's tasks, and not give any")
        self.told("people", "role", self.bob.id, "member", "--repo", "acme/team")
        self.sql(f"insert into budgets (kind, name, waiting, set_by) values ('person', '{self.bob.id}', 0, 'terminal')")
        said = self.repo.comment(issue, "bob", "@persais mend it again")
        self.wait_effect("comment", said["id"], "refused")
        self.assertEqual((len(self.tasks()), self.telegram.complaints), (1, []))
