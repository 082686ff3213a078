"""Secrets that are set and changed while the service works (A18): none of its tasks loses an attempt, and nobody reads a value."""

import subprocess

import leaks
from persais import PATIENCE, PROGRAM
from scripted import KEY, fix
from serving import Said, SeenFromBeside

NEW = "another-secret-for-" + "the-tests-only-5e83"
WRONG = "a-secret-that-nobody-takes-" + "d2f4"


class Rotating(SeenFromBeside):
    settings = {"TASK_ATTEMPTS": "1"}  # who loses one is done for

    def secret(self, *words, typed=None, code=0, **changes):
        environment, words = self.environment(**changes), [str(word) for word in words]
        said = Said(subprocess.run([str(PROGRAM), "secret", *words], env=environment, cwd=self.folder / "cwd", text=True,
                                   input=typed, capture_output=True, timeout=PATIENCE), ["secret", *words])
        leaks.started(environment, self.folder / "cwd", "persais secret", (said.out + said.err).encode())
        if typed and typed.strip():
            self.watch.knows({typed.strip().encode(): f"what {words[1]} was set to"})
            self.assertNotIn(typed.strip(), said.out + said.err)
        self.assertEqual(said.code, code, said.story())
        return said

    def rotate(self, name, value, *services, **changes):
        """Sets it, and waits until each of them has it in force."""
        before = [len(service.lines) for service in services]
        self.secret("set", name, "--from-stdin", typed=value, **changes)
        for service, start in zip(services, before):
            service.wait_for_line(f"{name} changed", start=start)

    def lost_nothing(self, *tasks):
        for task in tasks:
            shown = self.persais("show", task, "--json").lines[0]
            self.assertEqual((shown["state"], shown["attempts"]["used"]), ("review", 0), shown)


class ModelKey(Rotating):
    settings = {"TASK_ATTEMPTS": "1", "PERSAIS_MASTER_KEY": "one-for-all-" + "of-them-1c77"}

    def test_a_new_one_is_tried_and_used_by_every_process_while_a_call_is_under_way(self):
        remote, gate = self.remote(), self.model_gate()
        model = self.script(fix(**gate.step), fix())
        services = self.serve(), self.serve(PERSAIS_DATA=str(self.root / "other"))
        task = self.enqueue(remote)
        gate.wait()
        refused = self.secret("set", "OPENROUTER_API_KEY", typed=WRONG, code=1)
        self.assertIn("OPENROUTER_API_KEY stays as it was, because the new one was tried: ", refused.err)
        self.assertEqual(self.sql("select count(*) from secrets where name = 'OPENROUTER_API_KEY'"), "0")
        model.server.RequestHandlerClass.world.args.key = NEW
        self.rotate("OPENROUTER_API_KEY", NEW, *services)
        gate.let_on()
        second = self.enqueue(remote)
        for each in (task, second):
            self.wait_sql(f"select state from tasks where id = {each}", "review")
        self.lost_nothing(task, second)
        self.assertTrue(all(request["authorized"] for request in model.requests()), "no call was made with the old one")
        self.secret("unset", "OPENROUTER_API_KEY")

    def test_tasks_that_wait_for_one_go_on_with_the_first_that_is_set(self):
        remote = self.remote()
        self.script(fix())
        service = self.serve(OPENROUTER_API_KEY=None)
        task = self.enqueue(remote)
        service.wait_task(task, "waiting")
        self.rotate("OPENROUTER_API_KEY", KEY, service, OPENROUTER_API_KEY=None)
        service.wait_task(task, "review")
        self.lost_nothing(task)
        self.assertEqual(service.terminate(), 0)
        again = self.serve(OPENROUTER_API_KEY=None)
        self.assertFalse([line for line in again.messages() if "OPENROUTER_API_KEY is not set" in line], "it is, in the database")
        self.secret("unset", "OPENROUTER_API_KEY")


