"""A deploy or a rollback whose lines others changed meanwhile: the agent has one turn at it, and a person is asked again."""

from landing import Landing
from scripted import RIGHT, edit, fix
from turns import git

WRONG = "def add(a, b):\n    return a - b\n"
THEIRS = "def add(a, b):\n    return b - a\n"
SOLVED = "def add(a, b):\n    return b + a\n"
ORDER = "Solve a conflict with the base branch"


def block(now, before, wanted, base):
    """What the agent finds in a file: the text of main, that of before, and the one that is to be merged into it."""
    mark = {c: c * 24 for c in "<|=>"}
    return (f"{mark['<']} persais/base\n{now}{mark['|']} {base[:7]}\n{before}{mark['=']}\n{wanted}{mark['>']} persais/change\n")


def solve(base, becomes="    return b + a\n", theirs="    return b - a\n", **more):
    met = block(theirs, "    return a - b\n", "    return a + b\n", base)
    return edit(met, becomes, match=ORDER, name="solve", **more)


class Meeting(Landing):
    def met(self, *steps):
        """A task whose result meets what others made of main; gives the remote, the task, its commit, and main's."""
        remote = self.remote()
        task, commit = self.ready(remote, fix(), *(steps or (solve(remote.base),)))
        return remote, task, commit, self.others(remote, calc__py=THEIRS)

    def is_solved(self, remote, task, commit, tip):
        again = self.show(task)
        self.assertEqual((again["state"], again["verdict"], again["base"], again["turn"]), ("review", "ready", tip, 1))
        self.assertNotEqual(again["commit"], commit)
        self.assertEqual(remote.branches()[again["branch"]], again["commit"], "the branch was rebased")
        self.assertEqual((remote.parents(again["commit"]), remote.file(again["commit"], "calc.py")), ([tip], SOLVED))
        self.assertEqual(self.main(remote), tip, "nothing lands on its own")
        return again["commit"]


