"""Inline keyboards: what the server refuses, and how it keeps them."""

import copy
import re

from .errors import bad

MAX_DATA_BYTES, MAX_BUTTONS, MAX_KEYBOARD_BYTES = 64, 100, 10_000
ACTIONS = ("url", "callback_data", "web_app", "login_url", "switch_inline_query", "switch_inline_query_current_chat",
           "switch_inline_query_chosen_chat", "copy_text", "callback_game", "pay")


def inline(markup):
    rows = [[_button(button) for button in row] for row in markup["inline_keyboard"]]
    rows = [row for row in rows if row]
    buttons = [button for row in rows for button in row]
    if len(buttons) > MAX_BUTTONS or sum(len(str(button).encode()) for button in buttons) > MAX_KEYBOARD_BYTES:
        raise bad("reply markup is too long")
    return {"inline_keyboard": rows}


def _button(button):
    if not button["text"].strip():
        raise bad("can't parse inline keyboard button: text of a button is empty")
    given = [name for name in ACTIONS if name in button and (button[name] or name not in ("url", "callback_data"))]
    if not given:
        raise bad("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    if len(given) > 1:
        raise bad("can't parse inline keyboard button: a button must have exactly one action")
    if len(button.get("callback_data", "").encode()) > MAX_DATA_BYTES:
        raise bad("BUTTON_DATA_INVALID")
    url = button.get("url", "")
    if url and not re.match(r"(?i)(https?|tg|ton)://\S+$", url) and not re.match(r"[^\s:/]+\.[^\s]{2,}$", url):
        raise bad(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")
    if not 1 <= len(button.get("copy_text", {"text": "x"})["text"]) <= 256:
        raise bad("BUTTON_COPY_TEXT_INVALID")
    return copy.deepcopy(button)
