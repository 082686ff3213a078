"""What is not deployed or not taken back: it is said in one sentence, nothing on the base branch changes, and nothing is lost."""

from landing import Landing
from scripted import RIGHT, edit, spoil
from turns import AGAIN, comment, fix, git

WRONG = "def add(a, b):\n    return a - b\n"
REFUSALS = {
    "a protected branch": ("echo 'GH006: Protected branch update failed for refs/heads/main.' >&2", "protects this branch from the push"),
    "a hook of the team's": ("echo 'No deploys on a Friday.' >&2", "No deploys on a Friday."),
    "a hook that says nothing": ("", "pre-receive hook declined"),
}


class Landed(Landing):
    """Of what was deployed: later work of others stays, whatever is taken back."""

    def deployed(self, **more):
        remote = self.remote(**more)
        task, commit = self.ready(remote)
        self.land("deploy", task)
        return remote, task, commit

    def test_later_commits_of_others_stay_under_a_rollback(self):
        remote, task, _ = self.deployed()
        self.others(remote, other__txt="one\n")
        tip = self.others(remote, README__md="A sum, later.\n")
        back = self.land("rollback", task)
        self.assertEqual((self.main(remote), remote.parents(back["commit"])), (back["commit"], [tip]))
        self.assertEqual(git(remote.path, "diff", "--name-only", tip, "main").split(), ["calc.py"])
        self.assertEqual((remote.file("main", "calc.py"), remote.file("main", "other.txt")), (WRONG, "one\n"))

    def test_a_rollback_that_would_overwrite_others_is_refused_until_it_would_not(self):
        remote, task, commit = self.deployed()
        tip = self.others(remote, calc__py=RIGHT.replace("a + b", "b + a"))
        for _ in range(2):  # and again
            done = self.land("rollback", task, code=1, DEPLOY_SOLVE_CONFLICTS="off")
            self.assertEqual((done["state"], done["commit"], self.main(remote)), ("deployed", commit, tip))
            self.assertIn("Later commits of main changed the same lines: `calc.py`. Nothing was rolled back.", done["sentence"])
        self.refused("deploy", task, "--yes", saying="has no result that could be deployed: deployed")
        tip = self.others(remote, calc__py=RIGHT)
        back = self.land("rollback", task)
        self.assertEqual((remote.parents(back["commit"]), remote.file("main", "calc.py")), ([tip], WRONG))

    def test_what_others_took_back_already_is_said_and_nothing_is_committed(self):
        remote, task, _ = self.deployed()
        tip = self.others(remote, calc__py=WRONG)
        done = self.land("rollback", code=1)
        self.assertIn("main does not have the change any more: there was nothing to roll back.", done["sentence"])
        self.assertEqual((self.main(remote), done["task"], done["state"]), (tip, task, "deployed"))

    def test_a_rollback_of_two_turns_may_be_red_as_the_base_was(self):
        remote = self.remote()
        task, _ = self.ready(remote, fix(), comment())
        self.assertEqual(self.persais("reply", task, AGAIN).code, 0)
        self.land("deploy", task)
        self.land("rollback", task)
        self.assertEqual(remote.file("main", "calc.py"), WRONG)

    def test_a_rollback_that_makes_the_checks_red_is_for_an_emergency(self):
        remote, task, commit = self.deployed(files={"check.py": "import calc\nassert calc.add(0, 0) == 0\n"})
        tip = self.others(remote, check__py="import calc\nassert calc.add(2, 3) == 5\n")
        done = self.land("rollback", task, code=1)
        self.assertEqual((done["state"], self.main(remote)), ("deployed", tip))
        self.assertIn("the checks are not green. Nothing was rolled back; an emergency rollback (anyway) skips the checks.", done["sentence"])
        self.land("rollback", task, "--anyway")
        self.assertEqual(remote.file("main", "calc.py"), WRONG)

    def test_what_a_person_brought_there_by_hand_is_not_pushed_again(self):
        remote = self.remote()
        task, commit = self.ready(remote)
        git(remote.path, "update-ref", "refs/heads/main", commit)
        tip = self.others(remote, other__txt="one\n")
        remote.hook("pre-receive", "exit 1\n")
        self.assertEqual(self.land("deploy", task)["commit"], commit)
        self.assertEqual(self.main(remote), tip)

    def test_the_same_change_by_somebody_else_leaves_nothing_to_deploy(self):
        remote = self.remote()
        task, _ = self.ready(remote)
        tip = self.others(remote, calc__py=RIGHT)
        done = self.land("deploy", task, code=1)
        self.assertEqual((done["state"], self.main(remote)), ("review", tip))
        self.assertIn("main has the same change already: there was nothing to deploy.", done["sentence"])


