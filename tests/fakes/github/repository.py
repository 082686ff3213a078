"""One repository: its bare git repository, and what GitHub knows beside it. Whoever uses it holds the fake's lock."""

import itertools
import os
import re
import subprocess

ENVIRONMENT = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null",
               "GIT_COMMITTER_NAME": "GitHub", "GIT_COMMITTER_EMAIL": "noreply@github.com"}
ZERO = "0" * 40


class Conflict(Exception):
    """The trees cannot be merged."""


class Protection:
    """A branch that is protected: as the settings page has it."""

    def __init__(self, checks=(), approvals=0, strict=False, enforce_admins=False, linear=False):
        self.checks, self.approvals, self.strict = list(checks), approvals, strict
        self.enforce_admins, self.linear = enforce_admins, linear


class Repository:
    def __init__(self, full_name, path, now):
        self.full_name, self.path, self.now = full_name, str(path), now
        self.owner, self.name = full_name.split("/")
        self.allow = {"merge", "squash", "rebase"}
        self.protections, self.pulls = {}, {}
        self.statuses, self.check_runs, self.runs, self.deployments = [], [], [], []
        self.numbers, self.ids = itertools.count(1), itertools.count(1000)
        self.hold_runs_of = None  # a pattern of branches whose workflow runs wait for a person's word

    def git(self, *words, **more):
        done = self.git_result(*words, **more)
        if done.returncode:
            raise AssertionError(f"git {' '.join(words)}: {done.stderr}")
        return done.stdout.strip()

    def git_result(self, *words, env=None, text=None):
        return subprocess.run(["git", "-C", self.path, *words], env={**ENVIRONMENT, **(env or {})}, input=text, capture_output=True,
                              text=True)

    def tip(self, branch):
        done = self.git_result("rev-parse", "--verify", "--quiet", f"refs/heads/{branch}^{{commit}}")
        return done.stdout.strip() or None

    def is_ancestor(self, one, other):
        return self.git_result("merge-base", "--is-ancestor", one, other).returncode == 0

    def commits(self, base, head):
        return self.git("rev-list", "--reverse", "--topo-order", head, f"^{base}").split()

    # --- what the settings pages do ---

    def protect(self, branch="main", **how):
        """Pushes to it are refused too, as GitHub refuses them."""
        self.protections[branch] = Protection(**how)
        hook = os.path.join(self.path, "hooks", "pre-receive")
        os.makedirs(os.path.dirname(hook), exist_ok=True)
        refs = " ".join(f"refs/heads/{name}" for name in self.protections)
        with open(hook, "w") as out:
            out.write(f"""#!/bin/sh
while read -r _ _ ref; do
    for each in {refs}; do
        [ "$ref" != "$each" ] || {{ echo "error: GH006: Protected branch update failed for $ref." >&2; exit 1; }}
    done
done
""")
        os.chmod(hook, 0o755)

    # --- what CI does ---

    def status(self, commit, context, state, page=None):
        self.statuses.insert(0, {"id": next(self.ids), "sha": commit, "context": context, "state": state,
                                 "target_url": page, "created_at": self.now()})

    def check_run(self, commit, name, conclusion=None, started_at=None):
        """Without a conclusion it is in progress."""
        self.check_runs.insert(0, {"id": next(self.ids), "head_sha": commit, "name": name, "conclusion": conclusion,
                                   "status": "completed" if conclusion else "in_progress", "started_at": started_at or self.now()})

    def checks_of(self, commit):
        """name: success, pending or failure; the newest of each."""
        seen = {}
        for run in self.check_runs:
            if run["head_sha"] == commit:
                good = run["conclusion"] in ("success", "neutral", "skipped")
                seen.setdefault(run["name"], "pending" if not run["conclusion"] else "success" if good else "failure")
        for status in self.statuses:
            if status["sha"] == commit:
                seen.setdefault(status["context"], "failure" if status["state"] == "error" else status["state"])
        return seen

    # --- pull requests ---

    def open_pull(self, head, base, title, body="", draft=False, by="mechanic-bot"):
        number = next(self.numbers)
        self.pulls[number] = pull = {"number": number, "head": head, "base": base, "title": title, "body": body, "draft": draft,
                                     "state": "open", "sha": self.tip(head), "merged_at": None, "merge_commit_sha": None, "by": by,
                                     "reviews": [], "computed_for": None, "created_at": self.now(), "closed_by": None}
        if self.hold_runs_of and re.search(self.hold_runs_of, head):
            self.runs.append({"id": next(self.ids), "head_sha": pull["sha"], "head_branch": head, "name": "CI", "status": "completed",
                              "conclusion": "action_required"})
        return pull

    def review(self, number, by, state):
        self.pulls[number]["reviews"].append({"id": next(self.ids), "by": by, "state": state, "at": self.now(),
                                              "sha": self.pulls[number]["sha"]})

    def approve_runs(self):
        for run in self.runs:
            if run["conclusion"] == "action_required":
                run.update(status="queued", conclusion=None)

    def close(self, number, by="somebody"):
        self.pulls[number].update(state="closed", closed_by=by)

    def follow(self, pull):
        """What pushes meanwhile made of a request."""
        if pull["state"] != "open":
            return
        tip, base = self.tip(pull["head"]), self.tip(pull["base"])
        if not tip:
            return self.close(pull["number"], "GitHub")
        if tip != pull["sha"]:
            pull["sha"] = tip
        if base and self.is_ancestor(tip, base):
            pull.update(state="closed", merged_at=self.now(), merge_commit_sha=tip)

    def state_of(self, pull):
        """mergeable and mergeable_state, as they are once they are computed."""
        base, head = self.tip(pull["base"]), pull["sha"]
        try:
            self.merged_tree(base, head)
        except Conflict:
            return False, "dirty"
        if pull["draft"]:
            return True, "draft"
        rules, checks = self.protections.get(pull["base"]), self.checks_of(head)
        if rules:
            if any(checks.get(name) != "success" for name in rules.checks) or not self.approved(pull, rules):
                return True, "blocked"
            if rules.strict and not self.is_ancestor(base, head):
                return True, "behind"
        return True, "clean" if all(state == "success" for state in checks.values()) else "unstable"

    @staticmethod
    def approved(pull, rules):
        newest = {review["by"]: review["state"] for review in pull["reviews"] if review["state"] != "COMMENTED"}
        return "CHANGES_REQUESTED" not in newest.values() and list(newest.values()).count("APPROVED") >= rules.approvals

    # --- merging ---

    def merged_tree(self, ours, theirs):
        done = self.git_result("merge-tree", "--write-tree", ours, theirs)
        if done.returncode == 1:
            raise Conflict
        return done.stdout.split()[0]

    def commit(self, tree, parents, message, author=None):
        who = author or {"GIT_AUTHOR_NAME": "mechanic-bot", "GIT_AUTHOR_EMAIL": "bot@users.noreply.github.com"}
        return self.git("commit-tree", tree, *(word for parent in parents for word in ("-p", parent)), env=who, text=message)

    def merge(self, pull, way, title=None, message=None):
        base, head = self.tip(pull["base"]), pull["sha"]
        if way == "merge":
            words = title or f"Merge pull request #{pull['number']} from {self.owner}/{pull['head']}"
            new = self.commit(self.merged_tree(base, head), [base, head], f"{words}\n\n{message or pull['title']}\n")
        elif way == "squash":
            new = self.commit(self.merged_tree(base, head), [base],
                              f"{title or pull['title'] + ' (#' + str(pull['number']) + ')'}\n\n{message or ''}".rstrip() + "\n")
        else:
            new = base
            for each in self.commits(base, head):
                new = self.pick(each, new)
        self.git("update-ref", f"refs/heads/{pull['base']}", new, base)
        pull.update(state="closed", merged_at=self.now(), merge_commit_sha=new)
        return new

    def pick(self, commit, onto):
        """The commit made anew. git 2.39 cannot be told the base of a merge, so that it gets one by a commit of its own."""
        parent = f"{commit}^"
        beside = self.commit(self.git("rev-parse", f"{onto}^{{tree}}"), [self.git("rev-parse", parent)], "beside\n")
        name, mail, date = self.git("log", "-1", "--format=%an%n%ae%n%ad", "--date=raw", commit).split("\n")
        words = self.git("log", "-1", "--format=%B", commit) + "\n"
        return self.commit(self.merged_tree(beside, commit), [onto], words,
                           {"GIT_AUTHOR_NAME": name, "GIT_AUTHOR_EMAIL": mail, "GIT_AUTHOR_DATE": date})
