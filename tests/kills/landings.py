"""A batch whose tasks come onto main and are taken back again, several times each, while other people move main, and what lands them is killed."""

import collections
import json
import random
import subprocess
import threading
import time
from dataclasses import dataclass

import edits
import judge_landings
from batch import WEIGHTS, Batch
from cluster import Cluster
from orders import Order
from persais import PATIENCE, PROGRAM
from remote import ENVIRONMENT, Remote, git

REMOTES = 2          # the last one has no checks: its results need the extra word
FILES = 24           # of each remote; who changes what another one changes meanwhile has a conflict
BEFORE = "def add(a, b):\n"
AFTER = "    return a + b\n"
CHECK_PY = ("import glob, importlib\nfor name in glob.glob('part*.py'):\n"
            "    assert importlib.import_module(name[:-3]).add(2, 3) == 5, name\n")
WISHES = 12          # of one task, at most
STEPS = {"lane": 1, "replay": 2, "check": 3, "push": 6}  # how often a service is killed in each
OTHERS_EVERY = (0.5, 4.0)  # seconds
FOUND_WITHIN = 4.0   # seconds, for a landing at the chosen step
WISH = {"review": "deploy", "deployed": "rollback", "rolled_back": "deploy"}
PREFERRED = {"review": 1, "deployed": 3, "rolled_back": 5}
TOGETHER = 4         # wishes at once, at most: of one repository, so that they are tried on top of one another


@dataclass(frozen=True)
class LandingOrder(Order):
    file: str = ""

    @property
    def instruction(self):
        return f"Say in {self.file} who summed, in the way that is called {self.mark}."

    @property
    def line(self):
        return f"    # {self.mark}\n"

    def rule(self):
        steps = [{"reply": edits.block(self.file, BEFORE, BEFORE + self.line), "times": 0, "name": self.mark}]
        return {"prompt": f"called {self.mark}\\.", "steps": steps}


def landing_orders(random, count, prefix="", by_chat=0.6):
    made = []
    for number in range(count):
        remote = random.randrange(REMOTES)
        kind = "green" if remote < REMOTES - 1 else "unchecked"
        made.append(LandingOrder(f"{prefix}{number:04d}", kind, remote, 0, random.randint(0, 3), random.random() < by_chat,
                                 file=f"part{random.randrange(FILES):02}.py"))
    return made


class LandingCluster(Cluster):
    def _remote(self, number, random):
        files = {f"part{n:02}.py": BEFORE + AFTER for n in range(FILES)}
        remote = Remote(self.folder / f"team{number}.git", {**files, "check.py": CHECK_PY})
        git(remote.path, "config", "core.logAllRefUpdates", "always")
        for name in ("pre-receive", "post-receive"):
            remote.hook(name, f"sleep 0.{random.randint(0, 3)}\n")
        return remote


class Others:
    """People who push to main of the remotes, beside: each commit that was taken."""

    def __init__(self, remotes, folder):
        self.taken = {remote: [] for remote in remotes}
        self.clones = {}
        for remote in remotes:
            self.clones[remote] = folder / f"{remote.path.stem}.others"
            git(folder, "clone", "-q", str(remote.path), str(self.clones[remote]))

    def push(self, remote):
        """Once; who was overtaken leaves it for the next time."""
        clone = self.clones[remote]
        git(clone, "fetch", "-q", "origin", "main")
        git(clone, "reset", "-q", "--hard", "FETCH_HEAD")
        (clone / "others.txt").write_text(f"{len(self.taken[remote])}\n")
        git(clone, "add", "-A")
        git(clone, "commit", "-q", "--allow-empty", "-m", "Others")
        done = subprocess.run(["git", "-C", str(clone), "push", "-q", "origin", "HEAD:main"], env=ENVIRONMENT, capture_output=True, text=True)
        if done.returncode == 0:
            self.taken[remote].append(git(clone, "rev-parse", "HEAD").strip())


