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
    def __init__(self, full_name, path, now, id=7):
        self.full_name, self.path, self.now, self.id = full_name, str(path), now, id
        self.owner, self.name = full_name.split("/")
        self.allow, self.archived = {"merge", "squash", "rebase"}, False
        self.protections, self.pulls = {}, {}
        self.statuses, self.check_runs, self.check_suites, self.runs, self.deployments = [], [], [], [], []
        self.queues, self.enqueued, self.merge_requests, self.comments, self.review_comments = {}, [], {}, [], []
        self.numbers, self.ids = itertools.count(1), itertools.count(1000)
        self.issues, self.collaborators = {}, {}  # login: admin, maintain, write, triage, read; nobody else has any right
        self.tell = lambda *_, **__: None  # whoever has a webhook
        self.deploys = None  # commit → state, page: what CI makes of each push to main
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

    # --- what people write ---

    def open_issue(self, by, title, body=""):
        number, at = next(self.numbers), self.now()
        self.issues[number] = {"number": number, "title": title, "body": body, "by": by, "state": "open", "at": at, "updated": at}
        self.tell("issues", "opened", number=number)
        return number

    def comment(self, number, by, body):
        """At an issue or at a request."""
        at = self.now()
        self.comments.append({"id": next(self.ids), "number": number, "by": by, "body": body, "at": at, "updated": at})
        self.tell("issue_comment", "created", number=number, comment=self.comments[-1])
        return self.comments[-1]

    def edit_comment(self, one, body):
        one.update(body=body, updated=self.now())
        self.tell("issue_comment", "edited", number=one["number"], comment=one)

    def delete_comment(self, one):
        self.comments.remove(one)
        self.tell("issue_comment", "deleted", number=one["number"], comment=one)

    def permission_of(self, login):
        """As the role, and as the word of old for it."""
        role = "admin" if login == self.owner else self.collaborators.get(login, "none")
        return role, {"maintain": "write", "triage": "read"}.get(role, role)

    # --- what CI does ---

    def ci_ends(self, commit, name, conclusion, branch):
        """GitHub Actions are done with a commit."""
        self.check_run(commit, name, conclusion)
        self.check_suite(commit, "github-actions", conclusion, branch)
        self.tell("check_suite", "completed", suite=self.check_suites[-1])

    def status(self, commit, context, state, page=None):
        self.statuses.insert(0, {"id": next(self.ids), "sha": commit, "context": context, "state": state,
                                 "target_url": page, "created_at": self.now()})

    def check_run(self, commit, name, conclusion=None, started_at=None):
        """Without a conclusion it is in progress."""
        self.check_runs.insert(0, {"id": next(self.ids), "head_sha": commit, "name": name, "conclusion": conclusion,
                                   "status": "completed" if conclusion else "in_progress", "started_at": started_at or self.now()})

    def run(self, commit, name, conclusion=None, branch="main"):
        """A workflow's run, in progress without a conclusion."""
        self.runs.append({"id": next(self.ids), "head_sha": commit, "head_branch": branch, "name": name, "conclusion": conclusion,
                          "status": "completed" if conclusion else "in_progress"})

    def check_suite(self, commit, app, conclusion=None, branch="main", runs=1):
        """Another app's; with no runs it stays as it was made."""
        self.check_suites.append({"id": next(self.ids), "head_sha": commit, "head_branch": branch, "app": app, "conclusion": conclusion,
                                  "status": "completed" if conclusion else "in_progress" if runs else "queued", "runs": runs})

    def deploy(self, commit, environment="production", state=None, page=""):
        """A deployment, with a status or none yet."""
        self.deployments.append({"id": next(self.ids), "sha": commit, "ref": "main", "environment": environment, "at": self.now(),
                                 "statuses": []})
        if state:
            self.deployment_status(self.deployments[-1], state, page)
        return self.deployments[-1]

    def deploy_pushed(self):
        tip = self.tip("main")
        if self.deploys and all(one["sha"] != tip for one in self.deployments):
            self.deploy(tip, "production", *self.deploys(tip))

    def deployment_status(self, one, state, page=""):
        """A success makes all earlier ones of the environment inactive."""
        def add(to, word):
            to["statuses"].append({"id": next(self.ids), "state": word, "page": page, "at": self.now()})
        add(one, state)
        for other in self.deployments if state == "success" else ():
            if other["environment"] == one["environment"] and other["id"] < one["id"]:
                add(other, "inactive")

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
                                     "reviews": [], "thrown": None, "computed_for": None, "created_at": self.now(), "closed_by": None}
        if self.hold_runs_of and re.search(self.hold_runs_of, head):
            self.runs.append({"id": next(self.ids), "head_sha": pull["sha"], "head_branch": head, "name": "CI", "status": "completed",
                              "conclusion": "action_required"})
        return pull

    def review(self, number, by, state, body="", comments=()):
        """`comments`: (path, line, words) of each."""
        review = {"id": next(self.ids), "by": by, "state": state, "at": self.now(), "sha": self.pulls[number]["sha"], "body": body}
        self.pulls[number]["reviews"].append(review)
        for path, line, words in comments:
            self.review_comments.append({"id": next(self.ids), "number": number, "review": review["id"], "by": by, "path": path, "line": line,
                                         "body": words, "at": review["at"], "sha": review["sha"]})
        self.tell("pull_request_review", "submitted", number=number, review=review)

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
        if pull["base"] in self.queues:
            return True, "blocked"  # by the queue alone, if by nothing else
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

    # --- merge queues ---

    def require_queue(self, branch="main"):
        """As a branch's rules do: it takes requests from its queue alone."""
        self.queues[branch] = []

    def queue_of(self, branch):
        return self.queues.get(branch, [])

    def lacks(self, pull):
        """What of a branch's requirements a request lacks, but for the queue; None: nothing."""
        rules = self.protections.get(pull["base"])
        if not rules:
            return None
        checks = self.checks_of(pull["sha"])
        for name in rules.checks:
            if checks.get(name) != "success":
                word = {None: "expected", "pending": "in progress"}.get(checks.get(name), "failing")
                return f"Required status check \"{name}\" is {word}."
        if not self.approved(pull, rules):
            return f"At least {rules.approvals} approving review is required by reviewers with write access."
        return None

    def refuses_queue(self, pull, head):
        if pull["base"] not in self.queues:
            return "Merge queue is not enabled for this branch"
        if pull["state"] != "open" or pull["draft"]:
            return "Pull request is not in a mergeable state"
        if head not in (None, pull["sha"]):
            return "Head branch was modified. Review and try the merge again."
        if pull["number"] in self.queue_of(pull["base"]):
            return "Pull request is already in the queue"
        return self.lacks(pull)

    def enqueue(self, pull):
        self.queues[pull["base"]].append(pull["number"])
        self.enqueued.append(pull["number"])

    def throw_out(self, number, reason="failed_checks"):
        pull = self.pulls[number]
        if number in self.queue_of(pull["base"]):
            self.queues[pull["base"]].remove(number)
            pull["thrown"] = reason

    def merge_queued(self, number, way="merge"):
        """The queue is done with it."""
        pull = self.pulls[number]
        self.queues[pull["base"]].remove(number)
        return self.merge(pull, way)

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
