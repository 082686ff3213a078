"""A PostgreSQL of a bench's own, in a temporary folder."""

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path


class Server:
    """On a socket below its folder; as root it runs as another user, which PostgreSQL demands. `settings`: NAME=VALUE."""

    def __init__(self, postgres, *settings):
        self.bin = (postgres / "bin").resolve()
        self.folder = Path(tempfile.mkdtemp(prefix="persais-bench-", dir="/tmp"))
        self.before = []
        if os.getuid() == 0:
            user = next(pwd.getpwnam(name) for name in ("persais-db", "postgres", "nobody") if known(name))
            os.chown(self.folder, user.pw_uid, user.pw_gid)
            self.folder.chmod(0o755)
            self.before = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups",
                           "--inh-caps=-all,+dac_read_search", "--ambient-caps=-all,+dac_read_search",
                           "--securebits=+no_setuid_fixup", "--"]
        data = self.folder / "data"
        self.run("initdb", "-D", data, "-U", "persais", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        options = [word for setting in settings for word in ("-c", setting)]
        self.process = subprocess.Popen(
            [*self.before, self.bin / "postgres", "-D", data, "-c", f"unix_socket_directories={self.folder}", "-c", "listen_addresses=",
             *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/")
        while subprocess.run([self.bin / "pg_isready", "-q", "-h", self.folder], check=False).returncode:
            if self.process.poll() is not None:
                raise SystemExit("the server does not start")

    def run(self, program, *words):
        subprocess.run([*self.before, self.bin / program, *words], check=True, stdout=subprocess.DEVNULL, cwd="/")

    def sql(self, text, database="postgres"):
        done = subprocess.run([self.bin / "psql", "-X", "-q", "-t", "-A", "-F", " ", "-v", "ON_ERROR_STOP=1", "-h", self.folder,
                               "-U", "persais", database], input=text, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(done.stderr)
        return done.stdout.strip()

    def stop(self):
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.folder)


def known(name):
    try:
        return bool(pwd.getpwnam(name))
    except KeyError:
        return False
