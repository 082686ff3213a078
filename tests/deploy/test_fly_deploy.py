"""deploy/fly-deploy keeps a release that is healthy, and puts the one before back when it is not. flyctl is a fake that speaks as
the real one does (fake_flyctl); the service is a local web server whose health depends on the image that "runs"."""

import http.server
import json
import os
import re
import subprocess
import tempfile
import threading
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FAKE = Path(__file__).with_name("fake_flyctl")
OLD = "registry.fly.io/mech:deployment-1"
NEW = "registry.fly.io/mech:deployment-3"


class Service(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        world = json.loads(self.server.world.read_text())
        self.server.asked += 1
        well = world["running"] is not None and world["running"] not in self.server.unwell and self.server.asked > self.server.late
        body = b'{"status":"ok"}' if well else b'{"status":"down","checks":{"database":"no answer"}}'
        self.send_response(200 if well and self.path == "/health" else 503)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class FlyDeploy(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.world = Path(folder.name, "world.json")
        os.symlink(FAKE, Path(folder.name, "flyctl"))
        self.path = f"{folder.name}:{os.environ['PATH']}"
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Service)
        self.server.world, self.server.unwell, self.server.asked, self.server.late = self.world, [], 0, 0
        thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        self.addCleanup(lambda: (self.server.shutdown(), thread.join(), self.server.server_close()))

    def deploy(self, *, first=False, fail=None, unwell=(), arguments=(), token=""):
        releases = [] if first else [
            {"ID": "rel2", "Version": 2, "Status": "failed", "ImageRef": "registry.fly.io/mech:deployment-2", "CreatedAt": "2026-01-01T00:00:00Z"},
            {"ID": "rel1", "Version": 1, "Status": "complete", "ImageRef": OLD, "CreatedAt": "2026-01-01T00:00:00Z"}]
        self.world.write_text(json.dumps({"releases": releases, "running": None if first else OLD, "config": "# as it was\n",
                                          "fail": fail or {}, "calls": []}))
        self.server.unwell = list(unwell)
        done = subprocess.run([ROOT / "deploy/fly-deploy", "--app", "mech", "--url", f"http://127.0.0.1:{self.server.server_port}",
                               "--wait", "0", *arguments], capture_output=True, text=True, timeout=60,
                              env={**os.environ, "PATH": self.path, "FAKE_FLY": str(self.world), "FLY_API_TOKEN": token})
        self.said, self.code = done.stdout + done.stderr, done.returncode
        return json.loads(self.world.read_text())

    def deploys(self, world):
        return [call for call in world["calls"] if call[0] == "deploy"]

    def test_a_healthy_release_stays(self):
        world = self.deploy()
        self.assertEqual((self.code, world["running"]), (0, NEW), self.said)
        self.assertIn(f"deployed: v3 {NEW}", self.said)
        self.assertEqual(len(self.deploys(world)), 1)
        self.assertIn("--ha=false", self.deploys(world)[0], "a second machine would need a second volume")

    def with_skopeo(self, script):
        program = self.world.with_name("skopeo")
        program.write_text("#!/bin/bash\nset -eu\n" + script)
        program.chmod(0o755)
        archive = self.world.with_name("tested.tar")
        archive.write_text("an image")
        return str(archive)

    def test_the_image_that_was_tested_is_deployed_by_its_digest_and_nothing_is_built(self):
        digest = "sha256:" + "d" * 64
        archive = self.with_skopeo(f'''folder=$(dirname "$0"); printf '%s\\n' "$*" >>"$folder/asked"
case $1 in
login) [ "$(cat)" = T-0 ]; echo "Login Succeeded!" ;;
copy) while [ "$1" != --digestfile ]; do shift; done; printf %s {digest} >"$2" ;;
esac''')
        world = self.deploy(arguments=["--archive", archive], token="T-0")
        image = f"registry.fly.io/mech@{digest}"
        self.assertEqual((self.code, world["running"]), (0, image), self.said)
        [call] = self.deploys(world)
        self.assertNotIn("--remote-only", call)
        asked = self.world.with_name("asked").read_text()
        self.assertRegex(asked, rf"(?m)^copy .*docker-archive:{re.escape(archive)} docker://registry\.fly\.io/mech:tested-[0-9a-f]{{12}}$")
        self.assertNotIn("T-0", asked, "a token in a command line can be read by everybody on the machine")

    def test_a_registry_that_refuses_leaves_what_runs(self):
        archive = self.with_skopeo("cat >/dev/null; case $1 in copy) echo denied >&2; exit 1 ;; esac")
        world = self.deploy(arguments=["--archive", archive], token="T-0")
        self.assertEqual((self.code, world["running"], self.deploys(world)), (1, OLD, []), self.said)
        self.assertIn("nothing was changed", self.said)

    def test_an_archive_that_is_not_there_or_has_no_token_is_wrong_use(self):
        archive = self.with_skopeo("exit 0")
        self.deploy(arguments=["--archive", "/nowhere.tar"], token="T-0")
        self.assertEqual(self.code, 2, self.said)
        self.deploy(arguments=["--archive", archive], token="")
        self.assertEqual(self.code, 2, self.said)

    def test_health_that_never_comes_brings_the_release_before_back(self):
        world = self.deploy(unwell=[NEW])
        self.assertEqual((self.code, world["running"]), (1, OLD), self.said)
        self.assertIn("/health does not come: 503", self.said)
        self.assertIn('"database":"no answer"', self.said, "the reason that the service gives is shown")
        self.assertIn("rolled back: v1", self.said)

    def test_health_that_comes_late_is_waited_for(self):
        self.server.late = 2
        world = self.deploy(arguments=["--wait", "60"])
        self.assertEqual((self.code, world["running"], self.server.asked), (0, NEW, 3), self.said)

    def test_checks_that_flyctl_waits_for_in_vain_do_too(self):
        world = self.deploy(fail={"health": [NEW]}, unwell=[NEW])
        self.assertEqual((self.code, world["running"]), (1, OLD), self.said)
        self.assertIn("timeout reached waiting for health checks", self.said)

    def test_the_release_before_is_the_newest_that_was_complete(self):
        world = self.deploy(unwell=[NEW])
        rollback = self.deploys(world)[-1]
        self.assertEqual(rollback[rollback.index("--image") + 1], OLD, "v2 failed: it is nothing to go back to")

    def test_its_configuration_comes_back_with_it(self):
        world = self.deploy(unwell=[NEW])
        self.assertEqual(world["config"], "# as it was\n")

    def test_without_that_configuration_the_checkouts_own_is_used(self):
        world = self.deploy(unwell=[NEW], fail={"config save": "could not fetch"})
        self.assertEqual((self.code, world["running"], world["config"]), (1, OLD, (ROOT / "fly.toml").read_text()), self.said)

    def test_a_first_release_has_nothing_to_go_back_to(self):
        world = self.deploy(first=True, unwell=["registry.fly.io/mech:deployment-1"])
        self.assertEqual(self.code, 1)
        self.assertIn("this was the first release", self.said)
        self.assertEqual(len(self.deploys(world)), 1)
        self.assertEqual(self.deploy(first=True)["running"], "registry.fly.io/mech:deployment-1")
        self.assertEqual(self.code, 0, self.said)

    def test_a_build_that_fails_leaves_the_running_release_alone(self):
        world = self.deploy(fail={"build": "failed to fetch an image or build from source: error building: exit code: 1"})
        self.assertEqual((self.code, world["running"], len(self.deploys(world))), (1, OLD, 1), self.said)
        self.assertIn("no release was made; v1 is still running", self.said)

    def test_flyctl_that_cannot_list_releases_changes_nothing(self):
        world = self.deploy(fail={"releases": "failed retrieving app releases mech: not authenticated"})
        self.assertEqual((self.code, self.deploys(world)), (1, []), self.said)
        self.assertIn("nothing was changed", self.said)

    def test_a_roll_back_that_fails_says_so(self):
        for trouble in ({"unwell": [NEW, OLD]}, {"unwell": [NEW], "fail": {"rollback": "registry: manifest unknown"}}):
            self.deploy(**trouble)
            self.assertEqual(self.code, 1)
            self.assertIn("ROLLING BACK FAILED", self.said)
            self.assertNotIn("rolled back: v1", self.said)

    def test_nobody_who_answers_is_no_health(self):
        world = self.deploy(arguments=["--url", "http://127.0.0.1:9"])
        self.assertEqual((self.code, world["running"]), (1, OLD), self.said)
        self.assertIn("/health does not come: no answer:", self.said)

    def test_options_after_two_dashes_go_to_flyctl(self):
        self.assertIn("--no-cache", self.deploys(self.deploy(arguments=["--", "--no-cache"]))[0])

    def test_wrong_use_is_one_line_and_2(self):
        for wrong, said in ((["--wait", "soon"], "--wait is a number of seconds, not soon"), (["--url"], "--url needs a value"),
                            (["now"], "unknown argument now")):
            world = self.deploy(arguments=wrong)
            self.assertEqual((self.code, world["calls"]), (2, []), self.said)
            self.assertIn(said, self.said.splitlines()[0])


if __name__ == "__main__":
    unittest.main()
