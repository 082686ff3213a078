"""Two services on one PostgreSQL, several remotes, one model: what a batch of kills falls upon."""

import contextlib
import json
import os
import subprocess
import threading
from pathlib import Path

import processes
from install import install
from people import People
from persais import PATIENCE, PROGRAM
from postgres import ROOT, Postgres
from remote import Remote, git
from scripted import KEY, MODEL, Model
from serving import Serving

HERE = Path(__file__).resolve().parent
ATTEMPTS = 7
# A call is reserved at its prompt and 4096 tokens of answer, which a model of this kind gives at most: 7 cents. A killed
# service leaves such a reservation open, so that the budget has to have room for as many as there are attempts.
BUDGETS = {"BUDGET_TASK_USD": "1.5", "BUDGET_DAY_USD": "1000"}
SETUP = "sleep 0.2; mkdir made && echo set-up > made/file"  # of one repository, whose tasks may have it from one another
HOOKS = {"pre-receive": "sleep 0.{}\n", "post-receive": "sleep 0.{}\n"}  # so that kills fall before and after a push is taken


FIRST = -10  # niceness


def go_first(pid=0):
    """Several clusters share a few cores, and what a service sends and notes is to take as long as on a machine of its own: so services,
    servers and the people's Telegram go before the work of all tasks. Where that may not be (it needs root), they do not."""
    with contextlib.suppress(OSError):
        if not pid:
            os.setpriority(os.PRIO_PROCESS, 0, FIRST)
        Path(f"/proc/{pid or 'self'}/autogroup").write_text(str(FIRST))


class Cluster:
    def __init__(self, folder, orders, remotes, random, one_disk, aider=False, services=2, settings=None):
        self.folder, self.orders, self.one_disk = Path(folder), orders, one_disk
        self.folder.chmod(0o755)
        for name in ("home", "cwd"):
            (self.folder / name).mkdir()
        self.database = Postgres(self.folder / "postgres", started=go_first)
        self.remotes = [self._remote(number, random) for number in range(remotes)]
        self.model = Model(self.folder, flags=["--max-completion-tokens", "4096"]) if not orders else self._model(orders)
        self.agent_env = os.environ.get("PERSAIS_AGENT_ENV", str(ROOT / "build/deps/agent-env")) if aider else str(
            install(self.folder / "agent-env"))
        # The model knows a task by its words, which stand in no other's request without a memory.
        self.settings = {"LEASE_TTL": "1s", "MEMORY": "off", "TASKS_PARALLEL": "2", "TASK_ATTEMPTS": str(ATTEMPTS), "REPAIR_ROUNDS": "1", **BUDGETS, **(settings or {})}
        self.starts, self.gone, self.accepted, self.lock = [], [], {}, threading.Lock()
        self.people = People(self.remotes, random.random() < 0.5)
        self.people.lead_to(self.starts)
        self.services = [None] * services
        self._make_tables()
        self._watch()
        self.people.introduce(self.database)
        for number in range(services):
            self.start(number)
        self.services[0].wait_ready()

    def _remote(self, number, random):
        remote = Remote(self.folder / f"team{number}.git", {".persais.toml": f"setup = '{SETUP}'\n"} if number == 0 else {})
        git(remote.path, "config", "core.logAllRefUpdates", "always")
        for name, text in HOOKS.items():
            remote.hook(name, text.format(random.randint(0, 3)))
        return remote

    def _model(self, orders):
        return Model(self.folder, flags=["--max-completion-tokens", "4096"], rules=[order.rule() for order in orders])

    def _make_tables(self):
        """By a service that has ended before the watch is put on, because its transactions would lock the tables."""
        service = Serving.start(self.environment(0, "person"), self.folder / "cwd")
        service.wait_ready()
        service.terminate()

    def _watch(self):
        self.database.sql((HERE / "watch.sql").read_text())

    def data(self, number):
        return self.folder / ("data" if self.one_disk else f"data{number}")

    def disks(self):
        return sorted({self.data(number) for number in range(len(self.services))})

    def environment(self, number, name):
        return {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(self.folder / "home"), "LANG": "C.UTF-8", "PERSAIS_DATA": str(self.data(number)),
                "DATABASE_URL": self.database.url(name), "PERSAIS_AGENT_ENV": self.agent_env, "OPENROUTER_API_KEY": KEY, "AIDER_MODEL": MODEL,
                "OPENROUTER_BASE_URL": self.model.url, **self.settings}

    def start(self, number):
        """A service, on its disk, with a name of its own in the database's watch."""
        name = f"{'ab'[number]}{len(self.starts)}"
        service = Serving.start({**self.environment(number, name), **self.people.settings()}, self.folder / "cwd")
        go_first(service.pid)
        service.name, self.services[number] = name, service
        self.starts.append(service)
        return service

    def alive(self):
        return [service for service in self.services if service.process.poll() is None]

    def kill(self, number):
        """SIGKILL to a service; what ran below it is noted, to be gone at the end. Gives the states of its tasks."""
        service = self.services[number]
        states = self.states_of(service)
        below = [(pid, processes.birth(pid)) for pid in processes.below(service.pid)]
        service.process.kill()
        service.process.wait()
        self.gone += below
        return states

    @staticmethod
    def states_of(service):
        """As it last logged them: task → state, of those it has in hand."""
        states = {}
        for line in list(service.lines):
            if "task" in line and (word := line["message"].split(":")[0].split(" ")[0]) in WORKING | SETTLED:
                states[line["task"]] = word
        return {task: state for task, state in states.items() if state in WORKING}

    def ask(self, order):
        """False: not now."""
        return self.people.say(order) if order.by_chat else self.enqueue(order)

    def asked(self):
        return len(self.accepted) + len(self.people.said)

    def enqueue(self, order, random_service=0):
        """`persais run --detach`. Accepted is what it said with exit 0; a database that is away is tried again, as a person would."""
        words = [str(PROGRAM), "run", "--detach", "--json", "--repo", str(self.remotes[order.remote].path)]
        words += ["--check", order.check] if order.check else []
        said = subprocess.run([*words, order.instruction], env=self.environment(random_service, "person"), cwd=self.folder / "cwd", text=True,
                              stdin=subprocess.DEVNULL, capture_output=True, errors="replace", timeout=PATIENCE)
        if said.returncode == 0:
            with self.lock:
                self.accepted[json.loads(said.stdout.splitlines()[-1])["task"]] = order
            return True
        if said.returncode != 3:
            raise AssertionError(f"not accepted, exit {said.returncode}: {said.stdout}{said.stderr}")
        return False

    def leave(self):
        """All services in order; gives what their ends were."""
        for service in self.alive():
            service.process.terminate()
        return [service.wait() for service in self.services]

    def close(self):
        for service in self.services:
            if service and service.process.poll() is None:
                service.process.kill()
                service.process.wait()
        self.people.close()
        self.database.stop_at_once()
        self.model.stop()


WORKING = {"preparing", "coding", "checking", "publishing", "deploying", "rolling_back"}
SETTLED = {"review", "failed", "parked", "waiting", "queued", "aborted", "expired"}
