"""What must hold after a batch, whatever was killed: asked of the database, of the remotes' refs and objects, of the model's own
books and of the disk. Each function yields sentences; none is good."""

import json
import re
import subprocess
from decimal import Decimal

import processes
import remains
from cluster import ATTEMPTS, BUDGETS, SETTLED, WORKING
from orders import FILE
from remote import ENVIRONMENT, git

ENDED = {"review", "failed", "parked"}
AUTHOR = "Mechanic <mechanic@persais.ai> Mechanic <mechanic@persais.ai>"
TASK = """select id, instruction, state, verdict, commit_id, coalesce(reason, ''), coalesce(sentence, ''), facts->>'branch', facts->>'base',
facts->>'attempts_used', facts->>'rounds_used', facts->'made'->>'commit', remote, fence from tasks order by id"""


class Row:
    def __init__(self, cells, by_mark):
        (self.id, instruction, self.state, self.verdict, self.commit, self.reason, self.sentence, self.branch, self.base, attempts, rounds, self.made,
         self.remote, self.fence) = cells
        self.attempts, self.rounds = int(attempts or 0), int(rounds or 0)
        found = re.search(r"called (\S+)\.$", instruction)
        self.order = by_mark.get(found.group(1)) if found else None

    def __str__(self):
        mark = f" ({self.order.kind} {self.order.mark})" if self.order else ""
        return f"task {self.id}{mark}: {self.state} {self.verdict or ''} {self.sentence or self.reason}".rstrip()


def rows(cluster):
    by_mark = {order.mark: order for order in cluster.orders}
    return [Row(cells, by_mark) for cells in cluster.database.rows(TASK)]


def lost(cluster, all_rows):
    there = {row.id: row for row in all_rows}
    for task, order in cluster.accepted.items():
        if task not in there:
            yield f"lost: task {task} was accepted and is not in the table"
        elif there[task].order is not order:
            yield f"lost: task {task} was accepted as {order.mark} and is {there[task]}"
    for (task,) in cluster.database.rows("select task from watch.lost"):
        yield f"lost: the row of task {task} was deleted"
    for row in all_rows:
        if not row.order:
            yield f"nobody asked for {row}"


def outcomes(all_rows):
    for row in all_rows:
        if row.state not in ENDED:
            yield f"stuck: {row}"
        elif row.state == "parked":  # legal when the attempts are truly used up, and told as such
            if row.attempts != ATTEMPTS:
                yield f"parked after {row.attempts} of {ATTEMPTS} attempts: {row}"
        elif row.order and row.verdict != row.order.what.verdict:
            yield f"wrong verdict, not {row.order.what.verdict}: {row}"
        elif row.order and (row.state == "review") != row.order.what.pushed:
            yield f"wrong end: {row}"


def refs(cluster, all_rows):
    for remote in cluster.remotes:
        if git(remote.path, "rev-parse", "main").strip() != remote.base:
            yield f"wrong refs: main of {remote.path.name} moved"
        ours = {row.branch: row for row in all_rows if row.remote == str(remote.path) and row.branch}
        there = remote.branches()
        for name, commit in there.items():
            row = ours.get(name)
            # What was pushed before a last attempt was used up stays: the table has its commit too.
            wanted = row and (row.commit if row.state == "review" else row.made if row.state == "parked" else None)
            if commit != wanted:
                yield f"wrong refs: {name} is {commit}, not {wanted}: {row}"
            elif row.order:
                yield from tree(remote, row, commit)
        for name, row in ours.items():
            if row.state == "review" and name not in there:
                yield f"wrong refs: {name} is not on the remote: {row}"
        yield from updates(remote, there)
        yield from objects(remote.path)
    for disk in cluster.disks():
        for mirror in disk.glob("mirrors/*/git"):
            yield from objects(mirror)


def tree(remote, row, commit):
    if remote.file(commit, FILE) != row.order.content():
        yield f"wrong refs: the tree of {row} is not what was to come of it: {remote.file(commit, FILE)!r}"
    if (remote.changed(commit), remote.parents(commit), remote.people(commit)) != ([FILE], [remote.base], AUTHOR):
        yield f"wrong refs: the commit of {row}: {remote.changed(commit)} {remote.parents(commit)} {remote.people(commit)}"


def updates(remote, there):
    """Every update of a ref that the remote ever took: its reflog."""
    logs = remote.path / "logs/refs/heads"
    for file in logs.glob("mechanic/*"):
        name, came = f"mechanic/{file.name}", []
        for line in file.read_text().splitlines():
            was, now = line.split()[:2]
            came.append(now)
            if was != "0" * 40 and was != now:
                yield f"pushed twice with other bytes: {name} {was} → {now}"
        if len(set(came)) > 1:
            yield f"pushed twice with other bytes: {name} {came}"


def objects(folder):
    done = subprocess.run(["git", "-C", str(folder), "-c", "safe.directory=*", "fsck", "--full", "--strict", "--no-dangling", "--no-progress"],
                          env=ENVIRONMENT, capture_output=True, text=True)
    if done.returncode or "error" in done.stderr:
        yield f"git fsck of {folder}: {done.stdout}{done.stderr}"


