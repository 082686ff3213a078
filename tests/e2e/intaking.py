"""What the stories about work that comes from a forge share: people there, its webhook, and what is said."""

import re

import database
from landing import Landing
from requesting import Forge

KEY = "signs-the-calls-" + "of-these-tests-7d20"
STATEMENT = re.compile(r"LOG:  (?:statement|execute [^:]*): (.*)")


class Intake(Forge, Landing):
    settings = {"DEPLOY_STRATEGY": "request", "REVIEW_REQUEST": "draft", "FORGE_INTAKE": "on", "FORGE_WEBHOOK_SECRET": KEY,
                "CHECK_COMMAND": "python3 check.py"}

    def setUp(self):
        super().setUp()
        self.repo.collaborators |= {"ann": "write", "bob": "maintain", "rae": "triage"}
        self.watch.knows({KEY.encode(): "the secret of the webhook"})

    def listening(self, **changes):
        """A service whose address GitHub knows."""
        service = self.serve(**changes)
        self.github.hooks.add(f"http://127.0.0.1:{service.port}/forge/webhook", KEY)
        self.assertEqual(self.github.hooks.sent[-1]["status"], 200, "the ping")
        return service

    def wait_until(self, true, why):
        for _ in range(900):
            if true():
                return
            self.github.wait_any(0.1)
        self.fail(why() if callable(why) else why)

    def said(self, number):
        return [one["body"] for one in list(self.repo.comments) if one["number"] == number and one["by"] == "mechanic-bot"]

    def wait_said(self, number, *begins):
        """Until the mechanic's comments there are so many; each begins with its word. Gives their texts."""
        self.wait_until(lambda: len(self.said(number)) >= len(begins), lambda: f"{self.said(number)}: not {begins}; {self.effects()}")
        found = self.said(number)
        self.assertEqual([text[:len(word)] for text, word in zip(found, begins)], list(begins), found)
        self.assertEqual(len(found), len(begins), found)
        return found

    def effects(self):
        return self.sql(f"select kind, thing, effect from forge_inbox where remote = '{self.url}' order by id").splitlines()

    def wait_effect(self, kind, thing, effect):
        self.wait_until(lambda: f"{kind}|{thing}|{effect}" in self.effects(), lambda: f"{kind} {thing} is not {effect}: {self.effects()}")

    def tasks(self):
        found = [int(line) for line in self.sql(f"select id from tasks where remote = '{self.url}' order by id").splitlines()]
        self.in_review.update(found)
        return found

    def only_task(self):
        found = self.tasks()
        self.assertEqual(len(found), 1)
        return found[0]

    def now_at_forges(self):
        """What waits for its next try need not wait."""
        self.sql("update forge_inbox set next_try = now() where done_at is null; update forge_outbox set next_try = now()")

    def statements(self, about):
        """What the server was asked about that."""
        log = (database.SHARED.server.folder / "log").read_text(errors="replace")
        return [what for what in STATEMENT.findall(log) if about in what]
