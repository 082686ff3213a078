"""From a result in review onto main and back: `persais deploy`, `persais rollback`."""

from landing import Landing
from remote import CHECK
from scripted import RIGHT, edit, spoil
from turns import comment, fix, git

WRONG = "def add(a, b):\n    return a - b\n"


class Deploy(Landing):
    def test_a_result_comes_onto_main_and_is_taken_back(self):
        remote = self.remote()
        task, commit = self.ready(remote)
        self.assertIn(f"persais deploy {task}", self.persais("show", task).out)
        done = self.land("deploy", task)
        self.assertEqual((done["state"], done["branch"], done["commit"], done["before"]), ("deployed", "main", commit, remote.base))
        self.assertEqual(self.main(remote), commit)
        self.assertEqual(self.show(task)["state"], "deployed")
        self.assertIn("deployed", self.persais("tasks", "--all").out)
        self.refused("deploy", task, "--yes", saying="has no result that could be deployed: deployed")
        self.refused("abort", task, saying="has already ended: deployed")

        back = self.land("rollback")
        self.assertEqual((back["state"], back["task"], back["before"]), ("rolled_back", task, commit))
        self.assertEqual(self.main(remote), back["commit"])
        self.assertEqual(remote.parents(back["commit"]), [commit], "nothing that others have is overwritten")
        self.assertEqual(remote.file("main", "calc.py"), WRONG)
        self.assertIn(f"This reverts what task {task} brought", remote.message(back["commit"]))
        self.refused("rollback", task, "--yes", saying="has nothing deployed that could be rolled back")
        self.assertIn(f"`persais deploy {task}` brings it back", self.persais("show", task).out)
        kept = self.sql(f"select what, by, commit_id from audit where task_id = {task} order by id").splitlines()
        self.assertEqual(kept, [f"deploy_asked|terminal|{commit}", f"deployed|terminal|{commit}",
                                f"rollback_asked|terminal|{commit}", f"rolled_back|terminal|{back['commit']}"])
        shown = self.persais("audit", task, "--json").lines
        self.assertEqual([f"{x['what']}|{x['by']}|{x['commit']}" for x in shown], kept[::-1], "the newest first")
        self.assertEqual([x["what"] for x in self.persais("audit", task, "-n", "1", "--json").lines], ["rolled_back"])
        said = self.persais("audit", "-n", "2").out
        self.assertRegex(said, rf"(?m)^\d{{4}}-\d\d-\d\d \d\d:\d\d +{task} +rolled back +terminal +{back['commit'][:12]}$")
        self.assertIn("Older ones: -n 4", said)
        self.assertEqual(self.persais("audit", "999999").out, "Nothing of task 999999 was deployed or rolled back.\n")

    def test_it_is_asked_and_acts_on_the_commit_that_was_shown(self):
        remote = self.remote()
        task, commit = self.ready(remote)
        self.refused("deploy", task, saying="There is no terminal to ask at: --yes says so.")
        self.refused("deploy", task, "--yes", "--commit", "0" * 40, saying=f"is at commit {commit[:10]}, not at {'0' * 40}")
        self.assertEqual(self.main(remote), remote.base)
        self.assertEqual(self.land("deploy", task, "--commit", commit[:12])["commit"], commit)

    def test_a_result_is_put_away_and_taken_up_again(self):
        remote = self.remote()
        task, commit = self.ready(remote)
        branch = self.show(task)["branch"]
        self.refused("discard", task, saying="There is no terminal to ask at: --yes says so.")
        self.refused("undiscard", task, saying="has no result that was discarded: in review")
        said = self.persais("discard", task, "--yes")
        self.assertEqual(said.code, 0, said.story())
        self.assertIn(f"The result of task {task} is discarded; `persais undiscard {task}` takes it up again.", said.out)
        self.assertIn(f"Its branch {branch} stays at {remote.path}", said.out)
        shown = self.show(task)
        self.assertEqual((shown["state"], shown["verdict"], shown["pushed_commit"]), ("discarded", "aborted", commit))
        self.assertEqual([x["task"] for x in self.persais("tasks", "--state", "discarded", "--json").lines], [task])
        self.refused("deploy", task, "--yes", saying="has no result that could be deployed: discarded")
        self.assertIn("+    return a + b", self.persais("diff", task).out)
        said = self.persais("undiscard", task)
        self.assertEqual(said.code, 0, said.story())
        self.assertIn(f"The result of task {task} is there again: ready.", said.out)
        shown = self.show(task)
        self.assertEqual((shown["state"], shown["verdict"], shown["commit"], shown["on_base"]), ("review", "ready", commit, None))
        self.assertEqual(remote.branches()[branch], commit, "it was there all the time")
        self.land("deploy", task)
        self.assertEqual(self.main(remote), commit)
        self.assertEqual(self.show(task)["on_base"], {"commit": commit, "before": remote.base})

        said = self.persais("rollback", task, "--yes", "--detach")  # no service takes it
        self.assertEqual(said.code, 0, said.story())
        said = self.persais("abort", task)
        self.assertEqual((said.code, said.out), (0, f"Task {task}: Stopped; nothing was pushed.\n"), said.story())
        self.assertEqual((self.show(task)["state"], self.main(remote)), ("deployed", commit))

    def test_a_red_result_needs_an_extra_word(self):
        remote = self.remote()
        task, commit = self.ready(remote, spoil(), verdict="tests_red", REPAIR_ROUNDS="0")
        self.refused("deploy", task, "--yes", saying="is not green: --anyway deploys it all the same")
        self.assertEqual(self.main(remote), remote.base)
        self.land("deploy", task, "--anyway")
        self.assertEqual(self.main(remote), commit)

    def test_a_main_that_moved_keeps_what_others_did(self):
        remote, gate = self.remote(), self.gate()
        held = f"{CHECK} && {{ [ ! -e {gate.announce.parent}/hold ] || {{ {gate.shell}; }}; }}"
        task, commit = self.ready(remote, check=held)
        self.others(remote, other__txt="one\n")
        (gate.announce.parent / "hold").touch()
        run = self.begin_landing("deploy", task)
        gate.wait()  # the checks run again, on what main is now
        now = self.persais("status", "--json").lines[0]
        self.assertEqual(now["lanes"], [{"repository": str(remote.path), "task": task, "what": "deploy", "waiting": []}])
        self.assertIn(f"Landing on {remote.path.stem}: task {task} (deploy).\n", self.persais("status").out)
        landing = self.show(task)["landing"]
        self.assertEqual((landing["what"], landing["step"], landing["commit"], landing["by"]), ("deploy", "check", commit, "terminal"))
        (gate.announce.parent / "hold").unlink()
        newest = self.others(remote, other__txt="two\n")  # and it moves once more meanwhile
        gate.let_on()
        self.assertEqual(run.wait(), 0, run.story())
        self.assertEqual(self.persais("status", "--json").lines[0]["lanes"], [])
        landed = run.result["commit"]
        self.assertEqual(self.main(remote), landed)
        self.assertEqual((remote.parents(landed), run.result["before"]), ([newest], newest))
        self.assertEqual((remote.file("main", "other.txt"), remote.file("main", "calc.py")), ("two\n", RIGHT))
        self.assertEqual(remote.branches()[self.show(task)["branch"]], commit, "the branch has what was shown")
        self.land("rollback", task)
        self.assertEqual((remote.file("main", "other.txt"), remote.file("main", "calc.py")), ("two\n", WRONG))

    def test_what_reads_otherwise_there_is_shown_again(self):
        remote = self.remote(files={"calc.py": WRONG + "\n\nTHE_END = 1\n"})
        task, commit = self.ready(remote)
        self.others(remote, calc__py=WRONG + "\n\nTHE_END = 2\n")
        done = self.land("deploy", task, code=1)
        self.assertIn("main moved meanwhile, and the change reads otherwise there", done["sentence"])
        again = self.show(task)
        self.assertEqual((again["state"], remote.branches()[again["branch"]]), ("review", again["commit"]))
        self.assertNotEqual(again["commit"], commit)
        self.refused("deploy", task, "--yes", "--commit", commit, saying="look at that one first")
        self.assertEqual(self.land("deploy", task)["commit"], again["commit"])

    def test_red_on_what_main_is_now_changes_nothing(self):
        remote = self.remote()
        task, commit = self.ready(remote)
        tip = self.others(remote, check__py="assert False, 'never'\n")
        done = self.land("deploy", task, code=1)
        self.assertIn("the checks are not green. Nothing was deployed.", done["sentence"])
        self.assertEqual((self.main(remote), done["state"]), (tip, "review"))

    def test_two_at_once_go_one_after_the_other(self):
        remote = self.remote(files={"more.py": "def more(a):\n    return a\n"})
        first, _ = self.ready(remote, check="true")
        second, _ = self.ready(remote, edit("    return a\n", "    return a + 1\n", path="more.py"), check="true")
        runs = [self.begin_landing("deploy", task) for task in (first, second)]
        for run in runs:
            self.assertEqual(run.wait(), 0, run.story())
        self.assertEqual((remote.file("main", "calc.py"), remote.file("main", "more.py")), (RIGHT, "def more(a):\n    return a + 1\n"))
        self.assertEqual(len(git(remote.path, "rev-list", "main").split()), 3)

    def test_a_reply_goes_on_from_what_was_deployed(self):
        remote = self.remote()
        task, commit = self.ready(remote, fix(), comment())
        self.land("deploy", task)
        said = self.persais("reply", task, "Say in a comment what it adds.", "--json")
        self.assertEqual(said.code, 0, said.story())
        result = said.lines[-1]
        self.in_review.add(task)
        self.assertEqual((result["base"], remote.parents(result["commit"])), (commit, [commit]))

    def test_kill_9_wherever_it_stands(self):
        for name, hook in (("pre-receive", "exit 1"), ("post-receive", "true")):
            with self.subTest(name):
                remote, gate = self.remote(name), self.gate(name)
                task, commit = self.ready(remote)
                remote.hook(name, f"[ -e {gate.announce.parent}/free ] || {{ {gate.shell}; {hook}; }}\n")
                run = self.begin_landing("deploy", task)
                gate.wait()
                run.kill()
                (gate.announce.parent / "free").touch()
                gate.let_on()
                self.dead_leases_end()
                self.assertEqual(self.land("deploy", task)["commit"], commit)
                self.assertEqual(self.main(remote), commit)

    def test_the_service_does_it_and_goes_on_after_a_kill(self):
        remote, gate = self.remote(), self.gate()
        task, commit = self.ready(remote)
        service = self.serve()
        remote.hook("post-receive", f"[ -e {gate.announce.parent}/free ] || {{ {gate.shell}; }}\n")
        said = self.persais("deploy", task, "--yes", "--detach")
        self.assertEqual((said.code, said.out), (0, f"{task}\n"), said.story())
        gate.wait()
        service.kill9()
        (gate.announce.parent / "free").touch()
        gate.let_on()
        self.dead_leases_end()
        self.serve().wait_task(task, "deployed")
        self.assertEqual(self.main(remote), commit)


