"""The fake against real libpq (psql) and a real server, without Persais."""

import json
import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]


def binaries():
    """PERSAIS_POSTGRES, or the folder beside the build that is tested, or the one in build/deps."""
    given = os.environ.get("PERSAIS_POSTGRES")
    return Path(given or ROOT / "build/deps/postgres") / "bin"


def as_other_user(folder):
    if os.getuid() != 0:
        return []
    nobody = pwd.getpwnam("nobody")
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    return ["setpriv", f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups", "--inh-caps=-all,+dac_read_search",
            "--ambient-caps=-all,+dac_read_search", "--securebits=+no_setuid_fixup", "--"]


class Fake(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = Path(tempfile.mkdtemp(prefix="persais-neon-", dir="/tmp"))
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        before, bin_folder = as_other_user(cls.folder), binaries().resolve()
        subprocess.run([*before, bin_folder / "initdb", "-D", cls.folder / "data", "-U", "me", "-A", "trust", "--no-sync"],
                       check=True, stdout=subprocess.DEVNULL, cwd="/")
        server = subprocess.Popen([*before, bin_folder / "postgres", "-D", cls.folder / "data", "-c", "listen_addresses=",
                                   "-c", f"unix_socket_directories={cls.folder}", "-c", "fsync=off"],
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/")
        cls.addClassCleanup(server.wait)
        cls.addClassCleanup(server.terminate)
        cls.psql_program = bin_folder / "psql"
        while subprocess.run([bin_folder / "pg_isready", "-q", "-h", cls.folder], check=False).returncode:
            time.sleep(0.02)

    def start(self, *options):
        control = Path(tempfile.mkdtemp(prefix="persais-neon-", dir="/tmp")) / "control"
        self.addCleanup(shutil.rmtree, control.parent)
        fake = subprocess.Popen([sys.executable, "-B", HERE / "serve.py", self.folder / ".s.PGSQL.5432", control, *options])
        self.addCleanup(fake.wait)
        self.addCleanup(fake.kill)
        self.control = control
        while True:
            try:
                self.port = self.order("status")["port"]
                return
            except OSError:
                time.sleep(0.02)

    def order(self, words):
        with socket.socket(socket.AF_UNIX) as talk:
            talk.connect(str(self.control))
            with talk.makefile("rw") as lines:
                lines.write(words + "\n")
                lines.flush()
                return json.loads(lines.readline())

    def psql(self, sql, more="", password=""):
        address = f"host=127.0.0.1 port={self.port} user=me dbname=postgres gssencmode=disable {more}"
        done = subprocess.run([self.psql_program, "-X", "-At", "-c", sql, address], capture_output=True, text=True, check=False,
                              timeout=60, env={**os.environ, "PGPASSWORD": password})
        return done.stdout.strip() or done.stderr.strip()

    def test_a_client_is_served_and_counted(self):
        self.start()
        self.assertEqual(self.psql("select 6 * 7"), "42")
        self.assertEqual(len(self.psql("select repeat('x', 3000000)")), 3000000)
        counts = self.order("status")
        self.assertEqual(counts["connections"], 2)
        self.assertGreater(counts["bytes_from_clients"], 20)

    def test_a_suspended_compute_is_woken_by_the_next_connection(self):
        self.start()
        self.assertTrue(self.order("sleep 1")["asleep"])
        before = time.monotonic()
        self.assertEqual(self.psql("select 1"), "1")
        self.assertGreaterEqual(time.monotonic() - before, 1)
        self.assertEqual(self.order("status")["wakes"], 1)
        self.psql("select 1")
        self.assertEqual(self.order("status")["wakes"], 1)

    def test_errors_and_absence_are_as_told(self):
        self.start()
        self.order("refuse 53300 too many clients")
        self.assertIn("too many clients", self.psql("select 1"))
        self.order("refuse")
        self.order("read_only on")
        self.assertIn("read-only transaction", self.psql("create table t ()"))
        self.order("read_only off")
        self.order("away")
        self.assertIn("refused", self.psql("select 1"))
        self.order("back")
        self.assertEqual(self.psql("select 1"), "1")
        self.assertIn("error", self.order("dance"))

    def test_a_pooler_refuses_startup_options(self):
        self.start("--pooled")
        self.assertIn("unsupported startup parameter", self.psql("select 1", "options='-c jit=off'"))
        self.assertEqual(self.psql("select 1"), "1")

    def test_a_password_is_asked_for(self):
        self.start("--password", "open sesame")
        self.assertEqual(self.psql("select 1", password="open sesame"), "1")
        self.assertIn("password authentication failed", self.psql("select 1", password="sesame"))


if __name__ == "__main__":
    unittest.main()
