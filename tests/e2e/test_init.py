"""`persais init`: a dialogue on a terminal, or flags; each answer tried; the old .env whole until the new one is."""

import os
import pty
import select
import signal
import stat
import termios
import time

import git_http
from api import BOT, Api, telegram
from persais import PROGRAM, Persais
from scripted import KEY, MODEL
from serving import SeenFromBeside
from story import Story

PATIENCE = 60


class Typed:
    """The program on a terminal of its own; `saw` is all that it and the terminal's echo wrote."""

    def __init__(self, story, arguments, environment, folder):
        self.saw, self.at = b"", 0
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            os.execve(PROGRAM, [str(PROGRAM), *arguments], environment)
        story.addCleanup(self.close)

    def read(self):
        """False at the end."""
        if not select.select([self.fd], [], [], PATIENCE)[0]:
            raise AssertionError(f"nothing came: {self.saw.decode(errors='replace')}")
        try:
            piece = os.read(self.fd, 65536)
        except OSError:
            piece = b""
        self.saw += piece
        return bool(piece)

    def until(self, words):
        """Waits for these words after the last ones waited for."""
        while (found := self.saw.find(words.encode(), self.at)) < 0:
            if not self.read():
                raise AssertionError(f"no {words!r} in: {self.saw[self.at:].decode(errors='replace')}")
        self.at = found + len(words)

    def echoes(self):
        return bool(termios.tcgetattr(self.fd)[3] & termios.ECHO)

    def answer(self, question, words, hidden=False):
        self.until(question)
        self.until("> ")
        until = time.monotonic() + PATIENCE
        while self.echoes() == hidden:  # the prompt may come a moment before or after the terminal is set
            assert time.monotonic() < until, "the terminal's echo is not as it should be"
        os.write(self.fd, words.encode() + b"\n")

    def end(self):
        while self.read():
            pass
        _, status = os.waitpid(self.pid, 0)
        self.pid = None
        return os.waitstatus_to_exitcode(status)

    def close(self):
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.fd)


class InitStory(Story):
    embedded = True

    def setUp(self):
        super().setUp()
        self.env_file = self.folder / "cwd/.env"

    def bare(self, **changes):
        """The environment without what init asks for."""
        return self.environment(**{"OPENROUTER_API_KEY": None, "AIDER_MODEL": None, "PORT": "0", **changes})

    def typed(self, *flags, **changes):
        run = Typed(self, ["init", *flags], self.bare(TERM="xterm", **changes), self.folder / "cwd")
        return run

    def flags(self, *flags, **changes):
        run = Persais(["init", *map(str, flags)], self.bare(**changes), self.folder / "cwd")
        self.running.append(run)
        self.code = run.wait()
        self.said = (run.raw + run.errors).decode()
        for secret in (KEY, BOT, git_http.TOKEN):
            self.assertNotIn(secret, self.said)
        self.nothing_left()
        return self.said

    def values(self):
        lines = self.env_file.read_text().splitlines()
        return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))

    def keep(self, text):
        path = self.folder / f"kept-{len(list(self.folder.iterdir()))}"
        path.write_text(text + "\n")
        return path


