"""The first hour of three people, as docs/first-hour.md tells it: what they type and what they are answered, with what beginners get wrong."""

import re
import subprocess

import database
import leaks
from persais import PATIENCE, PROGRAM
from recorded import Recorded
from remote import CHECK, git
from scripted import KEY, MODEL, RIGHT, edit, fix, repair, spoil
from serving import ServedStory
from telegramming import TelegramStory, free_port
from telegram import transcript

RULES = {".persais.toml": f'check = "{CHECK}"\n'}
SECOND = "    return a + b  # two numbers\n"


def with_words(words, step):
    """What the model says before its edit."""
    return {**step, "reply": f"{words}\n\n{step['reply']}"}


def comment(match, words):
    return with_words(words, edit("    return a + b\n", SECOND, match=match, name="comment"))


class Shell:
    """Lines that a person types, each run by a shell, as a transcript; what a program left with stands below when it is not 0.
    `shown`: the paths of this test as a reader's machine would have them."""

    def __init__(self, story, folder, environment, shown):
        self.story, self.folder, self.environment, self.shown = story, folder, environment, shown
        self.environment["PATH"] = f"{PROGRAM.parent}:{environment['PATH']}"

    def type(self, line, code=0, lines=None):
        """`lines`: so many are shown, then an ellipsis."""
        done = subprocess.run(["sh", "-c", line], env=self.environment, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=PATIENCE)
        leaks.started(self.environment, self.folder, line, done.stdout)
        # What a remote says of its own progress, git shows only when it takes more than a moment.
        printed = [line for line in done.stdout.decode().strip("\n").splitlines() if not line.startswith("  remote: ")]
        if lines and len(printed) > lines:
            printed[lines:] = ["…"]
        said = "\n".join([f"$ {line}", *printed, *([f"[exit code {done.returncode}]"] if done.returncode else []), ""])
        self.story.assertEqual(done.returncode, code, said)
        return self.as_read(said)

    def types(self, *lines):
        """Each a line, or the words of type()."""
        return "\n".join(self.type(*((line,) if isinstance(line, str) else line)) for line in lines)

    def as_read(self, text):
        for path, instead in self.shown.items():
            text = text.replace(str(path), instead)
        return text


class Developer(ServedStory):
    """At a terminal, in a checkout, with nothing set up and no database of their own."""

    embedded = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.home = cls.root / "home"
        cls.data = cls.home / ".local/share/persais"  # where it is when nobody says
        cls.database = database.embedded(cls.data)

    def test_from_no_words_to_a_result_that_is_put_away(self):
        remote, hour = self.remote(files=RULES), Recorded("developer")
        self.script(with_words("A sum multiplies.", spoil()), with_words("A sum adds: the check says so.", repair()),
                    comment("in a comment", "The comment says it."))
        subprocess.run(["git", "clone", "-q", str(remote.path), str(self.home / "team")], check=True)
        (self.home / "key").write_text(KEY + "\n")
        environment = self.environment(PERSAIS_DATA=None, OPENROUTER_API_KEY=None, AIDER_MODEL=None, OPENROUTER_BASE_URL=self.model.url)
        shell = Shell(self, self.home / "team", environment, {remote.path: "/srv/git/team.git", self.home: "/home/ada"})
        hour.add("the first words", shell.types(("persais", 2, 9), ("persais rnu", 2), "persais version", "persais help retry"))
        hour.add("no key", shell.types(('persais run "Mend the sum."', 1), "persais tasks", ("persais show 99", 2), ("persais show abc", 2)))
        hour.add("settings", shell.types(
            ("persais init --yes --no-test --openrouter-api-key-file ~/kee", 2),
            f"persais init --yes --no-test --openrouter-api-key-file ~/key --aider-model {MODEL}",
            "persais config check | grep -E 'OPENROUTER_API_KEY|AIDER_MODEL'",
            "persais doctor --offline | grep -E '^(ok|warn|fail) +(settings|key|database|schema)'"))
        hour.add("red to green", shell.types('persais run "Mend the sum."'))
        hour.add("looking", shell.types("persais show 2", "persais diff 2 --stat", ("persais diff 3", 2)))
        hour.add("a reply", shell.types('persais reply 2 "Say in a comment what it adds."', "persais diff 2 --turn"))
        hour.add("an end", shell.types(("persais abort 2", 2), "persais abort 2 --yes", "persais tasks"))
        branch, commit = next(iter(remote.branches().items()))
        self.assertEqual(remote.file(commit, "calc.py"), RIGHT.replace("    return a + b\n", SECOND))
        self.assertEqual(git(remote.path, "log", "--reverse", "--format=%s", f"main..{branch}").splitlines(),
                         ["Mend the sum.", "Say in a comment what it adds."])
        hour.hold(self)


