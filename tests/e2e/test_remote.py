"""The remote says no: which reason is told, and that nothing is overwritten."""

import os
import socket

from git_http import READER, STRANGER, TOKEN, serve
from persais import Persais
from remote import Remote, git
from scripted import fix
from story import Story


class OverHttp(Story):
    def setUp(self):
        super().setUp()
        self.address = serve(self, self.folder)
        self.adopt_helpers()

    def fails(self, reason, word, name="team", user="git", **settings):
        url = f"{self.address}/{name}.git"
        result = self.run_on(url.replace("//", f"//{user}@"), GIT_REMOTE_URL=url, **settings)
        self.expect(result, "remote_failed", reason)
        self.assertRegex(result["sentence"], word)

    def test_not_found(self):
        self.fails("not_found", "no repository at", name="absent", GIT_ACCESS_TOKEN=TOKEN)

    def test_no_right_to_read(self):
        self.remote()
        self.fails("no_read", "refuses the token|may not read", user="stranger", GIT_ACCESS_TOKEN=STRANGER)
        self.fails("no_read", "refuses the token", GIT_ACCESS_TOKEN="a-wrong-one")

    def test_no_right_to_push(self):
        remote = self.remote()
        self.script(fix())
        self.fails("no_push", "may not push|right to write", user="reader", GIT_ACCESS_TOKEN=READER)
        self.expect_nothing_pushed(remote)


class Rules(Story):
    def test_a_protected_branch(self):
        remote = self.remote()
        remote.hook("pre-receive", 'echo "GH006: Protected branch update failed for mechanic/." >&2; exit 1\n')
        self.script(fix())
        result = self.run_on(remote)
        self.expect(result, "remote_failed", "protected_branch")
        self.expect_nothing_pushed(remote)

    def test_a_branch_of_somebody_else_is_not_overwritten(self):
        remote, hold = self.remote(), self.model_gate()
        self.script(fix(**hold.step, before_headers=True))
        run = self.begin(remote)
        hold.wait()
        name = f"mechanic/{run.task()}-mend-the-sum"
        git(remote.path, "branch", name, "main")
        hold.let_on()
        result = self.finish(run)
        self.expect(result, "remote_failed", "moved")
        self.assertEqual(remote.branches(), {name: remote.base})

    def test_a_name_that_is_taken_is_known_before_the_model_is_asked_and_another_is_used(self):
        remote = self.remote()
        for number in range(1, 30):  # as another installation, which counts its tasks from 1 too, leaves them
            git(remote.path, "branch", f"mechanic/{number}-mend-the-sum", "main")
        self.script(fix(), fix())
        result = self.run_on(remote)
        self.expect(result, "ready")
        self.assertEqual(result["branch"], f"mechanic/{result['task']}-mend-the-sum-2")
        for name in remote.branches():
            git(remote.path, "branch", "-D", name)
        git(remote.path, "branch", "mechanic", "main")
        result = self.run_on(remote)
        self.expect(result, "ready")
        self.assertEqual(remote.branches(), {"mechanic": remote.base, f"mechanic-{result['task']}-mend-the-sum": result["commit"]})

    def test_a_repository_of_the_sha_256_format(self):
        remote = Remote(self.folder / "team.git", object_format="sha256")
        self.script(fix())
        result = self.run_on(remote)
        self.expect(result, "ready")
        self.assertEqual(len(result["commit"]), 64)
        self.expect_branch(remote, result, ["calc.py"])
        self.assertIn("a + b", self.persais_diff(result["task"]))

    def persais_diff(self, task):
        run = Persais(["diff", str(task)], self.environment(), self.folder / "cwd")
        self.running.append(run)
        self.assertEqual(run.wait(), 0, run.story())
        return run.raw.decode()

    def test_nobody_answers(self):
        with socket.socket() as taken:  # bound and not listening
            taken.bind(("127.0.0.1", 0))
            result = self.run_on(f"http://127.0.0.1:{taken.getsockname()[1]}/team.git")
        self.expect(result, "remote_failed", "network")
        self.assertIn("127.0.0.1", result["sentence"])

    def test_an_empty_repository(self):
        path = self.folder / "empty.git"
        os.makedirs(path)
        git(path, "init", "-q", "--bare", "-b", "main")
        run = self.begin(path)
        self.assertEqual(run.wait(), 1, run.story())
        self.assertEqual(run.result["verdict"], "remote_failed")
        self.assertRegex(run.result["sentence"], "empty|no commit")
