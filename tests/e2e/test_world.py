"""Something that Persais needs is not there: exit 3, one sentence, and soon."""

import time
import unittest

from scripted import fix
from story import IS_ROOT, Story


class World(Story):
    def broken(self, run, pattern):
        self.assertEqual(run.wait(), 3, run.story())
        self.assertEqual((run.result["event"], run.result["verdict"]), ("result", "world_broken"))
        self.assertRegex(run.result["sentence"], pattern)

    def test_a_database_that_is_not_there(self):
        began = time.monotonic()
        run = self.begin(self.remote(), DATABASE_URL="postgresql://nobody@127.0.0.1:1/nothing?connect_timeout=2")
        self.broken(run, "database")
        self.assertLess(time.monotonic() - began, 45)

    def test_a_data_folder_that_cannot_be_made(self):
        (self.folder / "file").write_text("")
        self.broken(self.begin(self.remote(), PERSAIS_DATA=str(self.folder / "file/data")), "PERSAIS_DATA")

    @unittest.skipUnless(IS_ROOT, "mounts need root")
    def test_a_full_disk(self):
        for name in ("mirrors", "tasks"):
            with self.subTest(name):
                remote = self.remote(name, files={"big.bin": _noise(2 << 20)})
                self.script(fix())
                folder = self.data / name
                folder.mkdir(parents=True, exist_ok=True)
                # In a mount namespace of that run alone: nothing is left mounted, whatever happens.
                small = ["unshare", "-m", "sh", "-c", f'mount -t tmpfs -o size=1m tmpfs "{folder}" && exec "$@"', "sh"]
                run = self.begin(remote, before=small, TREES="copy")  # a layer over the file, which lies beside the mirror, would fit
                self.broken(run, "disk .* full|No space left")
                self.expect_nothing_pushed(remote)
                self.nothing_left()


def _noise(size):
    """Bytes that do not compress, the same each time."""
    import random
    return random.Random(7).randbytes(size)
