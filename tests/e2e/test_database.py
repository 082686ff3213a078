"""A database that cannot be used is told in the same words by whatever meets it, soon, and nothing is done in it."""

import json
import time
import unittest

import database
from persais import Persais
from serving import ServedStory, Serving

SOON = 2  # seconds, for the program to say what is wrong


class Unusable(ServedStory):
    def setUp(self):
        super().setUp()
        self.script()

    def fresh(self, *statements):
        made = database.SHARED.fresh()
        for statement in statements:
            made.sql(statement.format(name=made.name))
        return made

    def doctor(self, url):
        said = self.persais("doctor", "--offline", "--json", DATABASE_URL=url)
        return {line["name"]: line for line in map(json.loads, said.out.splitlines()) if line["event"] == "probe"}

    def told_by_all(self, url, probe="database"):
        """The sentence, which is the same everywhere."""
        run = self.begin("https://localhost:9/team.git", DATABASE_URL=url)
        began = time.monotonic()
        self.assertEqual(run.wait(), 3, run.story())
        self.assertLess(time.monotonic() - began, SOON)
        sentence = run.result["sentence"]
        service = self.serve_unready(DATABASE_URL=url)
        began = time.monotonic()
        service.wait_for_line("^database: ", level="warning", patience=SOON)
        self.assertLess(time.monotonic() - began, SOON)
        status, health = service.health()
        self.assertEqual((status, health["checks"]["database"]), (503, {"status": "down", "message": sentence}))
        service.terminate()
        found = self.doctor(url)[probe]
        self.assertEqual((found["status"], f"{found['sentence']} {found['advice']}"), ("fail", sentence))
        return sentence

    def serve_unready(self, **changes):
        service = Serving.start(self.environment(**changes), self.folder / "cwd")
        self.addCleanup(self._end_service, service)
        return service

    def nothing_of_ours(self, made):
        self.assertEqual(made.sql("select count(*) from pg_class where relname = 'persais_schema'"), "0")

    def test_a_parameter_that_postgres_does_not_know_is_named_by_every_command(self):
        url = self.database.url("&pgbouncer=true")
        for words in (("serve",), ("config", "check"), ("tasks",), ("run", "Mend the sum.")):
            run = Persais(list(words), self.environment(DATABASE_URL=url), self.folder / "cwd")
            self.running.append(run)
            self.assertEqual(run.wait(), 2, run.story())
            self.assertEqual(run.errors.decode(), "persais: DATABASE_URL: PostgreSQL knows no parameter 'pgbouncer': take it out of the address\n")
        self.assertIn("'pgbouncer'", self.doctor(url)["settings"]["sentence"])

    def test_an_encoding_that_does_not_hold_every_text(self):
        for encoding in ("LATIN1", "SQL_ASCII"):
            made = self.fresh("create database odd_{name} encoding '" + encoding + "' locale 'C' template template0")
            made.name = f"odd_{made.name}"
            sentence = self.told_by_all(made.url())
            self.assertIn(f"has the encoding {encoding}", sentence)
            self.assertIn("CREATE DATABASE persais ENCODING 'UTF8'", sentence)
            self.nothing_of_ours(made)

    def test_a_role_that_may_make_no_tables(self):
        made = self.fresh("create role makes_none login")
        sentence = self.told_by_all(made.url(user="makes_none"), "schema")
        self.assertIn("GRANT USAGE, CREATE ON SCHEMA public TO makes_none;", sentence)
        self.nothing_of_ours(made)

    def test_a_role_that_may_only_read(self):
        made = self.fresh("create role only_reads login", "alter role only_reads set default_transaction_read_only = on",
                          "grant create on schema public to only_reads")
        sentence = self.told_by_all(made.url(user="only_reads"))
        self.assertIn("ALTER ROLE only_reads IN DATABASE", sentence)
        self.nothing_of_ours(made)

    def test_pgvector_where_nobody_looks_is_told_and_stops_nothing_for_nothing_uses_it_yet(self):
        made = self.fresh("create schema extensions; create extension vector schema extensions")
        service = self.serve(DATABASE_URL=made.url())
        status, health = service.health()
        sentence = health["checks"]["database"]["message"]
        self.assertEqual((status, health["checks"]["database"]["status"]), (200, "degraded"))
        self.assertIn("SET search_path = ", sentence)
        self.assertEqual(sum(sentence in message for message in service.messages()), 1, service.story())
        service.terminate()
        found = self.doctor(made.url())["pgvector"]
        self.assertEqual(f"{found['sentence']} {found['advice']}", sentence)
        made.sql(found["statement"] if "statement" in found else sentence[sentence.index("ALTER"):])
        service = self.serve(DATABASE_URL=made.url())
        self.assertEqual(service.health()[1]["checks"]["database"], {"status": "ok"})


