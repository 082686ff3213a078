"""What a service meets in its own table: leases that cannot be renewed, a row that it cannot read."""

from scripted import fix
from serving import SeenFromBeside


class OwnTable(SeenFromBeside):
    settings = {"LEASE_TTL": "3s"}

    def test_it_takes_its_own_task_over_while_the_old_worker_still_ends(self):
        hold = self.model_gate()
        self.script(fix(**hold.step))
        service = self.serve()
        task = self.enqueue(self.remote())
        hold.wait()
        # Steps are stored, renewals are refused.
        self.sql("create function refuse() returns trigger language plpgsql as $$ begin raise exception 'no renewal'; end $$")
        self.sql("create trigger refuse before update on tasks for each row "
                 "when (new.fence = old.fence and new.state = old.state) execute function refuse()")
        service.wait_for_line("its lease is gone", task=task)
        self.sql("drop trigger refuse on tasks")
        hold.let_on()
        service.wait_task(task, "(review|parked)")
        self.assertEqual(service.health("/health/live")[0], 200)

    def test_what_could_not_be_stored_is_not_accepted(self):
        remote = self.remote()
        self.script()
        self.serve()
        self.sql("create function no_room() returns trigger language plpgsql as $$ begin raise exception 'the table is full'; end $$")
        self.sql("create trigger no_room before insert on tasks for each row execute function no_room()")
        said = self.persais("run", "--detach", "--json", "--repo", remote.path, "Mend the sum.")
        self.sql("drop trigger no_room on tasks")
        self.assertEqual((said.code, said.out), (3, ""), said.story())
        self.assertIn("the table is full", said.err)

    def test_a_row_that_it_cannot_read_stands_in_nobodys_way(self):
        hold = self.model_gate()
        self.script(fix(**hold.step))
        service = self.serve(TASKS_PARALLEL="1", LEASE_TTL="1m")
        self.enqueue(self.remote())
        hold.wait()
        broken, good = self.enqueue(self.remote("two")), self.enqueue(self.remote("three"))
        self.sql(f"update tasks set facts = '[7]' where id = {broken}")
        hold.let_on()
        service.wait_for_line("^set aside, for this version cannot work on it", task=broken)
        service.wait_task(good, "review")
        self.assertEqual(service.terminate(), 0, service.story())
