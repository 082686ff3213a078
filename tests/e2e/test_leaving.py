"""What is taken back at the end, what is left by a wrong answer, and what is told of a fault."""

import json
import subprocess
import tarfile

from scripted import fix
from serving import SeenFromBeside
from telegramming import TelegramStory

WORDS = "Mend the sum that Zarathustra wrote about"
CANARY = "a-canary-for-" + "the-tests-only-77c0"


class Leaving(SeenFromBeside):
    def pushed(self, remote, words="Mend the sum."):
        self.script(fix())
        return self.finish(self.begin(remote, words))

    def count(self):
        there = self.sql("select to_regclass('tasks') is not null") == "t"
        return int(self.sql("select count(*) from tasks")) if there else 0

    def test_a_wrong_answer_loses_nothing_and_the_right_words_take_everything_of_ours(self):
        remote = self.remote()
        had = self.count()
        first, second = self.pushed(remote), self.pushed(remote)
        before = remote.branches()
        left = self.persais("uninstall")
        self.assertEqual(left.code, 0, left.story())
        self.assertIn("They stay; --yes deletes them.", left.out)
        self.assertIn("The data stays; --data deletes it.", left.out)
        self.assertNotIn("backup.key", left.out)
        self.assertIn(f"{first['branch']}  {first['commit'][:10]}", left.out)
        self.assertIn("(a result that nobody decided about)", left.out)
        self.assertIn("OPENROUTER_API_KEY: the keys at ", left.out)
        self.assertEqual((remote.branches(), self.count()), (before, had + 2))
        subprocess.run(["git", "-C", str(remote.path), "update-ref", f"refs/heads/{second['branch']}", remote.base], check=True)
        (self.data / "notes-of-somebody").write_text("mine")
        (self.data / "backup.key").write_text("a key\n")
        service = self.serve()
        refused = self.persais("uninstall", "--yes", "--data")
        self.assertEqual(refused.code, 2, refused.story())
        self.assertIn("A service runs on this data folder: stop it first.", refused.err)
        service.terminate()
        self.compare_books()
        gone = self.persais("uninstall", "--yes", "--data")
        self.assertEqual(gone.code, 0, gone.story())
        self.assertIn(f"{self.data / 'backup.key'} goes with it: backups open with nothing else", gone.out)
        self.assertIn(f"{second['branch']} at {remote.path} has other commits by now, and stays.", gone.out)
        self.assertEqual(remote.branches(), {second["branch"]: remote.base})
        self.assertEqual(self.sql("select to_regclass('tasks') is null"), "t")
        self.assertEqual([path.name for path in self.data.iterdir()], ["notes-of-somebody"])
        self.assertEqual(self.persais("uninstall", "--yes", "--data").code, 0, "once more")

    def test_a_bundle_has_no_secret_and_nothing_that_people_wrote(self):
        remote = self.remote()
        self.watch.knows({CANARY.encode(): "the environment of a repository"})
        secret = self.folder / "secret"
        secret.write_text(CANARY)
        self.persais("repo", "add", remote.path, "--name", "team/app")
        self.persais("repo", "env", "team/app", "set", "PASSWORD", "--file", secret)
        result = self.pushed(remote, WORDS)
        secret.unlink()
        log = self.folder / "service.log"
        log.write_text(json.dumps({"message": f"task 1: asked to {WORDS}, with {self.environment()['OPENROUTER_API_KEY']} and {CANARY}"}) + "\n")
        for more, told in (([], False), (["--words"], True)):
            file = self.folder / f"bundle{len(more)}.tar"
            made = self.persais("support-bundle", file, "--offline", "--log", log, *more)
            self.assertEqual(made.code, 0, made.story())
            self.assertEqual(file.stat().st_mode & 0o777, 0o600)
            with tarfile.open(file) as tar:
                pages = {one.name: tar.extractfile(one).read().decode() for one in tar.getmembers()}
            self.assertGreater(set(pages), {"version.txt", "doctor.jsonl", "settings.jsonl", "tasks.jsonl", "events.jsonl", "tables.jsonl",
                                            "audit.jsonl", "log.txt"})
            whole = file.read_bytes().decode(errors="replace")
            for hidden in (CANARY, self.environment()["OPENROUTER_API_KEY"], "a-password-of-" + "the-tests-only"):
                self.assertNotIn(hidden, whole)
            self.assertEqual("Zarathustra" in whole, told)
            self.assertEqual(str(remote.path) in pages["tasks.jsonl"], told)
            tasks = [json.loads(line) for line in pages["tasks.jsonl"].splitlines()]
            self.assertIn((result["task"], "review"), [(str(line.get("task", line.get("id"))), line["state"]) for line in tasks])
            self.assertEqual([json.loads(line)["name"] for line in pages["settings.jsonl"].splitlines()][0], "APP_ENV")
        again = self.persais("support-bundle", self.folder / "bundle0.tar", "--offline")
        self.assertEqual(again.code, 2, "nothing is written over")


class Webhook(TelegramStory):
    def test_is_taken_away_where_it_is_ours(self):
        service = self.begin(self.remote())
        service.terminate()
        other = self.persais("uninstall", **self.bot_settings(TELEGRAM_WEBHOOK_URL="https://another.example/telegram/webhook"))
        self.assertIn("The bot's webhook leads elsewhere and stays: https://bot.example/telegram/webhook", other.out)
        gone = self.persais("uninstall", **self.bot_settings())
        self.assertIn("The bot's webhook is taken away: https://bot.example/telegram/webhook", gone.out)
        self.assertIn("TELEGRAM_BOT_TOKEN: /revoke, or /deletebot, at @BotFather", gone.out)
        last = self.persais("uninstall", **self.bot_settings())
        self.assertNotIn("webhook", last.out)


if __name__ == "__main__":
    import unittest
    unittest.main()
