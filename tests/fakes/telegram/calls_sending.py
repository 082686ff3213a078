"""Methods that put a message into a chat."""

import copy

from .calls import method
from .errors import bad

ACTIONS = ("typing upload_photo record_video upload_video record_voice upload_voice upload_document choose_sticker find_location "
           "record_video_note upload_video_note").split()


@method
def send_message(call):
    chat = call.chat()
    preview = call.get("link_preview_options")
    message = call.send(chat, {**call.text(), **({"link_preview_options": preview} if preview else {})})
    return message.json()


@method
def send_document(call):
    chat = call.chat()
    if "document" not in call.args:
        raise bad("there is no document in the request")
    return call.send(chat, {"document": call.upload(call.args["document"]).document(), **call.text("caption")}).json()


@method
def send_photo(call):
    chat = call.chat()
    if "photo" not in call.args:
        raise bad("there is no photo in the request")
    return call.send(chat, {"photo": call.upload(call.args["photo"], "photo").photo(), **call.text("caption")}).json()


@method
def send_media_group(call):
    chat, media = call.chat(), call.get("media", [])
    if not 2 <= len(media) <= 10:
        raise bad("group send failed: an album has 2 to 10 items")
    if len({item["type"] for item in media}) > 1 and any(item["type"] == "document" for item in media):
        raise bad("can't use the media of the specified type in the album")
    fields = []
    for item in media:
        stored = call.upload(item["media"], item["type"])
        part = type(call)(call.fake, item, call.files, call.complaints)
        content = {"document": stored.document()} if item["type"] == "document" else {"photo": stored.photo()}
        fields.append({**content, **part.text("caption")})
    group = str(14_000_000_000_000_000 + len(chat.all))
    return [call.send(chat, {**each, "media_group_id": group}).json() for each in fields]


def _source(call):
    where = call.chat(write=False, name="from_chat_id")
    found = where.by_id.get(call.get("message_id"))
    if not found or found.deleted:
        return None
    return found


def _content(message):
    kept = ("text", "entities", "caption", "caption_entities", "document", "photo")
    return {name: copy.deepcopy(message.fields[name]) for name in kept if name in message.fields}


@method
def forward_message(call):
    chat, source = call.chat(), _source(call)
    if not source:
        raise bad("message to forward not found")
    origin = {"type": "user", "date": int(source.date), "sender_user": source.sender.json()}
    return call.send(chat, {"forward_origin": origin, **_content(source)}).json()


@method
def copy_message(call):
    chat, source = call.chat(), _source(call)
    if not source:
        raise bad("message to copy not found")
    fields = _content(source)
    if "caption" in call.args:
        fields = {name: value for name, value in fields.items() if not name.startswith("caption")}
        fields.update(call.text("caption"))
    return {"message_id": call.send(chat, fields).id}


@method
def send_chat_action(call):
    chat = call.chat()
    if call.get("action") not in ACTIONS:
        raise bad("wrong parameter action in request")
    chat.actions.append((call.world.now(), call.get("action"), call.topic(chat)))
    return True
