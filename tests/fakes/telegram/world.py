"""Everything that there is: the bot, people, chats, messages, files, time. One condition guards it all and tells of each change."""

import itertools
import threading
import time

from .chats import Chat
from .message import Message
from .people import Person


class Bot:
    is_bot, first_name = True, "Mechanic"

    def __init__(self, number, username):
        self.id, self.username, self.privacy = number, username, True
        self.settings = {}  # ("commands", scope, language) and the like

    def json(self, full=False):
        found = {"id": self.id, "is_bot": True, "first_name": self.first_name, "username": self.username}
        if full:
            found.update(can_join_groups=True, can_read_all_group_messages=not self.privacy, supports_inline_queries=False,
                         supports_guest_queries=False, can_connect_to_business=False, has_main_web_app=False, has_topics_enabled=False,
                         allows_users_to_create_topics=False, can_manage_bots=False)
        return found


class Stored:
    """A file that lies on the server."""

    def __init__(self, number, name, kind, data):
        self.id, self.unique, self.name, self.kind, self.data = f"file-{number}", f"unique-{number}", name, kind, data

    def document(self):
        return {"file_name": self.name, "mime_type": self.kind, "file_id": self.id, "file_unique_id": self.unique, "file_size": len(self.data)}

    def photo(self):
        return [{"file_id": self.id, "file_unique_id": self.unique, "file_size": len(self.data), "width": 90, "height": 90}]


class World:
    """updates: where what happens is put for the bot. Times are Unix seconds of a clock that `advance` moves."""

    def __init__(self, bot_id, username):
        self.changed = threading.Condition(threading.RLock())
        self.bot, self.people, self.chats, self.files, self.presses = Bot(bot_id, username), {}, {}, {}, {}
        self.updates, self.skew = None, 0.0
        self._users, self._groups, self._shared, self._numbers = (itertools.count(start) for start in (5000001, 1001, 101, 1))
        self._own, self._press = {}, itertools.count(4_380_000_000_000_001)

    def now(self):
        return time.time() + self.skew

    def advance(self, seconds):
        with self.changed:
            self.skew += seconds
            self.changed.notify_all()

    def wait(self, there, seconds=20, what="what was waited for"):
        """Until there() is true, which is looked at after each change."""
        with self.changed:
            if not self.changed.wait_for(there, seconds):
                raise AssertionError(f"not within {seconds} s: {what() if callable(what) else what}")

    def person(self, first_name="Ann", language="en", **fields):
        with self.changed:
            person = Person(self, fields.pop("id", None) or next(self._users), first_name, language, fields)
            self.people[person.id] = person
            self.chats[person.id] = person.chat = Chat(self, person.id, "private", person=person)
            return person

    def group(self, title="Team", members=(), kind="supergroup", forum=False):
        """A group with the bot in it. A forum is a supergroup; its `topic(name)` opens a topic."""
        with self.changed:
            number = next(self._groups)
            number = -number if kind == "group" else -1_000_000_000_000 - number
            chat = self.chats[number] = Chat(self, number, kind, title, forum=forum)
            chat.members = list(members)
            return chat

    def store(self, name, kind, data):
        found = Stored(next(self._numbers), name, kind, data)
        self.files[found.id] = found
        return found

    def next_message_id(self, chat):
        """Private chats and basic groups share one count, each supergroup has its own: as it really is."""
        if chat.kind == "supergroup":
            return next(self._own.setdefault(chat.id, itertools.count(1)))
        return next(self._shared)

    def add(self, chat, sender, fields, topic=None, reply_to=None, age=0, number=None):
        with self.changed:
            number = number or self.next_message_id(chat)
            message = Message(chat, number, sender, self.now() - age, fields, topic, reply_to)
            chat.all.append(message)
            chat.by_id[number] = message
            self.changed.notify_all()
            return message

    def arrive(self, chat, sender, fields, **more):
        """A message that the bot is told of, if it may see it."""
        with self.changed:
            message = self.add(chat, sender, fields, **more)
            if self.seen_by_bot(message):
                self.updates.add("message", message.json(), chat.id, 86400 - more.get("age", 0))
            return message

    def seen_by_bot(self, message):
        """In a group, with privacy on: what is meant for the bot, and what the server itself says."""
        chat = message.chat
        if chat.bot in ("left", "kicked") or chat.blocked:
            return False
        if not chat.is_group or chat.bot == "administrator" or not self.bot.privacy:
            return True
        text = message.text or message.caption
        if not text and not message.document and "photo" not in message.fields:
            return True
        name = "@" + self.bot.username.lower()
        if message.reply_to and message.reply_to.by_bot or name in text.lower():
            return True
        return text.startswith("/") and "@" not in text.split()[0]

    def membership(self, chat, person, before, after):
        kinds = {"kicked": {"until_date": 0}}
        self.updates.add("my_chat_member", {
            "chat": chat.json(), "from": person.json(), "date": int(self.now()),
            "old_chat_member": {"user": self.bot.json(), "status": before, **kinds.get(before, {})},
            "new_chat_member": {"user": self.bot.json(), "status": after, **kinds.get(after, {})}}, chat.id, 86400)

    def press_id(self):
        return str(next(self._press))
