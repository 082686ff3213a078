"""What must hold after a batch of landings: of what main is and how it came there, of the audit, the lane, and what each person was told."""

import collections
import re

import judge
import judge_chat
from judge_chat import NOTICE, Told
from remote import git

ENDED = judge.ENDED | {"deployed", "rolled_back"}
LANE_WITHIN = 30.0  # seconds in which something happens to the landings of a repository, as long as one is ready to be carried on
ENDS = ("deployed", "not_deployed", "rolled_back", "not_rolled_back")
HEADS = {"deployed": "deployed", "rolled_back": "rolled back"}


def audited(cluster):
    """task → [(what, commit)], in order."""
    of_task = collections.defaultdict(list)
    for task, what, commit in cluster.database.rows("select task_id, what, commit_id from audit where task_id is not null order by id"):
        of_task[task].append((what, commit))
    return of_task


def outcomes(all_rows, audit):
    """Each wish has one end, and the task stands where its last one led."""
    for row in all_rows:
        if row.state not in ENDED:
            yield f"stuck: {row}"
        whats = [what for what, _ in audit.get(row.id, [])]
        asked, ends = whats[::2], whats[1::2]
        if len(asked) != len(ends) or any(end.removeprefix("not_") != {"deploy_asked": "deployed", "rollback_asked": "rolled_back"}.get(ask)
                                          for ask, end in zip(asked, ends)):
            yield f"the audit of {row} is {whats}"
        elif ends and row.state != (done := [end for end in ("review", *ends) if not end.startswith("not_")])[-1]:
            yield f"the audit of {row} ends with {ends[-1]}, so it should be {done[-1]}"  # what came to nothing leaves it where it was
        if not ends and row.state == "parked" and row.attempts != judge.ATTEMPTS:
            yield f"parked after {row.attempts} attempts: {row}"
        if row.state == "review" and row.order and row.verdict != row.order.what.verdict:
            yield f"wrong verdict, not {row.order.what.verdict}: {row}"


def mains(cluster, all_rows, audit, taken):
    """Main has what others brought, and of ours exactly what the audit says, each once; nothing was ever forced."""
    for remote in cluster.remotes:
        ours = {row.id: row for row in all_rows if row.remote == str(remote.path)}
        came = git(remote.path, "log", "--first-parent", "--format=%H %an", f"{remote.base}..main").splitlines()
        there = {"others": set(), "Mechanic": set()}
        for line in came:
            commit, _, who = line.partition(" ")
            there["Mechanic" if who == "Mechanic" else "others"].add(commit)
        if set(taken[remote]) != there["others"]:
            yield f"forced over others: {remote.path.name} lost {set(taken[remote]) - there['others']}"
        said = [(row, commit) for task, row in ours.items() for what, commit in audit.get(task, []) if what in ("deployed", "rolled_back")]
        if collections.Counter(commit for _, commit in said) != collections.Counter(there["Mechanic"]):
            yield (f"the audit and main of {remote.path.name} differ: only on main {there['Mechanic'] - {commit for _, commit in said}}, "
                   f"only in the audit {[(str(row), commit) for row, commit in said if commit not in there['Mechanic']]}")
        for row, commit in said:
            if row.order and git(remote.path, "diff", "--name-only", f"{commit}^", commit).split() != [row.order.file]:
                yield f"{commit} of {row} changes {git(remote.path, 'diff', '--name-only', commit + '^', commit).split()}"
        yield from forced(remote)
        parts = {name: remote.file("main", name) for name in git(remote.path, "ls-tree", "--name-only", "main").split()}
        for row in ours.values():
            if row.order and parts[row.order.file].count(row.order.line) != (row.state == "deployed"):
                yield f"{row}: {row.order.file} on main is {parts[row.order.file]!r}"
        if (lines := sum(len(text.splitlines()) for name, text in parts.items() if name.startswith("part"))) != (
                2 * sum(name.startswith("part") for name in parts) + sum(row.state == "deployed" for row in ours.values())):
            yield f"main of {remote.path.name} has {lines} lines"
        there = remote.branches()
        for row in ours.values():
            if row.state in ("review", "deployed", "rolled_back") and there.get(row.branch) != row.made:
                yield f"wrong refs: {row.branch} is {there.get(row.branch)}, not {row.made}: {row}"
        yield from judge.updates(remote, there)
        yield from judge.objects(remote.path)


