#!/usr/bin/python3
"""Kills what tasks stand on, at random instants, and looks that nothing was lost (docs/reliability.md).

  run.py                          40 kill points, ten of them with the real aider, 14 of landings   (ctest kills)
  run.py --points N --aider M --landings L     so many instead; without --landings, a third
  run.py --part I --of N          the I-th part of the night's 10,000; goes on where it was  (scripts/nightly kills.I)
  run.py batch SEED POINTS [aider|landings]   one batch again: the same instructions, kinds of victims and pauses; what exactly a kill
                                  meets is the machine's affair

Real services, PostgreSQL, git and sandbox; in aider's place a stub that is true to the protocol, for most.
Exit: 0 all held, 1 something did not (the seed is printed, the folder kept), 3 the part is not done yet."""

import argparse
import collections
import hashlib
import json
import os
import re
import secrets
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
for folder in (HERE.parent / "e2e", HERE.parent / "fakes/model", HERE.parent / "fakes/agent", HERE):
    sys.path.insert(0, str(folder))
sys.dont_write_bytecode = True

from batch import KEPT, Batch  # noqa: E402
from cluster import go_first  # noqa: E402
from kept import kept  # noqa: E402
from landings import Landings  # noqa: E402

NIGHTLY, NIGHTLY_AIDER = 10_000, 10  # kill points of a night; of each of its parts, with the real aider
LANDINGS = 3                  # one kill point of so many falls upon a deploy or a rollback
LARGEST = 100                 # points of one batch: what a wrong one leaves can still be read
AT_ONCE = 2                   # batches: they wait for leases and recoveries half of the time; other tests run beside them
AT_ONCE_AT_NIGHT = 4          # with the machine to itself
STATE = ROOT / "build/nightly/kills.json"
SUMS = ("points", "tasks", "chat_tasks", "messages", "duplicates", "again", "lost")
DUPLICATES = NIGHTLY // 1000  # messages of a night that came twice for a kill; the first one more is wrong
PART_BEGINS_NO_MORE = 19 * 60  # seconds into a part, after which no batch is begun; a part has 25 minutes


def one(seed, points, kind):
    """A batch in this process. Its last line is the summary that the others gather."""
    began = time.monotonic()
    go_first()
    batch = Landings(seed, points) if kind == "landings" else Batch(seed, points, aider=kind == "aider")
    tasks, found = batch.run()
    ends = {}
    for row in tasks:
        ends[row.verdict or row.state] = ends.get(row.verdict or row.state, 0) + 1
    print(f"batch {seed} {points}{' ' * bool(kind)}{kind}: {sum(batch.kills.values())} kill points in {time.monotonic() - began:.0f} s, "
          f"{len(tasks)} tasks, {'one disk' if batch.one_disk else 'a disk each'}, TREES={batch.trees}")
    print(f"  killed {dict(batch.kills)}; services that had tasks in {dict(batch.states)}")
    print(f"  ends {ends}; attempts used up {sum(row.attempts for row in tasks)}, of one task at most {max(row.attempts for row in tasks)}")
    told = batch.told.counts()
    print(f"  {'webhook' if batch.cluster.people.hooked else 'polling'}: {in_chats(told)}")
    for line in batch.told.twice:
        print(f"  twice: {line}")
    for line in found:
        print(f"WRONG {line}")
    if found:
        print(f"what was there stays in {(KEPT / str(seed)).relative_to(ROOT)}; again: {os.path.relpath(__file__, ROOT)} batch {seed} {points}{' ' * bool(kind)}{kind}")
    print("summary " + json.dumps({"points": sum(batch.kills.values()), "tasks": len(tasks), "kills": batch.kills, "ends": ends, **told}), flush=True)
    return 1 if found else 0


class Running:
    """A batch in a process of its own."""

    def __init__(self, points, kind):
        self.points, self.kind, self.seed = points, kind, 1 + secrets.randbelow(1 << 32)
        self.process = subprocess.Popen([sys.executable, str(Path(__file__).resolve()), "batch", str(self.seed), str(points), *([kind] if kind else [])],
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True)

    def end(self):
        """(passed, summary); prints what it said."""
        said = self.process.communicate()[0]
        found = re.search(r"^summary (.*)\n", said, re.MULTILINE)
        print(re.sub(r"^summary .*\n", "", said, flags=re.MULTILINE), end="")
        passed = self.process.returncode == 0 and found is not None
        if not found:
            print(f"WRONG batch {self.seed} {self.points} ended with {self.process.returncode} and no result")
        sys.stdout.flush()
        return passed, json.loads(found.group(1)) if found else {"points": 0, "tasks": 0}


