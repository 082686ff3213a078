"""The HTTP API: a task from a request onto main and back, its events, who may do what, and what bad requests get."""

import json
import threading
from pathlib import Path

from calling import Caller
from landing import Landing
from scripted import fix
from turns import comment

ALL = "read,submit,deploy,admin"


class ApiStory(Landing):
    def token(self, scopes=ALL, *more, name="tests"):
        said = self.persais("token", "add", name, "--scope", scopes, "--json", *more)
        self.assertEqual(said.code, 0, said.story())
        return said.lines[0]["token"]

    def caller(self, service, scopes=ALL, *more, **headers):
        return Caller(service.port, self.token(scopes, *more), **headers)

    def opened(self, *steps, **changes):
        """A service, a remote that is its own, and somebody who may do all."""
        remote = self.remote()
        self.script(*(steps or (fix(),)))
        service = self.serve(GIT_REMOTE_URL=str(remote.path), CHECK_COMMAND="python3 check.py", **changes)
        return remote, service, self.caller(service)

    def stream(self, caller, path, last=None):
        made = caller.stream(path, last)
        self.addCleanup(made.close)
        self.assertEqual(made.status, 200)
        return made

    def refused(self, answer, status, saying, reason=None):
        self.assertEqual(answer.status, status, answer)
        self.assertEqual(answer.headers["Content-Type"], "application/problem+json")
        self.assertEqual((answer.json["status"], answer.json["type"]), (status, "about:blank"))
        self.assertIn(saying, answer.json["detail"])
        if reason:
            self.assertEqual(answer.json["reason"], reason)
        return answer


