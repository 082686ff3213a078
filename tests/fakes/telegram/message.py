"""A message as it is now, what it was before, and what the Bot API says of it."""

import copy

from . import units

CONTENT = ("text", "entities", "caption", "caption_entities", "reply_markup", "link_preview_options")


class Message:
    """chat, id, sender (a Person or the bot; None for a service message without one), date; `fields` are the Bot API's own
    (text, document, forward_origin, …). `history` holds (time, fields) of each earlier state, `deleted` is set when it is gone."""

    def __init__(self, chat, number, sender, date, fields, topic=None, reply_to=None):
        self.chat, self.id, self.sender, self.date, self.fields = chat, number, sender, date, fields
        self.topic, self.reply_to, self.deleted, self.history = topic, reply_to, False, []
        self.changed_at = date

    def __repr__(self):
        who = self.sender.first_name if self.sender else "service"
        return f"<{'deleted ' if self.deleted else ''}message {self.id} in {self.chat.id} by {who}: {self.text or self.caption or self.fields!r}>"

    text = property(lambda self: self.fields.get("text", ""))
    caption = property(lambda self: self.fields.get("caption", ""))
    entities = property(lambda self: self.fields.get("entities", self.fields.get("caption_entities", [])))
    document = property(lambda self: self.fields.get("document"))
    by_bot = property(lambda self: self.sender is not None and self.sender.is_bot)

    @property
    def file(self):
        """The bytes of its document or photo."""
        found = self.document or self.fields.get("photo", [{}])[-1]
        return self.chat.world.files[found["file_id"]].data

    @property
    def rows(self):
        """The inline keyboard: lists of InlineKeyboardButton."""
        return self.fields.get("reply_markup", {}).get("inline_keyboard", [])

    @property
    def buttons(self):
        return [button for row in self.rows for button in row]

    def button(self, label):
        """The first button whose text holds this, in any case; None without."""
        return next((button for button in self.buttons if label.lower() in button["text"].lower()), None)

    def styled(self, kind):
        """The parts of the text that carry this entity."""
        text = self.text or self.caption
        return [units.cut(text, found["offset"], found["length"]) for found in self.entities if found["type"] == kind]

    def texts(self):
        """Every text it had, the first one first."""
        return [fields.get("text", "") for _, fields in self.history] + [self.text]

    def change(self, now, fields):
        """Replaces what a message says; False when nothing would change."""
        before = {name: self.fields.get(name) for name in CONTENT}
        if before == {name: fields.get(name) for name in CONTENT} and self.fields == fields:
            return False
        self.history.append((self.changed_at, self.fields))
        self.fields, self.changed_at = fields, now
        return True

    def json(self, reply=True):
        found = {"message_id": self.id, "date": int(self.date), "chat": self.chat.json()}
        if self.topic:
            found.update(message_thread_id=self.topic.id, is_topic_message=True)
        if self.sender:
            found["from"] = self.sender.json()
        if reply and self.reply_to and not self.reply_to.deleted:
            found["reply_to_message"] = self.reply_to.json(reply=False)
        found.update(copy.deepcopy({name: value for name, value in self.fields.items() if value not in (None, [], {})}))
        return found

    def inaccessible(self):
        return {"message_id": self.id, "date": 0, "chat": self.chat.json()}
