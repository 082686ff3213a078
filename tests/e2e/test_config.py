"""`persais config check`, and the list of settings that a person was given, however it reaches the program."""

import json
import os
import unittest

from json_schema import command_faults
from persais import Persais
from serving import ServedStory, Serving
from story import Story

# The list as people have it, with its comments, its sections and its question marks.
LIST = """# Application
NODE_ENV=production
PORT=3000

# Database
DATABASE_URL=postgresql://user:pass@host:5432/persais

# Telegram
TELEGRAM_BOT_TOKEN=xxx
TELEGRAM_WEBHOOK_URL=https://app.fly.dev/telegram/webhook
TELEGRAM_ADMIN_IDS=123456,789012

# AI / OpenRouter
OPENROUTER_API_KEY=xxx
AIDER_MODEL=anthropic/claude-3-opus  # ???

# Git
GIT_REMOTE_URL=https://github.com/user/repo.git
GIT_ACCESS_TOKEN=xxx

# Security
ALLOWED_USER_IDS=123456,789012
"""
SECRETS = {"TELEGRAM_BOT_TOKEN": "canary-bot", "OPENROUTER_API_KEY": "canary-key", "GIT_ACCESS_TOKEN": "canary-git"}
OWN = {"@host:": "@base:", "app.fly.dev": "acme.fly.dev", "123456,789012": "1234567,7890123", "github.com/user/repo": "github.com/acme/shop"}
EXAMPLES = {"DATABASE_URL": "host", "TELEGRAM_BOT_TOKEN": "xxx", "TELEGRAM_WEBHOOK_URL": "app.fly.dev", "TELEGRAM_ADMIN_IDS": "123456,789012",
            "ALLOWED_USER_IDS": "123456,789012", "OPENROUTER_API_KEY": "xxx", "GIT_REMOTE_URL": "github.com/user/repo", "GIT_ACCESS_TOKEN": "xxx"}
MEANT = {"APP_ENV": "production", "PORT": "3000", "DATABASE_URL": "set (40 characters)", "TELEGRAM_BOT_TOKEN": "set (10 characters)",
         "TELEGRAM_WEBHOOK_URL": "https://acme.fly.dev/telegram/webhook", "TELEGRAM_ADMIN_IDS": "1234567,7890123",
         "OPENROUTER_API_KEY": "set (10 characters)", "AIDER_MODEL": "anthropic/claude-3-opus",
         "GIT_REMOTE_URL": "https://github.com/acme/shop.git", "GIT_ACCESS_TOKEN": "set (10 characters)",
         "ALLOWED_USER_IDS": "1234567,7890123"}


def filled(text):
    for name, value in SECRETS.items():
        text = text.replace(f"{name}=xxx", f"{name}={value}")
    for example, own in OWN.items():
        text = text.replace(example, own)
    return text


def example_told(name):
    return f"{name}: {EXAMPLES[name]} is what our example says, so it counts as not given: put your own, or leave it out"


def as_container_runtimes_pass(text):
    """`docker run --env-file`: everything behind = is the value, a comment too."""
    return dict(line.split("=", 1) for line in text.splitlines() if line and not line.startswith("#"))