class Again(Landing):
    """A rollback is taken back."""

    def rolled_back(self):
        remote = self.remote()
        task, commit = self.ready(remote)
        self.land("deploy", task)
        return remote, task, self.land("rollback", task)["commit"]

    def test_what_was_rolled_back_comes_onto_main_again_and_is_taken_back_again(self):
        remote, task, revert = self.rolled_back()
        tip = self.others(remote, other__txt="one\n")
        self.refused("deploy", task, "--yes", "--commit", tip, saying=f"is at commit {revert[:10]}, not at {tip}")
        again = self.land("deploy", task, "--commit", revert)
        self.assertEqual((again["state"], again["commit"], again["before"]), ("deployed", self.main(remote), tip))
        self.assertEqual((remote.file("main", "calc.py"), remote.file("main", "other.txt")), (RIGHT, "one\n"))
        self.assertEqual(remote.parents("main"), [tip])
        self.assertIn(f"This brings back what task {task} brought and {revert[:12]} took away.", remote.message("main"))
        last = self.land("rollback", task)
        self.assertEqual((remote.file("main", "calc.py"), remote.parents(last["commit"])), (WRONG, [again["commit"]]))
        self.assertEqual(self.sql(f"select what from audit where task_id = {task} order by id").split(), [
            "deploy_asked", "deployed", "rollback_asked", "rolled_back"] * 2)

    def test_under_what_others_wrote_there_it_stays_rolled_back(self):
        remote, task, revert = self.rolled_back()
        tip = self.others(remote, calc__py="def add(a, b):\n    return b - a\n")
        done = self.land("deploy", task, code=1)
        self.assertEqual((done["state"], done["commit"], self.main(remote)), ("rolled_back", revert, tip))
        self.assertIn("main changed the same lines meanwhile: `calc.py`", done["sentence"])
        self.others(remote, calc__py=RIGHT)
        self.assertIn("main has the same change already", self.land("deploy", task, code=1)["sentence"])

    def test_red_there_it_stays_rolled_back(self):
        remote, task, revert = self.rolled_back()
        tip = self.others(remote, check__py="assert False, 'never'\n")
        done = self.land("deploy", task, code=1)
        self.assertEqual((done["state"], self.main(remote)), ("rolled_back", tip))
        self.assertIn("the checks are not green. Nothing was deployed.", done["sentence"])

    def test_kill_9_after_the_push_makes_it_no_second_time(self):
        remote, gate = self.remote(), self.gate()
        task, _ = self.ready(remote)
        self.land("deploy", task)
        revert = self.land("rollback", task)["commit"]
        remote.hook("post-receive", f"[ -e {gate.announce.parent}/free ] || {{ {gate.shell}; }}\n")
        run = self.begin_landing("deploy", task)
        gate.wait()
        run.kill()
        (gate.announce.parent / "free").touch()
        gate.let_on()
        self.dead_leases_end()
        done = self.land("deploy", task)
        self.assertEqual((done["commit"], remote.parents("main")), (self.main(remote), [revert]))
