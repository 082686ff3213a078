"""The service: what it takes, how it leaves, what a crash and a reload do to it, and that it is silent when idle."""

import select
import signal
import socket
import subprocess
import unittest
from pathlib import Path

from scripted import KEY, fix
from serving import SeenFromBeside, ServedStory, Serving
from story import IS_ROOT


class Serve(ServedStory):
    def test_is_live_before_the_database_and_takes_a_task_when_it_is_ready(self):
        remote = self.remote()
        self.script(fix())
        self.data.mkdir(exist_ok=True)
        self.data.chmod(0o755)  # as an older version left it
        service = Serving.start(self.environment(), self.folder / "cwd")
        self.addCleanup(self._end_service, service)
        self.assertEqual(service.health("/health/live")[0], 200)
        service.wait_ready()
        service.wait_for_line("^The data folder .* was open to other users")
        self.assertEqual(self.data.stat().st_mode & 0o777, 0o700)
        status, said = service.health()
        self.assertEqual((status, said["status"]), (200, "ok"), said)
        self.assertEqual(set(said["checks"]), {"database", "agent", "sandbox", "disk", "telegram"})
        task = self.enqueue(remote)
        service.wait_task(task, "review")
        self.assertEqual(list(remote.branches()), [f"mechanic/{task}-mend-the-sum"])
        self.assertIn('persais_tasks_ended_total{', service.metrics())
        self.assertEqual(service.terminate(), 0, service.story())

    def test_is_not_ready_and_keeps_trying_while_the_database_is_away(self):
        with socket.socket() as nobody:  # a port that refuses
            nobody.bind(("127.0.0.1", 0))
            port = nobody.getsockname()[1]
            service = Serving.start(self.environment(DATABASE_URL=f"postgresql://u:p@127.0.0.1:{port}/d"), self.folder / "cwd")
            self.addCleanup(self._end_service, service)
            line = service.wait_for_line("^database: ")
            self.assertIn("DATABASE_URL", line["message"])
            status, said = service.health()
            self.assertEqual((status, said["checks"]["database"]["status"]), (503, "down"))
            self.assertEqual(service.health("/health/live")[0], 200)
            self.assertEqual(service.terminate(), 0, service.story())

    @unittest.skipUnless(IS_ROOT, "takes a capability away")
    def test_without_a_sandbox_it_says_so_once_and_takes_nothing(self):
        remote = self.remote()
        refused = ["setpriv", "--bounding-set=-sys_admin", "--inh-caps=-sys_admin"]
        service = Serving.start(self.environment(), self.folder / "cwd", before=refused)
        self.addCleanup(self._end_service, service)
        first = service.wait_for_line("^Tasks are refused")
        self.assertIn("bubblewrap", first["message"])
        task = self.enqueue(remote)
        status, said = service.health()
        self.assertEqual((status, {name: check["status"] for name, check in said["checks"].items() if name != "disk"}),
                         (503, {"database": "ok", "agent": "ok", "sandbox": "down", "telegram": "ok"}), said)
        self.assertEqual(self.persais("show", task, "--json").lines[-1]["state"], "queued")
        self.assertEqual(service.terminate(), 0, service.story())
        self.assertEqual(len([m for m in service.messages() if m.startswith("Tasks are refused")]), 1, service.story())

    def test_a_wrong_setting_is_one_line_and_exit_2(self):
        said = self.persais("serve", PORT="seventy")
        self.assertEqual(said.code, 2)
        self.assertEqual(len(said.err.splitlines()), 1, said.err)
        self.assertIn("PORT", said.err)

    def test_a_taken_port_is_one_sentence_and_exit_2(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            said = self.persais("serve", HOST="127.0.0.1", PORT=str(taken.getsockname()[1]), METRICS_ADDRESS="127.0.0.1:0")
        self.assertEqual(said.code, 2, said.story())
        self.assertIn("PORT", said.err)

    def test_two_repositories_take_turns(self):
        one, two = self.remote("one"), self.remote("two")
        hold = self.model_gate()
        self.script(fix(**hold.step))
        service = self.serve(TASKS_PARALLEL="1")
        first = self.enqueue(one)
        hold.wait()
        backlog = [self.enqueue(one) for _ in range(2)]
        other = self.enqueue(two)
        hold.let_on()
        service.wait_task(backlog[-1], "preparing")
        ours = {first, other, *backlog}
        started = [line["task"] for line in service.lines if line["message"] == "preparing" and line["task"] in ours]
        self.assertEqual(started, [first, other, *backlog])

    def test_sigterm_gives_the_task_back_and_the_next_start_goes_on(self):
        remote, hold = self.remote(), self.model_gate()
        self.script(fix(**hold.step))
        service = self.serve()
        task = self.enqueue(remote)
        hold.wait()
        self.assertEqual(service.terminate(), 0, service.story())
        self.assertIn("queued", [line["message"] for line in service.lines if line.get("task") == task])
        hold.let_on()
        again = self.serve()
        again.wait_task(task, "review")
        self.assertEqual(len(remote.branches()), 1)
        shown = self.persais("show", task, "--json").lines[-1]
        self.assertEqual(shown["attempts"]["used"], 0, shown)  # nobody's fault
        self.assertEqual(again.terminate(), 0, again.story())
        self.in_review.add(task)
        self.nothing_left()

    def test_sigterm_of_a_service_that_has_nothing_to_do_is_obeyed_at_once(self):
        service = self.serve()
        self.assertEqual(service.terminate(), 0, service.story())
        self.assertEqual(service.messages()[-1], "left", "not by running out of the time that it has for leaving")
        self.nothing_left()

    def test_sigterm_ends_checks_that_do_not_want_to(self):
        remote, hold = self.remote(), self.gate()
        model = self.model_gate()
        self.script(fix(**model.step))
        service = self.serve()
        task = self.enqueue(remote, check=f"trap '' TERM; {hold.shell}")
        hold.wait()  # the checks of the base are under way beside the agent
        model.wait()
        self.assertEqual(service.terminate(), 0, service.story())
        self.assertNotIn("cut off", service.story())
        model.let_on()
        hold.let_on(20)
        again = self.serve()
        again.wait_task(task, "review")

    def test_a_second_signal_leaves_at_once(self):
        remote, hold = self.remote(), self.gate()
        self.script(fix())
        service = self.serve()
        task = self.enqueue(remote, check=f"trap '' TERM; {hold.shell}")
        hold.wait()
        service.process.send_signal(signal.SIGTERM)
        service.wait_for_line("^SIGTERM: ")
        service.process.send_signal(signal.SIGINT)
        self.assertEqual(service.wait(), 128 + signal.SIGINT, service.story())
        hold.let_on(20)
        again = self.serve()
        again.wait_task(task, "review")

    def test_kill_9_loses_nothing(self):
        remote, hold = self.remote(), self.model_gate()
        self.script(fix(**hold.step))
        service = self.serve(LEASE_TTL="2s")
        task = self.enqueue(remote)
        hold.wait()
        service.kill9()
        self.assertEqual(service.left, [])
        hold.let_on()
        again = self.serve(LEASE_TTL="2s")
        again.wait_task(task, "review")
        self.assertEqual(len(remote.branches()), 1)

    def test_another_service_takes_over_from_a_dead_one(self):
        remote, hold = self.remote(), self.model_gate()
        self.script(fix(**hold.step))
        first = self.serve(LEASE_TTL="2s")
        task = self.enqueue(remote)
        hold.wait()
        second = self.serve(LEASE_TTL="2s")
        first.kill9()
        hold.let_on()
        second.wait_task(task, "review")

    def test_waits_for_a_key_and_goes_on_when_one_comes(self):
        remote = self.remote()
        self.script(fix())
        key = self.folder / "key"
        key.write_text("not-the-" + "right-one\n")
        service = self.serve(OPENROUTER_API_KEY=None, OPENROUTER_API_KEY_FILE=str(key))
        task = self.enqueue(remote)
        service.wait_task(task, "waiting")
        fresh = key.with_suffix(".new")
        fresh.write_text(KEY + "\n")
        fresh.rename(key)  # seen without a signal
        service.wait_task(task, "review")
        self.assertNotIn(KEY.encode(), service.raw)

    def test_the_first_clone_runs_behind(self):
        self.script(fix())
        with socket.socket() as silent:  # takes the connection and never says a word
            silent.bind(("127.0.0.1", 0))
            silent.listen()
            service = self.serve(GIT_REMOTE_URL=f"http://127.0.0.1:{silent.getsockname()[1]}/big.git")
            with silent.accept()[0]:
                self.assertEqual(service.health()[0], 200)
                service.wait_task(self.enqueue(self.remote()), "review")
                self.assertEqual(service.terminate(), 0, service.story())
        again = self.serve(GIT_REMOTE_URL=str(self.remote("two").path))
        again.wait_for_line("^the repository is here and fresh")

    def test_sighup_reads_the_settings_again(self):
        env = self.folder / "cwd" / ".env"
        env.write_text("BUDGET_DAY_USD=3\n")
        service = self.serve()
        service.hang_up()
        service.wait_for_line("settings", start=len(service.lines) - 1)
        env.write_text("BUDGET_DAY_USD=lots\n")
        service.hang_up()
        line = service.wait_for_line("BUDGET_DAY_USD")
        self.assertEqual(service.health()[0], 200)
        self.assertEqual(line["level"] in ("error", "warning"), True, line)


class Keeping(SeenFromBeside):
    settings = {"RETENTION_DAYS": "30", "LOG_LEVEL": "debug"}

    def test_what_is_old_goes_and_what_came_of_it_stays(self):
        remote = self.remote()
        self.script(fix())
        review, late = [self.run_on(remote)["task"] for _ in range(2)]
        service = self.serve()
        service.wait_for_line("^what is done once a day is done")
        self.assertEqual(len(self.kept()), 2)
        self.sql("update tasks set state = 'failed', verdict = 'timed_out', reason = '', sentence = 'It took too long.', commit_id = null "
                 f"where id = {late}; update tasks set changed_at = changed_at - interval '31 days'")
        self.assertEqual(service.terminate(), 0, service.story())
        self.add_packs(12)
        again = self.serve()
        again.wait_for_line("^1 result that nobody decided on expired")
        again.wait_for_line("^pruned 1 task beyond RETENTION_DAYS")
        self.assertEqual(self.kept(), [])
        self.assertEqual(self.sql(f"select count(*) from task_events where task_id = {late}"), "0")
        shown = {task: self.persais("show", task, "--json").lines[-1] for task in (review, late)}
        self.assertEqual([shown[review]["state"], shown[late]["state"], shown[late]["verdict"]], ["expired", "failed", "timed_out"])
        again.wait_for_line("was tended$")
        self.assertLess(len(self.packs()), 10)
        self.assertEqual(again.terminate(), 0, again.story())
        self.nothing_left()

    def packs(self):
        return list(self.data.glob("mirrors/*/git/objects/pack/*.pack"))

    def add_packs(self, count):
        pack = ("for i in $(seq $1); do echo $i | git -c safe.directory='*' hash-object -w --stdin | "
                "git -c safe.directory='*' pack-objects -q objects/pack/pack; done")
        for git in self.data.glob("mirrors/*/git"):
            subprocess.run(["sh", "-ec", pack, "sh", str(count)], cwd=git, check=True, capture_output=True)
        self.assertGreater(len(self.packs()), count)

    def kept(self):
        """The tasks whose commits a mirror holds."""
        mirrors = list((self.data / "mirrors").glob("*/git"))
        self.assertEqual(len(mirrors), 1)
        listed = subprocess.run(["git", "-c", "safe.directory=*", "-C", mirrors[0], "for-each-ref", "--format=%(refname)", "refs/persais/tasks"],
                                text=True, capture_output=True, check=True).stdout
        return sorted({name.split("/")[3] for name in listed.split()})


class Idle(SeenFromBeside):
    embedded = True  # alone on its server

    def test_goes_on_with_a_new_address_of_its_database(self):
        self.serve(TASKS_PARALLEL="1")  # has the database that the other one is given
        url = self.database.url("&application_name=")
        where = self.folder / "address"
        where.write_text(url + "first\n")
        other = Serving.start(self.environment(DATABASE_URL_FILE=str(where), PERSAIS_DATA=str(self.data.parent / "other")),
                              self.folder / "cwd")
        self.addCleanup(self._end_service, other)
        other.wait_ready()
        self.assertEqual(self.names(), {"first"})
        fresh = where.with_suffix(".new")
        fresh.write_text(url + "second\n")
        fresh.rename(where)
        other.wait_for_line("^The settings were read again: DATABASE_URL changed")
        self.turn(other, 2)
        self.assertEqual(self.names(), {"second"})

    def names(self):
        return {name for name in self.sql("select distinct application_name from pg_stat_activity where datname = 'persais'"
                                          " and application_name in ('first', 'second')").split()}

    def test_idle_is_without_sql(self):
        """PostgreSQL writes down of each session when it last began and ended a statement."""
        service = self.serve()
        self.turn(service, 2)  # what is done once a day is done
        before = self.sessions()
        self.turn(service, 4)
        self.assertEqual(self.sessions(), before)
        self.assertTrue(before, "no session was seen")
        service.wait_task(self.enqueue(self.remote()), "coding")
        self.assertNotEqual(self.sessions(), before)  # it can be seen

    def turn(self, service, times):
        """As long as the service's loop takes to turn so often; it counts once a second."""
        def turned():
            return next((float(line.split()[-1]) for line in service.metrics().splitlines()
                         if line.startswith("persais_loop_lag_seconds_count")), 0)
        start = turned()
        while turned() < start + times:
            select.select([], [], [], 0.2)

    def sessions(self):
        return self.sql("select pid, query_start, state_change from pg_stat_activity where datname = 'persais' and pid <> pg_backend_pid() order by pid")