class Dialogue(InitStory):
    def test_asks_for_what_is_missing_tries_it_and_writes_it(self):
        self.script(default={"reply": "ready"})
        self.remote()
        web = git_http.serve(self, self.folder)
        bot = telegram(self)
        self.adopt_helpers()
        run = self.typed(OPENROUTER_BASE_URL=self.model.url, TELEGRAM_API_ROOT=bot.url)
        run.answer("PostgreSQL", "", hidden=True)
        run.until("embedded")
        run.answer("repository", f"{web}/team.git")
        run.answer("Access token", "a-wrong-" + "one", hidden=True)
        run.until("refuses the token")
        run.answer("answer again", "")
        run.answer("repository", f"{web}/team.git")
        run.answer("Access token", git_http.TOKEN, hidden=True)
        run.until("rehearsed")
        run.answer("Key of OpenRouter", "xxx", hidden=True)
        run.until("OPENROUTER_API_KEY: ")
        run.answer("Key of OpenRouter", KEY + "-old", hidden=True)
        run.until("refuses OPENROUTER_API_KEY")
        run.answer("answer again", "")
        run.answer("Key of OpenRouter", KEY, hidden=True)
        run.answer("Model, as", "tests/scriptd")
        run.until("no model tests/scriptd")
        run.until(MODEL)
        run.answer("answer again", "")
        run.answer("Model, as", MODEL)
        run.until(f"{MODEL} is there")
        run.answer("Token of your bot", BOT, hidden=True)
        run.answer("Telegram ids", "42, 43")
        run.until("@tests_bot")
        run.until("Next: persais doctor")
        self.assertEqual(run.end(), 0)
        for secret in (KEY, BOT, git_http.TOKEN, "a-wrong-" + "one"):
            self.assertNotIn(secret.encode(), run.saw)
        self.assertEqual(self.values(), {"GIT_REMOTE_URL": f"{web}/team.git", "GIT_ACCESS_TOKEN": git_http.TOKEN,
                                         "OPENROUTER_API_KEY": KEY, "AIDER_MODEL": MODEL, "TELEGRAM_BOT_TOKEN": BOT,
                                         "TELEGRAM_ADMIN_IDS": '"42, 43"'})
        self.assertEqual(stat.S_IMODE(self.env_file.stat().st_mode), 0o600)
        again = self.typed(OPENROUTER_BASE_URL=self.model.url, TELEGRAM_API_ROOT=bot.url)
        again.answer("PostgreSQL", "", hidden=True)  # the embedded one is what is not set
        again.until("Repository: kept")
        again.until("Nothing is to be written")
        self.assertEqual(again.end(), 0)
        self.nothing_left()

    def test_what_stands_in_the_file_stays_and_placeholders_are_asked_for(self):
        before = ("# mine\nNODE_ENV=production\nOPENROUTER_API_KEY=xxx\nAIDER_MODEL=a/b  # ???\n\n"
                  "GIT_REMOTE_URL=\nTASK_TIMEOUT='20m'\nTELEGRAM_BOT_TOKEN=xxx\n")
        self.env_file.write_text(before)
        run = self.typed("--no-test")
        run.answer("PostgreSQL", "", hidden=True)
        run.answer("repository", "")
        run.until("OPENROUTER_API_KEY: ")
        run.answer("Key of OpenRouter", KEY, hidden=True)
        run.until("Model: kept")
        run.until("TELEGRAM_BOT_TOKEN: ")
        run.answer("Token of your bot", "", hidden=True)
        run.until("Written")
        self.assertEqual(run.end(), 0)
        self.assertEqual(self.env_file.read_text(), before.replace("OPENROUTER_API_KEY=xxx", f"OPENROUTER_API_KEY={KEY}")
                         .replace("TELEGRAM_BOT", "# TELEGRAM_BOT").replace("GIT_REMOTE_URL=\n", "# GIT_REMOTE_URL=\n"))

    def test_an_answer_can_be_kept_although_it_fails_and_another_left_out(self):
        bot = Api(self, {f"/bot{BOT}/getMe": (401, {"ok": False})})
        run = self.typed(OPENROUTER_BASE_URL="http://127.0.0.1:9/v1", TELEGRAM_API_ROOT=bot.url, AIDER_MODEL=MODEL)
        run.answer("PostgreSQL", "", hidden=True)
        run.answer("repository", "")
        run.answer("Key of OpenRouter", KEY, hidden=True)
        run.until("could not be tried")
        run.answer("answer again", "k")
        run.until("Model: kept")
        run.answer("Token of your bot", BOT, hidden=True)
        run.answer("Telegram ids", "42")
        run.until("no bot")
        run.answer("answer again", "l")
        self.assertEqual(run.end(), 0)
        self.assertEqual(self.values(), {"OPENROUTER_API_KEY": KEY})

    def test_ctrl_c_leaves_the_old_file_whole_and_the_terminal_as_it_was(self):
        before = "# mine\nAIDER_MODEL=a/b\n"
        self.env_file.write_text(before)
        run = self.typed("--no-test")
        run.answer("PostgreSQL", "", hidden=True)
        run.answer("repository", "https://example.org/a/b.git")
        run.until("Access token")
        run.until("> ")
        while run.echoes():
            pass
        os.write(run.fd, b"\x03")
        run.until("nothing was written")
        self.assertTrue(run.echoes())
        self.assertEqual(run.end(), 130)
        self.assertEqual(self.env_file.read_text(), before)
        self.assertEqual([path.name for path in self.env_file.parent.iterdir()], [".env"])


