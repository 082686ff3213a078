"""A small bot on python-telegram-bot: bot.py ROOT TOKEN polling | bot.py ROOT TOKEN webhook PORT SECRET. It greets with a keyboard, edits on a
press, sends documents, and floods on demand: `many 6`. Errors go to stderr."""

import sys

from telegram import BotCommand, BotCommandScopeAllPrivateChats, InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions
from telegram.constants import ChatAction, ParseMode
from telegram.error import BadRequest
from telegram.ext import AIORateLimiter, Application, CallbackQueryHandler, CommandHandler, MessageHandler, filters
from telegram.helpers import escape_markdown

BUTTONS = InlineKeyboardMarkup([[InlineKeyboardButton("More", callback_data="more"), InlineKeyboardButton("Site", url="https://example.org")]])


async def begin(app):
    await app.bot.set_my_commands([BotCommand("start", "Begin")], scope=BotCommandScopeAllPrivateChats(), language_code="ru")
    await app.bot.set_my_description("A bot of the tests")


async def start(update, context):
    text = f"Hello, *{escape_markdown(update.effective_user.first_name, version=2)}* 😀, `a_b`"
    await update.message.reply_text(text, ParseMode.MARKDOWN_V2, reply_markup=BUTTONS, do_quote=True)


async def pressed(update, context):
    query = update.callback_query
    await query.answer("Here is more")
    await query.edit_message_text("<b>More</b> &amp; more", ParseMode.HTML, link_preview_options=LinkPreviewOptions(is_disabled=True))
    try:
        await query.edit_message_text("<b>More</b> &amp; more", ParseMode.HTML, link_preview_options=LinkPreviewOptions(is_disabled=True))
    except BadRequest as error:
        await query.message.reply_text(f"told: {error.message.split(':')[0]}")


async def said(update, context):
    text = update.message.text
    if text.startswith("many"):
        for i in range(int(text.split()[1])):
            await context.bot.send_message(update.effective_chat.id, f"message {i}")
    elif text == "document":
        await context.bot.send_chat_action(update.effective_chat.id, ChatAction.UPLOAD_DOCUMENT)
        await update.message.reply_document(b"--- a\n+++ b\n", caption="<i>a</i> diff", parse_mode=ParseMode.HTML, filename="c d.diff")
    else:
        await update.message.reply_text(text, entities=update.message.entities)


async def sent(update, context):
    file = await (await update.message.document.get_file()).download_as_bytearray()
    await update.message.reply_text(f"{update.message.document.file_name}: {len(file)} bytes")


async def wrong(update, context):
    print("error:", repr(context.error), file=sys.stderr, flush=True)


def main(root, token, mode, port=None, secret=None):
    app = (Application.builder().token(token).base_url(root + "/bot").base_file_url(root + "/file/bot")
           .rate_limiter(AIORateLimiter(max_retries=10)).post_init(begin).build())
    app.add_handler(CommandHandler("start", start))
    app.add_handler(CallbackQueryHandler(pressed))
    app.add_handler(MessageHandler(filters.Document.ALL, sent))
    app.add_handler(MessageHandler(filters.TEXT, said))
    app.add_error_handler(wrong)
    if mode == "polling":
        app.run_polling(timeout=20)
    else:
        url = f"http://127.0.0.1:{port}/telegram/webhook"
        app.run_webhook("127.0.0.1", int(port), "telegram/webhook", webhook_url=url, secret_token=secret, max_connections=8)


if __name__ == "__main__":
    main(*sys.argv[1:])
