"""The people who ask by chat: a Telegram that keeps to the protocol, a dozen of them in it, and what each said."""

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "fakes"))

from orders import CHECK  # noqa: E402
from telegram import Telegram  # noqa: E402

MANY = 12      # so many chats that Telegram's pace for one of them holds nothing up
APART = 4.0    # seconds between what one person says: within 2 s it is one instruction
PACE = 0.25    # of Telegram's waits before a webhook is tried again
SECRET = "a-webhook-secret-for-" + "the-tests-only"


class People:
    """`hooked`: Telegram brings what they say to a webhook of whichever service is there; else both services ask for it, and Telegram
    lets one of them. Each person's chat is about one remote."""

    def __init__(self, remotes, hooked):
        self.remotes, self.hooked = remotes, hooked
        self.telegram = Telegram(pace=PACE)
        self.telegram.start()
        self.all = [self.telegram.person(f"P{number}") for number in range(MANY)]
        self.said = {}       # mark → (person, message, order)
        self.free = {person: 0.0 for person in self.all}
        self.lost = []       # faults that lose an answer

    def settings(self):
        hook = {"TELEGRAM_WEBHOOK_URL": "https://bot.example/telegram/webhook", "TELEGRAM_WEBHOOK_SECRET": SECRET}
        everybody = ",".join(str(person.id) for person in self.all)
        return {"TELEGRAM_API_ROOT": self.telegram.root, "TELEGRAM_BOT_TOKEN": self.telegram.token, "TELEGRAM_ADMIN_IDS": str(self.all[0].id),
                "ALLOWED_USER_IDS": everybody, **(hook if self.hooked else {})}

    def introduce(self, database):
        """What they chose before: a repository for each chat; the last one has no checks."""
        last = len(self.remotes) - 1
        for number, remote in enumerate(self.remotes):
            check = "null" if number == last else f"'{CHECK.format(tenths=number + 1)}'"
            database.sql(f"insert into repositories (name, remote, check_command) values ('{remote.path.stem}', '{remote.path}', {check})")
        for number, person in enumerate(self.all):
            database.sql(f"insert into conversations (chat_id, repository) select {person.id}, id from repositories where remote = "
                         f"'{self.remotes[number % len(self.remotes)].path}'")

    def lead_to(self, services):
        """Where what stands before the bot leads: to the service that was started last of those that listen."""
        def address():
            for service in reversed(list(services)):
                line = next((line for line in list(service.lines) if str(line["message"]).startswith("HTTP on ")), None)
                if line and service.process.poll() is None:
                    return f"http://127.0.0.1:{line['message'].rpartition(':')[2]}"
            raise OSError("nobody listens")
        self.telegram.webhook.proxy = address

    def say(self, order):
        """False: everybody whom it would fit has just said something."""
        now = time.monotonic()
        fits = [person for number, person in enumerate(self.all) if number % len(self.remotes) == order.remote and self.free[person] <= now]
        if not fits:
            return False
        person = min(fits, key=self.free.get)
        self.free[person] = now + APART
        self.said[order.mark] = person, person.says(order.instruction), order
        return True

    def lose_an_answer(self):
        """Of a message that was sent: told apart from what kills do."""
        self.lost.append(self.telegram.faults.add(method="sendMessage", lost="answer"))

    def waiting(self):
        """How many updates the bot has not acknowledged."""
        with self.telegram.changed:
            return len(self.telegram.updates.pending)

    def transcript(self):
        """What was called, and what became of it, for a batch that went wrong."""
        return [f"{call.at:.3f} {call.method} {call.args.get('chat_id', '')} {call.status} {call.outcome} {call.description or ''} "
                f"{str(call.args.get('text', ''))!r} {call.result.get('message_id', '') if isinstance(call.result, dict) else ''}" for call in self.telegram.calls]

    def close(self):
        self.telegram.stop()
