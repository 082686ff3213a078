"""A service with nothing to do leaves its database alone, so that one that sleeps when idle can sleep."""

import re
import time
from datetime import datetime, timezone

import database
from telegramming import PATIENCE, TelegramStory, fix, is_verdict

STATEMENT = re.compile(r"^(\S+ \S+) UTC \[\d+\] LOG:  (?:statement|execute [^:]*): (.*)", re.MULTILINE)

# After the last task: a look for messages that others left, when their leases have ended (3 s, LEASE_TTL and 5 s), and what the machine
# needs for it.
COMES_TO_REST = 20
# No timer of the service is shorter than a day but those of leases and pauses, which end within a minute and a half: it was after 75 s
# that a look came once. This is the one wait of this test, and it is what the test is about.
WATCHED = 95


class Idle(TelegramStory):
    def statements(self):
        """What the server was asked, with the time of each."""
        log = (database.SHARED.server.folder / "log").read_text(errors="replace")
        return [(datetime.fromisoformat(at).replace(tzinfo=timezone.utc).timestamp(), what) for at, what in STATEMENT.findall(log)]

    def test_after_the_last_task_there_is_no_sql_at_all(self):
        self.sql(f"alter database {self.database.name} set log_statement = 'all'")
        self.script(fix())
        self.begin(self.remote(), LEASE_TTL="5s")
        self.bob.says("Mend the sum.")
        self.bob.chat.wait(is_verdict, PATIENCE)
        self.wait_sql("select count(*) from outbox where sent_at is null", "0")
        last = time.time()
        time.sleep(WATCHED)
        late = [f"{at - last:.1f} s: {what}" for at, what in self.statements() if at > last + COMES_TO_REST]
        self.assertEqual(late, [])
        before = time.time()
        self.bob.says("/status")
        self.bob.chat.wait("No errors in the last day.")
        self.assertTrue([what for at, what in self.statements() if at > before], "what is asked is seen")


if __name__ == "__main__":
    import unittest
    unittest.main()
