"""What python-gitlab does not reach: the methods of merging, trains, faults, and what pushes make of requests."""

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
sys.path.insert(0, str(HERE.parent))
from gitlab import GitLab  # noqa: E402

sys.path.insert(0, str(HERE.parent / "github"))
from testing import PEOPLE, make_repository  # noqa: E402


class Fake(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.gitlab = GitLab(looks_to_compute=0)
        self.gitlab.start()
        self.addCleanup(self.gitlab.stop)
        self.token = self.gitlab.token("writes")
        self.project = self.gitlab.repository("acme/team", make_repository(self.folder))

    def ask(self, method, path, body=None, project="acme%2Fteam"):
        request = urllib.request.Request(f"{self.gitlab.api}/projects/{project}{path}", method=method, headers={"PRIVATE-TOKEN": "writes", "Content-Type": "application/json"},
                                         data=json.dumps(body).encode() if body is not None else None)
        opener = urllib.request.build_opener(NoRedirect)
        try:
            with opener.open(request, timeout=30) as answer:
                return answer.status, json.loads(answer.read() or b"null"), answer.headers
        except urllib.error.HTTPError as no:
            with no:
                return no.code, json.loads(no.read() or b"null"), no.headers

    def open(self, head="topic", title="T"):
        status, made, _ = self.ask("POST", "/merge_requests", {"title": title, "source_branch": head, "target_branch": "main"})
        self.assertEqual(status, 201, made)
        return made["iid"]

    def status(self, number):
        return self.ask("GET", f"/merge_requests/{number}")[1]["detailed_merge_status"]

    def merge(self, number, **body):
        status, said, _ = self.ask("PUT", f"/merge_requests/{number}/merge", body)
        return status, said

    def push(self, *words):
        return subprocess.run(["git", "-C", str(self.folder / "work"), "push", "-q", str(self.project.path), *words], env=PEOPLE,
                              capture_output=True, text=True)

    def test_a_protected_branch_takes_no_push_and_no_merge_of_whom_it_does_not_let(self):
        self.project.protect("main", merge=40)
        self.assertIn("GL-HOOK-ERR: You are not allowed to push code to protected branches", self.push("topic:main").stderr)
        number = self.open()
        self.assertFalse(self.ask("GET", f"/merge_requests/{number}")[1]["user"]["can_merge"])
        self.assertEqual(self.merge(number), (401, {"message": "401 Unauthorized"}))
        self.token.level = 40
        self.assertEqual(self.merge(number)[0], 200)

    def test_a_fast_forward_has_no_commit_of_its_own_and_needs_a_rebase_after_others(self):
        self.project.merge_method = "ff"
        first, second = self.open(), self.open("other")
        _, merged = self.merge(first)
        self.assertEqual((merged["state"], merged["merge_commit_sha"], merged["sha"]), ("merged", None, self.project.tip("main")))
        self.assertEqual((self.status(second), self.merge(second)[0]), ("need_rebase", 405))
        self.assertEqual(self.ask("PUT", f"/merge_requests/{second}/rebase")[:2], (202, {"rebase_in_progress": True}))
        self.assertEqual((self.status(second), self.merge(second)[0]), ("mergeable", 200))

    def test_squashed_is_merged_as_one_commit_by_each_method(self):
        for method, parents in (("merge", 2), ("ff", 1)):
            self.project.merge_method, self.project.squash_option = method, "always"
            base = self.project.tip("main")
            number = self.open("other" if method == "merge" else "topic")
            if method == "ff":
                self.ask("PUT", f"/merge_requests/{number}/rebase")
            _, merged = self.merge(number, squash_commit_message=f"All (!{number})")
            tip = self.project.tip("main")
            self.assertEqual(len(self.project.git("log", "-1", "--format=%P", tip).split()), parents)
            self.assertEqual(self.project.git("log", "-1", "--format=%s", merged["squash_commit_sha"]), f"All (!{number})")
            self.assertEqual(self.project.git("rev-list", "--count", "--first-parent", f"{base}..{tip}"), "1")

    def test_a_project_that_squashes_nothing_refuses_to(self):
        self.project.squash_option = "never"
        self.assertEqual(self.merge(self.open("other"), squash=True)[0], 422)

    def test_each_word_of_its_status_but_one_keeps_it_from_being_merged(self):
        number = self.open()
        for word in ("ci_must_pass", "not_approved", "merge_time", "locked_paths", "security_policy_violations", "title_regex"):
            self.project.pulls[number]["says"] = word
            self.assertEqual((self.status(number), self.merge(number)[0]), (word, 405))
        self.project.pulls[number]["says"] = None
        self.project.discussions_must_be_resolved, self.project.pulls[number]["unresolved"] = True, 1
        self.assertEqual(self.status(number), "discussions_not_resolved")

    def test_a_train_takes_what_is_put_there_and_an_old_server_lets_it_pass_by(self):
        self.project.trains = True
        number, sha = self.open(), self.project.tip("topic")
        car = f"/merge_trains/merge_requests/{number}"
        self.assertEqual(self.ask("GET", car)[0], 404)
        self.assertEqual(self.ask("POST", car, {"sha": "0" * 40})[0], 409)
        self.assertEqual(self.ask("POST", car, {"sha": sha})[0], 201)
        self.assertEqual(self.ask("GET", car)[1]["status"], "fresh")
        self.assertTrue(self.ask("GET", f"/merge_requests/{number}")[1]["merge_when_pipeline_succeeds"])
        cancel = f"/merge_requests/{number}/cancel_merge_when_pipeline_succeeds"
        self.assertEqual((self.ask("POST", cancel)[0], self.ask("GET", car)[0], self.ask("POST", cancel)[0]), (201, 404, 406))
        self.ask("POST", car, {"sha": sha})
        self.project.train_arrives(number, "failed")
        self.assertEqual((self.ask("GET", car)[0], self.project.pulls[number]["state"]), (404, "open"))
        self.gitlab.passes_trains_by = True
        self.merge(number, sha=sha, auto_merge=True)
        self.assertEqual((self.project.pulls[number]["state"], self.ask("GET", car)[0]), ("closed", 404))

    def test_a_request_follows_its_branch(self):
        number, sha = self.open(), self.project.tip("topic")
        self.push("+other:topic")
        status, said = self.merge(number, sha=sha)
        self.assertEqual((status, said["message"]), (409, f"SHA does not match HEAD of source branch: {self.project.tip('other')}"))
        self.push("other:main")
        self.assertEqual(self.ask("GET", f"/merge_requests/{number}")[1]["state"], "merged")

    def test_it_fails_as_it_is_told_and_holds_a_request_until_it_is_let(self):
        number = self.open()
        self.gitlab.fail(502, "PUT", "/merge$", after=True)
        self.assertEqual(self.merge(number)[0], 502)
        self.assertEqual(self.gitlab.merges, [(number, self.project.tip("main"))], "the answer was lost, not the merge")
        self.assertEqual(self.merge(number)[0], 405)
        second, hold, said = self.open("other"), self.gitlab.hold("PUT", "/merge$"), []
        asks = threading.Thread(target=lambda: said.append(self.merge(second)[0]))
        asks.start()
        hold.wait()
        self.assertEqual((len(self.gitlab.merges), said), (1, []))
        hold.go.set()
        asks.join(30)
        self.assertEqual(said, [200])

    def test_a_token_and_a_project_that_are_no_longer_what_they_were(self):
        number = self.open()
        self.token.scopes = {"read_api"}
        status, said, _ = self.ask("POST", f"/merge_requests/{number}/notes", {"body": "x"})
        self.assertEqual((status, said["error"], said["scope"]), (403, "insufficient_scope", "api"))
        self.token.scopes = {"api"}
        self.project.moved_to = "acme/new"
        status, _, fields = self.ask("GET", f"/merge_requests/{number}")
        self.assertEqual((status, fields["Location"]), (301, f"{self.gitlab.api}/projects/acme%2Fnew/merge_requests/{number}"))
        self.assertEqual(self.merge(number)[0], 405)
        self.assertEqual(self.ask("GET", "", project="acme%2Fnew")[0], 200)
        self.token.level = 0
        self.assertEqual(self.ask("GET", "", project="acme%2Fnew")[0], 404)
        self.gitlab.remaining = 0
        status, _, fields = self.ask("GET", "")
        self.assertEqual((status, fields["Retry-After"]), (429, "60"))


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


if __name__ == "__main__":
    unittest.main()
