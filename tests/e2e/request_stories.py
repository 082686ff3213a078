"""The way of a request at a forge, told once for all of them: `requesting.py` has what differs. GitHub has stories of its own in test_request.py."""

from scripted import RIGHT, edit
from test_deploy import WRONG


class Whole:
    """From a draft to main and back: what each forge has to get right."""

    def test_a_draft_waits_for_what_the_branch_requires_is_merged_and_taken_back_by_another_request(self):
        self.requires(checks=True)
        task, commit = self.proposed(REVIEW_REQUEST="draft")
        self.assertEqual((self.is_draft(), self.pull()["sha"], self.show(task)["request"]), (True, commit, self.page()))
        self.check(commit, "running")
        service = self.serve()
        self.assertEqual(self.persais("deploy", task, "--yes", "--detach").code, 0)
        what, said = self.waits(service, task)
        self.assertEqual((what, self.is_draft()), ("checks", False))
        self.assertIn("It waits for CI", said)
        self.requires(checks=True, review=True)
        self.check(commit, "green")
        self.look_now()
        what, said = self.waits(service, task, times=2)
        self.assertEqual(what, "review")
        self.assertIn(f"It waits for a review: {self.page()}", said)
        self.assertEqual(self.forge.merges, [])
        self.approve()
        self.look_now()
        service.wait_task(task, "deployed")
        merged = self.main(self.team)
        self.assertEqual((self.team.parents(merged), self.forge.merges), ([self.team.base, commit], [(1, merged)]))
        self.assertEqual(self.show(task)["attempts"]["used"], 0)
        service.kill9()

        self.requires()
        back = self.land("rollback", task)
        self.assertEqual((back["state"], self.team.file("main", "calc.py")), ("rolled_back", WRONG))
        self.assertEqual((self.pull(2)["head"], self.pull(2)["title"]), (f"{self.pull()['head']}-rollback-{merged[:10]}", 'Revert "Mend the sum."'))
        self.assertEqual(len(self.forge.merges), 2)


class Killed:
    """What a crash leaves at a forge."""

    def test_kill_9_on_both_sides_of_the_merge_merges_once(self):
        for after in (False, True):
            with self.subTest(after=after):
                task, commit = self.proposed() if not after else self.proposed(edit("\n", "\n# more\n", path="README.md"), check="true")
                merges, hold = len(self.forge.merges), self.forge.hold(*self.merge, after=after)
                run = self.begin_landing("deploy", task)
                hold.wait()
                run.kill()
                hold.go.set()
                self.forge.wait_asked(f"{self.merge[0]} .*/merge 20", merges + 1)  # what was sent is carried out, whoever waits for it
                self.dead_leases_end()
                self.assertEqual(self.land("deploy", task)["commit"], self.main(self.team))
                self.assertEqual(len(self.forge.merges), merges + 1)
        self.assertEqual(len(self.repo.pulls), 2)


class Refusals:
    """What ends a landing, and what it sits out."""

    def test_red_closed_and_a_token_without_its_right_end_it_with_the_reason(self):
        self.requires(checks=True)
        task, commit = self.proposed()
        self.check(commit, "red")
        done = self.land("deploy", task, code=1)
        self.assertEqual((done["state"], self.main(self.team)), ("review", self.team.base))
        self.assertIn("A check that main requires failed at the forge: build (", done["sentence"])
        self.check(commit, "running")
        run = self.begin_landing("deploy", task)
        run.wait_line(event="state", state="waiting")
        self.repo.close(1)
        self.look_now()
        self.assertEqual(run.wait(), 1, run.story())
        self.assertIn(f"Its pull request was closed without being merged: {self.page()}", run.result["sentence"])
        why = self.lose_the_right()
        self.assertIn(why, self.land("deploy", task, code=1)["sentence"])
        self.assertEqual((self.forge.merges, len(self.repo.pulls)), ([], 1))

    def test_a_forge_that_is_away_or_lost_its_answer_loses_nothing(self):
        task, commit = self.proposed()
        self.forge.fail(502, times=None)
        service = self.serve()
        self.assertEqual(self.persais("deploy", task, "--yes", "--detach").code, 0)
        self.wait_again(service, task, "waiting", 1)
        self.assertEqual(self.show(task)["told"], f"{self.name} answers 502; it is asked again.")
        self.forge.lift()
        self.forge.fail(502, *self.merge, after=True)
        self.look_now()
        self.wait_again(service, task, "waiting", 2)
        self.look_now()
        service.wait_task(task, "deployed")
        self.assertEqual((self.team.file("main", "calc.py"), len(self.forge.merges), self.show(task)["attempts"]["used"]), (RIGHT, 1, 0))
