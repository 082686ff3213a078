"""A real Gitea with the fake's face: what a test does to the fake, it can do to the server that the fake stands for. PERSAIS_GITEA: its program;
PERSAIS_GITEA_FILES: the folder with its templates and options."""

import base64
import getpass
import json
import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import SimpleNamespace

from forge import Forge

PROGRAM, FILES = os.environ.get("PERSAIS_GITEA"), os.environ.get("PERSAIS_GITEA_FILES", "")
PASSWORD, ADMIN = "only-for-the-tests-7", "keeper"
SETTINGS = """
APP_NAME = Gitea
RUN_MODE = prod
RUN_USER = {user}
WORK_PATH = {work}
I_AM_BEING_UNSAFE_RUNNING_AS_ROOT = true
[server]
HTTP_ADDR = 127.0.0.1
HTTP_PORT = {port}
ROOT_URL = {root}/
STATIC_ROOT_PATH = {files}
DISABLE_SSH = true
OFFLINE_MODE = true
[database]
DB_TYPE = sqlite3
PATH = {work}/gitea.db
[repository]
ROOT = {work}/repositories
[security]
INSTALL_LOCK = true
[log]
MODE = file
LEVEL = Warn
[actions]
ENABLED = false
"""


class RealGitea(Forge):
    pause = 0.1  # between two looks: it computes in the background

    def __init__(self):
        super().__init__()
        self.work = Path(tempfile.mkdtemp(prefix="gitea-"))
        self.settings = self.work / "app.ini"
        self.api, self.people, self.process = self.root + "/api/v1", set(), None
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.settings.write_text(SETTINGS.format(user=getpass.getuser(), work=self.work, files=FILES, port=self.port, root=self.root))
        self.direct = self.web = f"http://127.0.0.1:{self.port}"

    def run(self, *words):
        return subprocess.run([PROGRAM, "-c", self.settings, *words], env=self.environment(), capture_output=True, text=True, check=True)

    def environment(self):
        return {"PATH": "/usr/bin:/bin", "HOME": str(self.work), "GITEA_WORK_DIR": str(self.work)}

    def start(self):
        super().start()
        self.run("migrate")
        self.run("admin", "user", "create", "--admin", "--username", ADMIN, "--password", PASSWORD, "--email", "k@example.org",
                 "--must-change-password=false")
        self.process = subprocess.Popen([PROGRAM, "-c", self.settings, "web"], env=self.environment(), stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)
        for _ in range(600):
            try:
                urllib.request.urlopen(self.direct + "/api/v1/version", timeout=5).close()
                break
            except OSError:
                time.sleep(0.05)
        self.must("POST", "/orgs", {"username": "acme"})

    def stop(self):
        super().stop()
        if self.process:
            self.process.terminate()
            self.process.wait(30)
        shutil.rmtree(self.work, ignore_errors=True)

    # --- the server itself ---

    def send(self, method, path, data, fields):
        request = urllib.request.Request(self.direct + path, method=method, data=data or None, headers=fields)
        try:
            with urllib.request.build_opener(NoRedirect).open(request, timeout=60) as answer:
                return answer.status, dict(answer.headers), answer.read()
        except urllib.error.HTTPError as no:
            with no:
                return no.code, dict(no.headers), no.read()

    def must(self, method, path, body=None, by=ADMIN):
        word = base64.b64encode(f"{by}:{PASSWORD}".encode()).decode()
        data = json.dumps(body).encode() if body is not None else b""
        status, _, said = self.send(method, "/api/v1" + path, data, {"Authorization": f"Basic {word}", "Content-Type": "application/json"})
        if status >= 300:
            raise AssertionError(f"{method} {path}: {status} {said[:300]}")
        return json.loads(said) if said else None

    def answer(self, asked):
        fields = {name: value for name, value in asked.fields.items() if name in ("Authorization", "Content-Type", "Accept", "User-Agent")}
        path = asked.target.replace(self.root, self.direct)
        status, fields, said = self.send(asked.method, path, asked.raw, fields)
        merged = re.search(r"/repos/(\w+/\w+)/pulls/(\d+)/merge$", asked.path)
        if merged and asked.method == "POST" and status == 200:
            pull = self.must("GET", f"/repos/{merged[1]}/pulls/{merged[2]}")
            self.merges.append((int(merged[2]), pull["merge_commit_sha"]))
        kept = {name: value for name, value in fields.items() if name in ("Link", "X-Total-Count", "Location")}
        return status, kept, json.loads(said) if said.strip() else None

    # --- what a test does to it ---

    def person(self, name):
        if name not in self.people:
            self.people.add(name)
            self.run("admin", "user", "create", "--username", name, "--password", PASSWORD, "--email", f"{name}@example.org",
                     "--must-change-password=false")
            for full_name in self.repositories:
                self.must("PUT", f"/repos/{full_name}/collaborators/{name}", {"permission": "write"})

    def token(self, _, login="mechanic-bot", scopes=("write:repository", "write:issue")):
        self.person(login)
        made = self.must("POST", f"/users/{login}/tokens", {"name": str(len(self.tokens)), "scopes": list(scopes)}, by=login)
        self.tokens[made["sha1"]] = SimpleNamespace(secret=made["sha1"], login=login)
        return self.tokens[made["sha1"]]

    def repository(self, full_name, path):
        owner, name = full_name.split("/")
        self.must("POST", f"/orgs/{owner}/repos", {"name": name, "private": True, "default_branch": "main"})
        self.repositories[full_name] = repo = RealRepository(self, full_name)
        for person in self.people:
            self.must("PUT", f"/repos/{full_name}/collaborators/{person}", {"permission": "write"})
        for what in ("main", "--all"):  # of several branches at once it knows none, when the repository was empty
            subprocess.run(["git", "-C", str(path), "push", "-q", self.address_of_keeper(full_name), what], env=self.environment(), check=True,
                           capture_output=True)
        return repo

    def address_of_keeper(self, full_name):
        return f"http://{ADMIN}:{PASSWORD}@127.0.0.1:{self.port}/{full_name}.git"


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