class Landings(Batch):
    weights = {**WEIGHTS, "service": 64, "agent": 0, "kept agent": 0, "bwrap": 6, "keeper": 4}
    backlog, settled_states = 1, judge_landings.ENDED

    def _set_up(self):
        self.wanted = landing_orders(random.Random(self.seed + 1), self.points // 6 + 6)  # so few that each comes and goes several times
        said = landing_orders(random.Random(self.seed + 3), self.points // 12 + 2, "away", by_chat=1)
        self.said_while_away = iter(said)
        self.cluster = LandingCluster(self.folder, self.wanted + said, REMOTES, random.Random(self.seed + 2), self.one_disk, settings={"TREES": self.trees, "TASKS_PARALLEL": "5", "DEPLOY_BESIDE": "on"})
        self.others = Others(self.cluster.remotes, self.folder)
        self.wishes = collections.Counter()

    def _beside(self):
        return [self._ask, self._land, self._move]

    def _judged(self, outside):
        tasks, self.told, found = judge_landings.everything(self.cluster, outside, self.others.taken)
        return tasks, found

    def _land(self):
        """Persons who deploy what is in review, and take back what is deployed."""
        dice = random.Random(self.seed + 4)
        try:
            while not self.over.wait(0.1):
                free = [row for row in self.cluster.database.rows(
                    "select id, state, verdict, remote from tasks where state in ('review', 'deployed', 'rolled_back')") if self.wishes[row[0]] < WISHES]
                for task, state, verdict, _ in self._chosen(dice, free):
                    self._wish(task, state, verdict)
        except Exception as e:  # noqa: BLE001
            self.trouble.append(f"landing: {e}")

    @staticmethod
    def _chosen(dice, free):
        """One of them, or several that are to be landed on one repository."""
        if not free:
            return []
        first = dice.choices(free, [PREFERRED[row[1]] for row in free])[0]
        others = [row for row in free if row is not first and row[3] == first[3] and WISH[row[1]] == "deploy"]
        return [first, *dice.sample(others, min(len(others), dice.randrange(TOGETHER)))]

    def _wish(self, task, state, verdict):
        """A database that is away, or a task that somebody else works on by now, is let be."""
        words = [str(PROGRAM), WISH[state], task, "--yes", "--detach", "--json"] + (["--anyway"] if verdict != "ready" else [])
        said = subprocess.run(words, env=self.cluster.environment(0, "person"), cwd=self.folder / "cwd", text=True, stdin=subprocess.DEVNULL,
                              capture_output=True, errors="replace", timeout=PATIENCE)
        if said.returncode == 0:
            assert json.loads(said.stdout)["task"] == task, said.stdout
            self.wishes[task] += 1
        elif said.returncode not in (2, 3):
            raise AssertionError(f"{' '.join(words)}: exit {said.returncode}: {said.stdout}{said.stderr}")

    def _move(self):
        dice = random.Random(self.seed + 5)
        try:
            while not self.over.wait(dice.uniform(*OTHERS_EVERY)):
                self.others.push(dice.choice(self.cluster.remotes))
        except Exception as e:  # noqa: BLE001
            self.trouble.append(f"others: {e}")

    def _kill(self, kind):
        """Only while something lands: a service at the step that the seed chose, and a moment later."""
        step = self.random.choices(list(STEPS), STEPS.values())[0]
        wait = self.random.uniform(0, 0.3)
        found = self._landing_at(step if kind == "service" else None)
        if not found:
            return None
        who, where = found
        if kind != "service":
            return super()._kill(kind)
        service = next((number for number, service in enumerate(self.cluster.services) if service.name == who), None)
        time.sleep(wait)
        if service is None or self.cluster.services[service].process.poll() is not None:
            return None
        self.cluster.kill(service)
        self.cluster.start(service)
        self.states[where] += 1
        return f"{who} {where}"

    def _landing_at(self, step):
        """(the service that holds it, where it is); None: there was none in time."""
        until = time.monotonic() + FOUND_WITHIN
        while time.monotonic() < until:
            rows = self.cluster.database.rows(
                "select (select who from watch.changes where task = id order by number desc limit 1), state || '/' || (facts #>> '{lands,step}') "
                "from tasks where state in ('deploying', 'rolling_back')")
            rows = [(who, where) for who, where in rows if step in (None, where.partition("/")[2])]
            if rows:
                return self.random.choice(rows)
            time.sleep(0.01)  # between two questions
        return None
