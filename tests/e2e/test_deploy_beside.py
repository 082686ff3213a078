"""Several approved changes are tried on top of one another while the first one lands, and what is green is pushed as one."""

from deployment import Deployment
from landing import Landing
from scripted import edit
from turns import git

LINE = "    return a\n"


class Beside(Landing):
    def approved(self, *checks):
        """A remote whose main has moved since, and its results in review: one for each check, each in a file of its own."""
        names = [f"part{n}.py" for n in range(len(checks))]
        remote = self.remote(files={name: f"def more(a):\n{LINE}" for name in names})
        git(remote.path, "config", "core.logAllRefUpdates", "always")
        tasks = [self.ready(remote, edit(LINE, "    return a + 1\n", path=name), check=check)[0] for name, check in zip(names, checks)]
        self.others(remote, other__txt="one\n")
        return remote, tasks

    def flag(self, name):
        """A file that the checks see."""
        return self.first.announce.parent / name

    def pushes(self, remote):
        return len(git(remote.path, "reflog", "show", "main").splitlines())

    def deploy(self, tasks):
        for task in tasks:
            said = self.persais("deploy", task, "--yes", "--detach")
            self.assertEqual(said.code, 0, said.story())

    def green(self, *tasks):
        """Until each is green on top of the one before it, and the first of them on top of what is at its checks: their rows say that,
        and nobody else does."""
        heard = 0
        while not self.in_a_row(tasks):  # each change of a row is followed by a line of the service
            self.service.wait_for_line("", start=heard)
            heard = len(self.service.lines)

    def in_a_row(self, tasks):
        rows = self.sql("select id, state, facts #>> '{lands,after}', facts #>> '{lands,onto}', facts #>> '{lands,made}' from tasks "
                        f"where facts ? 'lands' and id in ({', '.join(map(str, (self.front, *tasks)))})").splitlines()
        found = {line.split("|")[0]: line.split("|")[1:] for line in rows}
        if len(found) < len(tasks) + 1:
            return False
        chain = [found[str(task)] for task in (self.front, *tasks)]
        return all(row[:2] == ["queued", "green"] and row[2] == before[3] != "" for before, row in zip(chain, chain[1:]))

    def subjects(self, remote):
        return git(remote.path, "log", "--format=%H", "--reverse", f"{remote.base}..main").split()[1:]

    def begin_all(self, *checks, of_remote=lambda remote: {}, **settings):
        """All are approved; the first one is at its checks, and a gate holds it there."""
        self.first = self.gate()
        remote, tasks = self.approved(f"{{ [ ! -e {self.flag('closed')} ] || {self.first.shell}; }}", *checks)
        self.front = tasks[0]
        self.flag("closed").touch()
        service = self.service = self.serve(TASKS_PARALLEL=str(len(tasks) + 1), **{"DEPLOY_BESIDE": "on", **settings}, **of_remote(remote))
        before = self.pushes(remote)
        self.deploy(tasks)
        self.first.wait()
        return remote, tasks, service, before

    def let_on(self):
        self.flag("closed").unlink()
        self.first.let_on()

    def test_what_is_green_on_top_of_it_is_pushed_with_the_first(self):
        remote, tasks, service, before = self.begin_all("true", "true", "true")
        self.green(*tasks[1:])
        self.assertEqual(self.pushes(remote), before, "nothing is pushed before its turn")
        self.let_on()
        for task in tasks:
            service.wait_task(task, "deployed")
        self.assertEqual(self.pushes(remote), before + 1)
        self.assertEqual(self.subjects(remote), [self.show(task)["on_base"]["commit"] for task in tasks], "a commit for each, in order")
        self.assertEqual(self.sql(f"select count(*) from audit where what = 'deployed' and task_id in ({', '.join(map(str, tasks))})"), "4")
        service.terminate()
        last = self.land("rollback", tasks[1])
        self.assertEqual(remote.file("main", "part1.py").count("+ 1"), 0)
        self.assertEqual([remote.file("main", f"part{n}.py").count("+ 1") for n in (0, 2, 3)], [1, 1, 1], last)

    def test_a_red_one_in_the_middle_costs_only_itself(self):
        remote, tasks, service, _ = self.begin_all("true", "! grep -q one other.txt", "true", "true")
        self.green(tasks[1], *tasks[3:])
        self.let_on()
        for n in (0, 1, 3, 4):
            service.wait_task(tasks[n], "deployed")
        service.wait_task(tasks[2], "review")
        self.assertIn("the checks are not green. Nothing was deployed.", self.persais("show", tasks[2]).out)
        self.assertEqual(self.subjects(remote), [self.show(tasks[n])["on_base"]["commit"] for n in (0, 1, 3, 4)])
        self.assertEqual([remote.file("main", f"part{n}.py").count("+ 1") for n in range(5)], [1, 1, 0, 1, 1])

    def test_one_in_the_middle_is_stopped(self):
        remote, tasks, service, before = self.begin_all("true", "true", "true")
        self.green(*tasks[1:])
        said = self.persais("abort", tasks[1])
        self.assertEqual((said.code, said.out), (0, f"Task {tasks[1]}: Stopped; nothing was pushed.\n"), said.story())
        self.let_on()
        for task in (0, 2, 3):
            service.wait_task(tasks[task], "deployed")
        self.assertEqual(self.subjects(remote), [self.show(tasks[n])["on_base"]["commit"] for n in (0, 2, 3)])
        self.assertEqual((self.show(tasks[1])["state"], remote.file("main", "part1.py").count("+ 1")), ("review", 0))

    def test_one_that_is_being_pushed_with_the_first_is_not_told_otherwise(self):
        remote, tasks, service, before = self.begin_all("true", "true")
        self.green(*tasks[1:])
        push = self.gate("push")
        remote.hook("pre-receive", push.shell + "\n")
        self.let_on()
        push.wait()
        said = self.persais("abort", tasks[1])
        self.assertEqual((said.code, "nothing was pushed" in said.out), (0, False), said.story())
        push.let_on()
        for task in tasks:
            service.wait_task(task, "deployed")
        self.assertEqual(self.pushes(remote), before + 1)

    def test_a_kill_while_several_are_pushed_pushes_none_twice(self):
        remote, tasks, service, before = self.begin_all("true", "true")
        self.green(*tasks[1:])
        push = self.gate("push")
        remote.hook("post-receive", f"[ -e {self.flag('free')} ] || {push.shell}\n")
        self.let_on()
        push.wait()
        service.kill9()
        self.flag("free").touch()
        push.let_on()
        self.dead_leases_end()
        service = self.serve(TASKS_PARALLEL="4", DEPLOY_BESIDE="on")
        for task in tasks:
            service.wait_task(task, "deployed")
        self.assertEqual(self.pushes(remote), before + 1)
        self.assertEqual(self.subjects(remote), [self.show(task)["on_base"]["commit"] for task in tasks])

    def test_what_is_not_healthy_is_taken_back_whole_and_each_person_is_told(self):
        def watched(remote):
            place = Deployment(remote, unwell=lambda now: "+ 1" in remote.file(now, "part2.py"))
            self.addCleanup(place.end)
            return {"DEPLOY_HEALTH_URL": place.url, "DEPLOY_VERSION_HEADER": "X-Version", "DEPLOY_TIMEOUT": "1s", "DEPLOY_AUTO_ROLLBACK": "on"}

        remote, tasks, service, before = self.begin_all("true", "true", of_remote=watched)
        self.green(*tasks[1:])
        self.let_on()
        for task in tasks:
            service.wait_task(task, "rolled_back")
        self.assertEqual([remote.file("main", f"part{n}.py").count("+ 1") for n in range(3)], [0, 0, 0])
        self.assertEqual(self.pushes(remote), before + 4, "one for all, and one back for each")
        taken_back = [remote.message(commit).split('"')[0] for commit in self.subjects(remote)[3:]]
        self.assertEqual(taken_back, ["Revert "] * 3)
        backs = [self.sql(f"select commit_id from audit where what = 'rolled_back' and task_id = {task}") for task in tasks]
        self.assertEqual(self.subjects(remote)[3:], backs[::-1], "the last one first")
        for task in tasks:
            self.assertIn("What it deployed was not healthy: 127.0.0.1 answers 502.", self.persais("show", task).out)

    def test_without_the_setting_they_go_one_after_the_other(self):
        remote, tasks, service, before = self.begin_all("true", DEPLOY_BESIDE="off")
        service.wait_for_line("^queued", task=str(tasks[1]))  # it has asked for its turn
        self.assertEqual(self.sql("select count(*) from tasks where facts #>> '{lands,made}' <> ''"), "1")
        self.let_on()
        for task in tasks:
            service.wait_task(task, "deployed")
        self.assertEqual(self.pushes(remote), before + 2)