class FromRequestToMain(ApiStory):
    def test_a_task_is_given_watched_looked_at_deployed_and_taken_back(self):
        remote, service, api = self.opened()
        before = self.sql("select count(*) from tasks")
        made = api.post("/tasks", {"instruction": "Mend the sum."}, Idempotency_Key="one")
        self.assertEqual(made.status, 201, made)
        task = made.json["task"]
        self.assertEqual(made.headers["Location"], f"/api/v1/tasks/{task}")
        again = api.post("/tasks", {"instruction": "Mend the sum."}, Idempotency_Key="one")
        self.assertEqual((again.status, again.json, again.headers["Idempotency-Replayed"]), (201, made.json, "true"))
        self.refused(api.post("/tasks", {"instruction": "Another."}, Idempotency_Key="one"), 422, "was used for another request", "key_used")
        self.assertEqual(self.sql("select count(*) from tasks"), str(int(before) + 1))

        events = self.stream(api, f"/tasks/{task}/events", 0)
        events.wait_state("review")
        states = [data["state"] for _, kind, data in events.events if kind == "state"]
        self.assertEqual(states[0], "preparing")
        self.assertEqual(events.numbers(), sorted(set(events.numbers())), "each comes once, in order")
        shown = api.get(f"/tasks/{task}").json
        self.assertEqual((shown["state"], shown["verdict"], shown["instruction"]), ("review", "ready", "Mend the sum."))
        diff = api.get(f"/tasks/{task}/diff")
        self.assertEqual((diff.status, diff.headers["Persais-Commit"]), (200, shown["commit"]), diff)
        self.assertIn("+    return a + b", diff.text)
        log = api.get(f"/tasks/{task}/log").json
        self.assertEqual([e["number"] for e in log["events"]], events.numbers()[:len(log["events"])])
        self.assertEqual([t["task"] for t in api.get("/tasks?state=review&limit=1").json["tasks"]], [task])

        everything = self.stream(api, "/events")
        self.refused(api.post(f"/tasks/{task}/deploy", {"commit": "0" * 40}), 409, "is at commit", "stale")
        self.assertEqual(api.post(f"/tasks/{task}/deploy", {"commit": shown["commit"]}).status, 200)
        everything.wait_state("deployed", task)
        self.assertEqual(self.main(remote), shown["commit"])
        self.assertEqual(api.post(f"/tasks/{task}/rollback").status, 200)
        everything.wait_state("rolled_back", task)
        self.assertEqual(api.get(f"/tasks/{task}").json["state"], "rolled_back")
        self.assertEqual(self.sql("select distinct by from audit where what in ('deployed', 'rolled_back')"), "terminal")

    def test_a_reply_goes_on_and_an_abort_ends(self):
        _, service, api = self.opened(fix(), comment())
        task = api.post("/tasks", {"instruction": "Mend the sum."}).json["task"]
        events = self.stream(api, f"/tasks/{task}/events", 0)
        events.wait_state("review")
        said = api.post(f"/tasks/{task}/replies", {"instruction": "Say why."}, Idempotency_Key="r")
        self.assertEqual((said.status, said.json), (202, {"task": task, "turn": 1}))
        self.assertEqual(api.post(f"/tasks/{task}/replies", {"instruction": "Say why."}, Idempotency_Key="r").json["turn"], 1)
        first = events.wait_state("review")[2]["number"]
        events.wait(lambda kind, data: kind == "state" and data["state"] == "review" and data["number"] > first)
        self.assertEqual(self.sql(f"select count(*) from task_turns where task_id = {task}"), "1")
        self.refused(api.post(f"/tasks/{task}/abort"), 409, "look at it first", "has_result")
        commit = api.get(f"/tasks/{task}").json["commit"]
        self.assertEqual(api.post(f"/tasks/{task}/abort", {"commit": commit}).json["state"], "discarded")
        self.assertEqual(api.post(f"/tasks/{task}/undiscard").json["state"], "review")

    def test_two_at_the_same_moment_with_one_key_are_one_task(self):
        _, service, api = self.opened(fix(), fix(), fix())
        answers = []
        threads = [threading.Thread(target=lambda: answers.append(api.post("/tasks", {"instruction": "Mend the sum."}, Idempotency_Key="k")))
                   for _ in range(8)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        self.assertEqual({a.status for a in answers}, {201}, answers)
        self.assertEqual(len({a.json["task"] for a in answers}), 1)
        self.assertEqual(self.sql("select count(*) from api_requests where key = 'k'"), "1")


class Streams(ApiStory):
    def test_a_stream_goes_on_behind_the_last_event_and_in_another_process(self):
        _, service, api = self.opened(fix(), comment())
        first = self.stream(api, "/events")
        task = api.post("/tasks", {"instruction": "Mend the sum."}).json["task"]
        id_, _, _ = first.wait_state("coding", task)
        first.close()
        service.terminate()
        service = self.serve(GIT_REMOTE_URL=self.known_remote())
        api.port = service.port
        second = self.stream(api, "/events", id_)
        second.wait_state("review", task)
        known = [data["number"] for at, _, data in first.events[: [e[0] for e in first.events].index(id_) + 1]]
        both = known + second.numbers()
        stored = [int(n) for n in self.sql(f"select number from task_events where task_id = {task} order by number").splitlines()]
        self.assertEqual(sorted(both), [n for n in stored if n <= max(both)], "each once, none left out")

    def known_remote(self):
        return self.sql("select remote from tasks limit 1")

    def test_what_another_process_does_comes_too(self):
        remote, service, api = self.opened()
        events = self.stream(api, "/events")
        run = self.begin(remote)
        self.assertEqual(run.wait(), 0, run.story())
        events.wait_state("review", run.result["task"])

    def test_a_stream_ends_when_its_token_is_revoked(self):
        remote, service, api = self.opened()
        events = self.stream(api, "/events")
        self.assertEqual(self.persais("token", "revoke", self.sql("select max(id) from api_tokens")).code, 0)
        self.refused(api.get("/tasks"), 401, "A token is needed")
        run = self.begin(remote)
        self.assertEqual(run.wait(), 0, run.story())
        self.assertTrue(events.wait_end())
        self.assertEqual(events.numbers(), [], "nothing was told any more")
        self.assertEqual([kind for _, kind, _ in events.events], ["end"])


class WhoMay(ApiStory):
    def test_a_token_is_its_person_within_its_scopes(self):
        remote, service, admin = self.opened(fix(), fix(), ALLOWED_USER_IDS="7", TELEGRAM_ADMIN_IDS="5")
        member = Caller(service.port, self.token("read,submit", "--person", "7", ALLOWED_USER_IDS="7", TELEGRAM_ADMIN_IDS="5"))
        other = admin.post("/tasks", {"instruction": "Mend the sum."}).json["task"]
        mine = member.post("/tasks", {"instruction": "Mend the sum, please."})
        self.assertEqual(mine.status, 201, mine)
        mine = mine.json["task"]
        self.assertEqual([t["task"] for t in member.get("/tasks").json["tasks"]], [mine])
        self.assertEqual([t["task"] for t in admin.get("/tasks").json["tasks"]], [mine, other])
        self.refused(member.get(f"/tasks/{other}"), 403, "another person's", "not_yours")
        self.refused(member.get(f"/tasks/{other}/events"), 403, "another person's", "not_yours")
        self.refused(member.post(f"/tasks/{mine}/deploy"), 403, "has not the scope 'deploy'", "scope")
        self.refused(member.post("/tasks", {"instruction": "x y", "check": "true"}), 403, "Only an admin may say what a task is checked with")
        self.refused(member.post("/tasks", {"instruction": "x y", "repository": "/elsewhere"}), 422, "There is no repository", "unknown_repository")
        self.refused(member.get("/people"), 403, "scope")
        self.assertEqual(member.get("/self").json["person"], "7")
        events = self.stream(member, f"/tasks/{mine}/events", 0)
        events.wait_state("review")
        self.assertEqual(self.sql(f"select distinct person from llm_calls where task = {mine}"), "7")
        self.assertEqual(self.sql("select what || ' ' || detail from audit where person = 7 and what like 'token%'"),
                         "token_made " + self.sql("select max(id) from api_tokens") + " tests: read, submit")

    def token(self, scopes=ALL, *more, name="tests", **changes):
        said = self.persais("token", "add", name, "--scope", scopes, "--json", *more, **changes)
        self.assertEqual(said.code, 0, said.story())
        return said.lines[0]["token"]

    def test_whoever_is_put_out_has_no_token(self):
        remote, service, admin = self.opened()
        self.assertEqual(self.persais("people", "role", "9", "member").code, 0)
        theirs = Caller(service.port, self.token("read", "--person", "9"))
        self.assertEqual(theirs.get("/tasks").status, 200)
        gone = self.persais("people", "remove", "9")
        self.assertEqual(gone.code, 0, gone.story())
        self.refused(theirs.get("/tasks"), 401, "A token is needed", "no_token")
        self.assertIn("revoked", self.persais("token", "list").out)
        nobody = self.persais("token", "add", "x", "--scope", "read", "--person", "9")
        self.assertEqual((nobody.code, nobody.out), (2, ""))
        self.assertIn("Person 9 has no right here", nobody.err)

    def test_a_token_expires_and_is_kept_as_a_digest(self):
        remote, service, admin = self.opened()
        token = self.token("read", "--expires", "1h")
        self.assertEqual(Caller(service.port, token).get("/self").status, 200)
        self.sql("update api_tokens set expires_at = now() where expires_at is not null")
        self.refused(Caller(service.port, token).get("/self"), 401, "A token is needed")
        self.assertNotIn(token, self.persais("token", "list", "--json").out)
        self.assertNotIn(token.encode(), self.database.all_rows())
        self.assertNotIn(token.encode(), service.raw)


class BadRequests(ApiStory):
    def test_each_gets_one_sentence(self):
        remote, service, api = self.opened()
        stranger = Caller(service.port)
        answer = self.refused(stranger.get("/tasks"), 401, "A token is needed", "no_token")
        self.assertTrue(answer.headers["WWW-Authenticate"].startswith("Bearer"))
        self.refused(Caller(service.port, "x" * 51).get("/tasks"), 401, "A token is needed")
        self.refused(api.get("/tasks/999999"), 404, "There is no task 999999.", "no_task")
        self.refused(api.get("/tasks/none"), 400, "'task' is not written as it has to be")
        self.refused(api.get("/nothing"), 404, "There is no /api/v1/nothing here.")
        self.assertIn("POST", self.refused(api.ask("PUT", "/api/v1/tasks", {}), 405, "does not take PUT").headers["Allow"])
        self.refused(api.get("/tasks?limit=0"), 400, "'limit' is at least 1.")
        self.refused(api.get("/tasks?limits=1"), 400, "'limits' is not known here.")
        self.refused(api.get("/tasks?state=away"), 400, "'state' is one of queued")
        self.refused(api.get("/costs?since=2026-02-30"), 400, "'since' is no day")
        self.refused(api.post("/tasks", {"instruction": "x y"}, Idempotency_Key=""), 400, "'Idempotency-Key' is empty or too short")
        self.refused(api.post("/tasks", {}), 400, "'instruction' is missing.")
        self.refused(api.post("/tasks", {"instruction": "x", "more": 1}), 400, "'more' is not known here.")
        self.refused(api.post("/tasks", {"instruction": "   "}), 422, "is empty", "empty")
        self.refused(api.post("/tasks", b"{"), 400, "is not one JSON object")
        self.refused(api.post("/tasks", b"[" * 40 + b"]" * 40), 400, "is not one JSON object")
        self.refused(api.post("/tasks", b"x", Content_Type="text/plain"), 415, "Content-Type application/json")
        self.refused(api.post("/tasks", {"instruction": "x" * 20000}), 400, "at most 16384 are taken")
        self.refused(api.post("/tasks", b" " * 200000), 413, "")
        self.refused(api.get("/tasks/999999", Accept_Language="ru"), 404, "Задачи 999999 нет.")
        self.assertEqual(self.sql("select count(*) from tasks"), "0")

    def test_too_many_wrong_tokens_and_too_many_requests_wait(self):
        remote, service, api = self.opened()
        answers = [Caller(service.port, "y" * 51).get("/self") for _ in range(22)]
        self.assertEqual(answers[0].status, 401)
        self.refused(answers[-1], 429, "Too many requests", "too_often")

    def test_the_document_is_the_one_in_docs(self):
        remote, service, api = self.opened()
        served = Caller(service.port).ask("GET", "/api/openapi.json")
        self.assertEqual(served.status, 200)
        self.assertEqual(served.json, json.loads((Path(__file__).resolve().parents[2] / "docs/openapi.json").read_text()))
        health = Caller(service.port).get("/health")
        self.assertEqual(health.status, 200, health)
        self.assertEqual(health.json["status"], "ok")


__all__ = ["BadRequests", "FromRequestToMain", "Streams", "WhoMay"]
