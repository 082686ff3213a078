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
        sentence = self.told_by_all(made.url().replace("persais@", "makes_none@"), "schema")
        self.assertIn("GRANT USAGE, CREATE ON SCHEMA public TO makes_none;", sentence)
        self.nothing_of_ours(made)

    def test_a_role_that_may_only_read(self):
        made = self.fresh("create role only_reads login", "alter role only_reads set default_transaction_read_only = on",
                          "grant create on schema public to only_reads")
        sentence = self.told_by_all(made.url().replace("persais@", "only_reads@"))
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


if __name__ == "__main__":
    unittest.main()
