"""The HTTP API of two services on one database: what one was asked for when it was killed, and rights that go at the other."""

import http.client
import json
import threading
import time
import unittest

from calling import Caller
from persais import PATIENCE
from scripted import fix
from test_api import ApiStory


class Beside(ApiStory):
    def both(self, **changes):
        remote, first, api = self.opened(fix(), fix(), fix(), **changes)
        second = self.serve(GIT_REMOTE_URL=str(remote.path), PERSAIS_DATA=str(self.root / "other"), **changes)
        return first, second, api, Caller(second.port, **api.headers)


class KilledBetween(Beside):
    def ask_and_read_nothing(self, api, body, key):
        """As post(), but the answer stays where it is."""
        link = http.client.HTTPConnection("127.0.0.1", api.port)
        self.addCleanup(link.close)
        link.request("POST", "/api/v1/tasks", json.dumps(body), {**api.headers, "Content-Type": "application/json", "Idempotency-Key": key})
        return link

    def wait_row(self, statement, service):
        began = time.monotonic()
        while not (found := self.sql(statement)):
            self.assertIsNone(service.process.poll())
            self.assertLess(time.monotonic() - began, PATIENCE, statement)
        return found

    def test_whoever_never_heard_the_answer_asks_the_other_service_with_the_same_key(self):
        first, second, here, there = self.both()
        body = {"instruction": "Mend the sum."}
        self.ask_and_read_nothing(here, body, "lost")
        task = self.wait_row("select task_id from api_requests where key = 'lost'", first)
        first.kill9()
        again = there.post("/tasks", body, Idempotency_Key="lost")
        self.assertEqual((again.status, again.headers["Idempotency-Replayed"], again.json["task"]), (201, "true", task), again)
        self.refused(there.post("/tasks", {"instruction": "Another."}, Idempotency_Key="lost"), 422, "was used for another request", "key_used")
        self.assertEqual(self.sql(f"select count(*) from tasks where id >= {task}"), "1")

    def test_one_key_at_both_at_once_is_one_task(self):
        _, _, here, there = self.both()
        answers = []
        threads = [threading.Thread(target=lambda at=at: answers.append(at.post("/tasks", {"instruction": "Mend the sum."}, Idempotency_Key="k")))
                   for at in (here, there) * 4]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        self.assertEqual({a.status for a in answers}, {201}, answers)
        self.assertEqual(len({a.json["task"] for a in answers}), 1)
        self.assertEqual(sum("Idempotency-Replayed" not in a.headers for a in answers), 1, "one of them made it")
        self.assertEqual(self.sql("select count(*) from api_requests where key = 'k'"), "1")


class RightsThatGo(Beside):
    def test_at_one_service_end_what_the_other_tells_and_takes(self):
        _, _, here, there = self.both()
        self.assertEqual(self.persais("people", "role", "9", "member").code, 0)
        mine = self.token("read,submit", "--person", "9")
        member = Caller(there.port, mine)
        task = member.post("/tasks", {"instruction": "Mend the sum."}).json["task"]
        events = self.stream(member, f"/tasks/{task}/events", 0)
        events.wait_state("review")
        gone = self.persais("people", "remove", "9")
        self.assertEqual(gone.code, 0, gone.story())
        commit = here.get(f"/tasks/{task}").json["commit"]
        self.assertEqual(here.post(f"/tasks/{task}/discard", {"commit": commit}).status, 200, "it has a result, for others to decide on")
        self.assertTrue(events.wait_end())
        self.assertNotIn("discarded", [data.get("state") for _, kind, data in events.events if kind == "state"])
        for at in (here, there):
            self.refused(Caller(at.port, mine).get("/tasks"), 401, "A token is needed", "no_token")
        self.assertEqual(self.persais("people", "role", "9", "member").code, 0)
        self.refused(member.get("/tasks"), 401, "A token is needed", "no_token")


if __name__ == "__main__":
    unittest.main()
