"""A remote that is reached by ssh: the work goes there and back, and the private key is nowhere but in memory."""

import os
import shutil
import tempfile
import unittest
from pathlib import Path

import processes
import test_secrets
from scripted import RIGHT, fix
from sshd import Sshd
from serving import SeenFromBeside
from story import IS_ROOT
from test_secrets import PROBE, files_with

CHECK = "python3 check.py"


class Ssh(SeenFromBeside):
    embedded = True  # its files are searched, too
    sees_all = test_secrets.Secrets.sees_all

    def setUp(self):
        super().setUp()
        keys = Path(tempfile.mkdtemp(prefix="ssh.", dir=os.environ.get("E2E_FOLDER")))  # beside what is searched
        self.addCleanup(shutil.rmtree, keys, True)
        self.sshd = Sshd(self, self.folder, keys / "ssh")
        self.adopt_helpers()
        self.url = f"ssh://{self.sshd.authority}{self.folder}/team.git"
        self.key = self.sshd.key()
        self.canary = self.key.splitlines()[2].encode()

    def by_ssh(self, **changes):
        return {"GIT_REMOTE_URL": self.url, "GIT_SSH_KEY": self.key, "GIT_SSH_KNOWN_HOSTS": self.sshd.known_hosts, **changes}

    def nobody_shows_it(self, run):
        for pid in processes.below(run.pid):
            told = processes.command_line(pid) + processes.environment(pid)
            self.assertNotIn(self.canary, told, processes.describe(pid))

    def test_a_run_pushes_its_branch_and_shows_its_key_to_nobody(self):
        remote = self.remote(files={"probe.py": PROBE, ".persais.toml": ""})
        check, push = self.gate("check"), self.gate("push")
        remote.hook("pre-receive", push.shell + "\n")
        self.script(fix())
        dump = f"{CHECK} && python3 probe.py > $HOME/dump && {check.shell}"
        run = self.begin(self.url, check=dump, **self.by_ssh(LOG_LEVEL="trace"))

        check.wait()  # of the change; the base's check is red before it comes so far
        homes = self.in_the_checks_home("dump")
        self.assertEqual(len(homes), 1)
        self.sees_all(homes[0].read_bytes(), self.canary.decode())
        self.nobody_shows_it(run)
        check.let_on()

        push.wait()  # ssh has used the key by now
        self.nobody_shows_it(run)
        lines = [processes.command_line(pid) for pid in processes.below(run.pid)]
        self.assertTrue([line for line in lines if b"/ssh\0-F\0/dev/null\0" in line], "ssh runs while git pushes")
        self.assertEqual(files_with(self.data, self.canary), [])
        if IS_ROOT:
            self.assertIn(self.canary, processes.environment(run.pid), "this test looks for what is there")
        push.let_on()

        result = self.finish(run)
        self.expect(result, "ready")
        self.expect_branch(remote, result, ["calc.py"], calc__py=RIGHT)
        self.assertNotIn(self.canary, run.raw + run.errors)
        for place in (self.data, self.folder, self.root / "home"):
            self.assertEqual(files_with(place, self.canary), [])
        self.assertTrue(files_with(self.data, b"Mend the sum"), "the search finds what is there")
        self.assertTrue(files_with(self.sshd.folder, self.canary), "the search finds a key")
        self.assertNotIn(self.canary.decode(), str(self.model.requests()))

    def test_kill_9_in_the_middle_of_a_push_leaves_no_key_and_the_task_goes_on(self):
        remote, gate = self.remote(), self.gate()
        remote.hook("pre-receive", f"[ -e {gate.announce.parent}/free ] || {{ {gate.shell}; exit 1; }}\n")
        self.script(fix())
        run = self.begin(self.url, **self.by_ssh())
        gate.wait()
        run.kill()
        self.assertEqual(run.left, [], "a second after the kill")
        for place in (self.data, self.folder, "/dev/shm"):
            self.assertEqual(files_with(place, self.canary), [])
        (gate.announce.parent / "free").touch()
        gate.let_on()
        task = run.task()
        self.dead_leases_end()
        result = self.finish(self.start("--json", "--resume", task, **self.by_ssh()))
        self.expect(result, "ready")
        self.expect_branch(remote, result, ["calc.py"], calc__py=RIGHT)

    def test_the_key_may_stand_in_a_file_or_in_one_line(self):
        remote = self.remote()
        self.script(fix())
        result = self.run_on(self.url, **self.by_ssh(GIT_SSH_KEY=None, GIT_SSH_KEY_FILE=str(self.sshd.folder / "writer"),
                                                     GIT_SSH_KNOWN_HOSTS=str(self.sshd.folder / "known_hosts")))
        self.expect(result, "ready")
        self.assertEqual(list(remote.branches()), [result["branch"]])
        self.script(fix())
        (self.folder / "cwd/.env").write_text(f"GIT_SSH_KEY={self.key.strip()!r}\n")  # with a literal \n for each line end
        result = self.run_on(self.url, **self.by_ssh(GIT_SSH_KEY=None))
        self.expect(result, "ready")

    def test_what_is_wrong_is_said_in_a_sentence(self):
        self.remote()
        self.script(fix())
        for reason, word, changes in (
                ("network", "ssh-keyscan -p ", {"GIT_SSH_KNOWN_HOSTS": None}),
                ("no_read", "does not accept the key SHA256:", {"GIT_SSH_KEY": self.sshd.key("stranger")}),
                ("no_push", "right to write", {"GIT_SSH_KEY": self.sshd.key("reader")})):
            with self.subTest(reason):
                result = self.run_on(self.url, **self.by_ssh(**changes))
                self.expect(result, "remote_failed", reason)
                self.assertIn(word, result["sentence"])
        result = self.run_on(self.url.replace("team", "absent"), **self.by_ssh())
        self.expect(result, "remote_failed", "not_found")

    def test_without_a_usable_key_nothing_begins(self):
        self.remote()
        public = (self.sshd.folder / "writer.pub").read_text()
        other = f"ssh://{self.sshd.authority.split(':')[0]}:1/x.git"
        for word, changes in (("GIT_SSH_KEY", {"GIT_SSH_KEY": None}), ("public key", {"GIT_SSH_KEY": public}),
                              ("GIT_SSH_KNOWN_HOSTS", {"GIT_SSH_KNOWN_HOSTS": "/absent"}),
                              ("host of GIT_REMOTE_URL only", {"GIT_REMOTE_URL": other})):
            with self.subTest(word):
                run = self.begin(self.url, **self.by_ssh(**changes))
                self.assertEqual(run.wait(), 2, run.story())
                self.assertIn(word, run.errors.decode())
                self.assertNotIn(self.canary, run.errors)
        self.assertNotIn("Accepted", self.sshd.log)


if __name__ == "__main__":
    unittest.main()
