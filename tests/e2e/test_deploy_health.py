"""After the push the deployment is watched: told as healthy or not, under the lane, and taken back by itself where that is wished."""

from deployment import Deployment
from landing import Landing
from scripted import RIGHT, edit
from test_deploy import WRONG


class Health(Landing):
    def watched(self, remote, unwell=lambda commit: False):
        """A deployment of the remote, and the settings that name it."""
        place = Deployment(remote, unwell)
        self.addCleanup(place.end)
        return place, {"DEPLOY_HEALTH_URL": place.url, "DEPLOY_VERSION_HEADER": "X-Version"}

    def test_a_healthy_one_is_told_as_such(self):
        remote = self.remote()
        task, commit = self.ready(remote)
        place, where = self.watched(remote)
        done = self.land("deploy", task, **where)
        self.assertEqual((done["state"], done["health"]["well"]), ("deployed", True))
        self.assertTrue(done["sentence"].endswith(f"It is healthy: 127.0.0.1 answers 200 and is version {commit[:10]}."), done)
        said = self.persais("rollback", task, "--yes", **where)
        self.assertEqual(said.code, 0, said.story())
        self.assertIn(f"It is healthy: 127.0.0.1 answers 200 and is version {self.main(remote)[:10]}.", said.out)
        self.assertEqual((said.out + said.err).count(f"task {task}: rolling back"), 1, "its steps are one state")

    def test_one_that_is_not_seen_is_told_with_the_way_back(self):
        remote = self.remote()
        task, commit = self.ready(remote)
        place, where = self.watched(remote)
        place.paused = remote.base
        done = self.land("deploy", task, code=1, **where, DEPLOY_TIMEOUT="1s")
        self.assertEqual((done["state"], done["health"]["well"]), ("deployed", False))
        self.assertTrue(done["sentence"].endswith(f"It was not seen healthy: 127.0.0.1 answers 200 and is another version: {remote.base[:10]}."), done)
        self.assertEqual(self.main(remote), commit)
        self.assertIn(f"persais rollback {task}", self.persais("show", task).out)

    def test_an_unhealthy_one_goes_back_by_itself(self):
        remote = self.remote()
        task, commit = self.ready(remote)
        place, where = self.watched(remote, unwell=lambda now: now == commit)
        done = self.land("deploy", task, code=1, **where, DEPLOY_TIMEOUT="1s", DEPLOY_AUTO_ROLLBACK="on")
        self.assertEqual((done["state"], done["before"]), ("rolled_back", commit))
        self.assertIn(f"It is healthy: 127.0.0.1 answers 200 and is version {done['commit'][:10]}.", done["sentence"])
        self.assertTrue(done["sentence"].endswith("What it deployed was not healthy: 127.0.0.1 answers 502."), done)
        self.assertEqual((self.main(remote), remote.file("main", "calc.py")), (done["commit"], WRONG))
        kept = self.sql(f"select what, by, commit_id from audit where task_id = {task} order by id").splitlines()
        self.assertEqual(kept, [f"deploy_asked|terminal|{commit}", f"deployed|terminal|{commit}",
                                f"rollback_asked|health|{commit}", f"rolled_back|health|{done['commit']}"])

    def test_nothing_else_is_pushed_before_it_is_healthy_also_after_a_kill(self):
        remote = self.remote(files={"more.py": "def more(a):\n    return a\n"})
        first, commit = self.ready(remote, check="true")
        second, _ = self.ready(remote, edit("    return a\n", "    return a + 1\n", path="more.py"), check="true")
        place, where = self.watched(remote)
        place.paused = remote.base
        service = self.serve(**where)
        for task in (first, second):
            self.assertEqual(self.persais("deploy", task, "--yes", "--detach").code, 0)
        place.wait_asked(1)
        service.kill9()
        self.dead_leases_end()
        asked = place.asked
        service = self.serve(**where)
        place.wait_asked(asked + 1)
        self.assertEqual(self.main(remote), commit, "the second one waits")
        place.paused = None
        service.wait_task(first, "deployed")
        service.wait_task(second, "deployed")
        self.assertEqual((remote.file("main", "calc.py"), remote.file("main", "more.py")), (RIGHT, "def more(a):\n    return a + 1\n"))
        self.assertTrue(all(self.show(task)["health"]["well"] for task in (first, second)))