class Conflicts(Meeting):
    def test_the_agent_solves_it_and_what_it_made_is_approved_and_deployed(self):
        remote, task, commit, tip = self.met()
        done = self.land("deploy", task, code=1)
        self.assertIn("main had changed the same lines, and the agent made the change anew on that", done["sentence"])
        solved = self.is_solved(remote, task, commit, tip)
        self.assertEqual(remote.message(solved), remote.message(commit), "it says what the change is")
        self.assertIn(ORDER, self.persais("show", task).out)
        self.refused("deploy", task, "--yes", "--commit", commit, saying="look at that one first")
        self.assertEqual(self.land("deploy", task)["commit"], solved)
        self.assertEqual(self.main(remote), solved)
        self.assertEqual(self.sql(f"select what, commit_id from audit where task_id = {task} order by id").splitlines(), [
            f"deploy_asked|{commit}", f"not_deployed|{commit}", f"deploy_asked|{solved}", f"deployed|{solved}"])
        told = self.sql(f"select body from outbox where task_id = {task} order by id")
        self.assertIn("the agent makes the change anew on that, and you will be asked again", told)
        self.land("rollback", task)
        self.assertEqual(remote.file("main", "calc.py"), THEIRS)

    def test_marks_that_are_left_are_no_result_and_the_second_conflict_is_the_persons(self):
        remote, task, commit, tip = self.met(edit("    return b - a\n", "    return b + a\n", match=ORDER))  # and the marks stay
        done = self.land("deploy", task, code=1, REPAIR_ROUNDS="1")
        self.assertIn("Marks of conflicts are left in `calc.py`. What was there before stands, and nothing was deployed", done["sentence"])
        still = self.show(task)
        self.assertEqual((still["state"], still["commit"], still["base"], still["verdict"]), ("review", commit, remote.base, "ready"))
        self.assertEqual((self.main(remote), remote.branches()[still["branch"]]), (tip, commit))
        asked = len(self.model.requests())
        done = self.land("deploy", task, code=1)
        self.assertIn("main changed the same lines meanwhile: `calc.py`. Nothing was deployed; a reply lets the agent do it anew.", done["sentence"])
        self.assertEqual((self.show(task)["commit"], len(self.model.requests())), (commit, asked), "no money is spent again")
        self.others(remote, calc__py=WRONG)
        self.land("deploy", task)
        self.assertEqual(remote.file("main", "calc.py"), RIGHT, "what stood can be deployed where it goes")

    def test_red_where_main_is_green_is_no_result_either(self):
        remote = self.remote()
        task, commit = self.ready(remote, fix(), solve(remote.base, "    return b * a\n", "    return b + a\n"))
        self.others(remote, calc__py=SOLVED)
        done = self.land("deploy", task, code=1, REPAIR_ROUNDS="0")
        self.assertIn("The checks are red there. What was there before stands", done["sentence"])
        self.assertEqual((self.show(task)["state"], self.show(task)["commit"]), ("review", commit))

    def test_kill_9_in_the_middle_goes_on(self):
        remote, gate = self.remote(), self.model_gate()
        task, commit = self.ready(remote, fix(), solve(remote.base, **gate.step))
        tip = self.others(remote, calc__py=THEIRS)
        run = self.begin_landing("deploy", task)
        gate.wait()
        run.kill()
        gate.let_on()
        self.dead_leases_end()
        self.land("deploy", task, code=1)
        self.is_solved(remote, task, commit, tip)

    def test_an_abort_in_the_middle_leaves_the_result_that_stood(self):
        remote, gate = self.remote(), self.model_gate()
        task, commit = self.ready(remote, fix(), solve(remote.base, **gate.step))
        self.others(remote, calc__py=THEIRS)
        service = self.serve()
        self.assertEqual(self.persais("deploy", task, "--yes", "--detach").code, 0)
        gate.wait()
        said = self.persais("abort", task)
        gate.let_on()
        self.assertEqual(said.code, 0, said.story())
        self.assertIn("Aborted. What was there before stands, and nothing was deployed", said.out)
        shown = self.show(task)
        self.assertEqual((shown["state"], shown["commit"]), ("review", commit))
        service.wait_for_line("review", task=str(task))

    def test_a_rollback_is_made_by_the_agent_and_deployed_as_any_result(self):
        remote = self.remote()
        task, commit = self.ready(remote)
        self.land("deploy", task)
        tip = self.others(remote, calc__py=SOLVED)
        met = block("    return b + a\n", "    return a + b\n", "    return a - b\n", commit)
        self.script(edit(met, "    return a + b  # as before\n", match=ORDER))
        done = self.land("rollback", task, code=1)
        self.assertIn("This takes back what main has, under the later commits there: look at it, then deploy it.", done["sentence"])
        shown = self.show(task)
        self.assertEqual((shown["state"], shown["base"], remote.parents(shown["commit"])), ("review", tip, [tip]))
        self.assertIn(f"This reverts what task {task} brought", remote.message(shown["commit"]))
        self.assertEqual(self.land("deploy", task)["commit"], shown["commit"])
        self.assertEqual(remote.file("main", "calc.py"), "def add(a, b):\n    return a + b  # as before\n")

    def test_a_branch_that_was_deleted_leaves_the_result_that_stood(self):
        remote = self.remote(files={"calc.py": WRONG + "\n\nTHE_END = 1\n"})
        task, commit = self.ready(remote)
        git(remote.path, "update-ref", "-d", f"refs/heads/{self.show(task)['branch']}")
        self.others(remote, calc__py=WRONG + "\n\nTHE_END = 2\n")  # the change reads otherwise there
        done = self.land("deploy", task, code=1)
        self.assertIn("that is not on the branch", done["sentence"])
        shown = self.show(task)
        self.assertEqual((shown["state"], shown["commit"], shown["base"]), ("review", commit, remote.base))
        self.others(remote, calc__py=WRONG + "\n\nTHE_END = 1\n")
        self.land("deploy", task)
        self.assertEqual(remote.file("main", "calc.py"), RIGHT + "\n\nTHE_END = 1\n")


class SolvedByAider(Meeting):
    """The marks must be none of aider's own: a block of SEARCH that has git's seven characters of `=` ends there for it."""

    aider = True

    def test_the_agent_solves_it(self):
        remote, task, commit, tip = self.met()
        self.land("deploy", task, code=1)
        solved = self.is_solved(remote, task, commit, tip)
        self.assertEqual(self.land("deploy", task)["commit"], solved)
