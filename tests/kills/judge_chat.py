"""What must hold of the chats after a batch: every update that the bot acknowledged had one effect, every task is told of to its own
person, and nothing is left to say. Messages that came twice are no breach of a promise ("at least once"): they are counted."""

import re
from dataclasses import dataclass, field

HEADS = {"ready": "ready", "ready_unchecked": "ready, unchecked", "tests_red": "tests red", "no_change": "no change"}
ANY_TASK = re.compile(r"\bTask (\d+)\b|\bmechanic/(\d+)-")
NOTICE = re.compile(r"\S+ Task \d+: (.+)\.")


@dataclass
class Told:
    """`twice`: messages that tell what one before them told already; `lost`: those of them whose first answer the harness lost on
    purpose; `again`: sends that were repeated, for nobody knew what had become of them."""
    tasks: int = 0
    messages: int = 0
    twice: list = field(default_factory=list)
    lost: int = 0
    again: int = 0

    def counts(self):
        return {"chat_tasks": self.tasks, "messages": self.messages, "duplicates": max(0, len(self.twice) - self.lost), "lost": self.lost,
                "again": self.again}


def updates(cluster):
    """Acknowledged is what Telegram does not keep any more."""
    inbox = {int(number): (done, effect) for number, done, effect in cluster.database.rows("select update_id, done_at, effect from inbox")}
    effects = {}
    for number, effect in cluster.database.rows("select update_id, effect from watch.effects"):
        effects.setdefault(int(number), []).append(effect)
    fake = cluster.people.telegram.updates
    for number in fake.pending:
        yield f"update {number} is not acknowledged"
    for update in fake.dropped:
        yield f"update {update.id} grew too old"
    for number in fake.all:
        if number not in inbox:
            yield f"update {number} was acknowledged and is not in the inbox"
        elif not inbox[number][0]:
            yield f"update {number} has no effect"
        elif effects.get(number) != ["task"]:
            yield f"update {number} had the effects {effects.get(number)}"
    for number in set(inbox) - set(fake.all):
        yield f"update {number} was never sent"


def instructions(cluster, by_mark):
    """Each is one task of that chat and that message."""
    chats = {task: (int(chat), int(person), int(message)) for task, chat, person, message in cluster.database.rows(
        "select task_id, chat_id, person_id, message_id from task_chats")}
    for mark, (person, message, _) in cluster.people.said.items():
        came = by_mark.get(mark, [])
        if len(came) != 1:
            yield f"{mark} was said once, and there are {len(came)} tasks: {', '.join(map(str, came))}"
        for row in came:
            if chats.get(row.id) != (person.id, person.id, message.id):
                yield f"{row} was said by {person.id} in message {message.id} and belongs to {chats.get(row.id)}"


def chats(cluster, by_mark, told):
    """As Telegram has them: the last state of each task's message, and the words that it is done."""
    rows = {row.id: row for came in by_mark.values() for row in came}
    rest = dict(cluster.database.rows("select task_id, count(*) from outbox where chat_id is not null and request is null group by task_id"))
    own = dict(cluster.database.rows("select task_id, message_id from task_messages"))
    asked = {person: {by_mark[mark][0].id for mark, (who, _, _) in cluster.people.said.items() if who is person and mark in by_mark}
             for person in cluster.people.all}
    for person, tasks in asked.items():
        of_task = {task: [] for task in tasks}
        for message in person.chat.from_bot:
            about = {task for text in message.texts() for found in ANY_TASK.findall(text) for task in found if task}
            if len(about) != 1 or not about <= tasks:
                yield f"told to {person.id}, who asked for {sorted(tasks, key=int)}: {message.texts()}"
            else:
                of_task[about.pop()].append(message)
        for task, messages in of_task.items():
            told.tasks, told.messages = told.tasks + 1, told.messages + len(messages)
            yield from told_of(rows[task], messages, own.get(task), int(rest.get(task) or 0), told)


def told_of(row, messages, own, changes, told):
    """`changes`: rows of the outbox that tell of one. The verdict is one of them; a pause that is over when it could be told is passed over."""
    head = "needs a person" if row.state == "parked" else HEADS.get(row.verdict)
    with_buttons = [message for message in messages if message.buttons]
    notices = [found.group(1) for message in messages if (found := NOTICE.fullmatch(message.text))]
    result = next((message for message in messages if str(message.id) == own), None)
    if head not in notices:
        yield f"the verdict of {row} was not told: {[message.text for message in messages]}"
    if set(notices) - {head}:
        yield f"another verdict of {row} was told: {notices}"
    if not result or not result.text.split("\n")[0].endswith(f"Task {row.id}: {head}."):
        yield f"the message of {row} stayed as it was: {result and result.text!r}"
    pauses = len(messages) - len(with_buttons) - len(notices)
    for more in (len(with_buttons) - 1, len(notices) - 1, pauses - (changes - 1)):
        told.twice += [f"{row}: {[message.texts()[0] for message in messages]}"] * max(0, more)


def left(cluster):
    for number, chat, tries, task in cluster.database.rows("select id, chat_id, tries, task_id from outbox where chat_id is not null and sent_at is null"):
        yield f"not sent: message {number} to {chat} about task {task}, tried {tries} times"
    for number, why in cluster.database.rows("select id, failed from outbox where failed is not null"):
        yield f"given up: message {number}: {why}"
    for (task,) in cluster.database.rows("select task_id from task_messages where not ended"):
        yield f"the message of task {task} does not show the result"


def too_often(told, points):
    """What no bad luck explains, were it once in a thousand kills: more is a fault of a batch already."""
    duplicates = told.counts()["duplicates"]
    return [f"{duplicates} messages came twice at {points} kill points"] if duplicates > 3 + points // 100 else []


def everything(cluster, all_rows):
    by_mark, told = {}, Told()
    for row in all_rows:
        if row.order and row.order.mark in cluster.people.said:
            by_mark.setdefault(row.order.mark, []).append(row)
    found = [*updates(cluster), *instructions(cluster, by_mark), *chats(cluster, by_mark, told), *left(cluster)]
    found += [f"Telegram: {complaint}" for complaint in cluster.people.telegram.complaints]
    told.lost = sum(len(fault.hits) for fault in cluster.people.lost)
    told.again = int(cluster.database.rows("select coalesce(sum(tries - 1), 0) from outbox where tries > 1")[0][0])
    return told, found
