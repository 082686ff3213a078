"""Methods that change what stands in a chat, and the answer to a press."""

from .calls import method
from .errors import bad

NOT_MODIFIED = ("message is not modified: specified new message content and reply markup are exactly the same as a current content "
                "and reply markup of the message")
TOO_OLD = "query is too old and response timeout expired or query ID is invalid"
MAX_ANSWER = 200
DAY = 86400


def _edited(call, needs=None):
    if call.get("inline_message_id"):
        raise bad("MESSAGE_ID_INVALID")
    chat = call.chat()
    if not call.get("message_id"):
        raise bad("message identifier is not specified")
    message = chat.by_id.get(call.get("message_id"))
    if not message or message.deleted:
        raise bad("message to edit not found")
    if not message.by_bot:
        raise bad("message can't be edited")
    if needs == "text" and "text" not in message.fields:
        raise bad("there is no text in the message to edit")
    if needs == "caption" and "text" in message.fields:
        raise bad("there is no caption in the message to edit")
    return message


def _change(call, message, fields, dropped=()):
    """The keyboard goes when none is given, as it does on the real server."""
    now = call.world.now()
    kept = {name: value for name, value in message.fields.items() if name not in (*dropped, "reply_markup", "edit_date")}
    new = {**kept, **fields, **call.markup(inline_only=True)}
    old = {name: value for name, value in message.fields.items() if name != "edit_date"}
    if new == old:
        raise bad(NOT_MODIFIED)
    message.change(now, {**new, "edit_date": int(now)})
    call.world.changed.notify_all()
    return message.json()


@method
def edit_message_text(call):
    message = _edited(call, "text")
    preview = call.get("link_preview_options")
    return _change(call, message, {**call.text(), **({"link_preview_options": preview} if preview else {})},
                   ("text", "entities", "link_preview_options"))


@method
def edit_message_caption(call):
    message = _edited(call, "caption")
    return _change(call, message, call.text("caption"), ("caption", "caption_entities"))


@method
def edit_message_reply_markup(call):
    return _change(call, _edited(call), {})


def _deletable(call, chat, number):
    message = chat.by_id.get(number)
    if not message or message.deleted:
        raise bad("message to delete not found")
    if call.world.now() - message.date > 2 * DAY:
        raise bad("message can't be deleted")
    if not message.by_bot and chat.is_group and chat.bot != "administrator":
        raise bad("message can't be deleted")
    return message


@method
def delete_message(call):
    _deletable(call, call.chat(write=False), call.get("message_id", 0)).deleted = True
    call.world.changed.notify_all()
    return True


@method
def delete_messages(call):
    chat, numbers = call.chat(write=False), call.get("message_ids", [])
    if not 1 <= len(numbers) <= 100:
        raise bad("too many message identifiers specified" if numbers else "message identifiers are not specified")
    for number in numbers:
        if number in chat.by_id:  # those that are not found are passed over
            chat.by_id[number].deleted = True
    call.world.changed.notify_all()
    return True


@method
def answer_callback_query(call):
    press = call.world.presses.get(call.get("callback_query_id"))
    if not press or call.world.now() - press.at > call.fake.callback_seconds:
        raise bad(TOO_OLD)
    if len(call.get("text", "")) > MAX_ANSWER:
        raise bad("MESSAGE_TOO_LONG")
    press.answers.append({name: call.args[name] for name in ("text", "show_alert", "url", "cache_time") if name in call.args})
    call.world.changed.notify_all()
    return True


@method
def set_message_reaction(call):
    chat = call.chat()
    message = chat.by_id.get(call.get("message_id"))
    if not message or message.deleted:
        raise bad("message to react not found")
    message.reactions = call.get("reaction", [])
    return True


def _pinned(call):
    chat = call.chat()
    message = chat.by_id.get(call.get("message_id"))
    if call.get("message_id") and (not message or message.deleted):
        raise bad("message to pin not found")
    if chat.is_group and chat.bot != "administrator":
        raise bad("not enough rights to manage pinned messages in the chat")
    return chat, message


@method
def pin_chat_message(call):
    chat, message = _pinned(call)
    chat.pinned = message
    return True


@method
def unpin_chat_message(call):
    _pinned(call)[0].pinned = None
    return True
