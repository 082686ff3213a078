"""A real web server with basic authentication before the real `git http-backend`."""

import select
import subprocess
import sys
from pathlib import Path

SERVE = Path(__file__).resolve().parents[1] / "fakes/git_http/serve.py"
TOKEN = "a-token-for-" + "the-tests-only-9b1e"
READER, STRANGER = "reads-only-2f", "sees-nothing-3a"


def serve(story, root, user="git"):
    """Serves the bare repositories below `root` until the test ends; gives the address. `user`: whose the token is."""
    server = subprocess.Popen(
        [sys.executable, SERVE, str(root), "--user", user, "--token", TOKEN, "--read-only-user", f"reader:{READER}",
         "--no-access-user", f"stranger:{STRANGER}"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "TMPDIR": str(root)}, text=True)

    def stop():
        server.stdout.close()
        server.terminate()
        server.wait()

    story.addCleanup(stop)
    if not select.select([server.stdout], [], [], 60)[0]:
        raise AssertionError("the git server does not listen")
    return server.stdout.readline().split()[1]
