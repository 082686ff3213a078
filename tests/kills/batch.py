"""One batch: a cluster, so many kills at instants that a seed chose, the time that all tasks need to settle, and the judgement."""

import collections
import itertools
import os
import random
import shutil
import tempfile
import threading
import time
from pathlib import Path

import judge
import judge_chat
import remains
import victims
from cluster import Cluster
from orders import orders

# How often each is killed. A service most: it is what the promises are about.
WEIGHTS = {"service": 46, "both services": 4, "database": 6, "backend": 4, "git": 14, "agent": 12, "kept agent": 4, "bwrap": 8, "keeper": 6}
LOST = 0.03          # for each kill point: of a message that Telegram took, the answer is lost; no kill, and told apart
INTERRUPTIONS = 1.5  # of a task on average: more often, and the attempts of too many are used up
KEPT = Path(__file__).resolve().parents[2] / "build/kills"
BACKLOG = 6          # tasks that are ready to be taken, all the time
STILL = 100          # seconds without a kill and any write to a task, after which one is stuck; the longest pause is 64 s
SETTLE_WITHIN = 600  # seconds without a kill


class Batch:
    weights, backlog, settled_states = WEIGHTS, BACKLOG, judge.ENDED

    def __init__(self, seed, points, aider=False):
        self.seed, self.points, self.aider = seed, points, aider
        self.one_disk = random.Random(seed).random() < 0.5
        self.trees = "copy" if random.Random(seed + 4).random() < 0.25 else "auto"
        self.folder = Path(tempfile.mkdtemp(prefix="kills.", dir=os.environ.get("E2E_FOLDER")))
        self.kills, self.states, self.trace = collections.Counter(), collections.Counter(), []
        self.over, self.trouble = threading.Event(), []
        self.reading, self.read = threading.Lock(), collections.Counter()
        self.claims, self.settled = collections.Counter(), set()

    def run(self):
        """(tasks, sentences that say what is wrong). What was there is kept in build/kills when something is."""
        outside, found = remains.snapshot(), None
        self._set_up()
        try:
            beside = [threading.Thread(target=each, daemon=True) for each in self._beside()]
            for each in beside:
                each.start()
            self._kill_all()
            self.over.set()
            for each in beside:
                each.join(150)
            self._settle()
            ends = self.cluster.leave()
            found = [f"a service left with {code}: {service.story()[-2000:]}" for code, service in zip(ends, self.cluster.services) if code]
            self._an_hour_later()
            tasks, more = self._judged(outside)
            found += self.trouble + more + judge_chat.too_often(self.told, self.points)
        finally:
            self.cluster.close()
            if found != []:  # None: this harness broke
                self._keep()
            shutil.rmtree(self.folder, ignore_errors=True)
        return tasks, found

    def _set_up(self):
        self.wanted = orders(random.Random(self.seed + 1), self.points * 3 + 30, 3)
        said = orders(random.Random(self.seed + 3), self.points // 2 + 5, 3, "away", by_chat=1)
        self.said_while_away = iter(said)
        self.cluster = Cluster(self.folder, self.wanted + said, 3, random.Random(self.seed + 2), self.one_disk, self.aider,
                               settings={"TREES": self.trees})

    def _beside(self):
        """What goes on while things are killed."""
        return [self._ask]

    def _judged(self, outside):
        """(tasks, what is wrong); also sets what the chats were told."""
        tasks, found = judge.everything(self.cluster, outside)
        self.told, of_chats = judge_chat.everything(self.cluster, tasks)
        return tasks, found + of_chats

    def _keep(self):
        """Logs, trace, database, disks and remotes of a batch that went wrong."""
        (self.folder / "trace").write_text("\n".join(self.trace) + "\n")
        (self.folder / "chats").write_text("\n".join(self.cluster.people.transcript()) + "\n")
        for number, service in enumerate(self.cluster.starts):
            (self.folder / f"serve.{number:03}.{service.name}.log").write_bytes(service.raw)
        shutil.rmtree(KEPT / str(self.seed), ignore_errors=True)
        shutil.copytree(self.folder, KEPT / str(self.seed), symlinks=True, ignore=lambda _, names: [n for n in names if n.endswith(".sock") or n.startswith(".s.PGSQL")])

    def _ask(self):
        """Keeps so many tasks ready; the database's absences are its own to see."""
        left = iter(self.wanted)
        order = None
        try:
            while not self.over.wait(0.05):
                if self._ready() >= self.backlog:
                    continue
                order = order or next(left, None)
                if order is None:
                    return
                if self.cluster.ask(order):
                    order = None
        except Exception as e:  # noqa: BLE001
            self.trouble.append(f"asking: {e}")

    def _ready(self):
        """Tasks that were asked for and that no service has begun, as far as their logs tell."""
        self._read_on()
        return self.cluster.asked() - len(self.claims)

    def _read_on(self):
        """What the services logged since: how often they took each task, and which have settled."""
        with self.reading:
            for service in list(self.cluster.starts):
                lines = service.lines[self.read[service]:]
                self.read[service] += len(lines)
                for line in lines:
                    if "task" not in line:
                        continue
                    self.claims[line["task"]] += line["message"] == "preparing"
                    if line["message"].startswith(("review", "failed", "parked")):
                        self.settled.add(line["task"])

    def _kill_all(self):
        kinds, weights = zip(*self.weights.items())
        began = time.monotonic()
        for number in itertools.count():
            if sum(self.kills.values()) >= self.points:
                return
            self.random = random.Random(f"{self.seed} {number}")  # whatever the ones before met and asked for
            kind, pause = self.random.choices(kinds, weights)[0], self.random.uniform(0.1, 1.2)
            time.sleep(pause)
            self._let_some_settle()
            if self.random.random() < LOST:
                self.cluster.people.lose_an_answer()
            hit = self._kill(kind)
            self.trace.append(f"{time.monotonic() - began:8.3f} {kind:14} {hit or 'nobody was there'}")
            if hit:
                self.kills[kind] += 1

    def _let_some_settle(self, most=4.0):
        """However slow the machine is now: leases of a second are lost on a busy one without any kill."""
        until = time.monotonic() + most
        while time.monotonic() < until:
            self._read_on()
            again = sum(times - 1 for times in self.claims.values() if times)
            if again <= INTERRUPTIONS * len(self.settled) + 8:
                return
            time.sleep(0.1)

    def _kill(self, kind):
        """What was hit, or None."""
        cluster = self.cluster
        if kind in victims.CHOICES:
            what = victims.kill_one(kind, cluster.alive(), self.random)
            return what and what[:160]
        if kind == "backend":
            backends = cluster.database.backends()
            chosen = self.random.choice(backends) if backends else None
            return f"pid {chosen}" if chosen and self._kill_pid(chosen) else None
        if kind == "database":
            return self._kill_database(immediate=self.random.random() < 0.6, seconds=self.random.choice((0, 0, 0.3, 1.5)),
                                       with_service=self.random.random() < 0.5)
        numbers = [0, 1] if kind == "both services" else [self.random.randrange(2)]
        if not any(cluster.states_of(cluster.services[number]) for number in numbers):
            return None  # it has nothing in hand yet
        states = [state for number in numbers for state in cluster.kill(number).values()]
        for number in numbers:
            cluster.start(number)
        self.states.update(states)
        return " ".join(sorted(states)) or None

    def _kill_database(self, immediate, seconds, with_service):
        """Somebody writes while it is away: nobody may say that it was heard, least of all a service that is killed then."""
        cluster = self.cluster
        cluster.database.stop_at_once() if immediate else cluster.database.kill()
        if order := next(self.said_while_away, None):
            cluster.people.say(order)
        time.sleep(max(seconds, 0.3) if with_service else seconds)
        if with_service:
            listens = cluster.services.index(cluster.starts[-1])  # the newest one does
            self.states.update(cluster.kill(listens).values())
            cluster.start(listens)
        cluster.database.start()
        return ("pg_ctl -m immediate" if immediate else "SIGKILL of its first process") + (" and a service" if with_service else "")

    @staticmethod
    def _kill_pid(pid):
        try:
            return victims.Held(pid).kill()
        except OSError:
            return False

    def _settle(self):
        """Until all tasks have settled, or nothing moves any more. A slow machine is no stuck task: attempts are bounded."""
        settled = ", ".join(f"'{state}'" for state in sorted(self.settled_states))
        until = time.monotonic() + SETTLE_WITHIN
        while time.monotonic() < until:
            unheard = self.cluster.people.waiting()
            (open_, still), = self.cluster.database.rows(
                f"select count(*) filter (where state not in ({settled})) + (select count(*) from inbox where done_at is null), "
                "(select extract(epoch from clock_timestamp() - max(at)) from watch.changes) from tasks")
            # A lease that is renewed is a move: who holds it has a deadline of his own.
            if open_ == "0" and not unheard:
                return
            if float(still) > STILL or not self.cluster.alive():
                self.trouble.append(f"nothing moved for {still} s, with {len(self.cluster.alive())} services alive")
                return
            time.sleep(0.25)

    def _an_hour_later(self):
        """What killed services had reserved with the model is settled when it is old; what they were sending is sent again when their
        hold on it is over; what they left on their disks a start removes."""
        database = self.cluster.database
        kept = {task for (task,) in database.rows(f"select id from tasks where state in ('review', 'parked', 'deployed', 'rolled_back') or verdict in {remains.KEEP_WORK}")}
        database.sql("update outbox set not_before = null where sent_at is null")
        database.sql("update llm_calls set reserved_at = reserved_at - interval '2 hours' where state = 'reserved'")
        last = [self.cluster.start(number).wait_ready() for number in range(1 if self.one_disk else len(self.cluster.services))]
        until = time.monotonic() + 60

        def left():
            return database.rows("(select 1 from llm_calls where state = 'reserved' limit 1) union all (select 1 from task_messages where not ended limit 1) "
                                 "union all (select 1 from outbox where sent_at is null and chat_id is not null limit 1)") or any(
                [line for line in remains.in_data(disk, kept) if "gateways" not in line] for disk in self.cluster.disks())
        while left() and time.monotonic() < until:
            time.sleep(0.2)
        self.trouble += [f"the last service left with {code}" for code in map(type(last[0]).terminate, last) if code]
