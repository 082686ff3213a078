"""What people do in their clients."""

from . import text as texts
from . import units

MAX_TEXT = 4096


class Press:
    """A press of a button. `answers` has what the bot answered to it, each {"text"?, "show_alert"?}."""

    def __init__(self, world, person, message, data):
        self.world, self.person, self.message, self.data = world, person, message, data
        self.id, self.at, self.answers, self.expired = world.press_id(), world.now(), [], False

    def wait(self, seconds=20):
        self.world.wait(lambda: self.answers, seconds, lambda: f"an answer to the press of {self.data!r}")
        return self.answers[0]


def parts(text, limit=MAX_TEXT):
    """A long text as clients split it: at the last line break that fits, else at the last space, else hard."""
    found = []
    while units.length(text) > limit:
        size = len(units.cut(text, 0, limit).rstrip("\ufffd"))
        for mark in ("\n", " "):
            place = text.rfind(mark, 1, size)
            if place > size // 2:
                size = place
                break
        found.append(text[:size])
        text = text[size:].lstrip("\n ") if size else text
    return found + [text]


class Person:
    """A user and what they do. Without `chat` it happens in their private chat with the bot; `age` is how many seconds ago."""
    is_bot = False

    def __init__(self, world, number, first_name, language, fields):
        self.world, self.id, self.first_name, self.language, self.fields, self.deactivated = world, number, first_name, language, fields, False
        self.chat = None

    def json(self):
        found = {"id": self.id, "is_bot": False, "first_name": self.first_name, **self.fields}
        return {**found, "language_code": self.language} if self.language else found

    def says(self, text, chat=None, topic=None, reply_to=None, age=0, **fields):
        if units.length(text) > MAX_TEXT:
            raise ValueError("longer than a client sends; says_long splits it")
        return self._sends({"text": text, "entities": texts.with_found(text, []), **fields}, chat, topic, reply_to, age)

    def says_long(self, text, chat=None, topic=None, age=0):
        """The messages into which the client splits it."""
        return [self.says(part, chat, topic, age=age) for part in parts(text)]

    def replies(self, message, text, age=0):
        return self.says(text, message.chat, message.topic, message, age)

    def edits(self, message, text):
        with self.world.changed:
            kind = "text" if "text" in message.fields else "caption"
            entities = "entities" if kind == "text" else "caption_entities"
            now = self.world.now()
            message.change(now, {**message.fields, kind: text, entities: texts.with_found(text, []), "edit_date": int(now)})
            if self.world.seen_by_bot(message):
                self.world.updates.add("edited_message", message.json(), message.chat.id, 86400)
            self.world.changed.notify_all()

    def forwards(self, message, chat=None, topic=None):
        origin = {"type": "user", "date": int(message.date), "sender_user": message.sender.json()}
        kept = ("text", "entities", "caption", "caption_entities", "document", "photo")
        fields = {name: message.fields[name] for name in kept if name in message.fields}
        return self._sends({"forward_origin": origin, **fields}, chat, topic, None, 0)

    def sends_photo(self, caption="", chat=None, topic=None, data=b"\x89PNG\r\n\x1a\n", **fields):
        return self._sends({"photo": self.world.store("photo.jpg", "image/jpeg", data).photo(), **self._captioned(caption), **fields},
                           chat, topic, None, 0)

    def sends_document(self, name, data, caption="", chat=None, topic=None, kind="text/plain", **fields):
        return self._sends({"document": self.world.store(name, kind, data).document(), **self._captioned(caption), **fields},
                           chat, topic, None, 0)

    def sends_album(self, count=3, caption="", chat=None, topic=None):
        """Photos of one group; the caption is on the first."""
        group = {"media_group_id": str(13_000_000_000_000_000 + len((chat or self.chat).all))}
        return [self.sends_photo("" if i else caption, chat, topic, **group) for i in range(count)]

    def presses(self, message, which):
        """`which`: a part of a button's text, or a button, or {"callback_data": …} for one that is not there any more."""
        with self.world.changed:
            button = message.button(which) if isinstance(which, str) else which
            if not button or "callback_data" not in button:
                raise AssertionError(f"no button {which!r} to press under {message}: {message.buttons}")
            press = Press(self.world, self, message, button["callback_data"])
            self.world.presses[press.id] = press
            shown = message.inaccessible() if message.deleted else message.json()
            self.world.updates.add("callback_query", {
                "id": press.id, "from": self.json(), "message": shown, "chat_instance": str(abs(message.chat.id) * 7919), "data": press.data},
                self.id + (3 << 33), 150)
            return press

    def deletes(self, message):
        """In the person's client, for both sides. The bot is not told."""
        with self.world.changed:
            message.deleted = True
            self.world.changed.notify_all()

    def blocks(self):
        with self.world.changed:
            self.world.membership(self.chat, self, "member", "kicked")
            self.chat.blocked = True

    def unblocks(self):
        with self.world.changed:
            self.chat.blocked = False
            self.world.membership(self.chat, self, "kicked", "member")

    def deletes_account(self):
        self.deactivated = True

    def _captioned(self, caption):
        return {"caption": caption, "caption_entities": texts.with_found(caption, [])} if caption else {}

    def _sends(self, fields, chat, topic, reply_to, age):
        chat = chat or self.chat
        with self.world.changed:
            chat.started = True
            return self.world.arrive(chat, self, fields, topic=topic, reply_to=reply_to, age=age)
