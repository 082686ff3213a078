"""What the stories share: one data folder and one database for each class; a remote and a model for each test."""

import os
import shutil
import sys
import tempfile
import unittest
from pathlib import Path

import books
import database
import gate
import git_http
import install
import leaks
import processes
import remains
import schema
from json_schema import command_faults
from persais import Persais
from remote import CHECK, Remote
from scripted import KEY, MODEL, Model

IS_ROOT = os.geteuid() == 0


class Story(unittest.TestCase):
    maxDiff = None
    settings = {}  # of every run of the class
    embedded = False  # the database is the one that persais brings; else one of the server that stories share
    caps = ()  # of everybody, as books.problems() takes them
    aider = False  # the agent; else the stub of tests/fakes/agent: aider's start alone takes 4 s of CPU

    @classmethod
    def setUpClass(cls):
        cls.root = Path(tempfile.mkdtemp(prefix="class.", dir=os.environ.get("E2E_FOLDER")))
        cls.root.chmod(0o755)
        cls.addClassCleanup(shutil.rmtree, cls.root, True)
        cls.addClassCleanup(processes.end_database, cls.root)
        cls.data, cls.in_review, cls.known_secrets = cls.root / "data", set(), {}
        cls.addClassCleanup(cls.search_files)
        cls.database = database.embedded(cls.data) if cls.embedded else database.SHARED.fresh()
        for name in ("home", "tools"):
            (cls.root / name).mkdir()
        given = {name: os.environ[name] for name in ("PERSAIS_AGENT_ENV", "PERSAIS_POSTGRES") if name in os.environ}
        cls.installation = given if cls.aider else {**given, "PERSAIS_AGENT_ENV": str(install.install(cls.root / "agent-env"))}

    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="test.", dir=self.root))
        self.folder.chmod(0o755)
        (self.folder / "cwd").mkdir()
        self.running, self.helpers, self.model, self.models = [], set(), None, []
        self.outside, self.left_by_others = remains.snapshot(), set(remains.in_data(self.data))
        self.compared, self.newest_call = False, 0 if self.embedded else books.newest(self.database)
        self.watch = leaks.Watch()
        self.watch.knows({git_http.TOKEN.encode(): "the token of the remote", git_http.READER.encode(): "the token of a reader"})
        self.addCleanup(self.search_leaks)
        self.addCleanup(self.compare_books)
        self.addCleanup(self._end)

    def _end(self):
        for run in self.running:
            if run.process.poll() is None:
                print(f"\nkilled at the end of {self.id()}: {run.story()}", file=sys.stderr)
                run.kill()

    def compare_books(self):
        """Whatever a test is about: what its models took is what we counted, or no more than that where it says estimated. Once, at
        its end; whoever has a database that ends before has it called before that."""
        if self.compared:
            return
        self.compared = True
        charges = {name: usd for model in self.models for name, usd in model.charges().items()}
        try:
            found = books.problems(charges, books.calls_since(self.database, self.newest_call), books.budgets(self.database),
                                   [*books.owners(self.database), *self.caps])
        except FileNotFoundError:  # an embedded server that went with the last run
            results = [run.result for run in self.running if "cost_usd" in run.result]
            found = books.problems_of_results(charges, results) if results else []
        self.assertEqual(list(found), [], "the books of the models and ours")

    def search_leaks(self):
        """Whatever a test is about: no secret that it gave away is in what its programs said, pushed, stored or left."""
        key = self.data / "master.key"
        if key.is_file():
            self.watch.knows({key.read_bytes().strip(): "the master key"})
        left = [(str(path), lambda path=path: leaks.objects(path)) for path in leaks.repositories(self.folder)]
        left += [(str(path), path.read_bytes()) for path in self.folder.rglob("core*") if path.is_file()]
        left += [("the model's requests", model.log.read_bytes()) for model in self.models]
        if not self.embedded:
            left.append(("the database", self.database.all_rows))
        self.assertEqual(self.watch.leaks(left), [], "secrets that left")
        self.known_secrets.update(self.watch.secrets)

    @classmethod
    def search_files(cls):
        """At the end of a class: what stands in its data folder, in the clear or in a core dump."""
        if cls.known_secrets and cls.data.is_dir():
            watch = leaks.Watch()
            watch.knows(cls.known_secrets)
            found = watch.leaks(leaks.files(cls.data, (str(cls.data / "master.key"),)))
            found += watch.leaks((str(path), leaks.objects(path)) for path in leaks.repositories(cls.data))
            assert not found, found

    def environment(self, **changes):
        """All that a run sees. None takes a variable away. `tools` is in the PATH, so that a check finds the gates."""
        base = {"PATH": f"{self.root}/tools:/usr/local/bin:/usr/bin:/bin", "HOME": str(self.root / "home"), "LANG": "C.UTF-8",
                "PERSAIS_DATA": str(self.data), "OPENROUTER_API_KEY": KEY, "AIDER_MODEL": MODEL,
                **self.installation, **({} if self.embedded else {"DATABASE_URL": self.database.url()}),
                **({"OPENROUTER_BASE_URL": self.model.url} if self.model else {}), **self.settings, **changes}
        return {name: value for name, value in base.items() if value is not None}

    def adopt_helpers(self):
        """What runs now is the test's own, not left by a run."""
        self.helpers = set(processes.below())

    def script(self, *steps, **more):
        self.model = Model(self.folder, steps, **more)
        self.models.append(self.model)
        self.addCleanup(self.model.stop)
        return self.model

    def remote(self, name="team", files=None):
        return Remote(self.folder / f"{name}.git", files)

    def gate(self, name="gate"):
        made = gate.Gate(Path(tempfile.mkdtemp(dir=self.root / "tools")), name)
        made.announce.parent.chmod(0o755)
        self.addCleanup(made.close)
        return made

    def model_gate(self, name="model"):
        made = gate.ModelGate(self.folder, name)
        self.addCleanup(made.close)
        return made

    def in_the_checks_home(self, name):
        """The files of this name that the checks wrote to their home, whichever way it is made."""
        return [path for home in ("home", "home.upper/files") for path in self.data.glob(f"tasks/*/check/{home}/{name}")]

    def start(self, *arguments, before=(), **changes):
        run = Persais(["run", *map(str, arguments)], self.environment(**changes), self.folder / "cwd", before)
        self.running.append(run)
        return run

    def begin(self, remote, instruction="Mend the sum.", check=CHECK, more=(), before=(), **changes):
        """A run on this remote; `check` None: no --check."""
        where = remote.path if isinstance(remote, Remote) else remote
        flags = ["--json", "--repo", where, *(["--check", check] if check is not None else []), *more]
        return self.start(*flags, instruction, before=before, **changes)

    def finish(self, run):
        """Waits for the end, holds the lines against the contract, and looks that nothing was left."""
        code = run.wait()
        wrong = list(schema.problems(run.lines, code))
        self.assertFalse(wrong + command_faults(["run"], run.lines), run.story())
        if run.result["branch"] or run.result["verdict"] in remains.KEEP_WORK:
            self.in_review.add(run.result["task"])
        self.nothing_left()
        return run.result

    def run_on(self, remote, *words, **more):
        return self.finish(self.begin(remote, *words, **more))

    def nothing_left(self):
        """Nothing of a run but of those that still go on."""
        if any(run.process.poll() is None for run in self.running):
            return
        strangers = [pid for pid in processes.below() if pid not in self.helpers | database.SHARED.processes()]
        left = [f"process {processes.describe(pid)}" for pid in processes.wait_gone(strangers, processes.SOON)]
        left += [line for line in remains.in_data(self.data, self.in_review) if line not in self.left_by_others]
        left += [line for line in remains.since(self.outside, str(self.folder)) if line.startswith(("mount", "folder /tmp/p"))]
        self.assertEqual(left, [])

    def expect(self, result, verdict, reason=""):
        self.assertEqual((result["verdict"], result["reason"]), (verdict, reason), result.get("sentence"))

    def expect_branch(self, remote, result, files, **contents):
        """The one branch there is, by whom and on what, and the bytes of its files."""
        self.assertEqual(remote.branches(), {result["branch"]: result["commit"]})
        self.assertEqual(result["base"], remote.base)
        self.assertEqual(remote.parents(result["commit"]), [remote.base])
        self.assertEqual(remote.people(result["commit"]), "Mechanic <mechanic@persais.ai> Mechanic <mechanic@persais.ai>")
        self.assertEqual(remote.changed(result["commit"]), files)
        for path, text in contents.items():
            self.assertEqual(remote.file(result["commit"], path.replace("__", ".")), text)

    def expect_nothing_pushed(self, remote):
        self.assertEqual(remote.branches(), {})