class Member(TelegramStory):
    """Of a team, in the chat; who reads Russian, and is nobody whom the settings name."""

    def told(self):
        """Until what was said is read and nothing is to be sent any more."""
        self.wait_sql("select count(*) from inbox where effect is null", "0")
        self.wait_sql("select count(*) from outbox where sent_at is null", "0")

    def says(self, text):
        before = len(self.olga.chat.from_bot)
        self.olga.says(text)
        self.telegram.wait(lambda: len(self.olga.chat.from_bot) > before, PATIENCE, lambda: f"an answer to {text}")
        self.told()

    def result(self, turns):
        """The message with the result, when so many are told."""
        def told():
            return [m for m in self.olga.chat.from_bot if m.text == "✅ Задача 1: готова."]
        self.telegram.wait(lambda: len(told()) == turns, PATIENCE, lambda: f"{turns} results: {self.olga.chat.from_bot}")
        self.told()
        return [m for m in self.olga.chat.from_bot if m.button("Дифф")][-1]

    def press(self, message, button):
        self.olga.presses(message, button).wait(PATIENCE)
        self.told()

    def seen(self):
        """What is new in her chat."""
        self.since, since = self.telegram.world.now(), self.since
        return transcript.of(self.olga.chat, since=since)

    def test_from_a_closed_door_to_a_result_that_is_put_away(self):
        remote, hour = self.remote(files=RULES), Recorded("member")
        self.script(with_words("Сумма складывает.", fix()), comment("комментарии", "Комментарий добавлен."))
        self.begin(remote, CHECK_COMMAND=CHECK)
        self.since, self.olga = 0, self.telegram.person("Ольга", "ru")
        self.ann.says("/lang en")
        self.ann.chat.wait("I speak English now.")
        self.olga.says("/start")
        self.ann.presses(self.ann.chat.wait("asks to be let in."), "Allow").wait(PATIENCE)
        self.olga.chat.wait("Вам открыли доступ.")
        self.told()
        for beginners in ("/start", "/stauts", "Спасибо!", "/diff", "/retry 99"):
            self.says(beginners)
        hour.add("the door", self.seen())
        self.says("Почини сумму: она вычитает.")
        result = self.result(1)
        self.press(result, "Дифф")
        hour.add("a task", self.seen())
        self.olga.replies(result, "Скажи в комментарии, что она складывает.")
        result = self.result(2)
        hour.add("a reply", self.seen())
        self.says("/tasks")
        self.press(result, "Отклонить")
        self.press(self.olga.chat.wait(lambda m: m.button("Да, отклонить"), PATIENCE), "Да, отклонить")
        self.olga.chat.wait(lambda m: m.button("Вернуть"), PATIENCE)
        self.says("/diff 1")
        self.says("/status")
        hour.add("an end", self.seen())
        self.assertIn("Задача 1: отклонена.", result.text)
        branch, commit = next(iter(remote.branches().items()))
        self.assertEqual(git(remote.path, "rev-list", "--count", f"main..{branch}"), "2\n")
        self.assertEqual(remote.file(commit, "calc.py"), RIGHT.replace("    return a + b\n", SECOND))
        self.assertEqual(self.telegram.complaints, [])
        hour.hold(self)


