"""A repository with submodules: what its checks see of them, and what is told when they cannot be fetched."""

import edits
from git_http import TOKEN, serve
from remote import git
from scripted import fix
from story import Story
from turns import Turns

RULES = 'check = "python3 check.py"\nsubmodules = true\n'
NEEDS_LIB = "import sys\nsys.path += ['lib']\nimport calc, sums\nassert calc.add(2, 3) == sums.FIVE\n"


class WithLib:
    def setUp(self):
        super().setUp()
        self.address = serve(self, self.folder)
        self.adopt_helpers()
        inner = self.remote("inner", files={"five.py": "FIVE = 5\n"})
        self.lib = self.remote("lib", files={"sums.py": "from inner.five import FIVE\n"})
        self.lib.add_submodule("inner", inner.base, "../inner.git")

    def team(self, url="../lib.git", rules=RULES):
        """A repository whose check needs lib."""
        remote = self.remote("team", files={".persais.toml": rules, "check.py": NEEDS_LIB})
        remote.add_submodule("lib", self.lib.base, url)
        return remote

    def there(self):
        """The address of that repository for a task, and the settings."""
        url = f"{self.address}/team.git"
        return url.replace("//", "//git@"), {"GIT_REMOTE_URL": url, "GIT_ACCESS_TOKEN": TOKEN}


class Submodules(WithLib, Story):
    def run_there(self, *words, **more):
        url, settings = self.there()
        return self.run_on(url, *words, check=None, **settings, **more)

    def test_the_checks_see_what_is_in_a_submodule_and_in_one_inside_it(self):
        remote = self.team()
        self.script(fix())
        result = self.run_there()
        self.expect(result, "ready")
        self.assertEqual((result["checks"]["before"], result["checks"]["after"]), ("red", "green"))
        self.expect_branch(remote, result, ["calc.py"])
        self.assertIn(f"160000 commit {self.lib.base}\tlib", git(remote.path, "ls-tree", result["commit"]))

    def test_without_the_setting_they_do_not(self):
        self.team(rules='check = "python3 check.py"\n')
        self.script(fix())
        result = self.run_there(REPAIR_ROUNDS="0")
        self.expect(result, "tests_red")

    def test_what_is_inside_a_submodule_cannot_be_changed(self):
        remote = self.team()
        self.script({"reply": edits.block("lib/sums.py", "from inner.five import FIVE\n", "FIVE = 6\n"), "once": True, "times": 0})
        result = self.run_there("Change lib/sums.py.")
        self.expect(result, "no_change")
        self.assertIn("`lib`", result["sentence"])
        self.expect_nothing_pushed(remote)

    def refused(self, url, *words):
        remote = self.team(url)
        model = self.script(fix())
        result = self.run_there()
        self.expect(result, "remote_failed", "no_read")
        for word in ("`lib`", *words):
            self.assertIn(word, result["sentence"])
        self.assertEqual(model.requests(), [])
        self.expect_nothing_pushed(remote)

    def test_a_host_that_is_not_allowed_is_told(self):
        self.refused("https://internal.example/lib.git", "internal.example", "FETCH_HOSTS")

    def test_a_path_of_the_machine_is_told(self):
        self.refused(f"file://{self.folder}/lib.git", "path on this machine")


class Reply(WithLib, Turns):
    def test_mends_the_addresses_that_an_earlier_turn_spoilt(self):
        remote = self.team()
        good, bad = "\turl = ../lib.git\n", "\turl = ../gone.git\n"
        spoils = fix()
        spoils["reply"] += "\n" + edits.block(".gitmodules", good, bad)
        self.script(spoils, {"reply": edits.block(".gitmodules", bad, good), "once": True, "times": 0, "match": "put the address back"})
        url, settings = self.there()
        service = self.serve(**settings)
        task = self.ready_task(service, url, check=None, **settings)
        branch, first = self.one_branch(remote)
        self.assertIn(bad, remote.file(first, ".gitmodules"))
        self.reply(task, "Please put the address back.", **settings)
        self.wait_again(service, task, "review")
        self.assertIn(good, remote.file(remote.branches()[branch], ".gitmodules"))
        self.assertEqual((self.show(task)["verdict"], self.show(task)["checks"]["after"]), ("ready", "green"))
