"""What the attempts are run against: a service with its database, its secrets and a neighbour's task, and what else a host has. In it, the
attempts run without a sandbox, and in one task of the service: by its coder, its setup, its checks."""

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import install
import gate
import remote
from api import BOT
from scripted import KEY, MODEL, Model, fix
from serving import PROGRAM, Serving
from seen import ReadGate, marks_below, processes_marked, wait_for_program
from servers import Servers
from shared_trees import expect_untouched

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "attempts"))
from kit import SANDBOXES, SIGNALLED, VICTIMS, WHERE, signal_of  # noqa: E402

PYTHON = "/usr/bin/python3"
TIERS = {"a": {}}  # name → the settings that make the service use it; a second tier is a second line
MACHINE_BYTES = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
TASK_BYTES = 900 << 20  # about what a task may take here; attempts on memory take 1.6 GiB
PATIENCE = gate.PATIENCE = 900  # tasks are nice to whatever else the machine does
CLEAR_SECONDS = 120  # after a task's end its folders are removed, beside other work
WORLD_SECONDS = 420  # the bound of all; alone it takes about a minute
# Attempts that end their task → the verdict with which they do, and what is said then. Anything else says nothing about the attempt: it did
# not happen.
APART = {**dict.fromkeys(("anonymous", "unnamed_file", "forks"), ("tests_red", "of memory and was ended")),
         **dict.fromkeys(("tree", "home", "unlinked"), ("disk_limit", "of disk and was ended"))}
STOPPED = {"link": "link_outside", "protected": "protected_path"}
REPOSITORY = ["hooks", "programs", *(f"link-{name}" for name in ("absolute", "relative", "repository", "home", "proc", "chain")),
              *(f"protected-{name}" for name in ("infra/y", "INFRA/x", "Infra/deep/x", ".PERSAIS.TOML", ".Persais.toml"))]


