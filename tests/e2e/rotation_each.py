"""Each secret but the model's key, changed while a task is under way that would be lost with one attempt.

For the nightly: what they share is in test_rotation."""

import select
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import git_http
import processes
from persais import PATIENCE, PROGRAM
from requesting import Requesting
from scripted import fix
from sshd import Sshd
from telegramming import SECRET, TelegramStory, is_verdict
from test_rotation import NEW, WRONG, Rotating

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "fakes"))
from github.apps import make_key  # noqa: E402


class GitToken(Rotating):
    def serve_git(self, token, port=0):
        words = [sys.executable, str(git_http.SERVE), str(self.folder), "--user", "git", "--token", token, "--port", str(port)]
        server = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                                  env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "TMPDIR": str(self.folder)})

        def stop():
            server.stdout.close()
            server.terminate()
            server.wait()

        self.addCleanup(stop)
        self.assertTrue(select.select([server.stdout], [], [], PATIENCE)[0])
        return server.stdout.readline().split()[1], stop

    def test_of_the_remote_while_a_task_is_coded(self):
        self.remote()
        url, stop = self.serve_git(git_http.TOKEN)
        self.adopt_helpers()
        gate = self.model_gate()
        self.script(fix(**gate.step))
        remote = {"GIT_REMOTE_URL": f"{url}/team.git", "GIT_ACCESS_TOKEN": git_http.TOKEN}
        service = self.serve(**remote)
        task = self.enqueue(remote["GIT_REMOTE_URL"], **remote)
        gate.wait()
        stop()
        self.serve_git(NEW, url.rpartition(":")[2])
        self.adopt_helpers()
        refused = self.secret("set", "GIT_ACCESS_TOKEN", "--from-stdin", typed=WRONG, code=1, **remote)
        self.assertIn("GIT_ACCESS_TOKEN stays as it was", refused.err)
        self.rotate("GIT_ACCESS_TOKEN", NEW, service, **remote)
        gate.let_on()
        service.wait_task(task, "review")
        self.lost_nothing(task)
        self.secret("unset", "GIT_ACCESS_TOKEN")


class SshKey(Rotating):
    def test_of_the_remote_while_a_task_is_coded(self):
        self.remote()
        keys = Path(tempfile.mkdtemp(prefix="ssh."))
        self.addCleanup(shutil.rmtree, keys, True)
        sshd = Sshd(self, self.folder, keys / "ssh")
        self.adopt_helpers()
        gate = self.model_gate()
        self.script(fix(**gate.step))
        remote = {"GIT_REMOTE_URL": f"ssh://{sshd.authority}{self.folder}/team.git", "GIT_SSH_KEY": sshd.key(),
                  "GIT_SSH_KNOWN_HOSTS": sshd.known_hosts}
        service = self.serve(**remote)
        task = self.enqueue(remote["GIT_REMOTE_URL"], **remote)
        gate.wait()
        allowed, public = keys / "ssh/authorized_keys", [(keys / f"ssh/{who}.pub").read_text().strip() for who in ("writer", "stranger")]
        allowed.write_text(allowed.read_text().replace(*public))
        self.rotate("GIT_SSH_KEY", sshd.key("stranger"), service, **remote)
        gate.let_on()
        service.wait_task(task, "review")
        self.lost_nothing(task)
        self.secret("unset", "GIT_SSH_KEY")


class BackupKey(Rotating):
    embedded = True
    settings = {"TASK_ATTEMPTS": "1", "BACKUP_INTERVAL": "1s"}

    def test_is_that_of_the_next_backup_and_the_ones_before_keep_theirs(self):
        remote, gate = self.remote(), self.model_gate()
        self.script(fix(**gate.step))
        place = {"BACKUP_URL": str(self.folder / "backups")}
        key = self.another_key(remote)
        service = self.serve(**place)
        task = self.enqueue(remote)
        gate.wait()
        first = service.wait_for_line(r"^backup persais-.*\.age")["message"].split()[1].rstrip(":")
        self.rotate("BACKUP_KEY", key, service, **place)
        lines = len(service.lines)
        gate.let_on()
        service.wait_task(task, "review")
        service.wait_for_line(r"^backup persais-.*\.age", start=lines)  # which may have begun before that
        lines = len(service.lines)
        self.secret("set", "GIT_ACCESS_TOKEN", "--untried", typed=NEW)
        last = service.wait_for_line(r"^backup persais-.*\.age", start=lines)["message"].split()[1].rstrip(":")
        self.assertEqual(service.terminate(), 0)
        self.lost_nothing(task)
        old = (self.data / "backup.key").read_text().strip()
        for name, right, wrong in ((first, old, key), (last, key, old)):
            for given, code in ((wrong, 1), (right, 0)):
                home = {"PERSAIS_DATA": str(self.folder / f"restored.{name}.{code}"), "BACKUP_KEY": given, **place}
                said = subprocess.run([str(PROGRAM), "restore", name], env=self.environment(**home), cwd=self.folder / "cwd", text=True,
                                      capture_output=True, timeout=PATIENCE)
                self.assertEqual(said.returncode, code, said.stdout + said.stderr)
                processes.end_database(home["PERSAIS_DATA"])


    def another_key(self, remote):
        """As the first backup of another home makes it, which shows it that once."""
        home = self.environment(PERSAIS_DATA=str(self.folder / "elsewhere"), BACKUP_URL=str(self.folder / "elsewhere.backups"))
        for words in (["run", "--detach", "--repo", str(remote.path), "Mend it."], ["backup", "--untried"]):
            subprocess.run([str(PROGRAM), *words], env=home, cwd=self.folder / "cwd", capture_output=True, check=True, timeout=PATIENCE)
        processes.end_database(self.folder / "elsewhere")
        return (self.folder / "elsewhere/backup.key").read_text().strip()


