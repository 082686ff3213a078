"""A fake Telegram Bot API server. `from telegram import Telegram`; README.md says how to use it."""

from .fake import Telegram  # noqa: F401
