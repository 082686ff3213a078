"""A commit's change as the answer of a model, and what such an answer cannot say."""

from dataclasses import dataclass, field

import edits

MODES = {"120000": "a symbolic link", "160000": "a submodule"}


@dataclass
class Answer:
    text: str = ""
    expressed: dict[str, bytes] = field(default_factory=dict)  # path → what the file must hold in the end
    left_out: dict[str, str] = field(default_factory=dict)  # path → why
    modes: list[str] = field(default_factory=list)  # paths whose content is said, and whose mode is not


def compose(change):
    answer, parts = Answer(), []
    for touched in change.touched:
        try:
            parts.append(_say(touched))
        except edits.Inexpressible as reason:
            answer.left_out[touched.path] = str(reason)
            continue
        answer.expressed[touched.path] = touched.after
        if touched.new_mode != (touched.old_mode if touched.before is not None else "100644"):
            answer.modes.append(touched.path)
    answer.text = "\n".join(parts)
    return answer


def _say(touched):
    if touched.status == "D":
        raise edits.Inexpressible("deleted")
    for mode in (touched.old_mode, touched.new_mode):
        if mode in MODES:
            raise edits.Inexpressible(MODES[mode])
    if touched.before == touched.after:
        raise edits.Inexpressible("only its mode changes")
    try:
        touched.path.encode()
    except UnicodeEncodeError:
        raise edits.Inexpressible("its name is not UTF-8") from None
    if not touched.after and touched.before is None:
        return edits.block(touched.path, "", "")  # the product's wrapper takes it, aider alone does not
    return edits.blocks(touched.before, touched.after, touched.path)


def instruction(change, answer, message_only):
    """The message under a first line of ours, so that none of it is read as a command; and the names of the existing files
    that change, so that the agent opens them: a name that is not open but resembles an open one is taken for that one."""
    text = "Make the change that this commit message describes.\n\n" + change.message
    names = [t.path for t in change.touched if t.before is not None and t.path in answer.expressed]
    if names and not message_only:
        text += "\n\nThese files change: " + " ".join(f"`{name}`" for name in names)
    return text.encode()[: 16 * 1024].decode(errors="ignore")
