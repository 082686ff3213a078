"""What PyGithub does not reach: what a branch requires, faults, and what pushes make of requests."""

import json
import subprocess
import sys
import tempfile
import threading
import unittest
import urllib.error
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.path.insert(0, str(HERE.parent))
from github import GitHub  # noqa: E402
from testing import PEOPLE, git, make_repository  # noqa: E402


class Fake(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.github = GitHub(looks_to_compute=0)
        self.github.start()
        self.addCleanup(self.github.stop)
        self.token = self.github.token("writes")
        self.repo = self.github.repository("acme/team", make_repository(self.folder))

    def ask(self, method, path, body=None, token="writes", **fields):
        request = urllib.request.Request(f"{self.github.root}/repos/acme/team{path}", method=method, headers={
            "Authorization": f"Bearer {token}", "User-Agent": "test", **fields}, data=json.dumps(body).encode() if body is not None else None)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, json.loads(answer.read() or b"null"), answer.headers
        except urllib.error.HTTPError as no:
            with no:
                return no.code, json.loads(no.read() or b"null"), no.headers

    def open(self, head="topic", **more):
        status, pull, _ = self.ask("POST", "/pulls", {"title": "T", "head": head, "base": "main", **more})
        self.assertEqual(status, 201, pull)
        return pull["number"]

    def state(self, number):
        return self.ask("GET", f"/pulls/{number}")[1]["mergeable_state"]

    def merge(self, number, **body):
        status, said, _ = self.ask("PUT", f"/pulls/{number}/merge", body)
        return status, said.get("message")

    def push(self, *words):
        return subprocess.run(["git", "-C", str(self.folder / "work"), "push", "-q", str(self.repo.path), *words], env=PEOPLE,
                              capture_output=True, text=True)

    def test_what_a_branch_requires_keeps_pushes_and_merges_off_it(self):
        self.repo.protect("main", checks=["build"], approvals=1)
        self.assertIn("GH006: Protected branch update failed for refs/heads/main", self.push("topic:main").stderr)
        number = self.open()
        self.assertEqual((self.state(number), self.merge(number)), ("blocked", (405, 'Required status check "build" is expected.')))
        self.repo.check_run(self.repo.tip("topic"), "build", "success")
        self.assertEqual(self.merge(number)[1], "At least 1 approving review is required by reviewers with write access.")
        self.repo.review(number, "ann", "APPROVED")
        self.repo.review(number, "ben", "CHANGES_REQUESTED")
        self.assertEqual(self.state(number), "blocked")
        self.repo.review(number, "ben", "DISMISSED")
        self.repo.review(number, "ann", "COMMENTED")
        self.assertEqual((self.state(number), self.merge(number)[0]), ("clean", 200))

    def test_an_administrators_token_merges_past_it_unless_administrators_are_included(self):
        for include in (True, False):
            self.repo.protect("main", checks=["build"], enforce_admins=include)
            self.token.admin = True
            number = self.open("topic" if include else "other")
            self.assertEqual((self.state(number), self.merge(number)[0]), ("blocked", 405 if include else 200))

    def test_what_moved_has_to_be_brought_up_or_cannot_be_merged(self):
        self.repo.protect("main", strict=True)
        topic, other = self.open(), self.open("other")
        self.assertEqual((self.state(topic), self.merge(topic)[0]), ("clean", 200))
        self.assertEqual((self.state(other), self.merge(other)), ("behind", (405, "Head branch is out of date. Review and try the merge again.")))
        work = self.folder / "work"
        git(work, "checkout", "-q", "same")
        (work / "x.txt").write_text("another\n")
        git(work, "add", "-A")
        git(work, "commit", "-qm", "Another")
        self.assertEqual(self.push("same").returncode, 0)
        self.assertEqual(self.state(self.open("same")), "dirty")

    def test_a_request_follows_its_branch(self):
        number, sha = self.open(), self.repo.tip("topic")
        self.push("+other:topic")
        self.assertEqual(self.merge(number, sha=sha), (409, "Head branch was modified. Review and try the merge again."))
        self.push("other:main")
        _, pull, _ = self.ask("GET", f"/pulls/{number}")
        self.assertEqual((pull["state"], pull["merged"], pull["merge_commit_sha"]), ("closed", True, self.repo.tip("main")))

    def test_a_rebase_makes_each_commit_anew_with_its_author_and_words(self):
        self.merge(self.open("topic"), merge_method="squash")
        tip = self.repo.tip("main")
        self.assertEqual(self.merge(self.open("other"), merge_method="rebase")[0], 200)
        log = self.repo.git("log", "--format=%an %cn %s", f"{tip}..main").split("\n")
        self.assertEqual(log, ["Ada GitHub Write z.txt", "Ada GitHub Write y.txt"])
        self.assertEqual(self.repo.git("log", "-1", "--format=%s", tip), "T (#1)")

    def test_a_linear_history_takes_no_merge_commit(self):
        self.repo.protect("main", linear=True)
        number = self.open()
        self.assertEqual(self.merge(number)[0], 405)
        self.assertEqual(self.merge(number, merge_method="squash")[0], 200)

    def test_it_fails_as_it_is_told_before_and_after(self):
        number = self.open()
        self.github.fail(502, "PUT", "/merge$", after=True)
        self.assertEqual(self.merge(number)[0], 502)
        self.assertEqual(self.github.merges, [(number, self.repo.tip("main"))], "the answer was lost, not the merge")
        self.assertEqual(self.merge(number), (405, "Pull Request is not mergeable"))
        self.github.fail(503, times=None, fields={"Retry-After": "5"})
        status, _, fields = self.ask("GET", "/pulls")
        self.assertEqual((status, fields["Retry-After"]), (503, "5"))
        self.github.lift()
        self.github.base_races = 1
        self.assertEqual(self.merge(self.open("other")), (405, "Base branch was modified. Review and try the merge again."))
        self.assertEqual(self.merge(2)[0], 200)

    def test_it_holds_a_request_until_it_is_let(self):
        number, hold = self.open(), self.github.hold("PUT", "/merge$")
        said = []
        asks = threading.Thread(target=lambda: said.append(self.merge(number)[0]))
        asks.start()
        hold.wait()
        self.assertEqual((self.github.merges, said), ([], []))
        hold.go.set()
        asks.join(30)
        self.assertEqual(said, [200])

    def test_a_token_that_loses_a_right_or_is_revoked(self):
        number = self.open()
        self.token.take("contents", leave="read")
        self.assertEqual(self.merge(number), (403, "Resource not accessible by personal access token"))
        self.token.take("pull_requests")
        status, no, fields = self.ask("GET", f"/pulls/{number}")
        self.assertEqual((status, fields["X-Accepted-GitHub-Permissions"]), (403, "pull_requests=read"))
        self.token.revoked = True
        self.assertEqual(self.ask("GET", "")[0], 401)

    def test_what_did_not_change_is_not_sent_again(self):
        _, _, fields = self.ask("GET", "")
        left = self.github.remaining
        self.assertEqual(self.ask("GET", "", **{"If-None-Match": fields["ETag"]})[0], 304)
        self.assertEqual(self.github.remaining, left, "and counts for nothing")

    def begin(self, number, **body):
        status, said, _ = self.ask("PUT", f"/pulls/{number}/merge-async", body)
        return status, said.get("status"), said.get("details", said)

    def came_of(self, number, uuid):
        return self.ask("GET", f"/pulls/{number}/merge-async/{uuid}")[1]

    def test_a_merge_that_nobody_waits_for_is_kept_to_the_commit_and_begun_once(self):
        self.github.merges_wait = True
        topic, other = self.open(), self.open("other")
        head = self.repo.tip("topic")
        status, said, details = self.begin(topic, sha=head, merge_method="squash")
        self.assertEqual((status, said, details["expected_head_sha"], details["merge_method"]), (202, "pending", head, "squash"))
        again = self.begin(topic, sha="0" * 40)
        self.assertEqual((again[0], again[2]["uuid"], again[2]["expected_head_sha"]), (409, details["uuid"], head))
        self.assertEqual(self.came_of(topic, details["uuid"])["status"], "pending")
        late = self.begin(other, sha="0" * 40)[2]["uuid"]
        self.github.run_merges()
        done = self.came_of(topic, details["uuid"])
        self.assertEqual((done["status"], done["details"]["sha"]), ("merged", self.repo.tip("main")))
        self.assertEqual(self.came_of(other, late), {"status": "failed", "details": {
            "message": "Head branch was modified. Review and try the merge again."}})
        self.assertEqual(self.begin(topic)[:2], (200, "merged"))
        self.ask("PATCH", f"/pulls/{other}", {"state": "closed"})
        self.assertEqual(self.begin(other)[:2], (400, "failed"))
        unknown = late[:-1] + ("1" if late.endswith("0") else "0")
        self.assertEqual((self.begin(topic, merge_method="fast")[0], self.ask("GET", f"/pulls/{other}/merge-async/{unknown}")[0]), (422, 404))
        self.github.async_merges = False
        self.assertEqual(self.begin(topic)[0], 404)

    def graphql(self, query, **variables):
        return self.ask_root("POST", "/graphql", {"query": query, "variables": variables})[1]

    def ask_root(self, method, path, body=None, token="writes"):
        request = urllib.request.Request(self.github.root + path, method=method, headers={
            "Authorization": f"Bearer {token}", "User-Agent": "test"}, data=json.dumps(body).encode() if body else None)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as no:
            with no:
                return no.code, json.loads(no.read())

    def place(self, number):
        node = self.graphql("query($id: ID!) { node(id: $id) { ... on PullRequest { isInMergeQueue } } }", id=f"PR_{number}")["data"]["node"]
        return node["isInMergeQueue"], (node["mergeQueueEntry"] or {}).get("position"), node["timelineItems"]["nodes"]

    def test_a_merge_queue_takes_what_the_branch_requires_and_is_the_only_way(self):
        self.repo.require_queue("main")
        self.repo.protect("main", checks=["build"])
        topic, other = self.open(), self.open("other")
        put = "mutation($id: ID!, $head: GitObjectID!) { enqueuePullRequest(input: {pullRequestId: $id, expectedHeadOid: $head}) { x } }"
        head = self.repo.tip("topic")
        self.assertIn('"build" is expected', self.graphql(put, id=f"PR_{topic}", head=head)["errors"][0]["message"])
        for branch in ("topic", "other"):
            self.repo.check_run(self.repo.tip(branch), "build", "success")
        self.assertEqual((self.state(topic), self.merge(topic)), ("blocked", (405, "Changes must be made through the merge queue")))
        self.assertIn("was modified", self.graphql(put, id=f"PR_{topic}", head="0" * 40)["errors"][0]["message"])
        self.assertEqual(self.graphql(put, id=f"PR_{topic}", head=head)["data"]["enqueuePullRequest"]["mergeQueueEntry"]["position"], 1)
        uuid = self.begin(other)[2]["uuid"]
        self.assertEqual((self.came_of(other, uuid)["status"], self.place(other)), ("enqueued", (True, 2, [])))
        self.assertEqual(self.begin(other)[:2], (200, "enqueued"))
        self.repo.throw_out(other)
        self.assertEqual(self.place(other), (False, None, [{"reason": "failed_checks"}]))
        self.repo.merge_queued(topic)
        self.assertEqual(self.ask("GET", f"/pulls/{topic}")[1]["merged"], True)
        self.github.queues = False
        self.assertIn("doesn't exist", self.graphql("query { node(id: $id) { isInMergeQueue } }", id="PR_1")["errors"][0]["message"])

    def test_a_renamed_repository_is_found_by_its_number_and_an_archived_one_takes_nothing(self):
        number = self.open()
        self.github.rename("acme/team", "corp/team")
        status, said, _ = self.ask("GET", f"/pulls/{number}")  # urllib follows
        self.assertEqual((status, said["base"]["repo"]["full_name"]), (200, "corp/team"))
        with self.assertRaises(urllib.error.HTTPError) as no:
            opener = urllib.request.build_opener(type("Stay", (urllib.request.HTTPRedirectHandler,), {"redirect_request": lambda *_: None}))
            opener.open(urllib.request.Request(f"{self.github.root}/repos/acme/team/pulls?state=all", data=b"{}", headers={
                "Authorization": "Bearer writes", "User-Agent": "test"}), timeout=30)
        self.assertEqual((no.exception.code, no.exception.headers["Location"]), (307, f"{self.github.root}/repositories/7/pulls?state=all"))
        no.exception.close()
        self.repo.archived = True
        status, said = self.ask_root("PATCH", f"/repos/corp/team/pulls/{number}", {"state": "closed"})
        self.assertEqual((status, said["message"]), (403, "Repository was archived so is read-only."))

    def test_a_classic_token_without_the_scope_sees_nothing_and_is_told_which(self):
        self.token.scopes = ["read:org"]
        status, _, fields = self.ask("GET", "")
        self.assertEqual((status, fields["X-OAuth-Scopes"], fields["X-Accepted-OAuth-Scopes"]), (404, "read:org", "repo"))
        self.token.scopes.append("repo")
        self.assertEqual(self.ask("GET", "")[0], 200)


if __name__ == "__main__":
    unittest.main()