class Precedence(Rotating):
    def tearDown(self):
        for name in ("OPENROUTER_API_KEY", "GIT_ACCESS_TOKEN", "BACKUP_URL"):
            self.persais("secret", "unset", name)

    def of(self, name, **changes):
        lines = self.persais("config", "check", "--json", **changes).lines
        return next((line["source"], line["value"]) for line in lines if line.get("name") == name)

    def test_set_at_run_time_wins_over_the_file_and_the_file_over_the_environment(self):
        file = self.folder / "token"
        file.write_text("token-of-a-file-77\n")
        given = {"GIT_ACCESS_TOKEN": "token-of-environment-9", "GIT_ACCESS_TOKEN_FILE": str(file)}
        self.assertEqual(self.of("GIT_ACCESS_TOKEN", **given), ("secret_file", "set (18 characters)"))
        said = self.secret("set", "GIT_ACCESS_TOKEN", "--from-stdin", typed=NEW, **given)
        self.assertIn(f"It comes before the one of file {file}", said.out)
        self.assertEqual(self.of("GIT_ACCESS_TOKEN", **given), ("run_time", f"set ({len(NEW)} characters)"))
        listed = {line["name"]: line for line in self.persais("secret", "list", "--json", **given).lines}
        self.assertEqual((listed["GIT_ACCESS_TOKEN"]["source"], listed["OPENROUTER_API_KEY"]["source"]), ("run_time", "environment"))
        self.assertRegex(self.persais("secret", "list", **given).out, r"(?m)^GIT_ACCESS_TOKEN +set at run time, ")
        doctor = self.persais("doctor", "--json", "--offline", **given)
        self.assertIn("GIT_ACCESS_TOKEN (set at run time)", next(line["sentence"] for line in doctor.lines if line.get("name") == "settings"))
        self.assertIn("this counts again: file", self.secret("unset", "GIT_ACCESS_TOKEN", **given).out)
        self.assertEqual(self.of("GIT_ACCESS_TOKEN", **given)[0], "secret_file")
        self.assertIn("GIT_ACCESS_TOKEN is not set at run time.", self.secret("unset", "GIT_ACCESS_TOKEN", code=2).err)
        audit = [(row["what"], row["by"], row["detail"]) for row in self.persais("audit", "--json").lines][:2]
        self.assertEqual(audit, [("secret_unset", "terminal", "GIT_ACCESS_TOKEN"), ("secret_set", "terminal", "GIT_ACCESS_TOKEN")])

    def test_what_cannot_be_set_is_refused_with_what_to_do(self):
        for name, says in (("DATABASE_URL", "put the new one into the file that DATABASE_URL_FILE names"),
                           ("PERSAIS_MASTER_KEY", "`persais secret reseal` changes it"), ("PORT", "PORT is no secret"),
                           ("OPENROUTER_API_KEI", "did you mean `OPENROUTER_API_KEY`?")):
            self.assertIn(says, self.secret("set", name, typed=NEW, code=2).err)
        self.assertIn("BACKUP_URL: ", self.secret("set", "BACKUP_URL", typed="not-a-folder-77", code=2).err)
        self.assertIn("is empty", self.secret("set", "OPENROUTER_API_KEY", "--untried", typed="\n", code=2).err)

    def test_with_another_master_key_it_is_said_and_what_else_is_set_counts(self):
        self.script(fix())
        self.secret("set", "OPENROUTER_API_KEY", "--untried", typed=NEW, PERSAIS_MASTER_KEY="the-key-of-before-3b")
        service = self.serve(PERSAIS_MASTER_KEY="the-key-of-after-1f")
        service.wait_for_line("OPENROUTER_API_KEY that was set at run time cannot be opened, because PERSAIS_MASTER_KEY is another one")
        task = self.enqueue(self.remote())
        service.wait_task(task, "review")
        self.assertIn("it cannot be opened", self.persais("secret", "list").out)


if __name__ == "__main__":
    import unittest
    unittest.main()
