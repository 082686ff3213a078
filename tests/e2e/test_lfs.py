"""A repository with files in LFS: what its checks see of them, and what is told when they cannot be fetched."""

import http.server
import threading

import edits
import lfs
from git_http import TOKEN, serve
from scripted import fix
from story import Story

RULES = 'check = "python3 check.py"\nlfs = true\n'
CONTENT = b"5\x00\xff real bytes\n"
NEEDS_FILE = "import calc\nassert calc.add(2, 3) == int(open('data/five.bin', 'rb').read(1))\n"


class Store:
    """Gives one content to whoever asks, and keeps the headers."""

    def __init__(self, content):
        asked = self.asked = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                asked.append(dict(self.headers))
                self.send_response(200)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


class Lfs(Story):
    def setUp(self):
        super().setUp()
        self.address = serve(self, self.folder)
        self.adopt_helpers()

    def team(self, rules=RULES, **files):
        """A repository whose check needs a file in LFS."""
        return self.remote("team", files={".persais.toml": rules, "check.py": NEEDS_FILE, "data/five.bin": lfs.pointer(CONTENT),
                                          ".gitattributes": "*.bin filter=lfs diff=lfs merge=lfs -text\n", **files})

    def run_there(self, *words, **more):
        url = f"{self.address}/team.git"
        return self.run_on(url.replace("//", "//git@"), *words, check=None,
                           **{"GIT_REMOTE_URL": url, "GIT_ACCESS_TOKEN": TOKEN, **more})

    def test_the_checks_see_the_real_bytes_and_the_commit_has_none_of_them(self):
        remote = self.team()
        lfs.keep(remote, CONTENT)
        self.script(fix())
        result = self.run_there()
        self.expect(result, "ready")
        self.assertEqual((result["checks"]["before"], result["checks"]["after"]), ("red", "green"))
        self.expect_branch(remote, result, ["calc.py"])
        self.assertEqual(remote.file(result["commit"], "data/five.bin"), lfs.pointer(CONTENT))

    def test_another_host_that_keeps_the_objects_gets_no_token(self):
        remote = self.team()
        lfs.keep(remote, CONTENT)
        store = Store(CONTENT)
        self.addCleanup(store.stop)
        (remote.path / "lfs/elsewhere").write_text(store.url)
        self.script(fix())
        self.expect(self.run_there(), "ready")
        self.assertEqual([headers.get("Authorization") for headers in store.asked], [None])

    def test_without_the_setting_they_see_the_pointer(self):
        lfs.keep(self.team(rules='check = "python3 check.py"\n'), CONTENT)
        self.script(fix())
        self.expect(self.run_there(REPAIR_ROUNDS="0"), "tests_red")

    def test_a_file_in_lfs_cannot_be_changed(self):
        content = b"five = 5\n"
        remote = self.team(**{"five.bin": lfs.pointer(content)})
        lfs.keep(remote, CONTENT), lfs.keep(remote, content)
        self.script({"reply": edits.block("five.bin", "five = 5\n", "five = 6\n"), "once": True, "times": 0})
        result = self.run_there("Change five.bin.")
        self.expect(result, "no_change")
        self.assertIn("only `five.bin`, which is in LFS", result["sentence"])
        self.expect_nothing_pushed(remote)

    def refused(self, reason, *words):
        model = self.script(fix())
        result = self.run_there()
        self.expect(result, "remote_failed", reason)
        for word in words:
            self.assertIn(word, result["sentence"])
        self.assertEqual(model.requests(), [])

    def test_a_corrupted_object_is_told(self):
        remote = self.team()
        lfs.keep(remote, CONTENT, given=b"6" + CONTENT[1:])
        self.refused("no_read", "`data/five.bin`", "not what its pointer says")
        lfs.keep(remote, CONTENT, given=b"6" * (2 << 20))
        self.refused("no_read", "`data/five.bin`", "more than its pointer says")

    def test_an_object_that_is_not_there_is_told(self):
        lfs.have(self.team())
        self.refused("not_found", "`data/five.bin`", "does not have it")

    def test_a_server_that_is_not_there_is_told(self):
        self.team()
        self.refused("not_found", "There is no LFS here")

    def test_a_host_that_is_not_allowed_is_told(self):
        self.team(**{".lfsconfig": "[lfs]\n\turl = https://internal.example/x\n"})
        self.refused("no_read", "internal.example", "FETCH_HOSTS")