class Place:
    def __init__(self, root, told):
        self.root, self.told, self.secret = root, told, {}
        self.data, self.home, self.work, self.prefix = root / "data", root / "home", root / "work", root / "prefix"
        self.helpers, self.mark = [], "canary-" + os.urandom(4).hex()
        self.abstract = "persais-canary-" + os.urandom(4).hex()

    def new(self, name):
        """A secret of its own, by which it is seen where something was read."""
        return self.secret.setdefault(name, "canary-" + os.urandom(4).hex())

    def put(self, path, text, mode=0o600):
        path = Path(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)
        return str(path)

    def plant(self):
        key = self.work / "ssh"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", self.new("ssh_key"), "-f", key], check=True)
        # A key's own comment is in its middle; the file is found by a line before it.
        text = key.read_text()
        self.secret["ssh_text"] = text.splitlines()[1]
        self.files = {
            "env_file": self.put(self.prefix / "run/.env", f"TRANSCRIBE_API_KEY={self.new('env_file')}\n"),
            "git_token": self.put(self.prefix / "etc/token", self.new("git_token")),
            "ssh_key": self.put(self.root / "files/ssh_key", text),
            "model_key": self.put(self.root / "files/model_key", KEY),
            "master_key": self.put(self.data / "master.key", self.new("master_key") + os.urandom(12).hex()),
            "spare_key": self.put(self.root / "files/spare_key", self.new("spare_key")),
        }
        self.secret["model_key"] = KEY
        for name in (".netrc", ".ssh/id_ed25519", ".git-credentials", ".aws/credentials", ".docker/config.json", ".npmrc", ".config/gh/hosts.yml",
                     ".bash_history"):
            self.put(self.home / name, self.new("home"))
        for folder in ("/tmp", "/dev/shm", "/run/lock"):
            self.put(f"{folder}/somebodys", self.new("scratch"), 0o644)
        for folder in (self.data, self.prefix / "run", self.home, Path("/tmp")):
            self.put(folder / self.new("listed"), "")
        for where in WHERE:
            for how in VICTIMS:
                self.put(self.root / "victims" / where / how, "whole\n")

    def sockets(self):
        return {"data": f"{self.data}/canary.sock", "scratch": "/tmp/canary.sock", "ssh_agent": "/tmp/ssh-canary/agent.1",
                "service_home": f"{self.home}/.gnupg/agent", "docker": "/run/docker.sock", "dbus": "/run/dbus/socket",
                "working_folder": f"{self.prefix}/run/canary.sock", "prefix": f"{self.prefix}/lib/canary.sock"}

    def helper(self, *words, **more):
        made = subprocess.Popen([str(word) for word in words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True, **more)
        self.helpers.append(made)
        return made

    def start_canaries(self):
        (self.root / "files/cwd").mkdir()
        name = self.new("process")
        (self.root / "files/cwd" / name).touch()
        self.canary = self.helper(PYTHON, HERE / "canary.py", name, self.root / "files/cwd", self.mark, env={**os.environ, "CANARY": name})
        self.secret["first"] = os.environ["ESCAPE_CANARY"]
        self.about = json.loads(self.canary.stdout.readline())
        self.namespaced = self.helper("unshare", "--user", "--map-root-user", "--mount", "--net", "sh", "-c", "echo up; cat; :", self.mark)
        self.namespaced.stdout.readline()
        self.servers = Servers(self.new("servers"), self.abstract, self.sockets().values())

    def start_service(self, tier):
        self.model = Model(self.work, self.steps())
        self.api = telegram_of(self)
        parallel = max(4, (MACHINE_BYTES - (2 << 30)) // TASK_BYTES)
        agent = install.install(self.work / "agent-env")
        shutil.copyfile(HERE / "coder.py", agent / "coder.py")
        (agent / "bin/python").write_text(f'#!/bin/sh\nexec /usr/bin/python3 -IS "{agent}/coder.py" "$@"\n')
        self.environment = {
            "PATH": f"{self.root}/tools:{self.prefix}/bin:/usr/local/bin:/usr/bin:/bin", "HOME": str(self.home), "LANG": "C.UTF-8",
            "PERSAIS_DATA": str(self.data), "PERSAIS_AGENT_ENV": str(agent), "OPENROUTER_BASE_URL": self.model.url, "AIDER_MODEL": MODEL,
            "OPENROUTER_API_KEY_FILE": self.files["model_key"], "GIT_ACCESS_TOKEN_FILE": self.files["git_token"],
            "GIT_SSH_KEY_FILE": self.files["ssh_key"], "BACKUP_URL_FILE": self.put(self.root / "files/backup", f"s3://u:{self.new('backup')}@h/b"),
            "TELEGRAM_BOT_TOKEN": BOT, "TELEGRAM_API_ROOT": self.api, "TASKS_PARALLEL": str(parallel), "REPAIR_ROUNDS": "0", "TASK_ATTEMPTS": "1",
            "LEASE_TTL": "10s", "TASK_TIMEOUT": "1h", "TASK_IDLE_TIMEOUT": "1h", "CHECK_TIMEOUT": "1h", "GIT_REMOTE_URL": "https://git.invalid/x", **TIERS[tier],
            **{name: os.environ[name] for name in ("PERSAIS_POSTGRES",) if name in os.environ}}
        self.service = Serving.start(self.environment, self.prefix / "run").wait_ready()
        self.files["cluster"] = str(self.data / "postgres/cluster/postmaster.pid")
        self.secret["cluster"] = Path(self.files["cluster"]).read_text().strip()

    def steps(self):
        self.held = {name: gate.ModelGate(self.work, name) for name in ("neighbour", "escape")}
        return [fix(match="Neighbour", **self.held["neighbour"].step), fix(match="Escape", **self.held["escape"].step), fix()]

    def enqueue(self, repository, instruction, check, more=()):
        words = [str(PROGRAM), "run", "--detach", "--json", "--repo", str(repository.path), "--check", check, *more, instruction]
        said = subprocess.run(words, env=self.environment, cwd=self.prefix / "run", capture_output=True, text=True, stdin=subprocess.DEVNULL)
        assert said.returncode == 0, said.stdout + said.stderr
        return json.loads(said.stdout.splitlines()[-1])["task"]

    def start_neighbour(self):
        self.enqueue(remote.Remote(self.work / "neighbour.git", {"neighbour.txt": self.new("neighbour"), self.new("listed"): ""}), "Neighbour.", "true")
        self.held["neighbour"].wait()
        own = next(self.data.glob("tasks/*/code"))
        self.neighbours_task, self.neighbour_home = own.parent, own / "home"
        # Where trees are layers, its files are in the checkout below, and what it changes is in its own.
        self.neighbour = next(path.parent for way in ("tasks/*/code/tree", "mirrors/*/trees/*/tree") for path in self.data.glob(f"{way}/neighbour.txt"))
        self.files["neighbour"] = str(self.neighbour / "neighbour.txt")

    def targets(self):
        sockets = [Path(path) for path in self.data.glob("gateways/*/*")]
        lines = self.secret["cluster"].splitlines()
        mirror = next(path for path in self.data.glob("mirrors/*/git"))
        return {
            "data": str(self.data), "prefix": str(self.prefix), "files": self.files, "victims": str(self.root / "victims"), "birthmark": self.mark,
            "folders": {"data": str(self.data), "working_folder": f"{self.prefix}/run", "service_home": str(self.home), "neighbour_tree": str(self.neighbour),
                        "scratch": "/tmp", "tasks": str(self.neighbours_task.parent), "mirror": str(mirror), "tool": str(self.root / "tools"),
                        "neighbour_home": str(self.neighbour_home)},
            "port": self.servers.port, "udp_port": self.servers.udp_port, "database_port": self.servers.database_port, "service_port": self.service.port,
            "metrics_port": self.service.metrics_port, "inward": self.servers.inward, "abstract": self.abstract, "sockets": self.sockets(),
            "gateway": str(next(path for path in sockets if path.is_socket())), "database_socket": f"{lines[4]}/.s.PGSQL.{lines[3]}",
            **self.about, "namespaced": self.namespaced.pid,
            "signals": {where: {how: signal_of(where, how) for how in SIGNALLED} for where in WHERE}}

    def bundle(self):
        """Files of a repository that has the attempts in it."""
        files = {f"escape/{path.name}": path.read_text() for path in (HERE / "attempts").glob("*.py")}
        run = f"cd ~ && mkdir -p w && cd w && exec {PYTHON} -B"
        files["escape/targets.json"] = json.dumps(self.targets())
        for where in SANDBOXES:
            files[f"escape/{where}"] = f'#!/bin/sh\nhere="$PWD/escape"\n{run} "$here/runner.py" {where} ~/{where}.json\n'
        return files

    def results(self, where):
        homes = ("home", "home.upper/files") if where != "setup" or list(self.data.glob("tasks/*/check/home/*")) else ("kept/home",)
        found = [path for home in homes for path in self.data.glob(f"tasks/*/*/{home}/{where}.json")]
        assert len(found) == 1, (where, found, self.service.story())
        return json.loads(found[0].read_text())

    def run_in_the_sandboxes(self):
        hold = ReadGate(self.root / "tools/attempts")
        source = remote.Remote(self.work / "escape.git", self.bundle(), executable="escape/coder")
        if self.environment.get("PREPARED_AGENT") != "off":
            wait_for_program("/prepared.py", PATIENCE)  # which the neighbour's task had the service start: agents are cloned from it
        task = self.enqueue(source, "Escape.", f"{PYTHON} check.py && sh escape/checks && {hold.shell}", ["--setup", "sh escape/setup"])
        self.waits_for = "the coder's attempts, which stand before the model's first answer"
        self.held["escape"].wait()
        coder = self.results("coder")
        began = next(self.data.glob("tasks/*/*/home/began")).read_text()  # the neighbour's task had made what this one is cloned from
        assert began == ("prepared.py" if self.environment.get("PREPARED_AGENT") != "off" else "run.py"), (began, self.service.story())
        self.held["escape"].let_on()
        ended = rf'"task":"{task}","message":"(review|failed|parked)'.encode()
        self.waits_for = "the checks' attempts, after which their task reads from its gate"
        while not hold.there.wait(1):
            assert not re.search(ended, self.service.raw), f"the attempts ended their task: {self.service.story()}"
        found = {"coder": coder, "setup": self.results("setup"), "checks": self.results("checks")}
        hold.let_on()
        self.waits_for = "the end of the attempts' task"
        self.service.wait_for_line(r"^(review|failed|aborted|parked)\b", task=str(task), patience=PATIENCE)
        verdict = self.shown(task)["verdict"]
        assert verdict == "ready", f"the attempts ended their task ({verdict}): {self.service.story()}"
        self.left = {where: self.effects(where) for where in found}
        return found

    def run_bare(self):
        """As the same user and with the same environment as a careless service would give."""
        folder = self.work / "bare"
        for name, text in self.bundle().items():
            self.put(folder / name, text, 0o755)
        (folder / "home").mkdir()
        plain = {"OPENROUTER_API_KEY": KEY, "GIT_ACCESS_TOKEN": self.new("env"), "GIT_SSH_KEY": self.new("env"), "TELEGRAM_BOT_TOKEN": self.new("env"),
                 "TELEGRAM_WEBHOOK_SECRET": self.new("env"), "BACKUP_URL": self.new("env"), "PERSAIS_MASTER_KEY": self.new("env"),
                 "TRANSCRIBE_API_KEY": self.new("env")}
        held = os.open(self.files["spare_key"], os.O_RDONLY)

        def careless():
            os.dup2(held, 9)
            Path("/proc/self/oom_score_adj").write_text("900")
        subprocess.run(["sh", "-c", f'cd home && exec {PYTHON} -B ../escape/runner.py bare "$PWD/bare.json"'], cwd=folder, preexec_fn=careless,
                       env={**self.environment, **plain, "HOME": str(folder / "home")}, pass_fds=(9,), check=True)
        self.left["bare"] = self.effects("bare")
        return json.loads((folder / "home/bare.json").read_text())

    def effects(self, where):
        """What there is to be found of it outside: marks, signals, damage."""
        marks, damaged = self.servers.marks.decode(errors="replace"), []
        self.canary.stdin.write("dump\n")
        self.canary.stdin.flush()
        dump = json.loads(self.canary.stdout.readline())
        marks += dump["buffer"] + dump["shared"]
        while found := processes_marked():  # one that forks anew is there under another number meanwhile
            marks += "".join(line for _, line in found)
            for pid, _ in found:
                with contextlib.suppress(OSError):
                    os.kill(pid, signal.SIGKILL)
        own = [str(path.parent) for path in self.data.glob("tasks/*/code") if path.parent != self.neighbours_task]
        for top in (self.root, "/tmp", "/dev/shm", "/run"):
            marks += marks_below(top, (*own, str(self.work / "bare/home")))
        for victim in VICTIMS:
            path = self.root / "victims" / where / victim
            seen = path.lstat() if path.exists() else None
            if not seen or seen.st_size != 6 or seen.st_mode & 0o777 != 0o600 or seen.st_mtime < 1000 or path.with_name(path.name + ".beside").is_symlink() \
                    or path.with_name(path.name + ".beside").exists():
                damaged.append(victim)
        return {"marks": marks, "signals": dump["signals"], "damaged": damaged}

    def run_apart(self, bare):
        """Those that end their task: name → whether it got what it wanted."""
        text = {"escape/apart.py": (HERE / "attempts/apart.py").read_text()}
        source, started, found = remote.Remote(self.work / "apart.git", text), {}, {}
        for name in APART:
            started[name] = self.enqueue(source, "Apart.", f"{PYTHON} check.py && {PYTHON} escape/apart.py {name}", ["--setup", "true"])
        for name, task in started.items():
            line = self.service.wait_for_line(r"^(review|failed|aborted|parked)\b", task=str(task), patience=PATIENCE)
            told = self.shown(task)
            # Those beside it fill the disk: one whose folders cannot be read while it is ended is taken for one of them (decision 0048).
            ends = {APART[name], APART["tree"]}
            stopped = any(told["verdict"] == verdict and words in told["sentence"] + told["checks"].get("said", "") for verdict, words in ends)
            assert stopped or told["verdict"] == "ready", f"{name}: neither done nor stopped: {told}"
            found[name] = {"checks": not stopped, "line": line["message"]}
        if bare:
            for name in APART:
                folder = self.work / "bare-apart"
                folder.mkdir()
                done = subprocess.run([PYTHON, HERE / "attempts/apart.py", name], cwd=folder, env={**os.environ, "HOME": str(folder)}, stderr=subprocess.DEVNULL)
                found[name]["bare"] = done.returncode == 0
                shutil.rmtree(folder)
        return found

    def run_nested(self):
        """Folders so deep that they are in the way of whoever clears up: they are still there when their task is over."""
        source = remote.Remote(self.work / "nested.git", {"escape/apart.py": (HERE / "attempts/apart.py").read_text()})
        task = self.enqueue(source, "Nested.", f"{PYTHON} check.py", ["--setup", "exec /usr/bin/pyth*3 escape/apart.py nested"])
        self.service.wait_for_line(r"^(review|failed|aborted|parked)\b", task=str(task), patience=PATIENCE)
        told = self.shown(task)
        assert "nested too deep" in told["sentence"], f"setup did not nest its folders: {told}"
        until = time.monotonic() + CLEAR_SECONDS
        while (left := list(self.data.glob(f"tasks/{task}-*"))) and time.monotonic() < until:
            time.sleep(0.1)
        folder = self.work / "bare-nested"
        folder.mkdir()
        subprocess.run([PYTHON, HERE / "attempts/apart.py", "nested"], env={**os.environ, "HOME": str(folder)}, check=True)
        with contextlib.suppress(RecursionError, OSError):
            shutil.rmtree(folder)
        return {"nested": {"setup": bool(left), "line": told["sentence"], "bare": folder.exists()}}

    def shown(self, task):
        said = subprocess.run([str(PROGRAM), "show", "--json", str(task)], env=self.environment, cwd=self.prefix / "run", capture_output=True, text=True)
        return json.loads(said.stdout.splitlines()[-1])

    def run_repositories(self, names, bare):
        """What a coder leaves in its tree: name → what came of it."""
        import repository
        started, found = {}, {}
        for name in names:
            files = {"escape/repository.py": (HERE / "attempts/repository.py").read_text(), "infra/kept": "kept\n", ".persais.toml": 'protect = ["infra/**"]\n',
                     "escape/coder": f"#!/bin/sh\nexec {PYTHON} -B escape/repository.py {name} {self.root}/witness\n"}
            source = remote.Remote(self.work / f"r-{name.replace('/', '-')}.git", files, executable="escape/coder")
            started[name] = source, self.enqueue(source, "Repository.", f"{PYTHON} check.py")
        for name, (source, task) in started.items():
            line = self.service.wait_for_line(r"^(review|failed|aborted|parked)\b", task=str(task), patience=PATIENCE)
            pushed = [path for commit in source.branches().values() for path in remote.git(source.path, "ls-tree", "-r", "--name-only", commit).splitlines()]
            verdict = self.shown(task)["verdict"]
            stopped = STOPPED.get(name.split("-")[0], "ready")
            assert verdict in ("ready", stopped), f"{name}: neither done nor stopped ({verdict}): {line['message']}"
            found[name] = {"coder": repository.LEFT.get(name) in pushed and verdict == "ready", "line": line["message"]}
        ran = os.listdir(self.root / "witness")
        parts = {"hooks": repository.HOOKS, "programs": repository.PROGRAMS}
        for kind, names in parts.items():
            told = found.pop(kind)
            found.update({f"{kind}-{name}": {"coder": name in ran, "line": told["line"]} for name in names})
        if bare:
            for kind, names in parts.items():
                self.handle_carelessly(kind, started[kind][0])
                ran = os.listdir(self.root / "witness")
                for name in names:
                    found[f"{kind}-{name}"]["bare"] = name in ran
            for name in repository.LEFT:
                found[name]["bare"] = self.push_carelessly(name, started[name][0], repository.LEFT[name])
        return found

    def careless_clone(self, name, source):
        folder = self.work / f"careless-{name.replace('/', '-')}"
        subprocess.run(["git", "clone", "-q", source.path, folder], env=remote.ENVIRONMENT, check=True)
        subprocess.run([PYTHON, "-B", HERE / "attempts/repository.py", name, self.root / "witness"], cwd=folder, env=remote.ENVIRONMENT, check=True)
        return folder

    def handle_carelessly(self, name, source):
        folder = self.careless_clone(name, source)
        for words in ("status", "add -A -- . :!*.three", "commit -qm x", "-c commit.gpgSign=false commit -qm x", "checkout -q -b y", "checkout -q -- .", "diff HEAD~1",
                      "log -p -1", "push -q origin y", "fetch other", "add a.three"):
            if words.startswith("checkout -q --"):
                for path in folder.glob("a.t[we]*"):
                    path.unlink()
            subprocess.run(["git", *words.split()], cwd=folder, env=remote.ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)

    def push_carelessly(self, name, source, path):
        folder = self.careless_clone(name, source)
        for words in (["add", "-A"], ["commit", "-qm", "x"], ["push", "-q", "origin", "HEAD:careless"]):
            subprocess.run(["git", *words], cwd=folder, env=remote.ENVIRONMENT, check=True)
        return path in remote.git(source.path, "ls-tree", "-r", "--name-only", "careless").splitlines()

    def end(self):
        for one in self.held.values():
            one.let_on()
        self.service.process.kill()  # a task may be in its way; all that it leaves ends with the namespace
        self.service.process.wait()
        self.servers.going = False
        self.model.stop()
        for one in self.helpers:
            one.kill()
            one.wait()


def telegram_of(place):
    from telegram import Telegram
    place.bot = Telegram(token=BOT, pace=0.02, enforce=False)
    return place.bot.start()


def run(root, identity, flags):
    """Its results, in results.json."""
    place = Place(root, json.loads((root / "told.json").read_text()))
    bare, timed = identity == "user", {}

    def too_long(*_):
        raise AssertionError(f"{identity}: not done after {WORLD_SECONDS} s; it waited for {place.waits_for}")
    signal.signal(signal.SIGALRM, too_long)
    signal.alarm(WORLD_SECONDS)

    def step(name, work):
        began, place.waits_for = time.monotonic(), f"the step '{name}'"
        result = work()
        timed[name] = round(time.monotonic() - began, 1)
        print(f"{identity}: {name} {timed[name]} s", file=sys.stderr, flush=True)
        return result
    step("canaries", lambda: (place.plant(), place.start_canaries()))
    try:
        step("service", lambda: place.start_service("a"))
        step("neighbour", place.start_neighbour)
        found = step("sandboxes", place.run_in_the_sandboxes)
        step("shared trees", lambda: expect_untouched(place.data, place.environment))  # what is tried without a sandbox writes to one
        if bare:
            found["bare"] = step("bare", place.run_bare)  # while the neighbour is still at work
        apart = step("apart", lambda: place.run_apart(bare)) if bare else {}  # which user the service is makes no difference to these
        repositories = step("repositories", lambda: place.run_repositories(REPOSITORY if bare else REPOSITORY[:2], bare))
        if bare:
            apart.update(step("nested", place.run_nested))
        if not bare:
            expect_untouched(place.data, place.environment)
    except BaseException:
        print(place.service.story() if hasattr(place, "service") else "", file=sys.stderr)
        raise
    finally:
        signal.alarm(0)
        if hasattr(place, "service"):
            place.end()
    literals = {**place.secret, **{f"machine_{name}": text for name, text in place.told["canaries"].items()}}
    (root / "work/results.json").write_text(json.dumps({
        "found": found, "left": place.left, "apart": apart, "repositories": repositories, "secrets": literals, "root": str(root), "told": place.told,
        "seconds": timed}))

