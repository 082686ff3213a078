"""A drill at the size of a year: a machine with many tasks dies, and an empty one is back within ten minutes. `nightly backup`; DRILL_TASKS
sets how many."""

import os
import time

import database
import test_backup
from scripted import fix

TASKS = int(os.environ.get("DRILL_TASKS", "100000"))
MOST = 600  # seconds from the restore to the service that takes tasks


class Drill(test_backup.Backup):
    test_the_machine_dies_in_mid_traffic_and_an_empty_one_goes_on = None
    test_what_is_said_where_nothing_can_be_made_or_read = None
    settings = {**test_backup.Backup.settings, "BACKUP_INTERVAL": "1h"}

    def fill(self):
        """Copies of a task that ended, with its history."""
        columns = self.database.sql("select string_agg(quote_ident(column_name), ', ') from information_schema.columns "
                                    "where table_name = 'tasks' and column_name <> 'id'")
        self.database.sql(f"insert into tasks ({columns}) select {columns} from tasks, generate_series(1, {TASKS}) where id = 1")
        self.database.sql("insert into task_events (task_id, fence, kind, body) select t.id, e.fence, e.kind, e.body from tasks t, task_events e "
                          "where e.task_id = 1 and t.id > 1 and t.state = 'review'")

    def test_many_tasks_come_back_in_time(self):
        self.data = self.folder / "old"
        self.database = database.embedded(self.data)
        remote, old = self.remote(), self.home("old")
        self.script(fix(), fix())
        service = self.serve(**old)
        done = self.enqueue(remote, **old)
        service.wait_task(done, "review")
        self.fill()
        begun = time.monotonic()
        made = self.persais("backup", **old)
        self.assertEqual(made.code, 0, made.story())
        print(f"{TASKS} tasks: {made.out.splitlines()[-2]} {made.out.splitlines()[-1]} All of it: {time.monotonic() - begun:.1f} s.")
        key = (self.data / "backup.key").read_bytes()
        self.machine_dies(service, self.data)
        new = self.home("new")
        (self.folder / "new").mkdir(mode=0o700)
        (self.folder / "new/backup.key").write_bytes(key)
        begun = time.monotonic()
        restored = self.persais("restore", "newest", **new)
        self.assertEqual(restored.code, 0, restored.story())
        again = self.serve(**new)
        took = time.monotonic() - begun
        print(f"Back after {took:.1f} s.")
        self.assertLessEqual(took, MOST)
        again.wait_task(self.enqueue(remote, "Mend it again.", **new), "review")
        self.assertEqual(len(remote.branches()), 2)
