"""Methods about chats, their members and topics, and files."""

from .calls import method
from .chats import Topic
from .errors import bad

MAX_DOWNLOAD = 20_000_000


@method
def get_chat(call):
    chat = call.chat(write=False)
    full = {"accent_color_id": 0, "max_reaction_count": 11, "accepted_gift_types": {
        name: False for name in ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels")}}
    if getattr(chat, "pinned", None):
        full["pinned_message"] = chat.pinned.json()
    return {**chat.json(), **full}


def _member(call, chat, user_id):
    if user_id == call.world.bot.id:
        rights = {"can_be_edited": False, "can_manage_chat": True, "can_delete_messages": True} if chat.bot == "administrator" else {}
        return {"user": call.world.bot.json(), "status": chat.bot, **rights}
    person = next((person for person in chat.members or [chat.person] if person and person.id == user_id), None)
    if person:
        first = chat.is_group and chat.members[0] is person
        return {"user": person.json(), "status": "creator" if first else "member", **({"is_anonymous": False} if first else {})}
    if user_id in call.world.people:
        return {"user": call.world.people[user_id].json(), "status": "left"}
    raise bad("user not found")


@method
def get_chat_member(call):
    return _member(call, call.chat(write=False), call.get("user_id", 0))


@method
def get_chat_member_count(call):
    chat = call.chat(write=False)
    return len(chat.members) + 1 if chat.is_group else 2


@method
def get_chat_administrators(call):
    chat = call.chat(write=False)
    if not chat.is_group:
        raise bad("there are no administrators in the private chat")
    return [_member(call, chat, person.id) for person in chat.members[:1]]


@method
def leave_chat(call):
    chat = call.chat(write=False)
    if not chat.is_group:
        raise bad("can't leave private chats")
    chat.bot = "left"
    return True


def _manages(call):
    chat = call.chat()
    if not chat.forum:
        raise bad("the chat is not a forum")
    if chat.bot != "administrator":
        raise bad("not enough rights to create a topic")
    return chat


@method
def create_forum_topic(call):
    chat = _manages(call)
    if not 1 <= len(call.get("name", "")) <= 128:
        raise bad("TOPIC_TITLE_EMPTY")
    number = call.world.next_message_id(chat)
    chat.topics[number] = topic = Topic(chat, number, call.get("name"))
    created = {"forum_topic_created": {"name": topic.name, "icon_color": call.get("icon_color", 7322096)}}
    call.world.add(chat, call.world.bot, created, topic, number=number)
    return {"message_thread_id": number, "name": topic.name, "icon_color": call.get("icon_color", 7322096)}


def _topic(call):
    topic = _manages(call).topics.get(call.get("message_thread_id"))
    if not topic or topic.deleted:
        raise bad("message thread not found")
    return topic


@method
def edit_forum_topic(call):
    topic = _topic(call)
    if call.get("name", topic.name) == topic.name:
        raise bad("TOPIC_NOT_MODIFIED")
    topic.name = call.get("name")
    return True


@method
def close_forum_topic(call):
    _topic(call).closed = True
    return True


@method
def reopen_forum_topic(call):
    _topic(call).closed = False
    return True


@method
def delete_forum_topic(call):
    _topic(call).delete()
    return True


@method
def get_file(call):
    found = call.world.files.get(call.get("file_id", ""))
    if not found:
        raise bad("invalid file_id" if call.get("file_id") else "file_id not specified")
    if len(found.data) > MAX_DOWNLOAD:
        raise bad("file is too big")
    return {"file_id": found.id, "file_unique_id": found.unique, "file_size": len(found.data), "file_path": f"documents/{found.id}"}
