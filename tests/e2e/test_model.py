"""The model does not do its work: which reason is told, and that nothing waits."""

import socket

from scripted import fix
from story import Story

UNFIT = "calc.py\n```\n<<<<<<< SEARCH\n    return no_such_line\n=======\n    return 1\n>>>>>>> REPLACE\n```\n"


def always(**step):
    return {"default": {**step, "times": 0}}


def refusal(status, message, **more):
    return always(error={"status": status, "message": message, **more})


class Failing(Story):
    def fails(self, reason, word, calls=None, **settings):
        """Runs into the model that was scripted; what it said is in the sentence."""
        remote = self.remote()
        result = self.run_on(remote, **settings)
        self.expect(result, "model_failed", reason)
        self.assertRegex(result["sentence"], word)
        self.expect_nothing_pushed(remote)
        if calls is not None:
            self.assertEqual(len(self.model.requests()), calls)
        return result


class Model(Failing):
    def test_no_key(self):
        self.script(fix())
        self.fails("key", "OPENROUTER_API_KEY", calls=0, OPENROUTER_API_KEY=None)

    def test_a_key_that_is_refused(self):
        self.script(fix())
        self.fails("key", "OPENROUTER_API_KEY|key", calls=1, OPENROUTER_API_KEY="another-key")

    def test_no_credit(self):
        self.script(**refusal(402, "Insufficient credits. Add more."))
        self.fails("credit", "credit", calls=1)

    def test_the_task_s_budget(self):
        self.script(fix())
        result = self.fails("budget", "BUDGET_TASK_USD|budget", calls=0, BUDGET_TASK_USD="0.001")
        self.assertEqual(result["cost_usd"], 0)

    def test_the_day_s_budget(self):
        self.script(fix())
        self.fails("budget", "BUDGET_DAY_USD|day", calls=0, BUDGET_DAY_USD="0.001")

    def test_the_month_s_budget(self):
        self.script(fix())
        self.fails("budget", "budget of this month", calls=0, BUDGET_MONTH_USD="0.001")

    def test_policy(self):
        self.script(**refusal(403, "Your input was flagged."))
        self.fails("policy", "flagged", calls=1)

    def test_no_such_model(self):
        self.script(**refusal(404, "No endpoints found for tests/scripted."))
        self.fails("model", "No endpoints found|tests/scripted", calls=1)

    def test_a_context_that_is_too_long(self):
        self.script(**refusal(400, "This endpoint's maximum context length is 100 tokens. However, you requested about 900."))
        self.fails("context", "context|window|long", calls=1)

    def test_streams_that_are_cut(self):
        self.script(**always(reply=UNFIT, cut_after_chunks=1, chunk_chars=16))
        self.fails("network", "cut|broke|end")

    def test_a_web_page(self):
        self.script(**refusal(200, "", body="<!DOCTYPE html><html>Sign in</html>"))
        result = self.fails("network", "web page: does OPENROUTER_BASE_URL lack /v1", calls=1)
        self.assertEqual(result["cost_usd"], 0)

    def test_a_call_that_is_dearer_than_its_reservation(self):
        self.script(fix(usage={"cost": 1.25}))
        result = self.fails("budget", r"cost \$1\.2500", calls=1)
        self.assertEqual(result["cost_usd"], 1.25)

    def test_no_endpoint(self):
        with socket.socket() as taken:  # bound and not listening: refused, and nobody else can have it
            taken.bind(("127.0.0.1", 0))
            self.fails("network", "reach|connect", OPENROUTER_BASE_URL=f"http://127.0.0.1:{taken.getsockname()[1]}/api/v1",
                       TASK_TIMEOUT="7s")


class Nonsense(Failing):
    aider = True  # which asks again for edits that it cannot apply

    def test_edits_that_cannot_be_applied(self):
        self.script(**always(reply=UNFIT))
        self.fails("nonsense", "could not be applied", calls=3)


class Deadlines(Story):
    """Four that wait, at once."""

    def test_nothing_waits_longer_than_its_deadline(self):
        remotes, models = [self.remote(name) for name in ("rate", "silent", "total", "idle")], []
        hold = self.model_gate()
        stall = {"reply": "Never.", "hold_until_file": str(hold.opened), "times": 0}
        runs = []
        busy = {"error": {"status": 429, "message": "Rate limit exceeded", "retry_after": 9}, "times": 0}
        for remote, default, settings in zip(remotes, (busy, busy, stall, stall), (
                {"TASK_TIMEOUT": "16s"}, {"TASK_IDLE_TIMEOUT": "4s"}, {"TASK_TIMEOUT": "5s"}, {"TASK_IDLE_TIMEOUT": "4s"})):
            (self.folder / remote.path.stem).mkdir()
            models.append(self.script(default=default))
            runs.append(self.begin(remote, **settings))
        for run in runs:
            run.wait()
        rate, silent, total, idle = [self.finish(run) for run in runs]
        for result in (rate, silent):
            self.expect(result, "model_failed", "rate")
            self.assertLess(result["seconds"]["total"], 35)
            self.assertIn("asks to wait 9 s", result["sentence"])
        for result, word in ((total, "not done after 5 s"), (idle, "nothing was heard.* for 4 s")):
            self.expect(result, "timed_out")
            self.assertRegex(result["sentence"], word)
            self.assertLess(result["seconds"]["total"], 30)
        for remote in remotes:
            self.expect_nothing_pushed(remote)
