"""The disk is full, or gone with the work on it: the service says so, tells no wrong success, and goes on when it may."""

import errno
import shutil
import unittest
from pathlib import Path

from fault import Fault
from scripted import fix
from serving import Serving
from story import IS_ROOT


@unittest.skipUnless(IS_ROOT, "mounts need root")
class Full(Fault):
    """A data folder on a small file system that only the service sees."""

    def setUp(self):
        super().setUp()
        self.database()
        self.small = self.folder / "small"
        self.small.mkdir()
        self.settings = {**self.settings, "PERSAIS_DATA": str(self.small)}

    def serve(self, **changes):
        mounted = ["unshare", "-m", "sh", "-c", f'mount -t tmpfs -o size=200m,mode=755 none "{self.small}" && exec "$@"', "sh"]
        service = Serving.start(self.environment(**changes), self.folder / "cwd", mounted)
        self.addCleanup(self._end_service, service)
        self.filler = Path(f"/proc/{service.pid}/root{self.small}/filler")
        return service.wait_ready()

    def fill(self):
        with self.filler.open("wb", buffering=0) as file:
            try:
                while file.write(bytes(1 << 20)):
                    pass
            except OSError as full:
                self.assertEqual(full.errno, errno.ENOSPC)

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
        (gate.announce.parent / "free").touch()
        gate.let_on()
        self.ends_ready(service, remote, task)  # nothing more is written but to the remote


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