def sizes(points, aider, landings):
    """(points, kind) of each batch, the slow one first."""
    batches = [(aider, "aider")] if aider else []
    for many, kind in ((landings, "landings"), (points - aider - landings, "")):
        number = max(AT_ONCE, -(-many // LARGEST)) if many > 20 else 1
        batches += [(many // number + (i < many % number), kind) for i in range(number) if many // number + (i < many % number)]
    return batches


def several(batches, at_once=AT_ONCE, counted=lambda *_: True, until=None):
    """So many at once, to the last; no further one is begun after a wrong one, or after `until`, or when `counted` says so. (all passed, sums)"""
    waiting, running, good, sums = list(batches), [], True, collections.Counter()
    while waiting or running:
        while waiting and good and len(running) < at_once and (until is None or time.monotonic() < until):
            running.append(Running(*waiting.pop(0)))
        if not running:
            break
        while not (ended := next((each for each in running if each.process.poll() is not None), None)):
            time.sleep(0.2)  # what a batch prints fits into its pipe
        passed, summary = ended.end()
        running.remove(ended)
        sums.update({name: summary.get(name, 0) for name in SUMS})
        good = counted(ended, passed, summary) and passed and good
    return good, sums


def what_runs():
    """Of the commit, what a kill meets and what judges it: a change of anything else leaves what was counted true."""
    where = ["src", "sql", "agent", "tests/kills", "tests/fakes", "tests/e2e", "CMakeLists.txt", "cmake", "scripts/build"]
    found = "".join(subprocess.run(["git", *words, "HEAD", "--", *where], cwd=ROOT, capture_output=True, text=True, check=True).stdout
                    for words in (["ls-tree"], ["diff"]))
    return hashlib.sha256(found.encode()).hexdigest()


def part(number, of):
    """Its share, with what of it was counted already for the same code."""
    share = NIGHTLY // of + (number <= NIGHTLY % of)
    try:
        state = json.loads(STATE.read_text())
    except (OSError, ValueError):
        state = {}
    if state.get("of") != what_runs():
        state = {"of": what_runs(), "parts": {}, "wrong": []}
    mine = state["parts"].setdefault(str(number), {"points": 0, "tasks": 0, "aider": 0, "landings": 0})

    def sums():
        return {name: sum(each.get(name, 0) for each in state["parts"].values()) for name in SUMS}

    def counted(batch, passed, summary):
        if not passed:
            state["wrong"].append([batch.seed, batch.points, *filter(None, [batch.kind])])
        for name in SUMS if passed else ():
            mine[name] = mine.get(name, 0) + summary[name]
        if batch.kind:
            mine[batch.kind] += batch.points if passed else 0
        STATE.parent.mkdir(parents=True, exist_ok=True)
        fresh = STATE.with_suffix(".new")
        fresh.write_text(json.dumps(state, indent=2) + "\n")
        fresh.rename(STATE)
        return sums()["duplicates"] <= DUPLICATES

    left = share - mine["points"]
    aider = min(NIGHTLY_AIDER - mine["aider"], left)
    landings = min(max(share // LANDINGS - mine["landings"], 0), left - aider)
    good = several(sizes(left, aider, landings), AT_ONCE_AT_NIGHT, counted, time.monotonic() + PART_BEGINS_NO_MORE)[0] if left > 0 else True
    for batch in state["wrong"]:
        print(f"WRONG with this code, in whichever part: batch {' '.join(map(str, batch))}")
    good = good and not state["wrong"]
    print(f"part {number} of {of}: {mine['points']} of {share} kill points, {mine['tasks']} tasks; "
          f"all parts until now: {sums()['points']} of {NIGHTLY}, {in_chats(sums())}")
    if sums()["duplicates"] > DUPLICATES:
        print(f"WRONG {sums()['duplicates']} messages came twice, more than {DUPLICATES} for {NIGHTLY} kill points")
        good = False
    return 1 if not good else 0 if mine["points"] >= share else 3


def in_chats(sums):
    return (f"{sums['chat_tasks']} tasks asked for by chat, {sums['messages']} messages: {sums['duplicates']} came twice, of {sums['again']} sends that were repeated "
            f"({sums['lost']} more after an answer that was lost on purpose)")


def positive(word):
    if not word.isdigit() or int(word) == 0:
        raise argparse.ArgumentTypeError(f"{word} is no number from 1 on")
    return int(word)


def asked_for(words):
    """What to do, as a function. Ends with a sentence when the words are wrong."""
    if words[:1] == ["batch"]:
        p = argparse.ArgumentParser(prog="run.py batch")
        p.add_argument("seed", type=positive)
        p.add_argument("points", type=positive)
        p.add_argument("kind", nargs="?", choices=["aider", "landings"])
        args = p.parse_args(words[1:])
        return lambda: one(args.seed, args.points, args.kind or "")
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--points", type=positive, default=40)
    p.add_argument("--aider", type=int, default=10)
    p.add_argument("--landings", type=int)
    p.add_argument("--part", type=positive)
    p.add_argument("--of", type=positive, default=16)
    args = p.parse_args(words)
    if (args.part or 0) > args.of:
        p.error(f"there is no part {args.part} of {args.of}")
    if args.part:
        return lambda: part(args.part, args.of)
    aider = min(max(args.aider, 0), args.points)
    landings = -(-args.points // LANDINGS) if args.landings is None else max(args.landings, 0)
    return lambda: some(args.points, aider, min(landings, args.points - aider))


def some(points, aider, landings):
    began = time.monotonic()
    good, sums = several(sizes(points, aider, landings))
    print(f"{sums['points']} kill points in {time.monotonic() - began:.0f} s, {sums['tasks']} tasks: " + (
        "0 lost, 0 pushed twice with other bytes, 0 stuck, 0 wrong refs" if good else "WRONG, see above"))
    print(in_chats(sums))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(kept(asked_for(sys.argv[1:]), "kills."))
