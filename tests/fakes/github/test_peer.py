"""The ecosystem's own client, PyGithub, run against the fake: it understands it as it understands GitHub."""

import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.path.insert(0, str(HERE.parent))
from github import GitHub  # noqa: E402
from github.apps import make_key  # noqa: E402
from testing import make_repository  # noqa: E402

PEER = HERE.parents[2] / "build/deps/github-peer"


class Peer(unittest.TestCase):
    def setUp(self):
        if not (PEER / "github").is_dir():
            self.fail("PyGithub is not there: run scripts/setup")
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.fake = GitHub(looks_to_compute=2)
        self.fake.start()
        self.addCleanup(self.fake.stop)
        self.fake.token("writes")
        self.fake.token("reviews", login="ann", contents="read", deployments=None)
        self.key, public = make_key(Path(folder.name))
        self.fake.app("77", public, ["acme/team"])
        self.repo = self.fake.repository("acme/team", make_repository(Path(folder.name)))

    def client(self, check=True):
        done = subprocess.run(["/usr/bin/python3", "-B", HERE / "peer/client.py", self.fake.root, "writes", "reviews", self.key], capture_output=True,
                              text=True, timeout=120, env={"PATH": os.environ["PATH"], "PYTHONPATH": str(PEER)})
        if check:
            self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout) if check else done.stderr

    def test_a_request_from_its_draft_to_its_merge(self):
        self.repo.protect("main", checks=["build"], approvals=1)
        self.repo.allow = {"merge", "squash"}
        self.repo.collaborators |= {"ann": "write", "bob": "maintain", "rae": "triage"}
        self.repo.hold_runs_of = "^topic$"
        topic = self.repo.tip("topic")
        self.repo.check_run(topic, "lint", "failure")
        for n in range(35):
            self.repo.open_pull("other", "main", f"Other {n}")
        merge = self.repo.merge

        def deploying(*words):
            commit = merge(*words)
            self.repo.deploy(commit, state="in_progress")
            self.repo.deployment_status(self.repo.deployments[0], "success")
            self.repo.deploy(commit, "staging", "success")
            self.repo.deploy(self.repo.tip("other"), state="success")
            self.repo.run(commit, "ship", "success")
            self.repo.check_suite(commit, "other-ci", runs=0)
            return commit
        self.repo.merge = deploying
        said = self.client()
        refused = {name: said.pop(name) for name in list(said) if "Exception" in str(said[name])}
        self.assertEqual(said, {
            "ways": [True, True, False, True, "main"], "unchanged": False,
            "opened": [36, "open", True, None, "topic", "mechanic-bot"], "found": [36],
            "states": [[None, "unknown"], [None, "unknown"], [True, "blocked"]], "protected": True,
            "pending": ["pending", ["build"]], "runs of checks": [["lint", "failure"]], "held runs": [["action_required", True]],
            "reviews": [["ann", "APPROVED"]], "merged": [True, True, True, "closed", True], "deployments": [["staging", ["success"]], ["production", ["inactive", "success", "in_progress"]]],
            "environment": [["production", "success"], ["production", "inactive"]], "shipped": [["ship", "success"]], "other branch": [],
            "suites": [["other-ci", 0, "queued"], ["github-actions", 1, "completed"]],
            "issues": [[False, "Third", "mechanic-bot", False], [True, "The sum is wrong", "mechanic-bot", True]],
            "new comments": [["Who looks?", True]], "one comment": "Who looks?", "review comments": [["a.txt", "Here", True]],
            "one review": ["Nearly", "COMMENTED", ["Here"]], "permissions": ["admin", "write", "write", "read", "none"],
            "comments": [["mechanic-bot", "Words"]], "async": ["pending", "merged", True], "app": [4000, "acme/team", "write"],
            "pages": [37, 36]})
        self.assertEqual({name: no[:2] for name, no in refused.items()}, {
            "no issue": ["UnknownObjectException", 404], "no branch": ["GithubException", 422], "nothing new": ["GithubException", 422], "twice": ["GithubException", 422],
            "reopened": ["GithubException", 422], "app of others": ["UnknownObjectException", 404], "draft": ["GithubException", 405], "missing check": ["GithubException", 405], "no review": ["GithubException", 405],
            "own review": ["GithubException", 422], "another head": ["GithubException", 409], "not allowed": ["GithubException", 405],
            "again": ["GithubException", 405], "unknown": ["UnknownObjectException", 404], "stranger": ["BadCredentialsException", 401],
            "reader": ["GithubException", 403], "hidden": ["GithubException", 403]})
        self.assertIn("Required status check \"build\" is expected.", refused["missing check"][2])

    def test_too_many_requests_are_known_as_such(self):
        self.fake.remaining = 0
        self.assertIn("RateLimitExceededException", self.client(check=False))


if __name__ == "__main__":
    unittest.main()