class Refused(Landing):
    def test_by_the_remote_with_its_words_and_works_once_it_may(self):
        remote = self.remote()
        task, commit = self.ready(remote)
        branch = self.show(task)["branch"]

        def nobody_may(what, state, there):
            for name, (hook, words) in REFUSALS.items():
                with self.subTest(name, what=what):
                    remote.hook("pre-receive", f"{hook}\nexit 1\n")
                    done = self.land(what, task, code=1)
                    self.assertEqual((done["state"], self.main(remote), remote.branches()), (state, there, {branch: commit}))
                    self.assertIn(words, done["sentence"])
            (remote.path / "hooks/pre-receive").unlink()

        nobody_may("deploy", "review", remote.base)
        self.assertEqual((self.show(task)["verdict"], self.show(task)["commit"]), ("ready", commit))
        self.assertEqual(self.land("deploy", task)["commit"], commit)
        nobody_may("rollback", "deployed", commit)
        self.land("rollback", task)
        self.assertEqual(remote.file("main", "calc.py"), WRONG)

    def test_where_the_branch_is_gone_and_goes_on_when_it_is_back(self):
        remote = self.remote()
        task, commit = self.ready(remote)
        git(remote.path, "update-ref", "-d", "refs/heads/main")
        done = self.land("deploy", task, code=1)
        self.assertEqual((done["state"], list(remote.branches().values())), ("review", [commit]))
        self.assertIn("main", done["sentence"])
        git(remote.path, "update-ref", "refs/heads/main", remote.base)
        self.assertEqual(self.land("deploy", task)["commit"], commit)

    def test_of_another_commit_than_the_person_saw(self):
        remote = self.remote()
        task, first = self.ready(remote, fix(), comment(), check="python3 -c 'import calc'")
        self.assertEqual(self.persais("reply", task, AGAIN).code, 0)
        second = self.show(task)["commit"]
        self.assertNotEqual(first, second)
        for stale in (first, first[:7], second[:6], second + "0", second[1:], "main", ""):
            if stale:
                self.refused("deploy", task, "--yes", "--commit", stale, saying=f"Task {task} is at commit {second[:10]}, not at {stale[:10]}")
        self.assertEqual(self.main(remote), remote.base)
        self.assertEqual(self.land("deploy", task, "--commit", second[:7])["commit"], second)
        self.refused("rollback", task, "--yes", "--commit", first, saying=f"is at commit {second[:10]}, not at {first[:10]}")
        self.land("rollback", task, "--commit", second)

    def test_without_its_checks_having_been_green(self):
        remote = self.remote()
        red, _ = self.ready(remote, spoil(), verdict="tests_red", REPAIR_ROUNDS="0")
        unchecked, commit = self.ready(remote, check=None, verdict="ready_unchecked", CHECK_COMMAND="")
        for task in (red, unchecked):
            for more in ((), ("--detach",), ("--json",), ("--commit", self.show(task)["commit"])):
                self.refused("deploy", task, "--yes", *more, saying=f"The result of task {task} is not green: --anyway deploys it all the same.")
        self.assertEqual(self.sql(f"select count(*) from audit where task_id in ({red}, {unchecked})"), "0")
        self.assertEqual(self.main(remote), remote.base)
        self.land("deploy", unchecked, "--anyway")
        self.assertEqual(self.main(remote), commit)


