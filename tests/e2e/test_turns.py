"""A reply goes on with a task: same branch, same conversation, one commit for each turn."""

from scripted import RIGHT, spoil
from turns import AGAIN, SECOND, THIRD, Turns, comment, edit, fix, git, whole


class Reply(Turns):
    def test_makes_a_second_commit_on_the_same_branch_and_the_agent_remembers(self):
        remote, model = self.remote(), self.script(fix(), comment())
        service = self.serve()
        task = self.ready_task(service, remote)
        branch, first = self.one_branch(remote)
        self.assertEqual(self.reply(task), 1)
        self.wait_again(service, task, "review")
        self.assertEqual(list(remote.branches()), [branch])
        second = remote.branches()[branch]
        self.assertEqual((remote.parents(second), remote.parents(first)), ([first], [remote.base]))
        self.assertEqual(self.commits(remote, branch), ["Mend the sum.", AGAIN])
        self.assertEqual(remote.file(second, "calc.py"), SECOND)
        self.assertEqual(remote.people(second), "Mechanic <mechanic@persais.ai> Mechanic <mechanic@persais.ai>")

        said = [(m["role"], m["content"]) for m in model.requests()[-1]["body"]["messages"]]
        self.assertTrue(any(role == "user" and "Mend the sum." in text for role, text in said), said)
        self.assertTrue(any(role == "assistant" and "return a + b" in text for role, text in said), said)
        self.assertIn(AGAIN, said[-1][1])

        shown = self.show(task)
        self.assertEqual((shown["commit"], shown["verdict"], shown["turn"]), (second, "ready", 1))
        self.assertEqual(shown["turns"], [{"turn": 1, "instruction": AGAIN}])
        self.assertEqual((shown["checks"]["before"], shown["checks"]["after"]), ("green", "green"), "the branch as it was")
        self.assertEqual(shown["base"], remote.base)
        card = self.persais("show", task).out
        self.assertIn(f"  turn 2      {AGAIN}\n", card)
        self.assertIn("-    return a - b", self.persais("diff", task).out, "the whole branch")
        self.assertIn("-    return a + b\n", self.persais("diff", task, "--turn").out)

    def test_repairs_of_a_turn_are_folded_into_its_one_commit(self):
        remote = self.remote()
        worse = edit("    return a + b\n", "    return a * b  # two numbers\n", match="in a comment", name="worse")
        mend = edit("    return a * b  # two numbers\n", "    return a + b  # two numbers\n", match="checks are red", name="mend")
        self.script(fix(), worse, mend)
        service = self.serve()
        task = self.ready_task(service, remote)
        self.reply(task)
        self.wait_again(service, task, "review")
        branch, commit = self.one_branch(remote)
        self.assertEqual(self.commits(remote, branch), ["Mend the sum.", AGAIN])
        self.assertEqual(remote.file(commit, "calc.py"), SECOND)
        self.assertEqual(self.show(task)["checks"]["rounds"], 1)

    def test_a_terminal_can_wait_for_it(self):
        remote = self.remote()
        self.script(fix(), comment())
        result = self.run_on(remote)
        self.in_review.add(result["task"])
        said = self.persais("reply", result["task"], AGAIN, "--json")
        self.assertEqual(said.code, 0, said.story())
        last = said.lines[-1]
        self.assertEqual((last["event"], last["verdict"], last["turn"], last["branch"]), ("result", "ready", 1, result["branch"]))
        self.assertEqual(remote.parents(last["commit"]), [result["commit"]])
        self.assertEqual({x["task"] for x in said.lines}, {result["task"]})

    def test_that_comes_while_the_task_is_under_way_is_kept_and_several_go_on_in_order(self):
        remote, hold = self.remote(), self.model_gate()
        self.script(fix(**hold.step), comment(), whole())
        service = self.serve()
        task = self.enqueue(remote)
        self.in_review.add(task)
        hold.wait()
        self.assertEqual(self.reply(task, event="kept"), 1)
        self.assertEqual(self.reply(task, "Make it whole numbers.", event="kept"), 2)
        self.assertEqual(self.show(task)["kept_replies"], 2)
        refused = self.persais("reply", task, "And now?")
        self.assertEqual(refused.code, 2, refused.story())
        self.assertIn("--detach", refused.out)
        hold.let_on()
        self.wait_again(service, task, "review", 3)
        branch, commit = self.one_branch(remote)
        self.assertEqual(self.commits(remote, branch), ["Mend the sum.", AGAIN, "Make it whole numbers."])
        self.assertEqual(remote.file(commit, "calc.py"), THIRD)

    def test_that_changes_nothing_leaves_the_result_as_it_was(self):
        remote = self.remote()
        self.script(fix(), comment(match="really"))
        service = self.serve()
        task = self.ready_task(service, remote)
        branch, first = self.one_branch(remote)
        self.reply(task, "Is that all?")
        line = self.wait_again(service, task, "review")
        self.assertIn("changed nothing. What was there before stands.", line["message"])
        shown = self.show(task)
        self.assertEqual((shown["state"], shown["verdict"], shown["commit"]), ("review", "no_change", first))
        self.assertIn(f"Task {task}: ready. Its last turn: no change.", self.persais("show", task).out)
        self.assertEqual(self.persais("diff", task).code, 0)
        self.reply(task, "No, really.")
        self.wait_again(service, task, "review", 3)
        self.assertEqual(self.commits(remote, branch), ["Mend the sum.", "No, really."])

    def test_retry_of_a_turn_that_came_to_nothing_does_that_turn_anew(self):
        remote = self.remote()
        self.script(fix(), {"reply": "No need.", "match": "in a comment"}, comment())
        service = self.serve()
        task = self.ready_task(service, remote)
        self.reply(task)
        self.wait_again(service, task, "review")
        self.assertEqual(self.persais("retry", task).out, f"{task}\n")
        self.wait_again(service, task, "review", 3)
        self.assertEqual(self.commits(remote, self.one_branch(remote)[0]), ["Mend the sum.", AGAIN])

    def test_to_a_task_that_failed_goes_on_with_it(self):
        remote = self.remote()
        self.script({"reply": "Which sum?"}, fix(match="calc.py is meant"))
        service = self.serve()
        task = self.enqueue(remote)
        service.wait_task(task, "failed")
        self.reply(task, "The one in calc.py is meant.")
        service.wait_task(task, "review")
        self.in_review.add(task)
        branch, commit = self.one_branch(remote)
        self.assertEqual(branch, f"mechanic/{task}-mend-the-sum")
        self.assertEqual(remote.parents(commit), [remote.base])
        self.assertEqual(remote.file(commit, "calc.py"), RIGHT)

    def test_to_a_task_that_ran_out_of_time_goes_on_from_what_was_done(self):
        remote, hold = self.remote(), self.model_gate()
        stalls = {"reply": "Never.", "match": "checks are red", "hold_until_file": str(hold.opened), "times": 0}
        self.script(spoil(), stalls, edit("    return a * b\n", "    return a + b\n", match="Go on", name="mend"))
        service = self.serve(TASK_IDLE_TIMEOUT="5s")
        task = self.enqueue(remote)
        line = service.wait_task(task, "failed")
        self.assertIn("nothing was heard", line["message"])
        self.reply(task, "Go on: it adds.")
        service.wait_task(task, "review")
        self.in_review.add(task)
        branch, commit = self.one_branch(remote)
        self.assertEqual((remote.parents(commit), remote.file(commit, "calc.py")), ([remote.base], RIGHT))

    def test_to_a_red_result_mends_it(self):
        remote = self.remote()
        self.script(spoil(), edit("    return a * b\n", "    return a + b\n", match="It adds", name="mend"))
        service = self.serve(REPAIR_ROUNDS="0")
        task = self.enqueue(remote, REPAIR_ROUNDS="0")
        service.wait_task(task, "review")
        self.in_review.add(task)
        self.assertEqual(self.show(task)["verdict"], "tests_red")
        self.reply(task, "It adds.")
        self.wait_again(service, task, "review")
        shown = self.show(task)
        self.assertEqual((shown["verdict"], shown["checks"]["before"]), ("ready", "red"))

    def test_never_overwrites_a_branch_that_somebody_moved(self):
        remote = self.remote()
        model = self.script(fix(), comment())
        service = self.serve()
        task = self.ready_task(service, remote)
        branch, first = self.one_branch(remote)
        clone = self.folder / "ada"
        git(self.folder, "clone", "-q", "-b", branch, str(remote.path), str(clone))
        git(clone, "commit", "-q", "--allow-empty", "-m", "Ada was here")
        git(clone, "push", "-q", "origin", branch)
        theirs = remote.branches()[branch]
        calls = len(model.requests())
        self.reply(task)
        line = service.wait_task(task, "parked")
        self.assertIn("work of somebody else; nothing was overwritten", line["message"])
        self.assertEqual(remote.branches(), {branch: theirs})
        self.assertEqual(len(model.requests()), calls, "no money is spent on it")

    def test_never_overwrites_a_branch_that_moves_meanwhile(self):
        remote, hold = self.remote(), self.model_gate()
        self.script(fix(), comment(**hold.step))
        service = self.serve()
        task = self.ready_task(service, remote)
        branch, first = self.one_branch(remote)
        self.reply(task)
        hold.wait()
        git(remote.path, "update-ref", "-d", f"refs/heads/{branch}")
        hold.let_on()
        line = service.wait_task(task, "parked")
        self.assertIn("was deleted there", line["message"])
        self.assertEqual(remote.branches(), {})

    def test_abort_ends_the_turn_and_the_replies_that_wait(self):
        remote, hold = self.remote(), self.model_gate()
        self.script(fix(), comment(**hold.step))
        service = self.serve()
        task = self.ready_task(service, remote)
        branch, first = self.one_branch(remote)
        self.reply(task)
        hold.wait()
        self.reply(task, "And more.", event="kept")
        said = self.persais("abort", task)
        self.assertEqual(said.code, 0, said.story())
        self.assertIn("the result before it is in review again", said.out)
        shown = self.show(task)
        self.assertEqual((shown["state"], shown["commit"], shown["verdict"], shown["kept_replies"]), ("review", first, "aborted", 0))
        self.assertEqual(remote.branches(), {branch: first})
        self.assertTrue(shown["pushed"])
        refused = self.persais("abort", task)
        self.assertEqual((refused.code, refused.out), (2, ""), refused.story())
        self.assertIn(f"its branch {branch} stays where it is: --yes discards the result", refused.err)
        said = self.persais("abort", task, "--yes")
        self.assertEqual((said.code, said.out), (0, f"The result of task {task} is discarded; `persais undiscard {task}` takes it up again.\n"
                                                 f"Its branch {branch} stays at {remote.path}; "
                                                 f"`git push {remote.path} --delete {branch}` removes it.\n"))
        shown = self.show(task)
        self.assertEqual((shown["state"], shown["pushed"], shown["pushed_commit"]), ("discarded", True, first))
        self.assertNotIn("not pushed", self.persais("show", task).out)

    def test_empty_or_to_no_task_is_one_line_and_exit_2(self):
        for words in (["reply", "999999", "And now?", "--detach"], ["reply", "1", " ", "--detach"], ["reply", "1", "x" * 16385, "--detach"]):
            said = self.persais(*words)
            self.assertEqual((said.code, len(said.err.splitlines())), (2, 1), said.story())


class Budget(Turns):
    def test_a_task_that_has_spent_its_money_waits_for_a_person_who_gives_more(self):
        remote = self.remote()
        self.script(fix())
        service = self.serve()
        task = self.enqueue(remote, BUDGET_TASK_USD="0.001")
        service.wait_task(task, "waiting")
        self.assertIn(f"persais budget {task}", self.persais("show", task).out)
        self.assertEqual(self.persais("budget", task, "0.0001").code, 2, "that much it may spend already")
        said = self.persais("budget", task, "3")
        self.assertEqual((said.code, said.out), (0, f"Task {task} may spend $3.00 in all.\n"), said.story())
        service.wait_task(task, "review")
        self.in_review.add(task)
        self.assertEqual(self.show(task)["budget_usd"], 3)
        self.one_branch(remote)
