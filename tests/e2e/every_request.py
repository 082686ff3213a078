"""What request_stories.py tells, at each forge: the nightly's. `run.py every_request`."""

from request_stories import Killed, Refusals, Whole
from requesting import AtGitea, AtGitLab


class GitLab(Killed, Refusals, AtGitLab):
    def test_a_fast_forward_project_takes_what_stands_on_all_it_has_and_a_train_is_waited_for(self):
        self.repo.merge_method = "ff"
        task, commit = self.proposed()
        tip = self.others(self.team, other__txt="one\n")
        done = self.land("deploy", task, code=1)
        self.assertEqual((done["state"], self.main(self.team)), ("review", tip))
        self.assertIn("main moved meanwhile, and takes only what stands on all that it has", done["sentence"])
        anew = self.show(task)["commit"]
        done = self.land("deploy", task)
        self.assertEqual((done["commit"], done["before"], self.main(self.team), self.team.parents(anew)), (anew, tip, anew, [tip]))
        self.assertEqual(len(self.repo.pulls), 1)

        self.repo.merge_method, self.repo.trains = "merge", True
        run = self.begin_landing("rollback", task, "--anyway")
        self.forge.wait_asked("POST .*/merge_trains/merge_requests/2 201")
        run.wait_line(event="state", state="waiting")
        self.assertEqual(self.main(self.team), anew)
        merged = self.repo.train_arrives(2)
        self.look_now()
        self.assertEqual((run.wait(), run.result["state"]), (0, "rolled_back"), run.story())
        self.assertEqual((self.main(self.team), self.forge.count("POST .*/merge_trains/")), (merged, 1))


class Gitea(Whole, Killed, Refusals, AtGitea):
    """At the real one, where PERSAIS_GITEA names it."""

    def test_a_repository_that_only_forwards_takes_what_stands_on_all_it_has(self):
        self.repo.allow_only("fast-forward-only")
        task, commit = self.proposed()
        tip = self.others(self.team, other__txt="one\n")
        done = self.land("deploy", task, code=1)
        self.assertEqual((done["state"], self.main(self.team)), ("review", tip))
        self.assertIn("main moved meanwhile, and takes only what stands on all that it has", done["sentence"])
        anew = self.show(task)["commit"]
        self.assertEqual((self.land("deploy", task)["commit"], self.main(self.team), self.team.parents(anew)), (anew, anew, [tip]))
        self.assertEqual(self.forge.count("POST .*/merge 500"), 0)
