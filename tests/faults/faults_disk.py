"""The disk is full, or gone with the work on it: the service says so, tells no wrong success, and goes on when it may."""

import errno
import shutil
import subprocess
import unittest
from pathlib import Path

import database
from fault import Fault
from scripted import fix
from serving import SeenFromBeside, Serving
from story import IS_ROOT


class Small(Fault):
    """A data folder on a small file system, which `fill` fills to its last byte."""

    def fill(self):
        with self.filler.open("wb", buffering=0) as file:
            for size in (1 << 20, 1 << 9, 1):
                try:
                    while file.write(bytes(size)):
                        pass
                except OSError as full:
                    self.assertEqual(full.errno, errno.ENOSPC)


@unittest.skipUnless(IS_ROOT, "mounts need root")
class Full(Small):
    """In memory, and only the service sees it. The database is elsewhere."""

    def setUp(self):
        super().setUp()
        self.own_server()
        self.small = self.folder / "small"
        self.small.mkdir()
        self.settings = {**self.settings, "PERSAIS_DATA": str(self.small)}

    def serve(self, **changes):
        mounted = ["unshare", "-m", "sh", "-c", f'mount -t tmpfs -o size=200m,mode=755 none "{self.small}" && exec "$@"', "sh"]
        service = Serving.start(self.environment(**changes), self.folder / "cwd", mounted)
        self.addCleanup(self._end_service, service)
        self.filler = Path(f"/proc/{service.pid}/root{self.small}/filler")
        return service.wait_ready()

    def test_before_the_task(self):
        remote = self.remote()
        self.script(fix())
        service = self.serve()
        self.fill()
        self.part_of_health(service, "disk", "down")
        service.wait_for_line(r"^disk: 0 MiB are free below .*PERSAIS_DATA")
        task = self.enqueue(remote)
        self.waits(service, task, "disk .* full|No space left")
        self.expect_nothing_pushed(remote)
        self.filler.unlink()
        self.ends_ready(service, remote, task)
        self.part_of_health(service, "disk", "degraded")

    def test_while_the_agent_works(self):
        service, remote, task, hold = self.held()
        self.fill()
        hold.let_on()
        self.waits(service, task, "disk .* full|No space left")
        self.expect_nothing_pushed(remote)
        self.filler.unlink()
        self.ends_ready(service, remote, task)

    def test_while_the_checks_run(self):
        remote, gate = self.remote(), self.gate()
        self.script(fix())
        service = self.serve()
        # The base's own check, beside the agent, is red; the one of the change is announced and held.
        task = self.enqueue(remote, check=f"python3 check.py && {{ [ -e {gate.announce.parent}/free ] || {{ {gate.shell}; }}; }}")
        gate.wait()
        self.fill()
        # It is ended where it stands: a check may still write, and what is left is the database's.
        self.waits(service, task, "disk is almost full")
        (gate.announce.parent / "free").touch()
        self.expect_nothing_pushed(remote)
        self.filler.unlink()
        self.ends_ready(service, remote, task)


@unittest.skipUnless(IS_ROOT, "mounts need root")
class FullWithTheDatabase(Small, SeenFromBeside):
    """A loop device (in memory where a container has none), with the embedded database on it, too."""

    embedded = True

    def setUp(self):
        super().setUp()
        small, image = self.root / "small", self.root / "image"
        small.mkdir()
        with image.open("wb") as file:
            file.truncate(300 << 20)
        subprocess.run(["/sbin/mkfs.ext4", "-q", "-F", "-m", "0", image], check=True)
        if subprocess.run(["mount", "-o", "loop", image, small], stderr=subprocess.DEVNULL).returncode:
            subprocess.run(["mount", "-t", "tmpfs", "-o", "size=300m,mode=755", "none", small], check=True)
        self.addCleanup(subprocess.run, ["umount", "--lazy", small], check=True)
        self.data, self.filler = small / "data", small / "filler"
        self.database = database.embedded(self.data)
        self.settings = {**self.settings, "PERSAIS_DATA": str(self.data)}

    def write_more(self):
        """Until PostgreSQL finds no room for its log, which ends it."""
        for _ in range(32):
            said = subprocess.run(self.database.psql("-c", "select pg_logical_emit_message(true, '', repeat('more', 4000000))"), text=True, capture_output=True)
            if said.returncode:
                return self.assertRegex(said.stderr, "terminat|closed the connection|No such file|starting up|recovery")
        self.fail("it took all of it")

    def test_all_that_was_accepted_goes_on_when_there_is_room(self):
        service, remote, task, hold = self.held()
        self.fill()
        self.write_more()
        service.wait_for_line(rf"^the embedded database does not start: the disk of {self.data}/postgres is full .*; make room there$")
        self.part_of_health(service, "database", "down")
        self.part_of_health(service, "disk", "down")
        hold.let_on()
        said = self.persais("show", task)
        self.assertEqual(said.code, 3, said.story())
        self.assertRegex(said.err, rf"^persais: the embedded database does not start: the disk of {self.data}/postgres is full .*\n$")
        told = [line for line in service.messages() if "does not start" in line]
        self.assertEqual(len(told), 1, service.story())  # however often it was tried
        self.expect_nothing_pushed(remote)
        self.filler.unlink()
        service.wait_for_line("^the embedded database is back")
        self.ends_ready(service, remote, task)


class Gone(Fault):
    def test_with_the_work_on_it_so_that_it_is_done_again(self):
        remote, gate = self.remote(), self.gate()
        self.script(fix())
        service = self.serve()
        free = gate.announce.parent / "free"
        task = self.enqueue(remote, check=f"python3 check.py && {{ [ -e {free} ] || {{ {gate.shell}; }}; }}")
        gate.wait()
        service.kill9()
        shutil.rmtree(self.data / "mirrors")
        shutil.rmtree(self.data / "tasks")
        free.touch()
        gate.let_on()
        self.ends_ready(self.serve(), remote, task, attempts=1)
