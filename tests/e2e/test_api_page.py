"""docs/api.md: each of its examples is run, in its order, as one script; and its table of scopes is the program's."""

import re
import subprocess
from pathlib import Path

from persais import PATIENCE, PROGRAM
from scripted import fix
from serving import SeenFromBeside
from turns import comment

PAGE = (Path(__file__).resolve().parents[2] / "docs/api.md").read_text()
EXAMPLES = re.findall(r"^```sh\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


class Page(SeenFromBeside):
    def test_each_example_does_what_the_page_says(self):
        remote = self.remote()
        self.script(fix(), comment())
        service = self.serve(GIT_REMOTE_URL=str(remote.path), CHECK_COMMAND="python3 check.py")
        environment = self.environment(GIT_REMOTE_URL=str(remote.path))
        environment |= {"PERSAIS": f"http://127.0.0.1:{service.port}", "PATH": f"{PROGRAM.parent}:{environment['PATH']}"}
        script = "set -e\n" + "\necho\n".join(EXAMPLES)
        said = subprocess.run(["bash", "-c", script], env=environment, cwd=self.folder / "cwd", capture_output=True, text=True, timeout=PATIENCE,
                              stdin=subprocess.DEVNULL)
        self.assertEqual(said.returncode, 0, f"{said.stdout}\n{said.stderr}")
        for each in ('"role":"admin"', "event: state", "+    return a + b", '"turn":1', "A token is needed"):
            self.assertIn(each, said.stdout)
        self.assertEqual(self.sql("select count(*), min(state) from tasks"), "1|rolled_back")

    def test_the_page_has_all_scopes(self):
        self.assertEqual(re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE), ["read", "submit", "deploy", "admin"])
        self.assertGreater(len(EXAMPLES), 6)


__all__ = ["Page"]