class Config(Story):
    embedded = True

    def check(self, *flags, code=0, **variables):
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.root / "home"), **variables}
        run = Persais(["config", "check", *flags], environment, self.folder / "cwd")
        self.running.append(run)
        self.assertEqual(run.wait(), code, run.story())
        for canary in ("canary", "pass@"):
            self.assertNotIn(canary, run.story())
        if "--json" in flags:
            self.assertEqual(command_faults(["config"], run.lines), [])
        return run

    def settings(self, **variables):
        return {line["name"]: line for line in self.check("--json", **variables).lines if line["event"] == "setting"}

    def env_file(self, text, mode=0o600):
        path = self.folder / "cwd/.env"
        path.write_text(text)
        path.chmod(mode)
        return path

    def test_the_list_as_env_file_and_as_a_container_passes_it(self):
        listed = filled(LIST)
        self.env_file(listed)
        from_file = self.settings()
        self.env_file("")
        passed = as_container_runtimes_pass(listed)
        self.assertEqual(passed["AIDER_MODEL"], "anthropic/claude-3-opus  # ???")
        from_environment = self.settings(**passed)
        for name, value in MEANT.items():
            self.assertEqual(from_file[name]["value"], value)
            self.assertEqual(from_environment[name]["value"], value)
            self.assertEqual((from_file[name]["source"], from_environment[name]["source"]), ("env_file", "environment"))
        self.assertEqual(from_file["AIDER_MODEL"]["line"], listed.splitlines().index("AIDER_MODEL=anthropic/claude-3-opus  # ???") + 1)
        self.assertEqual(from_file["APP_ENV"]["variable"], "NODE_ENV")

    def test_an_example_that_was_left_in_counts_as_not_given_and_is_one_line(self):
        for text, environment in ((LIST, {}), ("", as_container_runtimes_pass(LIST))):
            self.env_file(text)
            lines = self.check("--json", **environment).lines
            self.assertEqual([line["text"] for line in lines if line["event"] == "note"], [example_told(name) for name in EXAMPLES])
            settings = {line["name"]: line for line in lines if line["event"] == "setting"}
            for name in EXAMPLES:
                self.assertEqual((settings[name]["value"], settings[name]["source"]), (None, "default"))

    def test_every_setting_has_its_value_and_its_source(self):
        (self.folder / "cwd/key").write_text("canary-in-a-file\n")
        self.env_file("PORT=8080\nOPENROUTER_API_KEY_FILE=key\n")
        text = self.check(LOG_LEVEL="warn").raw.decode()
        for words in (("PORT", "8080  [.env line 1, PORT]"), ("LOG_LEVEL", "warn  [environment LOG_LEVEL]"),
                      ("OPENROUTER_API_KEY", f"set (16 characters)  [file {self.folder}/cwd/key (OPENROUTER_API_KEY_FILE, .env line 2)]"),
                      ("BUDGET_DAY_USD", "20  [default]"), ("DATABASE_URL", "not set: an embedded server in PERSAIS_DATA  [default]")):
            lines = [line.strip() for line in text.splitlines() if line.strip().startswith(words[0] + " ")]
            self.assertEqual(len(lines), 1, text)
            self.assertIn(words[1], lines[0])
        names = set(self.settings())
        self.assertLess({"APP_ENV", "TASKS_PARALLEL", "TRANSCRIBE_API_KEY"}, names)

    def test_everything_wrong_is_said_at_once(self):
        self.env_file("PORT=http\nnonsense\n")
        wrong = self.check(code=2, TASK_TIMEOUT="soon", PERSAIS_TYPO="1").errors.decode().splitlines()
        self.assertEqual(len(wrong), 4, wrong)
        as_json = self.check("--json", code=2, TASK_TIMEOUT="soon", PERSAIS_TYPO="1")
        self.assertEqual([f"persais: {line['text']}" for line in as_json.lines], wrong)
        self.assertEqual({line["event"] for line in as_json.lines}, {"error"})
        self.assertEqual(as_json.errors, b"")

    def test_what_has_no_effect_and_what_others_can_read_is_noted(self):
        path = self.env_file("OPENROUTER_API_KEY=canary-key\n", 0o644)
        notes = [line["text"] for line in self.check("--json", APP_ENV="production", PERSAIS_UNSAFE="1").lines if line["event"] == "note"]
        self.assertEqual(len(notes), 2, notes)
        self.assertIn("PERSAIS_UNSAFE", notes[0])
        self.assertIn(f"chmod 600 {path}", notes[1])
        self.assertIn("Note: ", self.check().raw.decode())

    def test_config_alone_is_wrong_use(self):
        run = Persais(["config"], {"HOME": str(self.root)}, self.folder / "cwd")
        self.assertEqual(run.wait(), 2)


