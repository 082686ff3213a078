"""Several repositories: what admins set for each, from one process to the others, and what never leaves."""

import hashlib
import unittest

import git_http
from remote import CHECK
from scripted import MODEL, edit, fix, repair, spoil
from serving import ServedStory

CANARY = "a-canary-for-" + "the-tests-only-77c0"


class Repositories(ServedStory):
    def repo(self, *words, code=0):
        said = self.persais("repo", *words)
        self.assertEqual(said.code, code, said.story())
        return said

    def add(self, remote, *more, name="team/app"):
        where = getattr(remote, "path", remote)
        self.repo("add", where, "--name", name, *more)

    def secret_file(self, text, name="secret"):
        file = self.folder / name
        file.write_text(text + "\n")
        return file

    def set_of(self, name="team/app"):
        return self.repo("show", name, "--json").lines[0]["settings"]

    def tearDown(self):
        for one in self.repo("list", "--json").lines:
            self.persais("repo", "remove", one["name"])

    def test_what_is_set_wins_over_the_file_and_is_in_the_audit(self):
        remote = self.remote(files={".persais.toml": "check = 'false'\nprotect = ['!deploy/**']\n", "deploy/run": "x\n",
                                    ".github/workflows/ci.yml": "on: push\n"})
        self.script(edit("on: push\n", "on: pull_request\n", path=".github/workflows/ci.yml"))
        self.add(remote, "--check", "true")
        self.repo("set", "team/app", "protect", "deploy/**")
        self.assertEqual((self.set_of()["check"], self.set_of()["protect"]), ("true", "deploy/**"))
        result = self.finish(self.start("--json", "--repo", "TEAM/app", "When does CI run?"))
        self.expect(result, "ready")
        self.assertEqual((result["checks"]["command"], result["checks"]["source"]), ("true", "repository"))
        self.assertEqual(result["noted"], [{"kind": "ci", "path": ".github/workflows/ci.yml"}])
        self.assertIn(".github/workflows/ci.yml (CI)", self.persais("show", result["task"]).out)

        self.script(edit("x\n", "y\n", path="deploy/run"))
        self.repo("unset", "team/app", "check")
        result = self.finish(self.start("--json", "--repo", "team/app", "Run it."))
        self.expect(result, "protected_path")
        self.assertEqual(result["checks"]["source"], ".persais.toml")

        self.assertIn("There is no repository 'team/ap'; 'team/app' perhaps?",
                      self.persais("run", "--detach", "--repo", "team/ap", "Mend it.").err)
        said = [(row["what"], row["detail"]) for row in self.persais("audit", "--json").lines if row["repository"] == str(remote.path)]
        self.assertEqual(said[::-1][:3], [("repository_added", "team/app"), ("repository_changed", "protect: deploy/**"),
                                          ("repository_changed", "check unset")])

    def test_an_environment_reaches_the_checks_only_when_it_is_said_and_nobody_reads_it(self):
        self.watch.knows({CANARY.encode(): "the environment of a repository"})
        digest = hashlib.sha256(CANARY.encode()).hexdigest()
        prints = 'echo "with $DB_PASSWORD"; printf %s "$DB_PASSWORD" | base64; '
        remote = self.remote()
        self.add(remote, "--check", f'test -z "$DB_PASSWORD" && {CHECK}')
        self.repo("env", "team/app", "set", "DB_PASSWORD", "--file", self.secret_file(CANARY))
        self.assertEqual(self.repo("env", "team/app").out, "DB_PASSWORD\n")
        self.script(fix())
        self.expect(self.finish(self.start("--json", "--repo", "team/app", "Mend the sum.")), "ready")

        self.repo("set", "team/app", "env_for", "checks")
        self.repo("set", "team/app", "setup", f'{prints} test "$(printf %s "$DB_PASSWORD" | sha256sum | cut -c1-64)" = {digest}')
        self.repo("set", "team/app", "check", f'{prints} test -n "$DB_PASSWORD" && {CHECK}')
        model = self.script(spoil(), repair())
        result = self.finish(self.start("--json", "--repo", "team/app", "Mend the sum."))
        self.expect(result, "ready")
        self.assertEqual(result["checks"]["rounds"], 1)
        asked = model.log.read_text()
        self.assertIn("with ***", asked, "the agent sees what the checks print, without the value")
        self.repo("set", "team/app", "env_for", "setup")
        self.repo("set", "team/app", "check", f'test -z "$DB_PASSWORD" && {CHECK}')
        self.script(fix())
        self.expect(self.finish(self.start("--json", "--repo", "team/app", "Mend the sum.")), "ready")
        self.assertIn("shorter than 8 bytes", self.repo("env", "team/app", "set", "A", "--file", self.secret_file("short"), code=2).err)

    def test_a_token_of_one_process_is_used_by_the_other_and_models_are_held_to(self):
        remote = self.remote("closed")
        address = git_http.serve(self, self.folder) + "/closed.git"
        wrong = self.persais("repo", "add", address, "--name", "team/app", "--token-file", self.secret_file("not-the-token", "wrong"))
        self.assertEqual(wrong.code, 2, wrong.story())
        model = self.script(fix(), default={"reply": "Nothing is to be changed."})
        service = self.serve()
        self.add(address, "--check", CHECK, "--token-file", self.secret_file(git_http.TOKEN, "token"))
        self.repo("set", "team/app", "zdr", "on")
        task = self.enqueue("team/app", check=None)
        service.wait_task(task, "review")
        self.assertEqual(list(remote.branches()), [f"mechanic/{task}-mend-the-sum"])
        self.assertEqual([request["body"]["provider"] for request in model.requests()], [{"zdr": True}] * len(model.requests()))

        self.repo("set", "team/app", "models", "tests/other")
        task = self.enqueue("team/app", check=None)
        self.assertEqual(self.persais("show", task, "--json").lines[0]["model"], "tests/other", "AIDER_MODEL is not allowed")
        service.wait_task(task, "review")
        self.assertEqual({request["body"]["model"] for request in model.requests()}, {MODEL, "tests/other"})

        self.repo("token", "team/app", "--remove")
        task = self.enqueue("team/app", check=None)
        service.wait_for_line("^(waiting|failed)", task=task)
        self.assertIn("token", self.persais("show", task).out)
        self.persais("abort", task)


if __name__ == "__main__":
    unittest.main()
