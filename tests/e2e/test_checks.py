"""Verdicts that the checks decide."""

import edits
from remote import CHECK
from scripted import RIGHT, WRONG, edit, fix, repair, spoil
from story import Story


class Checks(Story):
    def test_a_red_check_goes_back_to_the_agent_once_and_is_green(self):
        remote, model = self.remote(), self.script(spoil(), repair())
        result = self.run_on(remote)
        self.expect(result, "ready")
        self.expect_branch(remote, result, ["calc.py"], calc__py=RIGHT)
        self.assertEqual(result["checks"], {"command": CHECK, "source": "flag", "before": "red", "after": "green", "rounds": 1})
        self.assertEqual((result["files"], result["insertions"], result["deletions"]), (1, 1, 1))
        self.assertRegex(result["branch"], rf"^mechanic/{result['task']}-mend-the-sum$")
        self.assertGreater(result["cost_usd"], 0)
        usage = [request["usage"] for request in model.requests()]
        self.assertEqual(result["tokens"], {"sent": sum(u["prompt_tokens"] for u in usage),
                                            "received": sum(u["completion_tokens"] for u in usage)})
        self.assertAlmostEqual(result["cost_usd"], sum(u["cost"] for u in usage), places=5)
        self.assertFalse(result["cost_estimated"])
        self.assertEqual(self.running[0].states(), ["preparing", "coding", "checking", "coding", "checking", "publishing", "review"])

    def test_tokens_that_the_endpoint_had_kept_are_told(self):
        self.script(fix(usage={"prompt_tokens_details": {"cached_tokens": 7}}))
        result = self.run_on(self.remote())
        self.expect(result, "ready")
        self.assertEqual(result["tokens"]["cached"], 7)

    def test_no_check_command_is_ready_unchecked(self):
        remote = self.remote(files={"check.py": ""})
        self.script(fix())
        result = self.run_on(remote, check=None)
        self.expect(result, "ready_unchecked")
        self.expect_branch(remote, result, ["calc.py"], calc__py=RIGHT)
        self.assertEqual(result["checks"]["command"], "")

    def test_red_after_all_rounds_was_red_before(self):
        remote = self.remote()
        self.script(spoil(), repair(reply="I do not know."))
        result = self.run_on(remote, REPAIR_ROUNDS="1")
        self.expect(result, "tests_red")
        self.expect_branch(remote, result, ["calc.py"], calc__py=WRONG)
        self.assertEqual((result["checks"]["before"], result["checks"]["after"]), ("red", "red"))
        self.assertIn("red before the change", result["sentence"])

    def test_red_after_all_rounds_was_green_before(self):
        remote = self.remote(files={"check.py": "import calc\nassert calc.add(0, 0) == 0\nassert calc.add(2, 3) != 6\n"})
        self.script(spoil())
        result = self.run_on(remote, REPAIR_ROUNDS="0")
        self.expect(result, "tests_red")
        self.expect_branch(remote, result, ["calc.py"], calc__py=WRONG)
        self.assertEqual(result["checks"], {"command": CHECK, "source": "flag", "before": "green", "after": "red", "rounds": 0})
        self.assertIn("green before the change", result["sentence"])

    def test_what_the_base_left_behind_makes_nothing_red(self):
        remote, model = self.remote(), self.script(fix())
        result = self.run_on(remote, check="mkdir out && python3 -c 'import calc'")
        self.expect(result, "ready")
        self.expect_branch(remote, result, ["calc.py"], calc__py=RIGHT)
        self.assertEqual(result["checks"]["rounds"], 0)
        self.assertEqual(len(model.requests()), 1)

    def test_a_missing_tool_costs_no_repair_round(self):
        remote, model = self.remote(), self.script(fix())
        result = self.run_on(remote, check="no-such-tool-here --all")
        self.expect(result, "checks_could_not_run")
        self.expect_branch(remote, result, ["calc.py"], calc__py=RIGHT)
        self.assertEqual(result["checks"]["rounds"], 0)
        self.assertEqual(len(model.requests()), 1)
        self.assertIn("no-such-tool-here", result["sentence"])

    def test_a_red_setup_is_told(self):
        remote, model = self.remote(), self.script(fix())
        result = self.run_on(remote, more=["--setup", "echo the mirror is away; exit 7"])
        self.expect(result, "checks_could_not_run")
        self.assertEqual(result["checks"]["rounds"], 0)
        self.assertIn("the mirror is away", result["sentence"])
        self.assertLessEqual(len(model.requests()), 1)


