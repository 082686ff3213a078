"""A chat as text: who said what, in their order, with the buttons below. A message that was edited since is shown as it first was
and as it is now; a press of a button stands where it was made, with what it was answered at once."""


def _of(message, name, width):
    texts = message.texts() if message.text else [f"({message.caption or 'a file'})"]
    shown = [(name, texts[0])] + ([("→", texts[-1])] if texts[-1] != texts[0] else [])
    for who, text in shown:
        for number, line in enumerate(text.splitlines()):
            yield f"{who if number == 0 else '':{width}}  {line}".rstrip()
    for row in message.rows:
        yield f"{'':{width}}  " + " ".join(f"[{button['text']}]" for button in row)


def _pressed(press, name, width):
    keyboards = [fields.get("reply_markup", {}).get("inline_keyboard", []) for _, fields in [*press.message.history, (0, press.message.fields)]]
    label = next((button["text"] for rows in keyboards for row in rows for button in row if button.get("callback_data") == press.data), "?")
    yield f"{name:{width}}  [{label}]"
    for answer in press.answers:
        yield from (f"{'':{width}}  ({line})" for line in answer.get("text", "").splitlines())


def of(chat, bot="bot", since=0):
    """`since`: what came before that time is left out."""
    presses = [press for press in chat.world.presses.values() if press.message.chat is chat]
    shown = [(message.date, bot if message.by_bot else message.sender.first_name, _of, message) for message in chat.messages]
    shown = sorted(shown + [(press.at, press.person.first_name, _pressed, press) for press in presses], key=lambda each: each[0])
    shown = [each for each in shown if each[0] > since]
    width = max(len(name) for _, name, _, _ in shown)
    return "\n\n".join("\n".join(tell(what, name, width)) for _, name, tell, what in shown) + "\n"
