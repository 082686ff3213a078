"""A PostgreSQL of the harness's own, on a folder of its own: so that it can be stopped at once, killed and started again while
services work on it, and asked while they do."""

import os
import pwd
import signal
import subprocess
import time
from pathlib import Path

import processes

ROOT = Path(__file__).resolve().parents[2]
BINARIES = Path(os.environ.get("PERSAIS_POSTGRES", ROOT / "build/deps/postgres")).resolve() / "bin"
# fsync=off: processes are killed here, not the machine; what was written is in the kernel's hands.
SETTINGS = {"listen_addresses": "", "unix_socket_permissions": "0700", "max_connections": "60", "shared_buffers": "32MB",
            "dynamic_shared_memory_type": "mmap", "fsync": "off", "logging_collector": "off"}


def _as_server_user():
    """Words in front of its programs: it refuses to run as root."""
    if os.geteuid():
        return [], None
    for name in ("persais-db", "postgres", "nobody"):
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        # It may read its own binaries wherever they stand, as src/pgserver/server_user.cpp has it.
        return ["/usr/bin/setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", "--no-new-privs",
                "--inh-caps=-all,+dac_read_search", "--ambient-caps=-all,+dac_read_search", "--securebits=+no_setuid_fixup", "--"], user
    raise AssertionError("no user for PostgreSQL")


class Postgres:
    def __init__(self, folder, started=lambda pid: None):
        """`started` is told of the first process of each start."""
        self.started = started
        self.folder, self.cluster = Path(folder), Path(folder) / "cluster"
        self.folder.mkdir()
        self.before, user = _as_server_user()
        if user:
            os.chown(self.folder, user.pw_uid, user.pw_gid)
        self._run("initdb", f"--pgdata={self.cluster}", "--username=persais", "--auth=trust", "--encoding=UTF8", "--locale=C",
                  "--no-sync", "--no-instructions")
        self.start()
        self.sql("create database persais", database="postgres")

    def url(self, name="persais"):
        """`name`: what the connections are called in the server, and so in what the watch writes down."""
        return f"postgresql://persais@/persais?host={self.folder}&application_name={name}"

    def _run(self, program, *words, most=60):
        done = subprocess.run([*self.before, str(BINARIES / program), *words], capture_output=True, text=True, timeout=most, cwd="/",
                              env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"})
        if done.returncode:
            raise AssertionError(f"{program} {' '.join(words)}: {done.stdout}{done.stderr}{self.log()}")
        return done.stdout

    def _pg_ctl(self, *words):
        return subprocess.run([*self.before, str(BINARIES / "pg_ctl"), "-D", str(self.cluster), *words], stdin=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=90, cwd="/",
                              env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}).returncode

    def start(self):
        options = " ".join(f"-c {name}='{value}'" for name, value in {**SETTINGS, "unix_socket_directories": str(self.folder)}.items())
        for _ in range(20):  # what a killed server left may still be ending
            if self._pg_ctl("-w", "-t", "60", "-l", str(self.folder / "log"), "-o", options, "start") == 0:
                self.started(self.postmaster())
                return
            time.sleep(0.1)
        raise AssertionError(f"PostgreSQL does not start: {self.log()}")

    def stop_at_once(self):
        """Without a checkpoint, as a crash: `pg_ctl -m immediate`."""
        self._pg_ctl("-m", "immediate", "-w", "stop")

    def kill(self):
        """SIGKILL to its first process; the others end when they see that."""
        master = self.postmaster()
        below = processes.below(master)
        os.kill(master, signal.SIGKILL)
        processes.wait_gone([master, *below], 30)
        try:
            os.waitpid(master, 0)  # ours by now: as a zombie its number would count as that of a living server
        except ChildProcessError:
            pass
        for lock in (self.cluster / "postmaster.pid", self.folder / ".s.PGSQL.5432.lock"):
            lock.unlink(missing_ok=True)

    def postmaster(self):
        return int((self.cluster / "postmaster.pid").read_text().split()[0])

    def backends(self):
        """Process ids of what serves connections: one killed makes the server end all others and recover."""
        return [pid for pid in processes.below(self.postmaster()) if b": persais persais " in processes.command_line(pid)]

    def rows(self, query, database="persais", most=60):
        """As lists of strings; null is None. Waits out a server that is just coming up."""
        words = ["psql", "-h", str(self.folder), "-U", "persais", "-d", database, "-XAtq", "-v", "ON_ERROR_STOP=1", "-F", "\x1f", "-R", "\x1e",
                 "-P", "null=\x1d", "-c", query]
        until = time.monotonic() + most
        while True:
            done = subprocess.run([str(BINARIES / "psql"), *words[1:]], capture_output=True, text=True, timeout=most, cwd="/", env={"LC_ALL": "C.UTF-8"})
            if done.returncode == 0:
                return [[None if cell == "\x1d" else cell for cell in row.split("\x1f")]
                        for row in done.stdout.removesuffix("\n").split("\x1e") if row]
            away = any(word in done.stderr for word in ("starting up", "in recovery", "connection to server", "terminating", "shutting down",
                                                        "server closed"))
            if not away or time.monotonic() > until:
                raise AssertionError(f"{query}: {done.stderr}")
            time.sleep(0.05)

    def sql(self, statement, database="persais"):
        self.rows(statement, database)

    def log(self):
        try:
            return (self.folder / "log").read_text(errors="replace")[-4000:]
        except OSError:
            return ""
