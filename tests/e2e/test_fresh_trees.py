"""A verdict is of the commit: what one run of the checks leaves behind, or takes away, decides no other."""

import re

from remote import git
from scripted import RIGHT, WRONG, edit, fix, repair, spoil
from story import Story

GREEN_BEFORE = "import calc\nassert calc.add(0, 0) == 0\nassert calc.add(2, 3) != 6\n"  # and red with WRONG


class FreshTrees(Story):
    def test_a_check_that_may_run_only_once_in_a_tree_and_a_home_is_green(self):
        remote, model = self.remote(files={".gitignore": "*.db\n"}), self.script(fix())
        once = ("mkdir out", "mkdir $HOME/out", "python3 -c \"import sqlite3; sqlite3.connect('t.db').execute('create table t (n)')\"")
        result = self.run_on(remote, check=" && ".join((*once, "python3 check.py")))
        self.expect(result, "ready")
        self.assertEqual((result["checks"]["before"], result["checks"]["rounds"]), ("red", 0))
        self.assertEqual(len(model.requests()), 1)

    def test_a_lock_that_a_red_round_leaves_does_not_make_the_next_red(self):
        remote = self.remote(files={"check.py": GREEN_BEFORE})
        self.script(spoil(), repair())
        result = self.run_on(remote, check="test ! -e lock -a ! -e $HOME/lock && { python3 check.py || { touch lock $HOME/lock; exit 1; }; }")
        self.expect(result, "ready")
        self.assertEqual((result["checks"]["before"], result["checks"]["rounds"]), ("green", 1))
        self.expect_branch(remote, result, ["calc.py"], calc__py=RIGHT)

    def test_a_file_that_the_base_made_hides_no_broken_input(self):
        remote = self.remote(files={"check.py": GREEN_BEFORE, ".gitignore": "made/\n"})
        self.script(spoil())
        result = self.run_on(remote, check="[ -e made ] || { mkdir made && cp calc.py check.py made/; }; python3 made/check.py",
                             REPAIR_ROUNDS="0")
        self.expect(result, "tests_red")
        self.expect_branch(remote, result, ["calc.py"], calc__py=WRONG)

    def test_what_setup_left_is_there_each_time_with_its_times_whichever_way_trees_are_made(self):
        setup = ("stat -c %.9Y Makefile > times; date >> $HOME/set-up; echo changed > note.md; touch README.md; stat -c %.9Y README.md >> times; "
                 "mkdir -p made/deep; rm gone.md")
        check = ("test \"$(stat -c %.9Y Makefile README.md)\" = \"$(cat times)\" && test $(wc -l < $HOME/set-up) = 1 && "
                 "grep -qx 'as committed' note.md && git diff --quiet && "
                 "python3 -c \"import os; os.rename('made', 'moved'); os.rename('kept', 'made'); os.rmdir('moved/deep')\" && python3 check.py")
        files = {"check.py": GREEN_BEFORE, "Makefile": "all:\n", "note.md": "as committed\n", "gone.md": "", "kept/file": ""}
        for way in ("auto", "copy"):
            with self.subTest(way):
                remote = self.remote(way, files)
                self.script(spoil(), repair())
                result = self.run_on(remote, check=check, more=["--setup", setup], TREES=way)
                self.expect(result, "ready")
                self.assertEqual((result["checks"]["before"], result["checks"]["rounds"]), ("green", 1))

    def test_the_setup_runs_again_in_a_fresh_tree_when_the_change_is_to_what_it_reads(self):
        remote = self.remote(files={"requirements.txt": "one\n", "check.py": "import calc\n"})
        self.script(edit("one\n", "two\n", path="requirements.txt"))
        result = self.run_on(remote, check="cmp requirements.txt installed && python3 check.py",
                             more=["--setup", "test ! -e installed && cp requirements.txt installed"])
        self.expect(result, "ready")
        self.assertEqual(result["checks"]["before"], "green")

    def test_the_setup_runs_again_when_the_change_is_to_its_own_script(self):
        remote = self.remote(files={"prepare.sh": "echo one > made\n", "check.py": "import calc\n"})
        self.script(edit("echo one > made\n", "echo two > made\n", path="prepare.sh"))
        result = self.run_on(remote, check="cp made first && sh prepare.sh && cmp first made", more=["--setup", "sh prepare.sh"])
        self.expect(result, "ready")

    def test_a_setup_that_takes_the_trees_own_repository_away_is_run_at_each_commit(self):
        remote = self.remote(files={"check.py": GREEN_BEFORE})
        self.script(spoil(), repair())
        result = self.run_on(remote, more=["--setup", "rm -rf .git"])
        self.expect(result, "ready")
        self.assertEqual((result["checks"]["before"], result["checks"]["rounds"]), ("green", 1))

    def test_what_one_task_found_out_of_files_is_lent_to_the_next(self):
        remote, model = self.remote(), self.script(fix(), fix())
        of_the_base = git(remote.path, "rev-parse", "main:calc.py").strip()
        row, forged, guessed = (f'{key} python [[["known_name",3,[]]],[]]' for key in (of_the_base, "../../x", "a" * 40))
        self.run_on(remote, f"Mend the sum.\nTELLS {row}\nTELLS {forged}\nTELLS {guessed}")
        self.run_on(remote)
        said = [request["body"]["messages"][0]["content"] for request in model.requests()]
        self.assertEqual([row in text for text in said], [False, True])
        self.assertNotIn("../../x", said[1])
        self.assertNotIn("a" * 40, said[1])
        self.assertRegex(next(self.data.glob("mirrors/*/tags")).read_text(), rf"\Aday \d+\n{re.escape(row)}\n\Z")