class Served(ServedStory):
    embedded = True

    def env_file(self, text):
        """As an editor leaves it: another file under the old name."""
        fresh = self.folder / "fresh"
        fresh.write_text(text)
        fresh.rename(self.folder / "cwd/.env")

    def test_the_list_starts_the_service(self):
        self.env_file(filled(LIST))
        service = Serving.start({"PATH": os.environ["PATH"], "HOME": str(self.root / "home"), "PERSAIS_DATA": str(self.data)},
                                self.folder / "cwd")
        self.addCleanup(self._end_service, service)
        service.wait_for_line("^database: ")
        self.assertEqual(service.health("/health/live"), (200, {"status": "ok"}))
        status, health = service.health()
        self.assertEqual((status, health["status"], health["checks"]["database"]["status"]), (503, "down", "down"))
        self.assertEqual(service.terminate(), 0, service.story())
        for canary in ("canary", "user:pass", ":pass@"):
            self.assertNotIn(canary, service.story())

    def test_the_list_as_it_stands_starts_it_too_and_makes_nobody_an_admin(self):
        self.env_file(LIST + "OPENROUTER_KEY=1\nPUBLIC_URL=https://persais.example\n")
        service = self.serve(OPENROUTER_API_KEY=None, AIDER_MODEL=None)
        told = [line["message"] for line in service.lines if line["level"] == "warning"]
        for name in EXAMPLES:
            self.assertEqual(told.count(example_told(name)), 1, told)
        line = len((LIST + "OPENROUTER_KEY=1").splitlines())
        self.assertIn(f".env line {line}: there is no setting OPENROUTER_KEY; did you mean `OPENROUTER_API_KEY`?", told)
        self.assertIn("PUBLIC_URL has no effect yet: it is read from a later version on", told)
        self.assertIn("OPENROUTER_API_KEY is not set: tasks wait for it.", told)
        self.assertTrue(any(line.startswith("GIT_REMOTE_URL is not set: ") for line in told), told)
        self.assertEqual(service.health()[0], 200)

    def test_what_may_change_does_so_while_it_runs(self):
        self.env_file("OPENROUTER_API_KEY=canary-first\nBUDGET_DAY_USD=5\n")
        service = self.serve(OPENROUTER_API_KEY=None)
        self.env_file("OPENROUTER_API_KEY=canary-second\nBUDGET_DAY_USD=6\nPUBLIC_URL=https://persais.example\n")
        service.wait_for_line("^The settings were read again: OPENROUTER_API_KEY, BUDGET_DAY_USD changed. "
                              "At the next start only: PUBLIC_URL.$", level="info")
        self.env_file("BUDGET_DAY_USD=lots\n")
        service.wait_for_line("those before stay in force: BUDGET_DAY_USD: 'lots' is no sum in dollars", level="error")
        so_far = len(service.lines)
        self.env_file("OPENROUTER_API_KEY=canary-third\nBUDGET_DAY_USD=6\n")
        service.hang_up()
        service.wait_for_line("^The settings were read again: OPENROUTER_API_KEY changed.", start=so_far)
        metrics = service.metrics()
        self.assertIn('persais_settings_reads_total{outcome="ok"} 2\n', metrics)
        self.assertIn('persais_settings_reads_total{outcome="refused"} 1\n', metrics)
        self.assertEqual(service.terminate(), 0, service.story())
        self.assertNotIn("canary", service.story())
        for line in service.lines:
            self.assertLessEqual({"time", "level", "message"}, set(line), line)

    def test_help_shows_every_setting(self):
        said = self.persais("serve", "--help")
        self.assertEqual(said.code, 0, said.story())
        for name in [*MEANT, "TASKS_PARALLEL", "TRANSCRIBE_API_KEY"]:
            self.assertIn(f"  {name} ", said.out)


if __name__ == "__main__":
    unittest.main()