def leases(cluster, ended=frozenset(ENDED), landings=False):
    """One live lease a task: its writes in the order of commits. `landings`: a person may land what has ended, which counts attempts anew."""
    holder = {}
    changes = cluster.database.rows("select task, who, coalesce(fence_was, 0), fence_is, coalesce(state_was, ''), state_is, until_was <= at, until_was is null, "
                                    "until_is is null, joined from watch.changes order by number")
    used = {}
    for task, who, was, now, from_, to, over, free, freed, front in changes:
        if not from_:
            continue  # it was added
        was, now = int(was), int(now)
        taken = now != was
        if taken and now != was + 1:
            yield f"fence of task {task} went from {was} to {now} by {who}"
        # Whoever has the lane takes a landing along that only asks for its turn: its worker finds that the fence is another one.
        taken_along = landings and front and to == "queued" and holder.get(front) == who
        if taken and not (free == "t" or over == "t" or taken_along):
            yield f"two live leases: {who} took task {task} from {holder.get(task)} before its time"
        if not taken and from_ in WORKING and who != holder.get(task):
            yield f"two live leases: {who} wrote {from_} → {to} of task {task}, fence {now}, which {holder.get(task)} holds"
        if from_ in ended and not (landings and who == "person" and to == "queued"):
            yield f"task {task} had ended ({from_}), and {who} wrote {to}"
        holder[task] = None if freed == "t" else who if taken else holder.get(task)
        if from_ in WORKING and (taken or to in ("waiting", "parked")):
            used[task] = used.get(task, 0) + 1
    for task, attempts in cluster.database.rows("select id, facts->>'attempts_used' from tasks"):
        if not landings and int(attempts or 0) != used.get(task, 0):
            yield f"attempts of task {task}: {attempts} are counted, {used.get(task, 0)} were used up"


def told(cluster, ended=frozenset(ENDED)):
    """The message about a change stands in the transaction that made the change, and only there."""
    ends = ", ".join(f"'{state}'" for state in sorted(ended))
    moves = "select task, xmin::text as x, state_is as state from watch.changes where state_was is distinct from state_is"
    said = "select id, task, xmin::text as x from watch.outgoing"
    for task, body in cluster.database.rows(f"select o.task, b.body from ({said}) o left join outbox b using (id) where not exists "
                                            f"(select from ({moves}) m where m.task = o.task and m.x = o.x)"):
        yield f"task {task} was told of outside of any change: {body}"
    for task, state in cluster.database.rows(f"select m.task, m.state from ({moves}) m where m.state in ({ends}) and "
                                             f"(select count(*) from ({said}) o where o.task = m.task and o.x = m.x) <> 1"):
        yield f"task {task} came to {state} and nobody is told, or twice"
    for task, state in cluster.database.rows(f"select m.task, m.state from ({moves}) m where m.state <> 'queued' and not exists "
                                             "(select from task_events e where e.task_id = m.task and e.xmin::text = m.x and e.kind = 'state')"
                                             "and exists (select from watch.changes c where c.task = m.task and c.xmin::text = m.x and c.state_was is not null)"):
        yield f"task {task} came to {state} and its log does not say so"


def money(cluster):
    """Asked when every reservation had its hour."""
    cap = Decimal(BUDGETS["BUDGET_TASK_USD"])
    counted = {task: Decimal(usd) for task, usd in cluster.database.rows("select task, sum(counted_usd) from llm_calls group by task")}
    for task, usd in counted.items():
        if usd > cap:
            yield f"budget of task {task}: {usd} of {cap}"
    for call, task in cluster.database.rows("select id, task from llm_calls where state = 'reserved'"):
        yield f"budget: call {call} of task {task} is still reserved"
    billed = {}
    for request in cluster.model.requests():
        marks = set(re.findall(r"called (\S+?)\.", json.dumps(request["body"]["messages"])))
        for mark in marks:
            billed[mark] = billed.get(mark, 0) + (request.get("usage") or {}).get("cost", 0)
    known = {}
    for row in rows(cluster):
        if row.order:
            known[row.order.mark] = known.get(row.order.mark, 0) + counted.get(row.id, Decimal(0))
    for mark, usd in billed.items():
        if Decimal(usd) > known.get(mark, Decimal(0)) + Decimal("0.000001"):
            yield f"spent and not counted: the model billed {usd} for {mark}, counted are {known.get(mark, 0)}"


def left(cluster, all_rows, outside):
    """What no task that ended may leave behind."""
    # A process that was killed takes the ones below it along; here nothing may hurry, for the machine is busy.
    for pid, born in cluster.gone:
        if born and processes.birth(pid) == born and processes.is_alive(pid) and not processes.is_database(pid):
            yield f"left behind: process {processes.describe(pid)}"
    kept = {row.id for row in all_rows if row.state in ("review", "parked", "deployed", "rolled_back") or row.verdict in remains.KEEP_WORK}
    for disk in cluster.disks():
        for line in remains.in_data(disk, kept):
            yield f"left behind: {line}"
    mounts, folders = outside
    for path in remains.snapshot()[0] - mounts:
        if path.startswith((str(cluster.folder), "/tmp/persais-")):
            yield f"left behind: mount {path}"


def everything(cluster, outside):
    all_rows = rows(cluster)
    found = [*lost(cluster, all_rows), *outcomes(all_rows), *refs(cluster, all_rows), *leases(cluster), *told(cluster), *money(cluster),
             *left(cluster, all_rows, outside)]
    return all_rows, found


__all__ = ["ENDED", "SETTLED", "everything", "rows"]
