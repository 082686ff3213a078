"""Methods about the bot itself: who it is, its commands and descriptions in each language."""

import re

from .calls import method
from .errors import bad

SCOPES = ("default", "all_private_chats", "all_group_chats", "all_chat_administrators", "chat", "chat_administrators", "chat_member")
MAX_COMMANDS, MAX_DESCRIPTION = 100, 256


@method
def get_me(call):
    return call.world.bot.json(full=True)


@method
def log_out(call):
    return True


@method
def close(call):
    return True


def _scope(call):
    scope = call.get("scope") or {"type": "default"}
    kind = scope["type"]
    if kind not in SCOPES:
        raise bad("can't parse BotCommandScope: Unsupported type specified")
    if kind in SCOPES[4:] and not scope.get("chat_id"):
        raise bad("can't parse BotCommandScope: Can't find field \"chat_id\"")
    if kind == "chat_member" and not scope.get("user_id"):
        raise bad("can't parse BotCommandScope: Can't find field \"user_id\"")
    if kind in SCOPES[4:]:
        type(call)(call.fake, {"chat_id": scope["chat_id"]}, {}, []).chat(write=False)
    return kind, scope.get("chat_id"), scope.get("user_id")


def _language(call):
    found = call.get("language_code", "")
    if found and not re.fullmatch(r"[a-z]{2}", found):
        raise bad("invalid language code specified")
    return found


@method
def set_my_commands(call):
    commands = call.get("commands", [])
    if len(commands) > MAX_COMMANDS:
        raise bad("BOT_COMMANDS_TOO_MUCH")
    for each in commands:
        if not re.fullmatch(r"/?[a-z0-9_]{1,32}", each["command"]):
            raise bad("BOT_COMMAND_INVALID")
        if not each["description"].strip():
            raise bad("command description must be non-empty")
        if len(each["description"]) > MAX_DESCRIPTION:
            raise bad("BOT_COMMAND_DESCRIPTION_INVALID")
    kept = [{"command": each["command"].lstrip("/"), "description": each["description"]} for each in commands]
    call.world.bot.settings["commands", _scope(call), _language(call)] = kept
    return True


@method
def delete_my_commands(call):
    call.world.bot.settings.pop(("commands", _scope(call), _language(call)), None)
    return True


@method
def get_my_commands(call):
    return call.world.bot.settings.get(("commands", _scope(call), _language(call)), [])


def _worded(field, most, setter, getter):
    def set_it(call):
        value = call.get(field, "")
        if len(value) > most:
            raise bad(f"bot {field.replace('_', ' ')} is too long")
        call.world.bot.settings[field, _language(call)] = value
        return True

    def get_it(call):
        settings = call.world.bot.settings
        return {field: settings.get((field, _language(call))) or settings.get((field, ""), call.world.bot.first_name if field == "name" else "")}
    set_it.__name__, get_it.__name__ = setter, getter
    method(set_it), method(get_it)


_worded("name", 64, "set_my_name", "get_my_name")
_worded("description", 512, "set_my_description", "get_my_description")
_worded("short_description", 120, "set_my_short_description", "get_my_short_description")


@method
def set_chat_menu_button(call):
    call.world.bot.settings["menu", call.get("chat_id")] = call.get("menu_button", {"type": "default"})
    return True


@method
def get_chat_menu_button(call):
    return call.world.bot.settings.get(("menu", call.get("chat_id")), {"type": "commands"})
