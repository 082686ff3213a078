"""A service whose database is reached through a real PgBouncer in transaction mode, as Neon's pooled address is."""

import os
import socket
import subprocess
import unittest
from pathlib import Path

from scripted import fix
from serving import SeenFromBeside, Serving

PGBOUNCER = Path("/usr/sbin/pgbouncer")


@unittest.skipUnless(PGBOUNCER.exists(), "needs the package pgbouncer")
class Pooler(SeenFromBeside):
    def bouncer(self):
        """Its port. Two sessions for all; run by the database's own user, for it refuses to be root."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        where, user = self.database.where(), self.database.where().stat().st_uid
        folder = self.folder / "bouncer"
        folder.mkdir()
        (folder / "users").write_text('"persais" ""\n')
        (folder / "ini").write_text(f"[databases]\n* = host={where} user=persais\n[pgbouncer]\nlisten_addr=127.0.0.1\nlisten_port={port}\n"
                                    f"unix_socket_dir=\nauth_type=trust\nauth_file={folder}/users\npool_mode=transaction\ndefault_pool_size=2\n")
        before = ["setpriv", f"--reuid={user}", "--clear-groups", "--inh-caps=-all,+dac_read_search", "--ambient-caps=-all,+dac_read_search",
                  "--"] if user != os.geteuid() else []
        process = subprocess.Popen([*before, PGBOUNCER, folder / "ini"], stdout=subprocess.DEVNULL, stderr=(folder / "log").open("w"))
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return port

    def test_does_a_task_that_another_machine_added(self):
        remote = self.remote()
        self.script(fix())
        elsewhere = {"DATABASE_URL": f"postgresql://persais@127.0.0.1:{self.bouncer()}/{self.database.name}"}
        service = Serving.start(self.environment(**elsewhere, DIRECT_URL=self.database.url(), PERSAIS_DATA=str(self.root / "one")), self.folder / "cwd")
        self.addCleanup(self._end_service, service)
        service.wait_ready()
        # No doorbell leads from one data folder to another: what is heard came by NOTIFY, past the pooler.
        task = self.enqueue(remote, **elsewhere, PERSAIS_DATA=str(self.root / "other"))
        service.wait_task(task, "review")
        self.assertEqual(list(remote.branches()), [f"mechanic/{task}-mend-the-sum"])
        self.assertEqual(service.terminate(), 0, service.story())


if __name__ == "__main__":
    unittest.main()
