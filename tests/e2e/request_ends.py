"""What becomes of a request whose result is put away, of a repository that moves, and of a queue; as an App instead of by a token.

For the nightly: what tests of single parts hold in every run too."""

import tempfile

import git_http
from requesting import Requesting
from scripted import RIGHT, edit

from github.apps import make_key


class RequestEnds(Requesting):
    def test_it_is_closed_with_the_result_that_was_put_away_and_opened_with_it_again(self):
        self.settings["REVIEW_REQUEST"] = "draft"
        task, commit = self.proposed()
        service = self.serve()
        for number, (word, state, patches) in enumerate((("discard", "closed", 1), ("undiscard", "open", 2)), 1):
            self.assertEqual(self.persais(word, task, *(["--yes"] if word == "discard" else [])).code, 0)
            self.github.wait_asked("PATCH /repos/acme/team/pulls/1 200", patches)
            self.assertEqual((self.pull()["state"], len(self.repo.comments)), (state, number))
        self.github.fail(502, "PATCH", "/pulls/1$", after=True)  # it is closed, and nobody knows
        self.assertEqual(self.persais("discard", task, "--yes").code, 0)
        self.github.wait_asked("PATCH /repos/acme/team/pulls/1 502")
        service.wait_for_line("its request was not closed: GitHub answers 502", task=str(task))
        self.sql("update request_duties set next_try = now(); select pg_notify('persais_tasks', '')")
        self.wait_sql("select count(*) from request_duties", "0")
        self.assertEqual((self.pull()["state"], self.show(task)["state"]), ("closed", "discarded"))
        said = [each["body"].partition("\n")[0] for each in self.repo.comments]
        self.assertEqual(said, [f"A person put the result of task {task} away.", f"A person took the result of task {task} up again.",
                                f"A person put the result of task {task} away."])
        self.assertEqual(list(self.team.branches().values()), [commit], "a branch that was pushed stays")

    def test_a_merge_queue_is_followed_until_it_merged_or_put_it_out(self):
        self.repo.require_queue("main")
        task, commit = self.proposed()
        service = self.serve()
        self.assertEqual(self.persais("deploy", task, "--yes", "--detach").code, 0)
        what, said = self.waits(service, task)
        self.assertEqual(what, "queue")
        self.assertIn("It is in the merge queue of main, place 1: https://github.example/acme/team/pull/1", said)
        self.repo.throw_out(1)
        self.look_now()
        service.wait_task(task, "review")
        self.assertIn("The merge queue of main put its pull request out (failed_checks); nothing was merged", self.show(task)["sentence"])
        self.assertEqual(self.persais("deploy", task, "--yes", "--detach").code, 0)
        self.waits(service, task, times=2)
        self.assertEqual(self.repo.enqueued, [1, 1])
        self.assertEqual(self.persais("abort", task).code, 0)
        self.wait_again(service, task, "review", 2)
        self.assertEqual(self.repo.queue_of("main"), [], "what was stopped is not merged later")
        self.assertEqual(self.persais("deploy", task, "--yes", "--detach").code, 0)
        self.waits(service, task, times=3)
        self.repo.merge_queued(1)
        self.look_now()
        service.wait_task(task, "deployed")
        self.assertEqual((self.team.file("main", "calc.py"), len(self.repo.pulls)), (RIGHT, 1))

    def test_a_renamed_repository_is_followed_and_told_and_an_archived_one_costs_nothing(self):
        task, commit = self.proposed()
        self.github.rename("acme/team", "corp/team")
        run = self.begin_landing("deploy", task)
        run.wait_line(event="progress", text="at the forge: GitHub has acme/team as corp/team now: change the address of the repository.")
        self.assertEqual(run.wait(), 0, run.story())
        self.assertEqual(self.team.parents("main"), [self.team.base, commit])
        self.github.elsewhere = "http://127.0.0.2:9"  # a redirect to another host gets no token
        back = self.land("rollback", task, code=1)
        self.assertIn("GitHub sends the request for this to another host (127.0.0.2), where the token does not go.", back["sentence"])
        self.github.elsewhere = None
        self.repo.archived = True
        asked = len(self.model.requests())
        result = self.run_on(self.url)
        self.assertIn("GitHub has acme/team in its archive: nothing can be pushed there.", result["sentence"])
        self.assertEqual(len(self.model.requests()), asked)

    def test_a_forge_that_has_enough_is_left_alone_for_as_long_as_it_says(self):
        task, commit = self.proposed()
        self.github.fail(403, "POST", "/pulls$", fields={"Retry-After": "600"}, message="You have exceeded a secondary rate limit.")
        service = self.serve()
        self.assertEqual(self.persais("deploy", task, "--yes", "--detach").code, 0)
        self.wait_again(service, task, "waiting", 1)
        self.assertEqual(self.show(task)["told"], "GitHub takes no more requests of this token for 10 min; then it is asked again.")
        left = self.sql(f"select extract(epoch from wait_until - now()) > 500 from tasks where id = {task}")
        self.assertEqual(left.strip(), "t")
        self.look_now()
        service.wait_task(task, "deployed")

    def test_an_app_instead_of_a_token(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        key, public = make_key(folder.name)
        del self.github.tokens[git_http.TOKEN]
        app = self.github.app("77", public, ["acme/team"], secret=git_http.TOKEN)
        del self.settings["GIT_ACCESS_TOKEN"]
        self.settings |= {"GITHUB_APP_ID": "77", "GITHUB_APP_KEY": key.replace("\n", "\\n")}
        task, commit = self.proposed()
        self.land("deploy", task)
        self.assertEqual((self.team.parents("main"), len(app["given"])), ([self.team.base, commit], 2), "one for each program")
        found = self.persais("doctor", "--json").lines
        self.assertIn("GitHub knows the token", next(str(line) for line in found if line.get("name") == "token"))
        app["repositories"].clear()
        found = self.persais("doctor", "--json").lines
        self.assertIn("The GitHub App 77 is not installed on acme/team", next(str(line) for line in found if line.get("name") == "token"))

    def test_kill_9_on_both_sides_of_the_merge(self):
        # The one call of an older server; `merge-async` has kills of its own (request_kills).
        self.github.async_merges = False
        for after in (False, True):
            with self.subTest(after=after):
                task, commit = self.proposed() if not after else self.proposed(edit("\n", "\n# more\n", path="README.md"), check="true")
                merges, hold = len(self.github.merges), self.github.hold("PUT", "/merge$", after=after)
                run = self.begin_landing("deploy", task)
                hold.wait()
                run.kill()
                hold.go.set()
                self.github.wait_asked("PUT .*/merge 200", merges + 1)  # what was sent is carried out, whoever waits for it
                self.dead_leases_end()
                self.assertEqual(self.land("deploy", task)["commit"], self.main(self.team))
                self.assertEqual(len(self.github.merges), merges + 1, "and only once")

    def test_what_the_forge_does_not_let_the_token_see_is_told_and_taken_back_by_nobody(self):
        task, commit = self.proposed()
        self.token.take("deployments")
        self.settings |= {"DEPLOY_STRATEGY": "push", "DEPLOY_WATCH": "forge", "DEPLOY_ENVIRONMENT": "production"}
        done = self.land("deploy", task, code=1, DEPLOY_AUTO_ROLLBACK="on")
        self.assertEqual((done["state"], done["health"]["well"], self.main(self.team)), ("deployed", False, commit))
        self.assertIn("Resource not accessible by personal access token. It needs: deployments=read.", done["sentence"])