class Pulls:
    def __init__(self, repo):
        self.repo = repo

    def __getitem__(self, number):
        pull = self.repo.get(f"/pulls/{number}")
        return {"number": number, "head": pull["head"]["label"], "base": pull["base"]["label"], "title": pull["title"], "body": pull["body"],
                "sha": pull["head"]["sha"], "draft": pull["draft"], "state": pull["state"]}

    def __len__(self):
        return len(self.repo.get("/pulls?state=all&limit=50"))


class RealRepository:
    def __init__(self, server, full_name):
        self.server, self.full_name, self.path = server, full_name, server.work / f"repositories/{full_name}.git"
        self.pulls = Pulls(self)

    def get(self, path):
        return self.server.must("GET", f"/repos/{self.full_name}{path}")

    def protect(self, branch="main", checks=(), approvals=0, outdated=False):
        rules = {"required_approvals": approvals, "enable_status_check": bool(checks), "status_check_contexts": list(checks),
                 "block_on_outdated_branch": outdated, "block_on_rejected_reviews": approvals > 0, "enable_push": False}
        there = [rule["rule_name"] for rule in self.get("/branch_protections")]
        if branch in there:
            self.server.must("PATCH", f"/repos/{self.full_name}/branch_protections/{branch}", rules)
        else:
            self.server.must("POST", f"/repos/{self.full_name}/branch_protections", {"rule_name": branch, **rules})

    def allow_only(self, *ways):
        names = {"merge": "allow_merge_commits", "fast-forward-only": "allow_fast_forward_only_merge", "rebase": "allow_rebase",
                 "rebase-merge": "allow_rebase_explicit", "squash": "allow_squash_merge"}
        self.server.must("PATCH", f"/repos/{self.full_name}", {**{name: way in ways for way, name in names.items()}, "default_merge_style": ways[0]})

    def status(self, commit, context, state):
        self.server.must("POST", f"/repos/{self.full_name}/statuses/{commit}", {"context": context, "state": state, "target_url": "https://ci.example/1"})

    def review(self, number, by, state):
        self.server.person(by)
        self.server.must("POST", f"/repos/{self.full_name}/pulls/{number}/reviews", {"event": state, "body": "Words"}, by=by)

    def close(self, number):
        self.server.must("PATCH", f"/repos/{self.full_name}/pulls/{number}", {"state": "closed"})