def forced(remote):
    """Every update of main that the remote ever took keeps what was there."""
    for line in (remote.path / "logs/refs/heads/main").read_text().splitlines():
        was, now = line.split()[:2]
        if was != "0" * 40 and git(remote.path, "merge-base", was, now).strip() != was:
            yield f"forced: main of {remote.path.name} went from {was} to {now}"


def lane(cluster):
    """While a landing is ready to be carried on, something happens to one of its repository."""
    remote_of = dict(cluster.database.rows("select id, remote from tasks"))
    wished = set()                          # tasks with a landing, as the audit has it
    ready, since = collections.defaultdict(set), {}
    events = cluster.database.rows(
        "select extract(epoch from at), task, state_is, '' from watch.changes where facts_moved or state_was is distinct from state_is union all "
        "select extract(epoch from at), task_id, '', what from audit where task_id is not null order by 1")
    for at, task, state, what in events:
        at, remote = float(at), remote_of.get(task)
        if ready[remote] and at - since[remote] > LANE_WITHIN:
            yield f"the lane of {remote} stood for {at - since[remote]:.0f} s, with {sorted(ready[remote])} ready"
        if what:
            (wished.add if what.endswith("_asked") else wished.discard)(task)
        carried = task in wished and (state in ("queued", "deploying", "rolling_back") or what.endswith("_asked"))
        if what or task in wished:
            (ready[remote].add if carried else ready[remote].discard)(task)
            since[remote] = at


def chats(cluster, all_rows, audit, told):
    """Each end was told in the chat of whoever asked; what the task's message shows is the last one."""
    own = dict(cluster.database.rows("select task_id, message_id from task_messages"))
    by_mark = {row.order.mark: row for row in all_rows if row.order}
    for mark, (person, _, order) in cluster.people.said.items():
        row = by_mark.get(mark)
        if not row:
            yield f"{mark} was said and is no task"
            continue
        messages = [m for m in person.chat.from_bot if any(re.search(rf"\bTask {row.id}\b|mechanic/{row.id}-", text) for text in m.texts())]
        told.tasks, told.messages = told.tasks + 1, told.messages + len(messages)
        notices = collections.Counter(found.group(1) for m in messages if (found := NOTICE.fullmatch(m.text)))
        verdict = judge_chat.HEADS[order.what.verdict]
        ends = [what for what, _ in audit.get(row.id, []) if what in ENDS]
        head = HEADS.get(row.state, "needs a person" if row.state == "parked" else verdict)
        came = {name: sum(number for said, number in notices.items() if said.lower().startswith(name)) for name in HEADS.values()}
        if head not in notices or notices.total() < len(ends) + 1 or any(came[name] < ends.count(what) for what, name in HEADS.items()):
            yield f"{row} was not told of each end, {ends}: {dict(notices)}"
        shows = next((m for m in messages if str(m.id) == own.get(row.id)), None)
        if not shows or not shows.text.split("\n")[0].endswith(f"Task {row.id}: {head}."):
            yield f"the message of {row} does not show its end: {shows and shows.text!r}"


def everything(cluster, outside, taken):
    """(all tasks, what the chats were told, what is wrong)"""
    all_rows, audit, told = judge.rows(cluster), audited(cluster), Told()
    by_mark = {row.order.mark: [row] for row in all_rows if row.order}
    found = [*judge.lost(cluster, all_rows), *outcomes(all_rows, audit), *mains(cluster, all_rows, audit, taken), *lane(cluster),
             *judge.leases(cluster, ENDED, landings=True), *judge.told(cluster, ENDED), *judge.money(cluster), *judge.left(cluster, all_rows, outside),
             *judge_chat.updates(cluster), *judge_chat.instructions(cluster, by_mark), *chats(cluster, all_rows, audit, told), *judge_chat.left(cluster)]
    found += [f"Telegram: {complaint}" for complaint in cluster.people.telegram.complaints]
    return all_rows, told, found
