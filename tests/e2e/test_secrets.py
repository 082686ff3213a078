"""The token of the remote and the key of the model: who has them, and that nobody else ever does."""

import os
import unittest
from pathlib import Path

import processes
from git_http import TOKEN, serve
from scripted import KEY, RIGHT, fix
from story import IS_ROOT, Story

PROBE = (Path(__file__).resolve().parent / "probe.py").read_text()


def files_with(root, secret):
    found = []
    for folder, _, names in os.walk(root):
        for name in names:
            path = Path(folder) / name
            if path.is_file() and not path.is_symlink() and secret in path.read_bytes():
                found.append(str(path))
    return found


class Secrets(Story):
    embedded = True  # its files are searched, too

    def sees_all(self, dump, *secrets):
        """The probe saw processes and files, and none of the secrets."""
        seen, lines = {}, dump.decode().splitlines()
        for where, data in zip(lines[::2], lines[1::2]):
            seen[where] = bytes.fromhex(data)
        kinds = {where.split()[1] for where in seen}
        self.assertEqual(kinds, {"own", "process", "file"})
        self.assertTrue(any(b"def add" in data for data in seen.values()), "the probe reads files")
        for secret in secrets:
            self.assertEqual([where for where, data in seen.items() if secret.encode() in data], [])

    def test_a_run_over_http_shows_its_token_to_git_alone(self):
        remote = self.remote(files={"probe.py": PROBE, ".persais.toml": ""})
        address = serve(self, self.folder)
        self.adopt_helpers()
        check, push = self.gate("check"), self.gate("push")
        remote.hook("pre-receive", push.shell + "\n")
        self.script(fix())
        url = f"{address}/team.git"
        dump = f"python3 check.py && python3 probe.py > $HOME/dump && {check.shell}"
        self.data.mkdir(exist_ok=True)
        self.data.chmod(0o755)  # as an older version left it
        run = self.begin(url, check=dump, GIT_REMOTE_URL=url, GIT_ACCESS_TOKEN=TOKEN, LOG_LEVEL="trace")

        check.wait()  # of the change; the base's check is red before it comes so far
        self.assertEqual(self.data.stat().st_mode & 0o767, 0o700)  # as root the database's user passes through as its group
        self.assertRegex(Path(f"/proc/{run.pid}/limits").read_text(), r"Max core file size +0 +0 ")
        token, key = TOKEN.encode(), KEY.encode()
        homes = self.in_the_checks_home("dump")
        self.assertEqual(len(homes), 1)
        self.sees_all(homes[0].read_bytes(), TOKEN, KEY)
        for pid in processes.below(run.pid):
            told = processes.command_line(pid) + processes.environment(pid)
            self.assertFalse(token in told or key in told, processes.describe(pid))
        check.let_on()

        push.wait()  # git holds the token now
        told, below = set(), processes.below(run.pid)
        for pid in below:
            self.assertNotIn(token, processes.command_line(pid), processes.describe(pid))
            self.assertNotIn(key, processes.command_line(pid) + processes.environment(pid), processes.describe(pid))
            if token in processes.environment(pid):
                told.add(os.path.basename(processes.command_line(pid).split(b"\0")[0].decode()))
        if IS_ROOT:
            self.assertTrue(told, "nobody holds the token while git pushes: this test looks in the wrong place")
        self.assertTrue(all(name.startswith("git") for name in told), told)
        push.let_on()

        result = self.finish(run)
        self.expect(result, "ready")
        self.expect_branch(remote, result, ["calc.py"], calc__py=RIGHT)
        for secret in (token, key):
            self.assertNotIn(secret, run.raw + run.errors)
            self.assertEqual(files_with(self.data, secret), [])
        self.assertTrue(files_with(self.data, b"Mend the sum"), "the search finds what is there")
        self.assertFalse([r for r in self.model.requests() if TOKEN in str(r) or r["key_elsewhere"]])
        configs = list(self.data.glob("mirrors/*/git/config"))
        self.assertEqual(len(configs), 1)
        self.assertNotIn(token, configs[0].read_bytes())

    @unittest.skipUnless(IS_ROOT, "other users' memory needs root")
    def test_the_agents_memory_never_holds_the_key(self):
        remote, hold = self.remote(), self.model_gate()
        self.script(fix(**hold.step, chunk_chars=16, after_chunks=3))
        run = self.begin(remote, "Mend the sum, canary-instruction-5d.", check=None)
        hold.wait()
        key, marker, seen = KEY.encode(), b"canary-instruction-5d", set()
        below = processes.below(run.pid)
        self.assertTrue(any(b"run.py" in processes.command_line(pid) for pid in below))
        for pid in below:
            found = processes.memory_holds(pid, {key, marker})
            self.assertNotIn(key, found, processes.describe(pid))
            self.assertNotIn(key, processes.environment(pid), processes.describe(pid))
            seen |= found
        self.assertIn(marker, seen, "the search reads the agent's memory")
        self.assertIn(key, processes.memory_holds(run.pid, {key}), "the service itself has the key")
        for tree in self.data.glob("tasks/*"):
            self.assertEqual(files_with(tree, key), [])
        hold.let_on()
        self.finish(run)


class Hidden(Story):
    embedded = True  # its socket is below the data folder

    def test_a_path_entry_that_holds_the_service_shows_nothing_of_it(self):
        remote = self.remote()
        self.script(fix())
        env, key = self.folder / "cwd/.env", self.folder / "key"
        env.write_text("LOG_LEVEL=info\n")
        key.write_text(KEY)
        for file in (env, key):
            file.chmod(0o644)
        looks = f"test -d {self.root}/tools && test -z \"$(ls {self.data})\" && test -z \"$(cat {env} {key} 2>/dev/null)\""
        run = self.begin(remote, check=f"python3 check.py && {looks}", PATH=f"{self.root}:/usr/bin:/bin", HOME="/nonexistent",
                         OPENROUTER_API_KEY=None, OPENROUTER_API_KEY_FILE=str(key))  # a folder that holds the home is not shown
        self.expect(self.finish(run), "ready")

    def test_a_path_entry_inside_the_data_folder_is_refused(self):
        self.script()
        (self.data / "bin").mkdir(parents=True, exist_ok=True)
        self.addCleanup((self.data / "bin").rmdir)
        run = self.begin(self.remote(), PATH=f"{self.data}/bin:/usr/bin:/bin")
        self.assertEqual(run.wait(), 3, run.story())
        self.assertIn(f"{self.data}/bin, which PATH names, is inside {self.data}, which no task may see", run.story())