class Operator(ServedStory):
    """Of a container: what its command and `exec` run in it, with settings and secrets as compose gives them. The image itself, and
    compose, are tried by tests/image, which needs an engine."""

    def secret(self, name, value):
        """A file as those in /run/secrets; gives its path."""
        path = self.secrets / name
        path.write_text(value + "\n")
        path.chmod(0o600)
        return str(path)

    def said(self, service, pattern, start=0):
        """Lines of the log as they stand there."""
        lines = service.raw.decode().splitlines()[start:]
        return "".join(f"{self.shell.as_read(line)}\n" for line in lines if re.search(pattern, line))

    def got(self, service, path, pattern="", port=None):
        status, body = service.get(path, port)
        lines = [line for line in body.decode().splitlines() if re.search(pattern, line)]
        return "\n".join([f"GET {path}", str(status), *lines, ""])

    def test_from_a_wrong_setting_to_a_restart_that_loses_nothing(self):
        remote, hour, hold = self.remote(files=RULES), Recorded("operator"), self.model_gate()
        self.script(with_words("A sum adds.", fix(name="again", match="Mend it again.", **hold.step)), with_words("A sum adds.", fix()))
        self.secrets = self.folder / "secrets"
        self.secrets.mkdir()
        port, metrics = free_port(), free_port()
        settings = {"PORT": str(port), "HOST": "127.0.0.1", "METRICS_ADDRESS": f"127.0.0.1:{metrics}", "GIT_REMOTE_URL": str(remote.path),
                    "OPENROUTER_API_KEY": None, "OPENROUTER_API_KEY_FILE": self.secret("openrouter-key", KEY),
                    "DATABASE_URL": None, "DATABASE_URL_FILE": self.secret("database-url", self.database.url())}
        self.shell = Shell(self, self.folder / "cwd", self.environment(**settings),
                           {remote.path: "/srv/git/team.git", self.secrets: "/run/secrets", self.data: "/data", f":{port}": ":3000",
                            f":{metrics}": ":9090", f" {port} ": " 3000 "})
        hour.add("wrong settings", self.shell.types(
            ("PORT=seventy persais serve", 2), (f"OPENROUTER_API_KEY_FILE={self.secrets}/kee persais serve", 2),
            ("DATABASE_URL_FILE= DATABASE_URL='postgresql://persais@127.0.0.1:9/persais?pgbouncer=true' persais tasks", 2)))
        service = self.serve(**settings)
        started = self.said(service, '"message":"(HTTP on|metrics on|ready)')
        hour.add("a start", f"$ persais serve\n{started}\n" + self.got(service, "/health"))
        hour.add("doctor", self.shell.types(
            "persais doctor --json --offline | grep -E '\"name\":\"(settings|port|database|schema)\"'"))
        first = self.shell.type('persais run --detach "Mend the sum."')
        service.wait_task("1", "review")
        hour.add("a task", "\n".join([first, self.shell.types("persais tasks", "persais show 1")]))
        second = self.shell.type('persais run --detach "Mend it again."')
        hold.wait()
        lines = len(service.lines)
        self.assertEqual(service.terminate(), 0, service.story())
        hour.add("a stop", f"{second}\n$ kill -TERM 1\n" + self.said(service, "", lines))
        hold.let_on()
        service = self.serve(**settings)
        service.wait_task("2", "review")
        hour.add("a start again", self.shell.types("persais tasks", "persais log 2 | grep '^[0-9T]'", "persais show 2 | grep '^  model'") + "\n" +
                 self.got(service, "/metrics", r"^persais_(tasks_ended|model_calls)_total", metrics))
        self.assertEqual(len(remote.branches()), 2)
        self.assertEqual(self.persais("show", "2", "--json").lines[-1]["attempts"]["used"], 0, "nobody's fault")
        hour.hold(self)
