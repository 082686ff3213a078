"""The way back: the program of the release before works on the database that this one has migrated and worked on, and this one goes on after it.

    PERSAIS_OLD_BIN=…/bin tests/e2e/run.py way_back       (tests/package/way_back builds it; nightly package.way_back)
"""

import os
import unittest
from pathlib import Path

import landing
import persais
import serving
import story
from json_schema import command_faults
from scripted import RIGHT, fix

OWN = Path(__file__).resolve().parents[2] / "build/dev/bin"
NEW, OLD = persais.PROGRAM, Path(os.environ.get("PERSAIS_OLD_BIN", "/nowhere")) / "persais"


@unittest.skipUnless(OLD.exists(), "PERSAIS_OLD_BIN names no older program")
class WayBack(landing.Landing):
    def setUp(self):
        super().setUp()
        self.addCleanup(self.by, NEW)

    def by(self, program):
        """What runs from here on. What it prints is held to this tree's docs/json.schema.json where it is this tree's program."""
        persais.PROGRAM = serving.PROGRAM = program
        faults = command_faults if program.parent == OWN else lambda *_: []
        landing.command_faults = serving.command_faults = story.command_faults = faults

    def migrations(self):
        return self.sql("select max(number) from persais_schema")

    def test_the_program_before_goes_on_with_what_this_one_left_and_this_one_after_it(self):
        remote = self.remote()
        self.by(NEW)
        first, commit = self.ready(remote)
        newest = self.migrations()

        self.by(OLD)
        self.assertEqual(self.persais("show", first, "--json").lines[0]["commit"], commit)
        self.assertEqual(self.land("deploy", first)["state"], "deployed")
        second, other = self.ready(self.remote("others"))
        self.assertEqual(self.land("rollback", first)["state"], "rolled_back")
        self.assertEqual(self.migrations(), newest, "it takes nothing away")

        self.by(NEW)
        self.assertEqual(self.persais("show", second, "--json").lines[0]["commit"], other)
        self.assertEqual([each["what"] for each in self.persais("audit", first, "--json").lines[::-1]],
                         ["deploy_asked", "deployed", "rollback_asked", "rolled_back"])
        self.assertEqual(self.land("deploy", second)["state"], "deployed")

    def test_a_service_that_is_older_than_its_schema_takes_tasks(self):
        remote = self.remote()
        self.by(NEW)
        self.ready(remote)
        self.by(OLD)
        self.script(fix())
        service = serving.Serving(self.environment(), self.folder / "cwd", program=OLD)
        self.addCleanup(self._end_service, service)
        task = self.enqueue(remote)
        service.wait_ready().wait_task(task, "review")
        self.assertEqual(remote.file(self.show(task)["branch"], "calc.py"), RIGHT)
        self.assertEqual([line["message"] for line in service.lines if line["level"] in ("error", "critical")], [])
