"""Chats, their topics, and the users that are neither people nor bots of a test's own."""


class Topic:
    def __init__(self, chat, number, name):
        self.chat, self.id, self.name, self.closed, self.deleted = chat, number, name, False, False

    def close(self):
        self.closed = True

    def delete(self):
        self.deleted = True
        for message in self.chat.all:
            message.deleted = message.deleted or message.topic is self

    @property
    def messages(self):
        return [message for message in self.chat.messages if message.topic is self]


class Chat:
    """kind: private, group, supergroup. `bot`: member, administrator, left, kicked. `started`: the person has written to the bot.
    `all` has every message, `messages` those that are not deleted."""

    def __init__(self, world, number, kind, title=None, person=None, forum=False):
        self.world, self.id, self.kind, self.title, self.person, self.forum = world, number, kind, title, person, forum
        self.all, self.by_id, self.members, self.topics, self.actions = [], {}, [], {}, []
        self.bot, self.started, self.blocked, self.gone, self.upgraded_to = "member", False, False, False, None

    messages = property(lambda self: [message for message in self.all if not message.deleted])
    from_bot = property(lambda self: [message for message in self.messages if message.by_bot])
    is_group = property(lambda self: self.kind != "private")

    @property
    def last(self):
        """The bot's newest message."""
        return self.from_bot[-1] if self.from_bot else None

    def json(self):
        if self.kind == "private":
            who = self.person.json()
            return {"id": self.id, **{name: who[name] for name in ("first_name", "last_name", "username") if name in who}, "type": "private"}
        return {"id": self.id, "title": self.title, **({"is_forum": True} if self.forum else {}), "type": self.kind}

    def topic(self, name):
        """Opens a forum topic, as an administrator among the people would."""
        with self.world.changed:
            number = self.world.next_message_id(self)
            topic = self.topics[number] = Topic(self, number, name)
            created = {"forum_topic_created": {"name": name, "icon_color": 7322096}}
            self.world.arrive(self, self.members[0] if self.members else None, created, topic=topic, number=number)
            return topic

    def add_bot(self, status="member"):
        self._bot_becomes(status)

    def kick_bot(self):
        self._bot_becomes("kicked")

    def delete(self):
        """The group is deleted (a private chat: its messages go, which the bot is not told)."""
        with self.world.changed:
            for message in self.all:
                message.deleted = True
            self.gone = self.is_group

    def upgrade(self):
        """The group becomes a supergroup with another id, which is given back."""
        with self.world.changed:
            new = self.world.group(self.title, self.members, kind="supergroup")
            self.upgraded_to = new.id
            self.world.arrive(self, self.members[0], {"migrate_to_chat_id": new.id})
            self.world.arrive(new, self.members[0], {"migrate_from_chat_id": self.id})
            return new

    def _bot_becomes(self, status):
        with self.world.changed:
            before, self.bot = self.bot, status
            self.world.membership(self, self.person or self.members[0], before, status)

    def wait(self, fits, seconds=20, what="a message of the bot"):
        """The first of the bot's messages (as they are now) that fits; waits for it."""
        if isinstance(fits, str):
            needle, what = fits, f"a message of the bot with {fits!r}"
            fits = lambda message: needle in message.text or needle in message.caption  # noqa: E731
        found = []

        def there():
            found[:] = [message for message in self.from_bot if fits(message)]
            return bool(found)
        self.world.wait(there, seconds, lambda: f"{what} in {self.id}; there are {self.from_bot}")
        return found[0]
