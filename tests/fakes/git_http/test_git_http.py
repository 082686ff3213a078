"""Real git against the real web server: who may read, who may push, and that nothing is left behind."""

import base64
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
import urllib.error
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
NOBODY = 65534


def run(*command, cwd=None, check=True, **env):
    """No configuration of the machine, no questions; what was said and how it ended."""
    clean = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0",
             "LC_ALL": "C", **env}
    done = subprocess.run([str(c) for c in command], cwd=cwd, env=clean, capture_output=True, text=True, timeout=60)
    if check and done.returncode:
        raise AssertionError(f"{command}: {done.stderr}")
    return done


def make_repository(root, name):
    bare, work = root / name, root / "work"
    run("git", "init", "-q", "-b", "main", work)
    (work / "a.txt").write_text("a\n")
    run("git", "add", ".", cwd=work)
    run("git", "-c", "user.name=x", "-c", "user.email=x@x", "commit", "-qm", "a", cwd=work)
    run("git", "clone", "-q", "--bare", work, bare)
    subprocess.run(["rm", "-rf", work], check=True)


class GitCase(unittest.TestCase):
    as_user = []

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.root, self.tmp = self.folder / "repos", self.folder / "tmp"
        self.root.mkdir(), self.tmp.mkdir()
        make_repository(self.root, "team.git")
        self.program = HERE
        if self.as_user:  # who may not enter a checkout below root's home
            self.program = Path(shutil.copytree(HERE, self.folder / "program"))
            subprocess.run(["chown", "-R", str(NOBODY), self.folder], check=True)

    def serve(self, *flags, stdin=None):
        command = [*self.as_user, "/usr/bin/python3", str(self.program / "serve.py"), str(self.root), "--user", "writer",
                   "--token", "w-token", "--read-only-user", "reader:r-token", "--no-access-user", "stranger:s-token",
                   "--log", str(self.folder / "log"), *flags]
        self.server = subprocess.Popen(command, stdin=stdin, stdout=subprocess.PIPE, text=True,
                                       env={"PATH": os.environ["PATH"], "TMPDIR": str(self.tmp)})
        self.addCleanup(self.server.stdout.close)
        self.addCleanup(self.server.wait)
        self.addCleanup(self.server.terminate)
        line = self.server.stdout.readline()
        self.assertRegex(line, r"^listening https?://127\.0\.0\.1:\d+\n$")
        self.url = line.split()[1]

    def at(self, who, name="team.git"):
        return self.url.replace("://", f"://{who}@") + "/" + name if who else f"{self.url}/{name}"

    def clone(self, who, name="team.git", **env):
        target = self.folder / f"clone{len(list(self.folder.iterdir()))}"
        done = run("git", "clone", "-q", self.at(who, name), target, check=False, **env)
        return target, done

    def push(self, who, content=b"b\n", **env):
        """A new commit from the writer's clone, pushed by `who`."""
        clone, done = self.clone("writer:w-token", **env)
        self.assertEqual(done.returncode, 0, done.stderr)
        (clone / "b.txt").write_bytes(content)
        run("git", "add", ".", cwd=clone)
        run("git", "-c", "user.name=x", "-c", "user.email=x@x", "commit", "-qm", "b", cwd=clone)
        return clone, run("git", "push", "-q", self.at(who), "HEAD:refs/heads/new", cwd=clone, check=False, **env)


