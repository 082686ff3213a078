"""A PgBouncer before a PostgreSQL of tests/kills/postgres.py."""

import socket
import subprocess
from pathlib import Path

BOUNCER = Path("/usr/sbin/pgbouncer")


class Pooler:
    """pool_mode=transaction, on a port of its own. The caller kills it."""

    def __init__(self, folder, server):
        self.folder, self.before, self.process = Path(folder), server.before, None
        self.folder.mkdir()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        (self.folder / "users").write_text('"persais" ""\n')
        (self.folder / "ini").write_text(
            f"[databases]\n* = host={server.folder} user=persais\n[pgbouncer]\nlisten_addr=127.0.0.1\nlisten_port={self.port}\n"
            f"unix_socket_dir=\nauth_type=trust\nauth_file={self.folder}/users\npool_mode=transaction\nserver_login_retry=1\n")
        self.start()

    @property
    def url(self):
        return f"postgresql://persais@127.0.0.1:{self.port}/persais?sslmode=disable"

    def start(self):
        self.process = subprocess.Popen([*self.before, BOUNCER, self.folder / "ini"], env={"PATH": "/usr/bin:/bin"},
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def kill(self):
        self.process.kill()
        self.process.wait()