class Flags(InitStory):
    def test_without_a_terminal_and_without_flags(self):
        said = self.flags()
        self.assertEqual(self.code, 2)
        self.assertEqual(len(said.strip().splitlines()), 1, said)
        for word in ("--git-remote-url", "--openrouter-api-key-file", "--yes"):
            self.assertIn(word, said)
        self.assertFalse(self.env_file.exists())

    def test_flags_files_and_the_environment_give_the_answers(self):
        self.script(default={"reply": "ready"})
        self.remote()
        web = git_http.serve(self, self.folder)
        bot = telegram(self)
        self.adopt_helpers()
        self.flags("--git-remote-url", f"{web}/team.git", "--git-access-token-file", self.keep(git_http.TOKEN), "--aider-model",
                   MODEL, "--telegram-bot-token-file", self.keep(BOT), "--telegram-admin-ids", "42",
                   OPENROUTER_API_KEY=KEY, OPENROUTER_BASE_URL=self.model.url, TELEGRAM_API_ROOT=bot.url)
        self.assertEqual(self.code, 0, self.said)
        self.assertEqual(self.values(), {"GIT_REMOTE_URL": f"{web}/team.git", "GIT_ACCESS_TOKEN": git_http.TOKEN,
                                         "OPENROUTER_API_KEY": KEY, "AIDER_MODEL": MODEL, "TELEGRAM_BOT_TOKEN": BOT,
                                         "TELEGRAM_ADMIN_IDS": "42"})
        self.assertEqual(stat.S_IMODE(self.env_file.stat().st_mode), 0o600)
        self.assertIn("Next: persais doctor", self.said)

    def test_an_answer_that_fails_writes_nothing_unless_it_is_not_tried(self):
        where = ["--yes", "--openrouter-api-key-file", self.keep(KEY)]
        nowhere = {"OPENROUTER_BASE_URL": "http://127.0.0.1:9/v1"}
        said = self.flags(*where, **nowhere)
        self.assertEqual(self.code, 1)
        self.assertIn("could not be tried", said)
        self.assertIn("--no-test", said)
        self.assertFalse(self.env_file.exists())
        self.flags(*where, "--no-test", **nowhere)
        self.assertEqual((self.code, self.values()), (0, {"OPENROUTER_API_KEY": KEY}))

    def test_a_database_that_is_not_there_is_not_written(self):
        word = "a-pass" + "word"
        said = self.flags("--yes", "--database-url-file", self.keep(f"postgresql://ada:{word}@127.0.0.1:9/x"))
        self.assertEqual(self.code, 1, said)
        self.assertIn("DATABASE_URL", said)
        self.assertNotIn(word, said)
        self.assertFalse(self.env_file.exists())

    def test_a_placeholder_that_stays_is_told(self):
        self.env_file.write_text("TELEGRAM_BOT_TOKEN=xxx\n")
        said = self.flags("--yes", "--no-test", "--aider-model", MODEL)
        self.assertEqual(self.code, 0, said)
        self.assertIn("TELEGRAM_BOT_TOKEN: is still the placeholder xxx", said)
        self.assertIn("TELEGRAM_BOT_TOKEN=xxx", self.env_file.read_text())

    def test_a_wrong_answer_is_one_line(self):
        for wrong, word in ((["--telegram-admin-ids", "ada"], "TELEGRAM_ADMIN_IDS"), (["--git-remote-url", "ftp://example.org/a"], "GIT_REMOTE_URL"),
                            (["--database-url-file", self.folder / "absent"], "DATABASE_URL"), (["--no-such-flag"], "--no-such-flag")):
            said = self.flags("--yes", *wrong)
            self.assertEqual(self.code, 2, said)
            self.assertIn(word, said)
            self.assertFalse(self.env_file.exists())

    def test_a_key_of_many_lines_is_read_back_as_it_was(self):
        dashes = "-" * 5
        key = f"{dashes}BEGIN SOME PRIVATE KEY{dashes}\nnot really one\n{dashes}END SOME PRIVATE KEY{dashes}"
        self.flags("--yes", "--no-test", "--git-remote-url", "git@example.org:a/b.git", "--git-ssh-key-file", self.keep(key))
        self.assertEqual(self.code, 0, self.said)
        self.assertEqual(self.values()["GIT_SSH_KEY"], '"' + key.replace("\n", "\\n") + '"')

    def test_a_wrong_line_elsewhere_in_the_file_is_named(self):
        self.env_file.write_text("TASK_TIMEOUT=soon\n")
        said = self.flags("--yes")
        self.assertEqual(self.code, 2)
        self.assertIn("TASK_TIMEOUT", said)


class Databases(SeenFromBeside):
    embedded = True

    def test_is_tried_and_looked_at_for_pgvector(self):
        service = self.serve()  # has one
        where = self.folder / "address"
        where.write_text(self.database.url() + "\n")
        said = self.persais("init", "--yes", "--database-url-file", where, OPENROUTER_API_KEY=None, AIDER_MODEL=None)
        self.assertEqual(said.code, 0, said.story())
        self.assertRegex(said.out, r"(?m)^ok +database +PostgreSQL .*\n(.*\n)*ok +pgvector +pgvector \d")
        self.assertIn(f"\nDATABASE_URL={where.read_text()}", (self.folder / "cwd/.env").read_text())
        self.assertEqual(service.terminate(), 0, service.story())
