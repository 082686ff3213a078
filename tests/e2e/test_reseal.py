"""The master key is changed while a service works, and the change is killed in the middle of it."""

import hashlib
import select
import subprocess

from persais import PATIENCE, PROGRAM
from scripted import KEY, fix
from serving import SeenFromBeside

CANARY = "a-canary-for-" + "the-tests-only-77c0"
OTHERS = "another-master-key-" + "of-the-tests-1b"


class Reseal(SeenFromBeside):
    settings = {"TASK_ATTEMPTS": "1"}

    def words(self, *words, code=0, typed=None, **changes):
        said = subprocess.run([str(PROGRAM), *map(str, words)], env=self.environment(**changes), cwd=self.folder / "cwd", text=True,
                              input=typed, capture_output=True, timeout=PATIENCE)
        self.assertEqual(said.returncode, code, said.stdout + said.stderr)
        return said.stdout + said.stderr

    def stopped_at(self, table, *words, **changes):
        """The command, which stops where it writes to `table`; and what lets it on."""
        self.sql("create or replace function stops() returns trigger language plpgsql as "
                 "$$ begin perform pg_advisory_xact_lock(77); return new; end $$;"
                 f"create trigger stops before update on {table} for each row execute function stops()")
        holder = subprocess.Popen(self.database.psql("-f", "-"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        holder.stdin.write("select 'held', pg_advisory_lock(77);\n")
        holder.stdin.flush()
        self.assertTrue(select.select([holder.stdout], [], [], PATIENCE)[0])
        run = subprocess.Popen([str(PROGRAM), *words], env=self.environment(**changes), cwd=self.folder / "cwd",
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.sql("do $$ begin while not exists (select from pg_locks where locktype = 'advisory' and objid = 77 and not granted) loop "
                 "perform pg_sleep(0.02); end loop; end $$")

        def let_on():
            run.kill()
            run.wait()
            run.stdout.close()
            self.sql("select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and objid = 77 and not granted")
            holder.stdin.close()
            holder.wait()
            holder.stdout.close()
            self.sql(f"drop trigger stops on {table}")
        return let_on

    def fill(self, remote, **changes):
        """The model's key, a repository's environment."""
        self.watch.knows({CANARY.encode(): "the environment of a repository"})
        self.words("secret", "set", "OPENROUTER_API_KEY", "--from-stdin", typed=KEY, **changes)
        self.words("repo", "add", remote.path, "--name", "team/app", "--check", "python3 check.py", **changes)
        self.words("repo", "env", "team/app", "set", "PASSWORD", "--file", "-", typed=CANARY, **changes)
        self.words("repo", "set", "team/app", "env_for", "setup", **changes)
        self.words("repo", "set", "team/app", "setup", f'test "$(printf %s "$PASSWORD" | sha256sum | cut -c1-64)" = {hashlib.sha256(CANARY.encode()).hexdigest()}', **changes)

    def one_more(self, service, **changes):
        task = self.enqueue("team/app", check=None, **changes)
        service.wait_task(task, "review")
        shown = self.persais("show", task, "--json", **changes).lines[0]
        self.assertEqual((shown["verdict"], shown["attempts"]["used"]), ("ready", 0), shown)

    def test_killed_in_the_middle_it_goes_on_and_nobody_notices(self):
        remote, gate = self.remote(), self.model_gate()
        self.script(fix(**gate.step), *[fix() for _ in range(4)])
        without = {"OPENROUTER_API_KEY": None}
        self.fill(remote)
        old = (self.data / "master.key").read_text()
        service = self.serve(**without)
        task = self.enqueue("team/app", check=None)
        gate.wait()
        let_on = self.stopped_at("repository_environment", "secret", "reseal")
        let_on()  # killed: the model's key is sealed with the new one, the environment is not
        self.assertEqual((self.data / "master.key").read_text(), old)
        gate.let_on()
        service.wait_task(task, "review")
        self.one_more(service)
        self.assertEqual(service.terminate(), 0)
        service = self.serve(**without)  # one that knows nothing of it
        self.one_more(service)
        said = self.words("secret", "reseal")
        self.assertIn("sealed with the new key", said)
        self.assertIn(f"The new key is in {self.data}/master.key", said)
        self.assertNotEqual((self.data / "master.key").read_text(), old)
        self.one_more(service)
        self.assertIn("the old key opens nothing here any more", self.words("secret", "reseal", "--finish"))
        self.one_more(service)
        self.assertEqual(service.terminate(), 0)
        self.assertEqual(self.sql("select count(*) from secrets where name like 'master_key%'"), "0")
        self.assertFalse((self.data / "master.key.new").exists())
        audit = self.persais("audit", "--json").lines[0]
        self.assertEqual((audit["what"], audit["by"]), ("secrets_resealed", "terminal"))
        self.assertIn("cannot be opened", self.words("secret", "list", PERSAIS_MASTER_KEY=old.strip()))

    def test_of_the_settings_the_new_one_is_put_in_place_by_whoever_runs_it(self):
        remote = self.remote()
        self.script(*[fix() for _ in range(3)])
        file = self.folder / "key"
        file.write_text("the-master-key-" + "of-before-5e\n")
        key = {"PERSAIS_MASTER_KEY_FILE": str(file)}
        self.sql("delete from secrets; delete from repositories")
        self.fill(remote, **key)
        service = self.serve(OPENROUTER_API_KEY=None, **key)
        self.one_more(service, **key)
        self.assertIn("Put the new key into PERSAIS_MASTER_KEY of every service.", self.words("secret", "reseal", "--from-stdin", typed=OTHERS, **key))
        self.one_more(service, **key)
        self.assertIn("This command has the old master key still", self.words("secret", "reseal", "--finish", code=2, **key))
        fresh = file.with_suffix(".new")
        fresh.write_text(OTHERS + "\n")
        fresh.rename(file)
        service.wait_for_line("PERSAIS_MASTER_KEY changed")
        self.words("secret", "reseal", "--finish", **key)
        self.one_more(service, **key)
        self.assertIn("No change of the master key is under way", self.words("secret", "reseal", "--finish", code=2, **key))


if __name__ == "__main__":
    import unittest
    unittest.main()
