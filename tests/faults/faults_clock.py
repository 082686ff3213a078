"""This machine's wall clock jumps by hours while a task is under way: leases and waits are counted by the database's clock."""

import datetime

import shim
from fault import Fault
from persais import PATIENCE
from scripted import fix

HOURS = 3600


class Clock(Fault):
    def setUp(self):
        super().setUp()
        self.shim = shim.Shim(self.folder)
        self.addCleanup(self.shim.close)

    def with_clock(self, seconds, **changes):
        """A service whose clock is so far ahead."""
        self.shim.shift_clock(seconds)
        return {"LD_PRELOAD": str(self.shim.library), **changes}

    def test_jumps_forth_and_back_lose_no_lease(self):
        remote, hold = self.remote(), self.model_gate()
        self.script(fix(**hold.step, before_headers=True))
        jumping = self.serve(TASKS_PARALLEL="1", **self.with_clock(0))
        task = self.enqueue(remote)
        hold.wait()
        beside = self.serve()  # takes what nobody holds
        for seconds in (5 * HOURS, -5 * HOURS, 300 * HOURS):
            self.shim.shift_clock(seconds)
            self.a_lease_passes(jumping)
        hold.let_on()
        self.ends_ready(jumping, remote, task, attempts=0)
        self.assertFalse([line for line in beside.lines if line.get("task") == task], beside.story())

    def a_lease_passes(self, service):
        """Its loop counts once a second."""
        def turned():
            return next(float(line.split()[-1]) for line in service.metrics().splitlines()
                        if line.startswith("persais_loop_lag_seconds_count"))
        start = turned()
        self.wait_for(lambda: turned() >= start + 7)

    def test_a_wait_that_began_under_a_wrong_clock_is_over_in_time(self):
        for seconds in (-5 * HOURS, 5 * HOURS):
            with self.subTest(seconds):
                remote = self.remote(f"at{seconds}")
                self.script(default={"error": {"status": 503, "message": "Overloaded", "retry_after": 30}, "times": 0})
                service = self.serve(**self.with_clock(seconds, TASK_TIMEOUT="10s"))
                task = self.enqueue(remote, TASK_TIMEOUT="10s")
                service.wait_task(task, "waiting")
                until = datetime.datetime.fromisoformat(self.shown(task)["waits"]["until"])
                away = abs(until - datetime.datetime.now(datetime.timezone.utc)).total_seconds()
                self.assertLess(away, PATIENCE, "not by the database's clock")
                self.assertEqual(self.persais("abort", task).code, 0)  # nobody goes on with it in another test
                service.terminate()

    def test_what_is_given_back_under_a_wrong_clock_is_taken_at_once(self):
        service, remote, task, hold = self.held(**self.with_clock(5 * HOURS))
        self.assertEqual(service.terminate(), 0, service.story())
        hold.let_on()
        self.ends_ready(self.serve(), remote, task, attempts=0)
