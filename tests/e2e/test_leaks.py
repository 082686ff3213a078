"""The search for secrets finds them: each way they could leave is gone once, on purpose."""

import base64
import unittest
import urllib.parse

import leaks
from remote import git
from scripted import KEY, fix
from story import Story

SECRET = b"kX9-/quite+secret=Zw4"


class Search(unittest.TestCase):
    def test_it_finds_each_form(self):
        for form in (SECRET, SECRET.hex().encode(), SECRET.hex().upper().encode(), urllib.parse.quote(SECRET, safe="").encode()):
            self.assertTrue(leaks.forms_in(b"before " + form + b" behind", SECRET), form)
        for around in range(4):
            for encode in (base64.b64encode, base64.urlsafe_b64encode):
                self.assertTrue(leaks.forms_in(b"{" + encode(b"x" * around + SECRET + b"tail") + b"}", SECRET), around)

    def test_it_finds_pieces(self):
        for text in (SECRET, base64.b64encode(SECRET), SECRET.hex().encode()):
            chunks = b"\n".join(b'data: {"delta": "%s"}' % text[at:at + 8] for at in range(0, len(text), 8))
            self.assertTrue(leaks.forms_in(b"HTTP/1.1 200 OK\n" + chunks, SECRET), text)

    def test_it_finds_nothing_else(self):
        other = SECRET[:12] + b"-nothing like it"
        for text in (b"", other, other.hex().encode(), base64.b64encode(other), b" ".join(SECRET[at:at + 3] for at in range(0, len(SECRET), 3))):
            self.assertEqual(leaks.forms_in(text, SECRET), [], text)

    def test_it_knows_which_settings_are_secret(self):
        self.assertLessEqual({"OPENROUTER_API_KEY", "GIT_ACCESS_TOKEN", "GIT_SSH_KEY", "GIT_SIGNING_KEY", "TELEGRAM_BOT_TOKEN", "TELEGRAM_WEBHOOK_SECRET", "DATABASE_URL",
                              "DIRECT_URL", "PERSAIS_MASTER_KEY"}, set(leaks.SETTINGS))
        self.assertEqual(leaks.of_value("DATABASE_URL", "postgresql://u:pass-of-some-length@h/d"), ["pass-of-some-length"])


class Planted(Story):
    """Each place in which the search looks."""

    def plant(self):
        self.watch.knows({SECRET: "a canary"})

    def leaks_in(self, *words):
        """What the end of the story says, once; then the canary is forgotten, for this test is not to fail."""
        with self.assertRaises(AssertionError) as raised:
            self.search_leaks()
        self.watch.secrets.pop(SECRET, None)
        self.watch.heard = [each for each in self.watch.heard if each[0] != "planted"]
        for word in words:
            self.assertIn(word, str(raised.exception))

    def test_what_a_program_says(self):
        self.plant()
        self.watch.hears("planted", b"log: " + SECRET)
        self.leaks_in("planted shows a canary (as it is)")

    def test_a_commit_that_is_pushed(self):
        remote = self.remote()
        self.script(fix())
        self.expect(self.run_on(remote), "ready")
        self.search_leaks()
        self.plant()
        path = self.folder / "leak"
        path.write_bytes(base64.b64encode(b"user:" + SECRET))
        blob = git(remote.path, "hash-object", "-w", str(path)).strip()
        self.assertTrue(blob)
        self.leaks_in("team.git shows a canary (base64")
        path.unlink()

    def test_a_row_of_the_database(self):
        self.database.sql("create table kept_in_clear (text text)")
        self.database.sql(f"insert into kept_in_clear values ('{SECRET.hex()}')")
        self.plant()
        self.leaks_in("the database shows a canary (hexadecimal)")
        self.database.sql("drop table kept_in_clear")

    def test_what_the_model_is_sent(self):
        self.script(fix())
        self.plant()
        with open(self.model.log, "ab") as log:
            log.write(urllib.parse.quote(SECRET, safe="").encode())
        self.leaks_in("the model's requests shows a canary (URL-encoded)")
        self.model.log.write_bytes(b"")

    def test_a_file_that_is_left(self):
        self.data.mkdir(exist_ok=True)
        core = self.data / "core.1"
        core.write_bytes(b"\x7fELF" + SECRET)
        type(self).known_secrets[SECRET] = "a canary"
        with self.assertRaisesRegex(AssertionError, "core.1 shows a canary"):
            self.search_files()
        del type(self).known_secrets[SECRET]
        core.unlink()

    def test_the_secrets_of_a_run_are_known_without_a_word(self):
        self.script(fix())
        self.run_on(self.remote())
        (self.data / "master.key").write_text("a-master-key-of-the-tests-only\n")
        self.search_leaks()
        self.assertEqual(self.watch.secrets.get(KEY.encode()), "OPENROUTER_API_KEY")
        self.assertLessEqual({"the master key", "DATABASE_URL"}, set(self.watch.secrets.values()))
