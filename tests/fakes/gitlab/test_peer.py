"""The ecosystem's own client, python-gitlab, run against the fake: it understands it as it understands GitLab."""

import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from gitlab import GitLab  # noqa: E402

sys.path.insert(0, str(HERE.parent / "github"))
from testing import make_repository  # noqa: E402

PEER = HERE.parents[2] / "build/deps/gitlab-peer"


class Peer(unittest.TestCase):
    def setUp(self):
        if not (PEER / "gitlab").is_dir():
            self.fail("python-gitlab is not there: run scripts/setup")
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.fake = GitLab(looks_to_compute=2)
        self.fake.start()
        self.addCleanup(self.fake.stop)
        self.fake.token("writes", level=40)
        self.fake.token("reviews", name="ann")
        self.project = self.fake.repository("acme/team", make_repository(Path(folder.name)))

    def client(self, mode):
        run = subprocess.Popen(["/usr/bin/python3", "-B", HERE / "peer/client.py", self.fake.root, "writes", "reviews", mode], text=True,
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               env={"PATH": os.environ["PATH"], "PYTHONPATH": str(PEER)})
        self.addCleanup(run.__exit__, None, None, None)
        self.addCleanup(run.kill)
        return run

    def test_a_request_from_its_draft_to_its_merge(self):
        self.project.protect("main", merge=40)
        self.project.pipeline_must_succeed, self.project.approvals_required = True, 0
        topic = self.project.tip("topic")
        failed = self.project.pipeline(topic, "failed", ["lint", "build"])
        for n in range(35):
            self.project.open_pull("other", "main", f"Other {n}")
        run = self.client("whole")
        line = run.stderr.readline()
        self.assertTrue(line.startswith("{"), line + run.stderr.read() if not line.startswith("{") else "")
        before = json.loads(line)
        self.assertEqual(before.pop("before"), ["GitlabMRClosedError", 405, "405 Method Not Allowed"])
        self.assertEqual((before["states"], before["failed jobs"], before["pipelines"]),
                         (["checking", "ci_must_pass"], ["lint", "build"], [["failed", True]]))
        failed["status"] = "success"
        out, errors = run.communicate("\n", 120)
        self.assertEqual(run.returncode, 0, errors)
        said = json.loads(out)
        refused = {name: said.pop(name) for name in list(said) if "Error" in str(said[name])}
        for name in before:
            said.pop(name, None)
        self.assertEqual({name: before[name] for name in ("project", "token", "bearer", "version", "opened", "found", "ready", "protected")}, {
            "project": ["merge", "default_off", "main", 40], "token": ["api"], "bearer": True, "version": "18.6.0-ee",
            "opened": [36, "opened", True, "topic", "mechanic-bot"], "found": [36], "ready": False, "protected": [["main", [40]]]})
        self.assertEqual(said, {
            "then": "mergeable", "approvals": [0, ["ann"]], "reviewers": [["ann", "approved"]], "notes": [["ann", "Fine."]],
            "merged": ["merged", True, True], "pages": [36, 6, 36]})
        self.assertEqual({name: no[:2] for name, no in refused.items()}, {
            "no branch": ["GitlabCreateError", 400], "no title": ["GitlabHttpError", 400], "twice": ["GitlabCreateError", 409],
            "draft": ["GitlabMRClosedError", 405], "before": ["GitlabMRClosedError", 405], "own approval": ["GitlabAuthenticationError", 401],
            "another head": ["GitlabHttpError", 409], "reader": ["GitlabAuthenticationError", 401], "again": ["GitlabMRClosedError", 405],
            "no train": ["GitlabListError", 403], "unknown": ["GitlabGetError", 404], "stranger": ["GitlabAuthenticationError", 401]})
        self.assertIn("Another open merge request already exists for this source branch: !36", refused["twice"][2])

    def test_too_many_requests_are_known_as_such(self):
        self.fake.remaining = 1
        out, errors = self.client("limits").communicate("", 120)
        self.assertEqual(json.loads(out or "{}").get("limited", [None] * 3)[1:], [429, "Retry later"], errors)


if __name__ == "__main__":
    unittest.main()
