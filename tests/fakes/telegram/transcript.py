"""A chat as text: who said what, in their order, with the buttons below. A message that was edited since is shown as it first was
and as it is now."""


def _of(message, name, width):
    texts = message.texts() if message.text else [f"({message.caption or 'a file'})"]
    shown = [(name, texts[0])] + ([("→", texts[-1])] if texts[-1] != texts[0] else [])
    for who, text in shown:
        for number, line in enumerate(text.splitlines()):
            yield f"{who if number == 0 else '':{width}}  {line}".rstrip()
    for row in message.rows:
        yield f"{'':{width}}  " + " ".join(f"[{button['text']}]" for button in row)


def of(chat, bot="bot"):
    names = [bot if message.by_bot else message.sender.first_name for message in chat.messages]
    width = max(map(len, names))
    return "\n\n".join("\n".join(_of(message, name, width)) for message, name in zip(chat.messages, names)) + "\n"
