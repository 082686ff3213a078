"""The machine is gone in the middle of its work, and a backup is restored on an empty one."""

import os
import re
import shutil
import signal

import processes
from landing import Landing
from scripted import fix

KEEPS = re.compile(r"persais-\d{8}T\d{6}Z-[0-9a-f]{4}\.age")


class Backup(Landing):
    embedded = True
    settings = {"TASKS_PARALLEL": "1", "LEASE_TTL": "2s", "BACKUP_INTERVAL": "1s"}

    def home(self, name, **changes):
        """Another machine: its settings are the same, its data folder is its own."""
        return {"PERSAIS_DATA": str(self.folder / name), "BACKUP_URL": str(self.folder / "backups"), **changes}

    def machine_dies(self, service, data):
        """All at once: the service, and its database."""
        postmaster = int((data / "postgres/cluster/postmaster.pid").read_text().split()[0])
        os.kill(postmaster, signal.SIGQUIT)
        service.kill9()
        self.assertEqual(service.left, [])
        processes.wait_gone([postmaster], processes.SOON)
        shutil.rmtree(data)

    def test_the_machine_dies_in_mid_traffic_and_an_empty_one_goes_on(self):
        remote, gate, old = self.remote(), self.model_gate(), self.home("old")
        self.script(fix(match="Mend it twice", **gate.step), fix())
        service = self.serve(**old)
        done = self.enqueue(remote, **old)
        service.wait_task(done, "review")
        commit = self.shown(done, **old)["commit"]
        gone_on, waits = self.enqueue(remote, "Mend it twice.", **old), self.enqueue(remote, "Mend it thrice.", **old)
        gate.wait()
        made = self.persais("backup", **old)
        self.assertEqual(made.code, 0, made.story())
        self.assertIn("It was restored for a trial", made.out)
        name = KEEPS.search(made.out)[0]
        gate.let_on()
        service.wait_task(gone_on, "review")
        self.assertEqual(len(remote.branches()), 2)
        shutil.copy(self.folder / "old/backup.key", self.folder / "kept.key")  # as its operator was told to
        self.machine_dies(service, self.folder / "old")
        before = remote.branches()

        new = self.home("new")
        (self.folder / "new").mkdir(mode=0o700)
        shutil.copy(self.folder / "kept.key", self.folder / "new/backup.key")
        self.assertIn(name, self.persais("restore", **new).out)
        restored = self.persais("restore", name, **new)
        self.assertEqual(restored.code, 0, restored.story())
        self.assertIn(f"they had gone on since (`persais show N` says why): {gone_on}.", restored.out)
        self.assertEqual(self.persais("restore", name, **new).code, 1, "not over what is there, unless that is said")
        again = self.serve(**new)
        again.wait_task(waits, "review")
        self.assertEqual({k: remote.branches()[k] for k in before}, before, "nothing that was pushed is pushed again")
        self.assertEqual(len(remote.branches()), 3)
        self.assertEqual(self.shown(gone_on, **new)["state"], "parked")
        self.assertIn("restored from a backup", self.persais("show", gone_on, **new).out)
        self.assertEqual(self.shown(done, **new)["commit"], commit)
        landed = self.persais("deploy", done, "--yes", **new)
        self.assertEqual((landed.code, self.main(remote)), (0, commit), landed.story())
        again.wait_for_line(r"^backup persais-.* restored for a trial in")
        self.assertRegex(again.metrics(), r"(?m)^persais_backup_bytes [1-9]")
        self.assertRegex(self.persais("status", **new).out, r"(?m)^Backup: .* \(persais-.*\.age\)\.$")

    def shown(self, task, **where):
        return self.persais("show", "--json", task, **where).lines[-1]

    def test_what_is_said_where_nothing_can_be_made_or_read(self):
        where = self.home("empty")
        self.assertEqual((self.persais("backup").code, self.persais("restore").code), (2, 2), "no BACKUP_URL")
        self.refused("backup", saying="holds no database of Persais", **where)
        self.refused("backup", "--to", "s3://bucket", saying="--to: is not s3://KEY:SECRET@BUCKET")
        self.assertIn("There are no backups at", self.persais("restore", **where).out)
        none = self.persais("restore", "newest", **where)
        self.assertEqual(none.code, 1, none.story())
        self.assertIn("There is no backup newest at", none.err)