class HalfOfAnAnswer(Story):
    """An edit that could not be applied and was not repaired is told wherever the result is."""

    half = edits.block("calc.py", "    return a - b\n", "    return a + b\n") + edits.block("README.md", "No such line.\n", "x\n")

    def test_is_told_in_the_sentence_the_number_and_the_commit(self):
        remote = self.remote()
        self.script({"reply": self.half, "once": True, "times": 0})
        result = self.run_on(remote)
        self.expect(result, "ready")
        self.assertEqual(result["edits_failed"], 1)
        self.assertIn("One edit of `README.md` could not be applied.", result["sentence"])
        self.assertIn("One edit of `README.md` could not be applied.", remote.message(result["commit"]))

    def test_is_forgotten_when_a_later_round_edits_that_file(self):
        remote = self.remote(files={"check.py": "import calc\nassert calc.add(2, 3) == 5 and open('README.md').read() == 'Sums.\\n'\n"})
        self.script({"reply": self.half, "once": True, "times": 0}, edit("A sum.\n", "Sums.\n", path="README.md", match="checks are red"))
        result = self.run_on(remote)
        self.expect(result, "ready")
        self.assertNotIn("edits_failed", result)
        self.assertNotIn("could not be applied", remote.message(result["commit"]))


class Guesses(Story):
    def tool(self, name, script):
        file = self.root / "tools" / name
        file.write_text(f"#!/bin/sh\n{script}\n")
        file.chmod(0o755)
        self.addCleanup(file.unlink)

    def test_a_guessed_setup_that_fails_keeps_no_check_from_running(self):
        self.tool("npm", "[ $1 = test ] && exec python3 check.py; echo no registry here >&2; exit 1")
        remote = self.remote(files={"package.json": '{"scripts": {"test": "x"}, "dependencies": {"y": "1"}}'})
        self.script(fix())
        result = self.run_on(remote, check=None)
        self.expect(result, "ready")
        self.assertEqual((result["checks"]["before"], result["checks"]["after"]), ("could_not_run", "green"))
        self.assertIn("The guessed setup `npm install` failed, so they ran without it.", result["sentence"])

    def test_without_a_guessed_setup_red_may_be_what_is_not_installed(self):
        self.tool("npm", "[ $1 = test ] && exec python3 check.py; echo no registry here >&2; exit 1")
        remote = self.remote(files={"package.json": '{"scripts": {"test": "x"}, "dependencies": {"y": "1"}}'})
        model = self.script(spoil())
        result = self.run_on(remote, check=None)
        self.expect(result, "checks_could_not_run")
        self.assertIn("no registry here", result["sentence"])
        self.assertEqual(len(model.requests()), 1)

    def test_a_change_that_breaks_a_guessed_setup_is_red(self):
        self.tool("npm", "[ $1 = test ] && exec python3 check.py; ! grep -q broken package.json")
        remote = self.remote(files={"package.json": '{"scripts": {"test": "x"}, "dependencies": {"y": "1"}}\n', "check.py": ""})
        self.script(edit('{"scripts": {"test": "x"}, "dependencies": {"y": "1"}}\n', '{"scripts": {"test": "x"}, "dependencies": {"y": "broken"}}\n', path="package.json"))
        result = self.run_on(remote, check=None, REPAIR_ROUNDS="0")
        self.expect(result, "tests_red")
        self.assertEqual((result["checks"]["before"], result["checks"]["after"]), ("green", "red"))

    def test_tests_in_a_folder_are_enough_for_a_guess(self):
        remote = self.remote(files={"tests/test_sum.py": "import calc\n"})
        self.script(fix())
        self.tool("python3", "[ $2 = pytest ] && exec /usr/bin/python3 check.py; exit 1")
        result = self.run_on(remote, check=None)
        self.expect(result, "ready")
        self.assertEqual(result["checks"]["command"], "python3 -m pytest -q")
        self.assertEqual(result["checks"]["source"], "guess: tests/test_sum.py")


