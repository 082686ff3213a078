"""The service held to docs/openapi.json by schemathesis, with all its checks; `tests/api/run`, nightly. SCHEMATHESIS names the program."""

import os
import subprocess
from pathlib import Path

from scripted import fix
from test_api import ApiStory

CONFIG = Path(__file__).resolve().parents[1] / "api/schemathesis.toml"

EXAMPLES = os.environ.get("EXAMPLES", "25")  # of each operation and phase


class Fuzzed(ApiStory):
    def test_nothing_is_found(self):
        remote, service, api = self.opened(*[fix() for _ in range(3)])
        task = api.post("/tasks", {"instruction": "Mend the sum."}).json["task"]
        self.stream(api, f"/tasks/{task}/events", 0).wait_state("review")
        service.terminate()  # what is asked for is kept and not worked on: nobody pays for thousands of tasks
        service = self.serve(GIT_REMOTE_URL=str(remote.path), TASKS_PARALLEL="1")
        token = self.token()
        words = [os.environ["SCHEMATHESIS"], "--config-file", str(CONFIG), "run", f"http://127.0.0.1:{service.port}/api/openapi.json", "--checks", "all",
                 "--header", f"Authorization: Bearer {token}", "--max-examples", EXAMPLES, "--seed", "7", "--no-color",
                 "--exclude-operation-id", "streamTask", "--exclude-operation-id", "streamAll",  # they do not end
                 "--rate-limit", "18/s", "--request-timeout", "20"]
        said = subprocess.run(words, capture_output=True, text=True, stdin=subprocess.DEVNULL, cwd=self.folder / "cwd")
        print(said.stdout[-6000:])
        self.assertEqual(said.returncode, 0, said.stdout[-20000:] + said.stderr[-4000:])


__all__ = ["Fuzzed"]
