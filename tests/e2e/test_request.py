"""Onto main and back by GitHub's pull requests: DEPLOY_STRATEGY=request."""

from requesting import Requesting
from scripted import RIGHT, edit
from test_deploy import WRONG


class Request(Requesting):
    def test_a_result_comes_onto_main_by_a_request_and_is_taken_back_by_another(self):
        task, commit = self.proposed()
        done = self.land("deploy", task)
        merged = self.main(self.team)
        self.assertEqual((done["state"], done["commit"], done["before"]), ("deployed", merged, self.team.base))
        self.assertEqual(self.team.parents(merged), [self.team.base, commit], "a merge commit has what was approved as it is")
        self.assertEqual(self.github.merges, [(1, merged)])
        pull = self.pull()
        self.assertEqual((pull["head"], pull["base"], pull["title"]), (self.show(task)["branch"], "main", "Mend the sum."))
        self.assertIn("> Mend the sum.", pull["body"])
        self.assertEqual(self.show(task)["request"], "https://github.example/acme/team/pull/1")
        self.assertIn("https://github.example/acme/team/pull/1", self.persais("show", task).out)

        back = self.land("rollback", task)
        self.assertEqual((back["state"], self.team.file("main", "calc.py")), ("rolled_back", WRONG))
        self.assertEqual(self.pull(2)["head"], f"{pull['head']}-rollback-{merged[:10]}")
        self.assertEqual(self.pull(2)["title"], 'Revert "Mend the sum."')
        again = self.land("deploy", task)
        self.assertEqual((again["state"], self.team.file("main", "calc.py"), len(self.github.merges)), ("deployed", RIGHT, 3))
        self.assertEqual(self.pull(3)["head"], f"{pull['head']}-again-{back['commit'][:10]}")
        kept = self.sql(f"select what, commit_id from audit where task_id = {task} order by id").splitlines()
        self.assertEqual(kept[1::2], [f"deployed|{merged}", f"rolled_back|{back['commit']}", f"deployed|{again['commit']}"])

    def test_it_is_merged_in_a_way_that_the_repository_allows_and_taken_back_whole(self):
        self.repo.allow = {"squash"}
        task, commit = self.proposed()
        tip = self.others(self.team, other__txt="one\n")
        self.github.base_races = 1  # the first merge finds somebody a moment quicker
        self.assertEqual(self.land("deploy", task)["before"], tip)
        merged = self.main(self.team)
        self.assertEqual((self.team.parents(merged), self.team.message(merged)), ([tip], "Mend the sum. (#1)\n\n"))
        self.land("rollback", task)
        self.assertEqual((self.team.file("main", "calc.py"), self.team.file("main", "other.txt")), (WRONG, "one\n"))

    def test_a_branch_that_takes_only_what_is_up_to_date_has_the_result_made_anew_and_asked_about(self):
        task, commit = self.proposed()
        tip = self.others(self.team, other__txt="one\n")
        self.repo.protect("main", strict=True)
        done = self.land("deploy", task, code=1)
        self.assertEqual((done["state"], self.main(self.team)), ("review", tip))
        self.assertIn("main moved meanwhile, and takes only what stands on all that it has", done["sentence"])
        anew = self.show(task)["commit"]
        self.assertEqual((self.team.parents(anew), list(self.team.branches().values())), ([tip], [anew]))
        self.refused("deploy", task, "--yes", "--commit", commit, saying="look at that one first")
        self.land("deploy", task)
        self.assertEqual(self.team.parents("main"), [tip, anew])
        self.assertEqual(len(self.repo.pulls), 1, "the request is still the task's")

    def test_a_protected_branch_takes_no_push_and_the_sentence_names_the_request(self):
        self.repo.protect("main", checks=["build"])
        self.token.admin = True  # who could merge past what the branch requires
        task, commit = self.proposed()
        done = self.land("deploy", task, code=1, DEPLOY_STRATEGY="push")
        self.assertEqual((done["state"], self.main(self.team)), ("review", self.team.base))
        self.assertIn("DEPLOY_STRATEGY=request brings it there by a pull request.", done["sentence"])
        self.assertEqual(self.github.count(r"POST|PUT"), 0)

        self.repo.check_run(commit, "build", "failure")
        done = self.land("deploy", task, code=1)
        self.assertEqual((done["state"], self.main(self.team)), ("review", self.team.base))
        self.assertIn("A check that main requires failed at the forge: build (https://github.example/acme/team/runs/", done["sentence"])
        self.repo.check_run(commit, "build", "success")
        self.assertEqual(self.land("deploy", task)["commit"], self.main(self.team))
        self.assertEqual((len(self.repo.pulls), len(self.github.merges)), (1, 1), "the request of before is found")

    def test_what_a_person_closed_is_not_merged_and_the_terminal_that_waits_says_for_what(self):
        self.repo.protect("main", approvals=1)
        task, commit = self.proposed()
        run = self.begin_landing("deploy", task)
        run.wait_line(event="progress", text="at the forge: It waits for a review: https://github.example/acme/team/pull/1")
        run.wait_line(event="state", state="waiting")
        self.repo.close(1)
        self.look_now()
        self.assertEqual(run.wait(), 1, run.story())
        self.assertIn("Its pull request was closed without being merged: https://github.example/acme/team/pull/1", run.result["sentence"])
        shown = self.show(task)
        self.assertEqual((shown["state"], shown["commit"], shown["landing"]), ("review", commit, None))
        self.assertEqual(self.github.merges, [])

    def test_it_waits_for_what_the_branch_requires_and_tells_it(self):
        self.repo.protect("main", checks=["build"], approvals=1)
        self.repo.hold_runs_of = "^mechanic/"
        task, commit = self.proposed()
        service = self.serve()
        self.assertEqual(self.persais("deploy", task, "--yes", "--detach").code, 0)
        what, said = self.waits(service, task)
        self.assertEqual(what, "runs")
        self.assertIn("Workflows of bot branches wait for approval on this repository: https://github.example/acme/team/actions/runs/", said)
        self.repo.approve_runs()
        self.repo.check_run(commit, "build")
        self.look_now()
        what, said = self.waits(service, task, times=2)
        self.assertEqual(what, "checks")
        self.assertIn("It waits for CI: build", said)
        self.assertEqual([lane["task"] for lane in self.persais("status", "--json").lines[0]["lanes"]], [""], "others may go meanwhile")
        service.kill9()
        self.dead_leases_end()
        self.repo.check_run(commit, "build", "success")
        service = self.serve()
        self.look_now()
        what, said = self.waits(service, task)
        self.assertEqual(what, "review")
        self.assertIn("It waits for a review: https://github.example/acme/team/pull/1", said)
        self.repo.review(1, "ann", "APPROVED")
        self.look_now()
        service.wait_task(task, "deployed")
        self.assertEqual(self.team.parents("main"), [self.team.base, commit])
        self.assertEqual(self.show(task)["attempts"]["used"], 0)
        self.assertEqual(len(self.repo.pulls), 1)

    def test_a_forge_that_is_away_loses_nothing_and_a_token_that_loses_its_right_ends_it(self):
        self.repo.protect("main", approvals=1)
        task, commit = self.proposed()
        self.github.fail(502, times=None)
        service = self.serve()
        self.assertEqual(self.persais("deploy", task, "--yes", "--detach").code, 0)
        self.wait_again(service, task, "waiting", 1)
        for times in (2, 3, 4):
            self.look_now()
            self.wait_again(service, task, "waiting", times)
        shown = self.show(task)
        self.assertEqual((shown["waits"]["for"], shown["told"]), ("remote_away", "GitHub answers 502; it is asked again."))
        self.github.lift()
        self.look_now()
        self.assertEqual(self.waits(service, task, times=5)[0], "review")
        self.token.take("pull_requests", leave="read")
        self.token.take("contents", leave="read")
        self.repo.review(1, "ann", "APPROVED")
        self.look_now()
        service.wait_task(task, "review")
        shown = self.show(task)
        self.assertIn("GitHub does not let this token merge its pull request: Resource not accessible by personal access token.",
                      shown["sentence"])
        self.assertEqual((shown["attempts"]["used"], self.github.merges), (0, []))

    def test_two_services_merge_each_request_once_also_when_one_of_them_dies(self):
        """Landings beside each other are on: by requests nothing is begun early."""
        self.repo.protect("main", approvals=1)
        first, _ = self.proposed()
        second, _ = self.proposed(edit("\n", "\n# more\n", path="README.md"), check="true")
        services = [self.serve(DEPLOY_BESIDE="on") for _ in range(2)]
        for task in (first, second):
            self.assertEqual(self.persais("deploy", task, "--yes", "--detach").code, 0)
        for task in (first, second):
            self.either_says("waiting", services, task)
        services.pop(0).kill9()
        self.dead_leases_end()
        for number in (1, 2):
            self.repo.review(number, "ann", "APPROVED")
        self.look_now()
        for task in (first, second):
            services[0].wait_task(task, "deployed")
        self.assertEqual((len(self.github.merges), len(self.repo.pulls)), (2, 2), "each once")
        self.assertEqual(self.sql("select count(*) from audit where what = 'deployed' and task_id in "
                                  f"({first}, {second})"), "2")

    def test_a_result_in_review_is_a_draft_already(self):
        task, commit = self.proposed(REVIEW_REQUEST="draft")
        self.assertEqual((self.pull()["draft"], self.pull()["sha"]), (True, commit))
        self.assertEqual(self.show(task)["request"], "https://github.example/acme/team/pull/1")
        self.land("deploy", task)
        self.assertEqual((self.pull()["draft"], len(self.repo.pulls)), (False, 1))
        self.assertEqual(self.team.parents("main"), [self.team.base, commit])
