"""One PostgreSQL for all stories of a process, and a database in it for each that asks: a cluster of its own costs a second of CPU."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import leaks
import processes
from postgres import BINARIES, Postgres


GONE = re.compile(rb'database "\w+" does not exist|connection to server .* failed: No such file')
PASSWORD = "a-password-of-" + "the-tests-only-7d20"  # the server asks for none; it is here to be seen where it should not be


class Database:
    """A fresh one on the server, or that of an embedded server: whoever has it is asked `where` at each use."""

    def __init__(self, where, name, user="persais"):
        self.where, self.name, self.user = where, name, user

    def url(self, more="", user=None):
        return f"postgresql://{user or self.user}:{PASSWORD}@/{self.name}?host={self.where()}{more}"

    def psql(self, *words, database=None):
        """The command, which prints a line for each row and `|` between its columns."""
        return [BINARIES / "psql", "-XAtqF", "|", "-v", "ON_ERROR_STOP=1", "-h", self.where(), "-U", self.user, "-d", database or self.name, *words]

    def sql(self, statement, database=None):
        done = subprocess.run(self.psql("-f", "-", database=database), input=statement, text=True, capture_output=True)
        assert done.returncode == 0, done.stderr
        return done.stdout.rstrip("\n")

    def all_rows(self):
        """What stands in it, as text; nothing when there is no such database any more."""
        made = subprocess.run(self.psql("-c", leaks.ALL_ROWS), capture_output=True)
        if made.returncode != 0 and GONE.search(made.stderr):
            return b""
        assert made.returncode == 0, made.stderr
        read = subprocess.run(self.psql("-f", "-"), input=made.stdout, capture_output=True)
        assert read.returncode == 0, read.stderr
        return read.stdout


class Shared:
    def __init__(self):
        self.server, self.given = None, 0

    def fresh(self):
        """A database with nothing in it."""
        if not self.server:
            self.server = Postgres(Path(os.environ["E2E_FOLDER"]) / "postgres")
        self.given += 1
        name = f"story{self.given}"
        self.server.sql(f"create database {name}", database="postgres")
        return Database(lambda: self.server.folder, name)

    def processes(self):
        return {self.server.postmaster(), *processes.below(self.server.postmaster())} if self.server else set()

    def end(self):
        if self.server:
            self.server.stop_at_once()
            shutil.rmtree(self.server.folder)
            self.server = None


def embedded(data):
    """Of the server that a persais has on this data folder."""
    return Database(lambda: Path((data / "postgres/cluster/postmaster.pid").read_text().splitlines()[4]), "persais", "persais_service")


SHARED = Shared()