class MakesNothing(ServedStory):
    """Commands that only read, or that go on with a task that there is, where nothing of Persais is."""

    def words(self):
        read = [["show"], ["diff"], ["log"], ["show", "1", "--json"], ["log", "1"], ["diff", "1"]]
        change = [["abort", "1"], ["retry", "1"], ["budget", "1", "5"], ["reply", "1", "And the other."], ["push", "1"],
                  ["reply", "1", "--detach", "And the other."], ["run", "--resume", "1"]]
        return read + change

    def expect_told(self, where, **settings):
        for words in self.words():
            said = self.persais(*words, **settings)
            self.assertEqual((said.code, said.out), (2, ""), said.story())
            self.assertEqual(said.err, f"persais {words[0]}: There are no tasks yet: {where}; `persais run --detach \"what should change\"` adds one.\n")
        said = self.persais("tasks", **settings)
        self.assertEqual((said.code, said.err), (0, ""), said.story())
        self.assertEqual(said.out, f"No tasks yet: {where}; `persais run --detach \"what should change\"` adds one.\n")
        self.assertEqual(self.persais("tasks", "--json", **settings).out, "")

    def test_a_data_folder_that_is_not_there_is_named_and_not_made(self):
        nowhere = self.folder / "nowhere"
        settings = {"PERSAIS_DATA": str(nowhere), "DATABASE_URL": None}
        self.expect_told(f"{nowhere} holds no database of Persais (PERSAIS_DATA names the folder)", **settings)
        self.assertEqual(self.persais("config", "check", **settings).code, 0)
        self.assertFalse(nowhere.exists())

    def test_doctor_tries_the_database_elsewhere_and_leaves_nothing(self):
        nowhere = self.folder / "not/yet"
        said = self.persais("doctor", "--offline", "--json", PERSAIS_DATA=str(nowhere), DATABASE_URL=None)
        probes = {line["name"]: line for line in map(json.loads, said.out.splitlines()) if line["event"] == "probe"}
        for name in ("data", "database", "schema", "pool"):
            self.assertEqual(probes[name]["status"], "ok", probes[name])
        self.assertIn("is not there yet and can be made", probes["data"]["sentence"])
        self.assertIn("tried in a temporary folder", probes["database"]["sentence"])
        self.assertIn("are not there yet", probes["schema"]["sentence"])
        self.assertFalse(nowhere.parent.exists())
        self.nothing_left()

    def test_a_database_without_tables_gets_none(self):
        self.expect_told("the database that DATABASE_URL names holds no tables of Persais")
        self.assertEqual(self.database.sql("select count(*) from pg_class where relnamespace = 'public'::regnamespace"), "0")

    def test_tables_of_an_older_version_are_not_migrated_by_what_only_reads(self):
        made = database.SHARED.fresh()
        task = self.enqueue(self.remote(), DATABASE_URL=made.url())
        made.sql("delete from persais_schema where number = (select max(number) from persais_schema)")
        for words in (["tasks"], ["show", task], ["log", task], ["diff", task]):
            said = self.persais(*words, DATABASE_URL=made.url())
            self.assertEqual((said.code, said.out), (3, ""), said.story())
            self.assertRegex(said.err, r"^persais: The tables are those of an older Persais \(step \d+ of \d+\); `persais serve`")

    def test_a_standby_can_be_read(self):
        made = database.SHARED.fresh()
        task = self.enqueue(self.remote(), DATABASE_URL=made.url())
        made.sql(f"create role reader login; grant select, insert on all tables in schema public to reader; alter role reader set default_transaction_read_only = on")
        reader = made.url(user="reader")
        self.assertRegex(self.persais("tasks", DATABASE_URL=reader).out, rf"(?m)^{task} +queued ")
        said = self.persais("abort", task, DATABASE_URL=reader)
        self.assertEqual(said.code, 3, said.story())
        self.assertIn("is read-only", said.err)


if __name__ == "__main__":
    unittest.main()