class Gates(Story):
    """What the repository's own file says."""

    def test_no_change(self):
        remote = self.remote()
        self.script(default={"reply": "Nothing has to change."})
        self.expect(self.run_on(remote), "no_change")
        self.expect_nothing_pushed(remote)

    def test_a_change_inside_a_submodule_is_told_as_what_it_is(self):
        remote = self.remote()
        remote.add_submodule("lib")
        self.script({"reply": edits.block("lib/calc.py", "", "def add(a, b):\n    return a + b\n"), "once": True, "times": 0})
        result = self.run_on(remote, "Add lib/calc.py.")
        self.expect(result, "no_change")
        self.assertIn("`lib`", result["sentence"])
        self.assertIn("a repository of its own", result["sentence"])
        self.expect_nothing_pushed(remote)

    def test_a_protected_path(self):
        remote = self.remote(files={".persais.toml": 'check = "python3 check.py"\nprotect = ["*.lock", "calc*"]\n'})
        self.script(fix())
        result = self.run_on(remote, check=None)
        self.expect(result, "protected_path")
        self.assertIn("calc.py", result["sentence"])
        self.assertEqual(result["checks"]["source"], ".persais.toml")
        self.expect_nothing_pushed(remote)

    def test_a_protected_path_in_another_spelling(self):
        """On a file system that ignores case they are the protected files."""
        remote = self.remote(files={".persais.toml": 'check = "python3 check.py"\nprotect = ["calc*"]\n'})
        for path in ("CALC.txt", ".PERSAIS.TOML"):
            self.script(edit("", "x\n", path=path))
            result = self.run_on(remote, f"Add {path}.", check=None)
            self.expect(result, "protected_path")
            self.assertIn(path, result["sentence"])
        self.expect_nothing_pushed(remote)

    def test_two_names_of_one_file(self):
        remote = self.remote()
        self.script(edit("", "x\n", path="CALC.py"))
        result = self.run_on(remote, "Add CALC.py.")
        self.expect(result, "paths_collide")
        self.assertIn("`CALC.py`", result["sentence"])
        self.assertIn("`calc.py`", result["sentence"])
        self.expect_nothing_pushed(remote)

    def test_a_link_that_leads_out(self):
        remote = self.remote()
        for target in ("/etc/passwd", "../outside", ".git/config"):
            self.script(edit("", f"LINK: {target}\n", path="link"))
            result = self.run_on(remote, "Add a link.")
            self.expect(result, "link_outside")
            self.assertIn(target, result["sentence"])
        self.expect_nothing_pushed(remote)

    def test_a_link_that_leads_out_and_may(self):
        remote = self.remote(files={".persais.toml": 'check = "true"\noutside_links = ["link"]\n'})
        self.script(edit("", "LINK: /etc/hostname\n", path="link"))
        self.expect(self.run_on(remote, "Add a link.", check=None), "ready")

    def test_the_gate_itself_is_protected(self):
        remote = self.remote(files={".persais.toml": 'check = "python3 check.py"\n'})
        self.script({"reply": ".persais.toml\n```\n<<<<<<< SEARCH\ncheck = \"python3 check.py\"\n=======\n"
                              "check = \"true\"\n>>>>>>> REPLACE\n```\n", "once": True, "times": 0})
        result = self.run_on(remote, "Loosen the gate in .persais.toml.", check=None)
        self.expect(result, "protected_path")
        self.assertIn(".persais.toml", result["sentence"])
        self.expect_nothing_pushed(remote)
