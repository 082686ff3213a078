"""Which function answers which method. Each takes a Context and gives the result, or raises ApiError."""

import copy

from . import keyboard, text
from .errors import bad, forbidden

METHODS = {}


def method(function):
    """Registers snake_case as camelCase."""
    first, *rest = function.__name__.split("_")
    METHODS[first + "".join(part.capitalize() for part in rest)] = function
    return function


class Context:
    """One call: its arguments, its files, what it has to say about itself."""

    def __init__(self, fake, args, files, complaints):
        self.fake, self.world, self.args, self.files, self.complaints = fake, fake.world, args, files, complaints

    def get(self, name, otherwise=None):
        return self.args.get(name, otherwise)

    def chat(self, write=True, name="chat_id"):
        given = self.get(name)
        if given in (None, ""):
            raise bad("chat_id is empty")
        chat = self.world.chats.get(given)
        if not chat:
            raise bad("chat not found")
        if chat.is_group:
            self._may_be_in(chat)
        elif write and chat.person.deactivated:
            raise forbidden("user is deactivated")
        elif write and chat.blocked:
            raise forbidden("bot was blocked by the user")
        elif write and not chat.started:
            raise forbidden("bot can't initiate conversation with a user")
        return chat

    @staticmethod
    def _may_be_in(chat):
        if chat.upgraded_to:
            error = bad("group chat was upgraded to a supergroup chat")
            error.parameters["migrate_to_chat_id"] = chat.upgraded_to
            raise error
        kind = f"{chat.kind} chat"
        if chat.gone:
            raise forbidden("the group chat was deleted")
        if chat.bot == "kicked":
            raise forbidden(f"bot was kicked from the {kind}")
        if chat.bot == "left":
            raise forbidden(f"bot is not a member of the {kind}")

    def topic(self, chat):
        number = self.get("message_thread_id", 0)
        if number <= 0 or not (chat.forum or not chat.is_group):
            return None
        found = chat.topics.get(number)
        if not found or found.deleted:
            raise bad("message thread not found")
        if found.closed and chat.bot != "administrator":
            raise bad("TOPIC_CLOSED")
        return found

    def reply_to(self, chat):
        given = self.get("reply_parameters")
        number = given["message_id"] if given else self.get("reply_to_message_id")
        if not number:
            return None
        where = self.world.chats.get(given.get("chat_id"), chat) if given else chat
        found = where.by_id.get(number)
        if found and not found.deleted:
            if given and given.get("quote", "") not in found.text + found.caption:
                raise bad("QUOTE_TEXT_INVALID")
            return found
        if (given or self.args).get("allow_sending_without_reply"):
            return None
        raise bad("message to be replied not found")

    def text(self, what="text"):
        """{text, entities} or {caption, caption_entities}; only what is there."""
        caption = what == "caption"
        names = ("caption", "caption_entities") if caption else ("text", "entities")
        words = {"empty": None, "too_long": "message caption is too long"} if caption else {}
        found, entities = text.formatted(self.get(names[0], ""), self.get("parse_mode"), self.get(names[1]),
                                         text.MAX_CAPTION if caption else text.MAX_TEXT, self.complaints, **words)
        for entity in entities:
            if "user" in entity:
                person = self.world.people.get(entity["user"]["id"])
                entity["user"] = person.json() if person else entity["user"]
        return {name: value for name, value in zip(names, (found, entities)) if value}

    def markup(self, inline_only=False):
        found = self.get("reply_markup")
        if not found:
            return {}
        if "inline_keyboard" in found:
            kept = keyboard.inline(found)
            return {"reply_markup": kept} if kept["inline_keyboard"] else {}
        if inline_only:
            raise bad("object expected as reply markup")
        return {"keyboard_below": copy.deepcopy(found)}

    def upload(self, value, what="document"):
        """The stored file that a parameter names: attach://NAME, or a file_id."""
        if value.startswith("attach://"):
            given = self.files.get(value[9:])
            if not given:
                raise bad(f"there is no {what} in the request")
            if not given.data:
                raise bad("file must be non-empty")
            if len(given.data) > 50_000_000:
                raise type(bad(""))(413, "Request Entity Too Large")
            return self.world.store(given.name or "file", given.kind, given.data)
        if value in self.world.files:
            return self.world.files[value]
        raise bad("wrong file identifier/HTTP URL specified")

    def send(self, chat, fields):
        topic, reply_to = self.topic(chat), self.reply_to(chat)
        fields = {**fields, **self.markup()}
        below = fields.pop("keyboard_below", None)
        if self.get("protect_content"):
            fields["has_protected_content"] = True
        message = self.world.add(chat, self.world.bot, fields, topic, reply_to)
        message.keyboard_below, message.silent = below, bool(self.get("disable_notification"))
        message.reply_parameters = self.get("reply_parameters")
        return message