class DatabaseRole(Rotating):
    def test_a_second_role_takes_over_and_the_first_one_is_locked_out(self):
        name, file = self.database.name, self.folder / "address"
        self.sql(f"create role owner_{name}; alter database {name} owner to owner_{name}")
        for role in ("one", "two"):
            self.sql(f"create role {role}_{name} login in role owner_{name}; alter role {role}_{name} set role owner_{name}")
        file.write_text(self.database.url(user=f"one_{name}"))
        remote, gate = self.remote(), self.model_gate()
        self.script(fix(**gate.step))
        address = {"DATABASE_URL": None, "DATABASE_URL_FILE": str(file)}
        service = self.serve(**address)
        task = self.enqueue(remote, **address)
        gate.wait()
        refused = self.secret("set", "DATABASE_URL", typed=self.database.url(user=f"two_{name}"), code=2, **address)
        self.assertIn("put the new one into the file that DATABASE_URL_FILE names", refused.err)
        fresh = file.with_suffix(".new")
        fresh.write_text(self.database.url(user=f"two_{name}"))
        fresh.rename(file)
        service.wait_for_line("^The settings were read again: DATABASE_URL changed")
        self.sql(f"alter role one_{name} nologin; select pg_terminate_backend(pid) from pg_stat_activity where usename = 'one_{name}'")
        gate.let_on()
        service.wait_task(task, "review")
        self.lost_nothing(task)


class AppKey(Rotating, Requesting):
    settings = {"DEPLOY_STRATEGY": "request", "TASK_ATTEMPTS": "1"}

    def test_of_a_github_app_while_a_task_is_coded(self):
        keys = [tempfile.TemporaryDirectory() for _ in range(2)]
        for one in keys:
            self.addCleanup(one.cleanup)
        (old, public), (new, new_public) = (make_key(one.name) for one in keys)
        del self.github.tokens[git_http.TOKEN]
        app = self.github.app("77", public, ["acme/team"], secret=git_http.TOKEN)
        del self.settings["GIT_ACCESS_TOKEN"]
        self.settings |= {"GITHUB_APP_ID": "77", "GITHUB_APP_KEY": old.replace("\n", "\\n")}
        gate = self.model_gate()
        self.script(fix(**gate.step))
        service = self.serve()
        task = self.enqueue(self.url)
        gate.wait()
        given = len(app["given"])
        app["public"] = new_public
        self.rotate("GITHUB_APP_KEY", new.replace("\n", "\\n"), service)
        gate.let_on()
        service.wait_task(task, "review")
        self.lost_nothing(task)
        self.assertGreater(len(app["given"]), given, "a token was got with the new key")
        self.secret("unset", "GITHUB_APP_KEY")


class Telegram(TelegramStory):
    secret, rotate = Rotating.secret, Rotating.rotate

    def statuses(self, *secrets):
        self.calls = getattr(self, "calls", 0) + 10
        return [self.call(self.tell(self.calls + n, self.eve, "x"), secret=s) for n, s in enumerate(secrets)]

    def test_both_secrets_of_the_webhook_are_taken_for_a_while(self):
        service = self.begin(self.remote())
        hold = self.telegram.faults.add(method="setWebhook", hold=True)
        self.rotate("TELEGRAM_WEBHOOK_SECRET", NEW, service, **self.bot_settings())
        hold.wait(self.telegram, seconds=PATIENCE)
        self.assertEqual(self.statuses(SECRET, NEW, "x" * 9, None), [200, 200, 401, 401])
        lines = len(service.lines)
        hold.open()
        service.wait_for_line("^Telegram sends messages to", start=lines)
        self.assertEqual(self.statuses(SECRET, NEW, "x" * 9), [200, 200, 401], "what is under way shows the old one")

    def test_a_new_token_of_the_bot_is_tried_and_all_that_waited_is_told(self):
        remote, hold = self.remote(), self.model_gate()
        self.script(fix(**hold.step))
        service = self.begin(remote, TASK_ATTEMPTS="1")
        self.bob.says("Mend the sum.")
        hold.wait()
        old = self.telegram.token
        self.telegram.token = old + "-renewed"
        settings = self.bot_settings(TELEGRAM_BOT_TOKEN=old)
        refused = self.secret("set", "TELEGRAM_BOT_TOKEN", "--from-stdin", typed=old + "-wrong", code=1, **settings)
        self.assertIn("Telegram knows no bot with this token", refused.err)
        hold.let_on()
        service.wait_for_line(r"^review\b")
        lines = len(service.lines)
        self.rotate("TELEGRAM_BOT_TOKEN", self.telegram.token, service, **settings)
        service.wait_for_line("^Telegram sends messages to", start=lines)
        self.bob.chat.wait(is_verdict, PATIENCE)
        self.wait_sql("select count(*) from outbox where sent_at is null", "0")