class Rights(GitCase):
    def test_a_token_may_fetch_and_push(self):
        self.serve()
        clone, done = self.push("writer:w-token")
        self.assertEqual(done.returncode, 0, done.stderr)
        head = run("git", "rev-parse", "HEAD", cwd=clone).stdout
        safe = ("-c", "safe.directory=*")
        self.assertEqual(run("git", *safe, "rev-parse", "new", cwd=self.root / "team.git").stdout, head)

    def test_a_push_larger_than_one_request(self):
        self.serve()
        _, done = self.push("writer:w-token", os.urandom(3 << 20))  # above http.postBuffer git sends chunks
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_no_or_a_wrong_token_is_401(self):
        self.serve()
        for who in ("", "writer:r-token"):  # lighttpd lets each wrong password wait for a second
            self.assertEqual(self.status(who), 401)
        self.assertIn("could not read Username", self.clone("")[1].stderr)
        self.assertIn("Authentication failed", self.clone("writer:wrong")[1].stderr)

    def test_a_reader_may_not_push(self):
        self.serve()
        self.assertEqual(self.clone("reader:r-token")[1].returncode, 0)
        _, done = self.push("reader:r-token")
        self.assertIn("403", done.stderr)
        self.assertEqual(self.status("reader:r-token"), 200)
        self.assertEqual(self.status("reader:r-token", service="git-receive-pack"), 403)

    def test_a_stranger_gets_403(self):
        self.serve()
        self.assertEqual(self.status("stranger:s-token"), 403)

    def test_an_unknown_repository_is_404(self):
        self.serve()
        self.assertEqual(self.status("writer:w-token", "none.git"), 404)
        self.assertIn("not found", self.clone("writer:w-token", "none.git")[1].stderr)
        self.assertEqual(self.status("writer:w-token", "../etc"), 404)

    def test_a_hook_can_protect_a_branch(self):
        hook = self.root / "team.git/hooks/pre-receive"
        hook.write_text("#!/bin/sh\necho 'protected branch hook declined' >&2\nexit 1\n")
        hook.chmod(0o755)
        self.serve()
        _, done = self.push("writer:w-token")
        self.assertIn("protected branch hook declined", done.stderr)

    def test_protocol_2_is_spoken(self):
        self.serve()
        done = run("git", "-c", "protocol.version=2", "ls-remote", self.at("writer:w-token"), GIT_TRACE_PACKET="1")
        self.assertIn("version 2", done.stderr)

    def test_tls(self):
        cert, key = make_certificate(self.folder)
        self.serve("--tls", str(cert), str(key))
        self.assertTrue(self.url.startswith("https://"))
        self.assertIn("certificate", self.clone("writer:w-token")[1].stderr)
        _, done = self.push("writer:w-token", os.urandom(3 << 20), GIT_SSL_CAINFO=str(self.folder / "ca.pem"))
        self.assertEqual(done.returncode, 0, done.stderr)

    def status(self, who, name="team.git", service="git-upload-pack"):
        request = urllib.request.Request(f"{self.url}/{name}/info/refs?service={service}")
        if who:
            request.add_header("Authorization", "Basic " + base64.b64encode(who.encode()).decode())
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return response.status
        except urllib.error.HTTPError as error:
            error.close()
            return error.code


@unittest.skipUnless(os.getuid() == 0, "only root can become somebody else")
class RightsAsAnOrdinaryUser(Rights):
    as_user = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]


class Ending(GitCase):
    def all_gone(self):
        """The pipe's end shows that every process that held it is gone; they all inherit it."""
        self.assertEqual(self.server.stdout.read(), "")
        self.assertEqual(list(self.tmp.iterdir()), [])

    def test_sigterm(self):
        self.serve()
        self.server.terminate()
        self.assertEqual(self.server.wait(30), 0)
        self.all_gone()

    def test_sigkill(self):
        self.serve()
        self.server.kill()
        self.server.wait(30)
        self.all_gone()

    def test_with_its_parent(self):
        program = "import subprocess, sys; p = subprocess.Popen(sys.argv[1:]); sys.stdin.read()"
        self.as_user = [sys.executable, "-c", program]
        read, write = os.pipe()
        self.addCleanup(os.close, write)
        with os.fdopen(read) as held:
            self.serve(stdin=held)
        self.server.kill()
        self.all_gone()

    def test_a_port_in_use_is_said(self):
        self.serve()
        port = self.url.rsplit(":", 1)[1]
        done = run("/usr/bin/python3", HERE / "serve.py", self.root, "--port", port, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("in use", done.stderr)


def make_certificate(folder):
    """A certificate authority of our own, and a server certificate for 127.0.0.1 signed by it."""
    new = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    run(*new, "-subj", "/CN=test authority", "-keyout", folder / "ca.key", "-out", folder / "ca.pem")
    cert, key = folder / "server.pem", folder / "server.key"
    run(*new, "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost",
        "-addext", "basicConstraints=critical,CA:FALSE", "-CA", folder / "ca.pem", "-CAkey", folder / "ca.key",
        "-keyout", key, "-out", cert)
    if os.getuid() == 0:
        os.chmod(key, 0o644)
    return cert, key


if __name__ == "__main__":
    unittest.main()
