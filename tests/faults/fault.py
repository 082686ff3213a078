"""What the stories of this folder share: a service with the stub agent, and how a task ends as if nothing had been."""

import select
import shutil
import tempfile
import time
from pathlib import Path

from database import Database
from persais import PATIENCE
from postgres import Postgres
from remote import git
from scripted import RIGHT, fix
from serving import SeenFromBeside

LEASE = "6s"


class Fault(SeenFromBeside):
    settings = {"LEASE_TTL": LEASE}

    def own_server(self):
        """A PostgreSQL of the test's own, to be stopped and killed, in a short place: a socket's name has at most 107 bytes."""
        place = Path(tempfile.mkdtemp(prefix="pg."))
        self.addCleanup(shutil.rmtree, place, True)
        place.chmod(0o755)
        server = Postgres(place / "db")
        self.addCleanup(server.stop_at_once)
        self.database, self.newest_call = Database(lambda: server.folder, "persais"), 0
        self.addCleanup(self.compare_books)
        return server

    def held(self, **changes):
        """A service whose task stands before the model's answer: (service, remote, task, the gate)."""
        remote, hold = self.remote(), self.model_gate()
        self.script(fix(**hold.step, before_headers=True))
        service = self.serve(**changes)
        task = self.enqueue(remote, **changes)
        hold.wait()
        return service, remote, task, hold

    def shown(self, task, **changes):
        said = self.persais("show", task, "--json", **changes)
        self.assertEqual(said.code, 0, said.story())
        return said.lines[-1]

    def ends_ready(self, service, remote, task, attempts=None, start=0, **changes):
        """It comes to review: one branch, one commit, the right bytes. `attempts`: that were used up on the way."""
        service.wait_for_line(r"^review\b", start=start, task=str(task))
        card = self.shown(task, **changes)
        self.assertEqual((card["state"], card["verdict"]), ("review", "ready"), card)
        self.assertEqual(remote.branches(), {card["branch"]: card["commit"]})
        self.assertEqual((remote.parents(card["commit"]), remote.changed(card["commit"])), ([remote.base], ["calc.py"]))
        self.assertEqual(remote.file(card["commit"], "calc.py"), RIGHT)
        git(remote.path, "fsck", "--strict", "--no-dangling")
        if attempts is not None:
            self.assertEqual(card["attempts"]["used"], attempts, service.story())
        self.in_review.add(task)
        return card

    def waits(self, service, task, pattern, start=0):
        """It waits, and its person is told why in one sentence: `persais show` has it too, until the wait is over."""
        service.wait_for_line(r"^waiting\b", start=start, task=str(task))
        asked = f"select string_agg(body, ' ' order by id) from outbox where task_id = {task}"
        self.assertRegex(self.sql(asked), pattern)

    def part_of_health(self, service, part, wanted):
        """Waits for it: it is a look at the disk or an event away."""
        self.wait_for(lambda: service.health()[1]["checks"][part]["status"] == wanted)

    def wait_for(self, look):
        until = time.monotonic() + PATIENCE
        while not look():
            self.assertLess(time.monotonic(), until)
            select.select([], [], [], 0.1)