class Nothing(Landing):
    def test_of_tasks_that_have_nothing_to_deploy(self):
        remote = self.remote()
        self.refused("deploy", 4711, "--yes", saying="There are no tasks yet")
        self.script({"reply": "Nothing has to change.", "times": 0})
        nothing = self.run_on(remote)["task"]
        self.refused("deploy", 4711, "--yes", saying="There is no task 4711.")
        self.refused("rollback", 4711, "--yes", saying="There is no task 4711.")
        self.refused("deploy", 4711, "--yes", saying="Задачи 4711 нет.", LANG="ru_RU.UTF-8")
        self.refused("deploy", nothing, "--yes", saying=f"Task {nothing} has no result that could be deployed: failed.")
        waits = self.enqueue(remote)
        self.refused("deploy", waits, "--yes", saying=f"Task {waits} is under way (queued): deploy its result when there is one.")
        self.refused("rollback", waits, "--yes", saying=f"Task {waits} is under way (queued).")
        self.assertEqual(self.persais("abort", waits).code, 0)
        self.refused("deploy", waits, "--yes", saying=f"Task {waits} has no result that could be deployed: aborted")
        ready, _ = self.ready(remote)
        self.refused("rollback", ready, "--yes", saying=f"Task {ready} has nothing deployed that could be rolled back: in review")
        self.assertEqual(self.persais("reply", ready, AGAIN, "--detach").code, 0)
        self.refused("deploy", ready, "--yes", saying=f"Task {ready} is under way (queued)")
        self.refused("rollback", "--yes", saying="No task has anything deployed.")
        self.assertEqual(self.sql("select count(*) from audit"), "0")
        self.assertEqual(self.main(remote), remote.base)


class Twice(Landing):
    def test_from_two_terminals_it_is_pushed_once_and_both_are_told(self):
        remote, gate = self.remote(), self.gate()
        task, commit = self.ready(remote)
        pushes = gate.announce.parent / "pushes"
        remote.hook("pre-receive", f"echo >> {pushes}\n[ -e {gate.announce.parent}/free ] || {{ {gate.shell}; }}\n")
        first = self.begin_landing("deploy", task)
        gate.wait()
        second = self.begin_landing("deploy", task)
        self.refused("rollback", task, "--yes", saying=f"Task {task} is under way (deploying)")
        said = self.persais("reply", task, AGAIN)
        self.assertEqual((said.code, said.out), (2, f"Task {task} is under way (deploying); --detach keeps the reply until that has ended.\n"))
        (gate.announce.parent / "free").touch()
        gate.let_on()
        for run in (first, second):
            self.assertEqual((run.wait(), run.result["state"], run.result["commit"]), (0, "deployed", commit), run.story())
        self.assertEqual((self.main(remote), pushes.read_text()), (commit, "\n"))
        self.assertEqual(self.sql(f"select what from audit where task_id = {task} order by id").split(), ["deploy_asked", "deployed"])

    def test_an_abort_of_what_was_not_pushed_yet_leaves_the_result_in_review(self):
        remote, gate = self.remote(), self.gate()
        task, commit = self.ready(remote, check=f"python3 check.py && {{ [ ! -e {gate.announce.parent}/hold ] || {{ {gate.shell}; }}; }}")
        tip = self.others(remote, other__txt="one\n")
        (gate.announce.parent / "hold").touch()
        run = self.begin_landing("deploy", task)
        gate.wait()
        said = self.persais("abort", task)
        self.assertEqual((said.code, said.out.splitlines()[-1]), (0, f"Task {task}: Stopped; nothing was pushed."), said.story())
        self.assertEqual(run.wait(), 1, run.story())
        (gate.announce.parent / "hold").unlink()
        gate.let_on()
        shown = self.show(task)
        self.assertEqual((shown["state"], shown["commit"], self.main(remote)), ("review", commit, tip))
        self.assertEqual(self.sql(f"select what from audit where task_id = {task} order by id").split(), ["deploy_asked", "not_deployed"])
        self.land("deploy", task)
        self.assertEqual((remote.file("main", "calc.py"), remote.parents("main")), (RIGHT, [tip]))
