"""The database leaves a task that is under way: away for longer than a lease, restarted, read-only, its pooler restarted."""

import os
import select
import unittest

from fault import Fault
from pooler import BOUNCER, Pooler
from scripted import fix

LONG = int(os.environ.get("FAULTS_AWAY_SECONDS", 0))  # how long the database stays away, beyond the lease's end


class Away(Fault):
    def setUp(self):
        super().setUp()
        self.db = self.own_server()

    def test_for_longer_than_a_lease(self):
        service, remote, task, hold = self.held()
        self.db.stop_at_once()
        self.part_of_health(service, "database", "down")
        service.wait_for_line("^database: .*DATABASE_URL")
        self.assertEqual((service.health()[0], service.health("/health/live")[0]), (503, 200))
        lost = service.wait_for_line("lease", task=str(task))
        self.assertNotRegex(lost["message"], "another worker", "nobody else had it")
        select.select([], [], [], LONG)
        before = len(service.lines)
        hold.let_on()
        self.db.start()
        self.ends_ready(service, remote, task, start=before)
        self.part_of_health(service, "database", "ok")

    def test_restarted_at_once(self):
        service, remote, task, hold = self.held(LEASE_TTL="20s")
        self.db.stop_at_once()
        self.db.start()
        hold.let_on()
        self.ends_ready(service, remote, task, attempts=0)

    def test_read_only_as_after_a_failover(self):
        service, remote, task, hold = self.held(LEASE_TTL="20s")
        self.only_reads("on")
        hold.let_on()
        self.part_of_health(service, "database", "down")
        service.wait_for_line("^database: .*only be read")
        self.only_reads("off")
        self.part_of_health(service, "database", "ok")
        self.ends_ready(service, remote, task, attempts=0)

    def only_reads(self, how):
        self.db.sql(f"alter system set default_transaction_read_only = {how}")
        self.db.sql("select pg_reload_conf()")

    @unittest.skipUnless(BOUNCER.exists(), "needs the package pgbouncer")
    def test_a_pooler_that_is_restarted_twice(self):
        pooler = Pooler(self.db.folder.parent / "pooler", self.db)
        self.addCleanup(pooler.kill)
        checks = self.gate()
        change = {"DATABASE_URL": pooler.url, "DIRECT_URL": self.db.url(), "LEASE_TTL": "20s"}
        remote, hold = self.remote(), self.model_gate()
        self.script(fix(**hold.step, before_headers=True))
        service = self.serve(**change)
        held = f"python3 check.py && {{ [ -e {checks.announce.parent}/free ] || {{ {checks.shell}; }}; }}"
        task = self.enqueue(remote, check=held, **change)
        hold.wait()
        pooler.kill()
        pooler.start()
        hold.let_on()
        checks.wait()
        pooler.kill()
        (checks.announce.parent / "free").touch()
        checks.let_on()
        service.wait_for_line("database")
        pooler.start()
        self.ends_ready(service, remote, task, attempts=0, **change)
