"""A remote that is away while a result is deployed: the task waits, says so once, and goes on by itself."""

from git_http import TOKEN, serve
from landing import Landing
from cut_relay import Relay


class Away(Landing):
    def setUp(self):
        super().setUp()
        self.remote_ = self.remote()
        self.relay = Relay(self, serve(self, self.folder))
        self.adopt_helpers()
        url = f"{self.relay.address}/team.git"
        self.settings = {**self.settings, "GIT_REMOTE_URL": url, "GIT_ACCESS_TOKEN": TOKEN, "TASK_ATTEMPTS": "2"}
        self.task, self.commit = self.ready(url.replace("//", "//git@"))

    def pushes(self, more="true"):
        """A file with a line for each push that the remote has taken."""
        file = self.folder / "pushes"
        self.remote_.hook("post-receive", f"echo push >> {file}\n{more}\n")
        return file

    def said(self, since):
        """What was told of the task."""
        return self.sql(f"select body::text from outbox where task_id = {self.task} and id > {since} order by id").splitlines()

    def newest(self):
        return int(self.sql("select coalesce(max(id), 0) from outbox"))

    def deploy(self):
        before = self.newest()
        said = self.persais("deploy", self.task, "--yes", "--detach")
        self.assertEqual(said.code, 0, said.story())
        return before

    def waits(self, service, times):
        seen = 0
        for _ in range(times):
            line = service.wait_for_line(r"^waiting\b", seen, task=self.task)
            seen = service.lines.index(line, seen) + 1

    def deployed_once(self, service, pushes, before):
        service.wait_task(self.task, "deployed")
        self.assertEqual((self.main(self.remote_), pushes.read_text()), (self.commit, "push\n"))
        self.assertEqual(self.sql(f"select what from audit where task_id = {self.task} order by id").split(), ["deploy_asked", "deployed"])
        told = self.said(before)
        self.assertEqual(len(told), 2, told)
        self.assertIn("Deployed: main is at", told[1])

    def test_before_it_is_looked_at(self):
        pushes, service = self.pushes(), self.serve()
        self.relay.go_away()
        before = self.deploy()
        self.waits(service, 3)  # more often than a task has attempts
        self.assertIn("waits", self.persais("show", self.task).out)
        self.relay.come_back()
        self.deployed_once(service, pushes, before)

    def test_when_the_push_is_taken_and_its_answer_is_lost(self):
        gate = self.gate()
        pushes, service = self.pushes(f"[ -e {gate.announce.parent}/free ] || {{ {gate.shell}; }}"), self.serve()
        before = self.deploy()
        gate.wait()
        self.relay.go_away()
        (gate.announce.parent / "free").touch()
        gate.let_on()
        self.waits(service, 1)
        self.relay.come_back()
        self.deployed_once(service, pushes, before)
