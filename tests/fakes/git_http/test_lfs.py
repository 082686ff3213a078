"""The real git-lfs against the batch API of lfs.py."""

import hashlib
import unittest

from test_git_http import GitCase, run

CONTENT = b"a\x00b\n" * 1000
OID = hashlib.sha256(CONTENT).hexdigest()
POINTER = f"version https://git-lfs.github.com/spec/v1\noid sha256:{OID}\nsize {len(CONTENT)}\n"


class Lfs(GitCase):
    def setUp(self):
        super().setUp()
        self.lfs = self.root / "team.git/lfs"
        self.serve()
        clone, done = self.clone("writer:w-token")
        self.assertEqual(done.returncode, 0, done.stderr)
        (clone / "x.bin").write_text(POINTER)
        (clone / ".gitattributes").write_text("*.bin filter=lfs\n")
        run("git", "add", ".", cwd=clone)
        run("git", "-c", "user.name=x", "-c", "user.email=x@x", "commit", "-qm", "lfs", cwd=clone)
        self.work = clone

    def keep(self, content=CONTENT):
        (self.lfs / "objects").mkdir(parents=True, exist_ok=True)
        (self.lfs / "objects" / OID).write_bytes(content)

    def fetch(self, who="writer:w-token"):
        """How `git lfs fetch` ended, and what it said."""
        done = run("git", "-c", f"lfs.url={self.at(who)}/info/lfs", "-c", "lfs.transfer.maxretries=1", "lfs", "fetch", cwd=self.work,
                   check=False)
        return done.returncode, done.stderr + done.stdout

    def fails(self, *words, who="writer:w-token"):
        code, said = self.fetch(who)
        self.assertNotEqual(code, 0, said)
        for word in words:
            self.assertIn(word, said)

    def test_a_file_comes(self):
        self.keep()
        code, said = self.fetch()
        self.assertEqual(code, 0, said)
        self.assertEqual((self.work / ".git/lfs/objects" / OID[:2] / OID[2:4] / OID).read_bytes(), CONTENT)

    def test_no_server(self):
        self.fails("There is no LFS here")

    def test_no_object(self):
        (self.lfs / "objects").mkdir(parents=True)
        self.fails("[404]", OID)

    def test_an_object_that_was_deleted_or_is_invalid(self):
        self.keep()
        (self.lfs / "errors").mkdir()
        for error in ("410 it was deleted", "422 no such size"):
            (self.lfs / "errors" / OID).write_text(error)
            self.fails(f"[{error[:3]}]", error[4:], OID)

    def test_other_bytes(self):
        self.keep(b"x" + CONTENT[1:])
        self.fails("expected OID " + OID)

    def test_who_may_not_read(self):
        self.keep()
        self.fails("Authorization error", who="stranger:s-token")


if __name__ == "__main__":
    unittest.main()
