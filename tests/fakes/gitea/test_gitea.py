"""What the fake promises, which with PERSAIS_GITEA is held by the real server too: each test runs against both."""

import json
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from gitea import Gitea, RealGitea  # noqa: E402
from gitea.real import PROGRAM, NoRedirect  # noqa: E402

sys.path.insert(0, str(HERE.parent / "github"))
from testing import make_repository  # noqa: E402


class Promises:
    """A server for each class, a repository for each test."""

    @classmethod
    def setUpClass(cls):
        cls.server = cls.make()
        cls.server.start()
        cls.addClassCleanup(cls.server.stop)
        cls.mine, cls.ann = cls.server.token("writes").secret, cls.server.token("reviews", login="ann").secret

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.full_name = f"acme/{self.id().rsplit('.', 1)[1][:40].strip('_')}"
        self.repo = self.server.repository(self.full_name, make_repository(Path(folder.name)))

    def ask(self, method, path, body=None, token=None, full_name=None):
        request = urllib.request.Request(f"{self.server.api}/repos/{full_name or self.full_name}{path}", method=method, headers={
            "Authorization": f"token {token or self.mine}", "Content-Type": "application/json"}, data=json.dumps(body).encode() if body is not None else None)
        try:
            with urllib.request.build_opener(NoRedirect).open(request, timeout=60) as answer:
                return answer.status, json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as no:
            with no:
                return no.code, json.loads(no.read() or b"null")

    def open(self, head="topic", title="T"):
        status, pull = self.ask("POST", "/pulls", {"head": head, "base": "main", "title": title})
        self.assertEqual(status, 201, pull)
        return pull["number"]

    def pull(self, number):
        return self.ask("GET", f"/pulls/{number}")[1]

    def settled(self, number):
        """Until Gitea knows whether it can be merged."""
        for _ in range(200):
            pull = self.pull(number)
            if pull["mergeable"]:
                return pull
            time.sleep(self.server.pause)
        raise AssertionError(pull)

    def merge(self, number, way="merge", sha=None, token=None):
        sha = sha or self.settled(number)["head"]["sha"]
        status, said = self.ask("POST", f"/pulls/{number}/merge", {"Do": way, "head_commit_id": sha}, token)
        return status, said and said["message"]

    def tip(self):
        return self.ask("GET", "/branches/main")[1]["commit"]["id"]

    def test_a_request_from_its_draft_to_its_merge(self):
        number = self.open(title="WIP: Add x")
        draft = self.pull(number)
        self.assertEqual((draft["draft"], draft["mergeable"], draft["merge_commit_sha"], draft["state"]), (True, False, None, "open"))
        self.assertEqual({name: draft["head"][name] for name in ("label", "ref")}, {"label": "topic", "ref": "topic"})
        self.assertEqual((draft["merge_base"], draft["base"]["label"]), (draft["base"]["sha"], "main"))
        status, said = self.ask("POST", "/pulls", {"head": "topic", "base": "main", "title": "T"})
        self.assertEqual((status, said["message"].startswith("pull request already exists for these targets [id:")), (409, True))
        self.assertEqual(self.ask("POST", "/pulls", {"head": "none", "base": "main", "title": "T"})[0], 404)
        self.assertEqual(self.merge(number, sha=draft["head"]["sha"]), (405, "Work in progress PRs cannot be merged"))
        status, edited = self.ask("PATCH", f"/pulls/{number}", {"title": "Add x"})
        self.assertEqual((status, edited["draft"], edited["title"]), (201, False, "Add x"))
        self.assertEqual(self.merge(number, sha="0" * 40) if self.settled(number) else None, (409, "head out of date"))
        self.assertEqual(self.merge(number, "nonsense"), (422, "[Do]: In"))
        self.assertEqual(self.merge(number), (200, None))
        merged = self.pull(number)
        self.assertEqual((merged["state"], merged["merged"], merged["merge_commit_sha"]), ("closed", True, self.tip()))
        self.assertEqual(self.merge(number, sha=draft["head"]["sha"]), (405, "The PR is already merged"))
        self.assertEqual(self.ask("DELETE", "/branches/topic")[0], 204)
        listed = self.ask("GET", "/pulls?state=all&sort=recentupdate&limit=50")[1]
        self.assertEqual([(each["number"], each["head"]["label"], each["head"]["ref"]) for each in listed],
                         [(number, "topic", f"refs/pull/{number}/head")], "the label is the branch's name when the branch is gone, too")

    def test_of_several_requests_of_a_branch_the_call_for_one_gives_the_oldest(self):
        first = self.open()
        self.repo.close(first)
        second = self.open()
        self.assertEqual(self.ask("GET", "/pulls/main/topic")[1]["number"], first)
        self.assertEqual([each["number"] for each in self.ask("GET", "/pulls?state=all&limit=50")[1]], [second, first])

    def test_what_a_branch_requires_stands_in_the_branch_and_keeps_it_in_these_words(self):
        number = self.open()
        head = self.pull(number)["head"]["sha"]
        self.repo.protect("main", checks=["build*"], approvals=1)
        branch = self.ask("GET", "/branches/main")[1]
        self.assertEqual({name: branch[name] for name in ("protected", "required_approvals", "enable_status_check", "status_check_contexts",
                                                          "user_can_push", "user_can_merge")},
                         {"protected": True, "required_approvals": 1, "enable_status_check": True, "status_check_contexts": ["build*"],
                          "user_can_push": False, "user_can_merge": True})
        self.assertEqual(self.ask("GET", "/branch_protections/main")[0] // 100, 4, "only its administrators see the rule itself")
        self.assertEqual(self.merge(number), (405, "Not all required status checks successful"))
        for state in ("pending", "success"):
            self.ask("POST", f"/statuses/{head}", {"context": "build-x", "state": state, "target_url": "https://ci.example/1"})
        combined = self.ask("GET", f"/commits/{head}/status")[1]
        self.assertEqual([(each["context"], each["status"]) for each in combined["statuses"]], [("build-x", "success")])
        self.assertEqual(self.merge(number), (405, "Does not have enough approvals"))
        self.assertEqual(self.ask("POST", f"/pulls/{number}/reviews", {"event": "APPROVED", "body": "x"})[1]["message"],
                         "approve your own pull is not allowed")
        self.assertEqual(self.ask("POST", f"/pulls/{number}/reviews", {"event": "REQUEST_CHANGES", "body": "No"}, self.ann)[0], 200)
        self.assertEqual(self.ask("POST", f"/pulls/{number}/reviews", {"event": "APPROVED", "body": "Yes"}, self.ann)[0], 200)
        reviews = self.ask("GET", f"/pulls/{number}/reviews")[1]
        self.assertEqual([(each["user"]["login"], each["state"], each["official"], each["dismissed"]) for each in reviews],
                         [("ann", "REQUEST_CHANGES", False, True), ("ann", "APPROVED", True, False)])
        self.assertEqual(self.merge(number)[0], 200)

    def test_what_is_behind_is_kept_and_what_cannot_be_forwarded_is_an_error_of_the_server(self):
        first, second = self.open(), self.open("other")
        self.assertEqual(self.merge(first)[0], 200)
        self.repo.protect("main", outdated=True)
        self.assertEqual(self.merge(second), (405, "The head branch is behind the base branch"))
        behind = self.settled(second)
        self.assertNotEqual(behind["merge_base"], behind["base"]["sha"])
        self.repo.protect("main", outdated=False)
        self.repo.allow_only("fast-forward-only")
        self.assertEqual(self.merge(second, "fast-forward-only"), (500, ""))
        self.assertEqual(self.merge(second, "squash")[0] // 100, 4)
        self.repo.allow_only("squash")
        self.assertEqual(self.ask("GET", "")[1]["allow_merge_commits"], False)
        self.assertEqual(self.merge(second), (405, "merge is not allowed an allowed merge style for this repository"))
        self.assertEqual(self.merge(second, "squash")[0], 200)

    def test_a_token_says_what_it_lacks(self):
        reads = self.server.token("reads", scopes=["read:repository"]).secret
        self.assertEqual(self.ask("GET", "", token=reads)[0], 200)
        status, said = self.ask("POST", "/pulls", {"head": "topic", "base": "main", "title": "T"}, reads)
        self.assertEqual((status, said["message"]), (403, "token does not have at least one of required scope(s), "
                                                          "required=[write:repository], token scope=read:repository"))
        self.assertEqual(self.ask("GET", "", token="0" * 40)[0], 401)
        self.assertEqual(self.ask("GET", "", full_name="acme/none")[0], 404)

    def test_it_fails_as_it_is_told_and_the_answer_alone_is_lost(self):
        number = self.open()
        self.settled(number)
        self.server.fail(502, "POST", "/merge$", after=True)
        self.assertEqual(self.merge(number)[0], 502)
        self.assertEqual(self.server.merges[-1], (number, self.tip()))


class Fake(Promises, unittest.TestCase):
    make = Gitea


@unittest.skipUnless(PROGRAM, "PERSAIS_GITEA names no Gitea")
class Real(Promises, unittest.TestCase):
    make = RealGitea


if __name__ == "__main__":
    unittest.main()
