"""deploy/check and the addresses of fly.toml, against the service itself."""

import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import tomllib
import unittest
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PERSAIS = Path(os.environ.get("PERSAIS_BIN", ROOT / "build/dev/bin"), "persais").resolve()


def status(url):
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


class Service(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "PERSAIS_DATA": str(self.folder / "data"), "HOST": "127.0.0.1", "PORT": "0",
                       "METRICS_ADDRESS": "127.0.0.1:0", "LOG_FORMAT": "json",
                       "PERSAIS_AGENT_ENV": str(ROOT / "build/deps/agent-env"), "PERSAIS_POSTGRES": str(ROOT / "build/deps/postgres")}
        self.service = subprocess.Popen([PERSAIS, "serve"], cwd=self.folder, env=environment, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.addCleanup(self.leave)
        self.log = []
        self.port, self.metrics = self.said(r"^HTTP on \S+:(\d+)"), self.said(r"^metrics on \S+:(\d+)")

    def said(self, pattern):
        """Waits for a line of the log; what the pattern's group is."""
        for line in self.service.stderr:
            self.log.append(line)
            if found := re.search(pattern, json.loads(line)["message"]):
                return found[1] if found.groups() else True
        self.fail("it ended; its log: " + "".join(self.log))

    def leave(self):
        self.service.send_signal(signal.SIGTERM)
        self.service.communicate(timeout=60)

    def test_a_ready_service_gets_its_ticks_and_fly_finds_what_it_asks_for(self):
        self.said(r"^ready")
        done = subprocess.run([ROOT / "deploy/check", f"http://127.0.0.1:{self.port}", "--json"], capture_output=True, text=True)
        seen = {row["box"]: row["holds"] for row in map(json.loads, done.stdout.splitlines())}
        self.assertEqual((done.returncode, seen["Health check endpoint answers"], seen["Postgres connection pool works"]), (0, True, True), done.stdout)
        self.assertTrue(seen["The metrics are not public"])
        fly = tomllib.loads((ROOT / "fly.toml").read_text())
        for path in [fly["http_service"]["checks"][0]["path"], fly["checks"]["ready"]["path"]]:
            self.assertEqual(status(f"http://127.0.0.1:{self.port}{path}"), 200, path)
        self.assertEqual(status(f"http://127.0.0.1:{self.metrics}{fly['metrics']['path']}"), 200)


if __name__ == "__main__":
    unittest.main()