class Claims(Story):
    """Nothing is claimed of a run that did not end; what ran before and cannot now was kept from it by the change."""

    def test_a_base_that_did_not_end_in_time_was_not_red(self):
        remote = self.remote(files={"check.py": "import calc, time\ntime.sleep(0 if calc.add(2, 3) == 5 else 60)\n"})
        self.script(fix())
        run = self.begin(remote, CHECK_TIMEOUT="5s")
        result = self.finish(run)
        self.expect(result, "ready")
        self.assertEqual((result["checks"]["before"], result["checks"]["after"]), ("timed_out", "green"))
        self.assertEqual(result["sentence"], "The checks are green. Before the change they did not end within 5 s.")

    def test_a_change_that_never_ends_goes_back_to_the_agent(self):
        remote = self.remote(files={"check.py": "import calc, time\ntime.sleep(60 if calc.add(2, 3) == 6 else 0)\n"})
        model = self.script(spoil(), repair())
        result = self.run_on(remote, CHECK_TIMEOUT="5s")
        self.expect(result, "ready")
        self.assertEqual((result["checks"]["before"], result["checks"]["rounds"]), ("green", 1))
        self.assertEqual(len(model.requests()), 2)

    def test_a_change_that_never_ends_is_told_as_that(self):
        remote = self.remote(files={"check.py": "import calc, time\ntime.sleep(60 if calc.add(2, 3) == 6 else 0)\n"})
        self.script(spoil())
        result = self.run_on(remote, CHECK_TIMEOUT="5s", REPAIR_ROUNDS="0")
        self.expect(result, "tests_red")
        self.assertEqual((result["checks"]["before"], result["checks"]["after"]), ("green", "timed_out"))
        self.assertIn("did not end within 5 s", result["sentence"])

    def test_a_tool_that_the_change_asks_for_and_nobody_has_makes_it_red(self):
        remote = self.remote(files={"check.sh": "python3 -c 'import calc'\n"})
        self.script(edit("python3 -c 'import calc'\n", "no-such-tool-here calc\n", path="check.sh", name="spoil"),
                    edit("no-such-tool-here calc\n", "python3 -c 'import calc'\n# once more\n", path="check.sh", match="checks are red"))
        result = self.run_on(remote, check="sh check.sh")
        self.expect(result, "ready")
        self.assertEqual((result["checks"]["before"], result["checks"]["after"], result["checks"]["rounds"]), ("green", "green", 1))

    def test_a_setup_that_the_change_broke_makes_it_red(self):
        remote = self.remote(files={"requirements.txt": "one\n", "check.py": "import calc\n"})
        self.script(edit("one\n", "broken\n", path="requirements.txt"))
        result = self.run_on(remote, more=["--setup", "grep -q one requirements.txt"], REPAIR_ROUNDS="0")
        self.expect(result, "tests_red")
        self.assertEqual((result["checks"]["before"], result["checks"]["after"]), ("green", "red"))
