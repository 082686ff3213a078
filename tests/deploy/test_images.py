"""Images are named by digest, each tag by one; scripts/update-images renews them. The registry is a fake that speaks the
distribution protocol as Docker Hub does: 401 with a challenge, a token for it, HEAD of a manifest."""

import http.server
import json
import os
import re
import shutil
import subprocess
import tempfile
import threading
import unittest
import urllib.parse
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FILES = ("Dockerfile", "docker-compose.yml", ".gitlab-ci.yml", ".github/workflows/deploy.yml", ".github/workflows/release.yml")
# Where a file of each kind names an image; what is built here is ours.
NAMED = re.compile(r"(?m)^\s*FROM (\S+)|^\s*(?:- )?(?:image|name): ([^\s:]+[:/]\S+)|\b(debian:\S+)")
OURS = ("persais:local",)
PIN = re.compile(r"([a-z0-9._/-]+:[A-Za-z0-9._-]+)@(sha256:[0-9a-f]{64})")
INDEX = "application/vnd.oci.image.index.v1+json"


def named(text):
    lines = "\n".join(line.split(" #")[0] for line in text.splitlines() if not line.lstrip().startswith("#"))
    found = {next(filter(None, groups)) for groups in NAMED.findall(lines)}
    return {name for name in found if name not in OURS and "://" not in name}


class Pins(unittest.TestCase):
    def test_each_image_is_named_by_digest(self):
        for name in FILES:
            images = named((ROOT / name).read_text())
            self.assertTrue(images, name)
            self.assertEqual({image for image in images if not PIN.fullmatch(image)}, set(), name)

    def test_a_tag_has_one_digest_everywhere(self):
        digests = {}
        for name in FILES:
            for tag, digest in PIN.findall((ROOT / name).read_text()):
                digests.setdefault(tag, set()).add(digest)
        self.assertEqual({tag for tag, known in digests.items() if len(known) > 1}, set())

    def test_an_image_by_tag_alone_is_seen(self):
        self.assertEqual(named("FROM debian:bookworm-slim AS build\n"), {"debian:bookworm-slim"})
        self.assertEqual(named("  image: docker:28\n  services:\n    - name: docker:28-dind\n"), {"docker:28", "docker:28-dind"})
        self.assertEqual(named("  docker run debian:12 bash\n# FROM old:1\n  image: persais:local\n"), {"debian:12"})


class Registry(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        query = urllib.parse.parse_qs(urllib.parse.urlparse(self.path).query)
        self.server.scopes += query.get("scope", [])
        self.answer(200, json.dumps({"token": "T-" + query["scope"][0]}).encode(), {"Content-Type": "application/json"})

    def do_HEAD(self):
        name, tag = re.fullmatch(r"/v2/(.+)/manifests/(.+)", self.path).groups()
        scope = f"repository:{name}:pull"
        if self.headers.get("Authorization") != f"Bearer T-{scope}":
            realm = f"http://127.0.0.1:{self.server.server_port}/token"
            return self.answer(401, b"", {"WWW-Authenticate": f'Bearer realm="{realm}",service="registry.docker.io",scope="{scope}"'})
        if f"{name}:{tag}" not in self.server.images or INDEX not in self.headers["Accept"]:
            return self.answer(404, b"", {})
        digest, kind = self.server.images[f"{name}:{tag}"]
        self.answer(200, b"", {"Docker-Content-Digest": digest, "Content-Type": kind})

    def answer(self, status, body, headers):
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Update(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        for name in FILES:
            (self.root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, self.root / name)
        self.before = self.texts()
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Registry)
        self.server.scopes = []
        thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        self.addCleanup(lambda: (self.server.shutdown(), thread.join(), self.server.server_close()))
        # What each tag stands for now: what is written, but for one that moved.
        self.server.images = {}
        for tag, digest in PIN.findall("\n".join(self.before.values())):
            name = tag if "/" in tag.split(":")[0] else f"library/{tag}"
            self.server.images[name] = (digest, INDEX)

    def texts(self):
        return {name: (self.root / name).read_text() for name in FILES}

    def update(self, *arguments):
        env = {**os.environ, "PERSAIS_IMAGES_ROOT": str(self.root), "PERSAIS_REGISTRY": f"http://127.0.0.1:{self.server.server_port}"}
        return subprocess.run([ROOT / "scripts/update-images", *arguments], env=env, capture_output=True, text=True, timeout=60)

    def test_nothing_moved(self):
        done = self.update()
        self.assertEqual((done.returncode, self.texts()), (0, self.before), done.stderr)
        self.assertIn("repository:library/debian:pull", self.server.scopes)
        self.assertIn("repository:pgvector/pgvector:pull", self.server.scopes)

    def test_a_tag_that_moved_is_written_wherever_it_stands(self):
        tag, new = "python:3.11-slim-bookworm", "sha256:" + "a1" * 32
        old = self.server.images[f"library/{tag}"][0]
        self.server.images[f"library/{tag}"] = (new, INDEX)
        looked = self.update("--check")
        self.assertEqual((looked.returncode, self.texts()), (1, self.before))
        done = self.update()
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(f"Dockerfile: {tag} {old[:19]} -> {new[:19]}", done.stdout)
        self.assertEqual(self.texts(), {name: text.replace(old, new) for name, text in self.before.items()})
        self.assertGreater(self.before["Dockerfile"].count(old), 1)

    def test_what_is_no_index_or_is_not_there_writes_nothing(self):
        good = self.server.images["library/debian:bookworm-slim"]
        for bad, said in ((("sha256:" + "b" * 64, "application/vnd.oci.image.manifest.v1+json"), "not an index"), (("latest", INDEX), "without a digest")):
            self.server.images["library/debian:bookworm-slim"] = bad
            done = self.update()
            self.assertEqual((done.returncode, self.texts()), (1, self.before))
            self.assertIn(said, done.stderr)
        self.server.images["library/debian:bookworm-slim"] = good
        del self.server.images["pgvector/pgvector:pg17"]
        done = self.update()
        self.assertEqual((done.returncode, self.texts()), (1, self.before))
        self.assertIn("pgvector/pgvector:pg17", done.stderr)


if __name__ == "__main__":
    unittest.main()
