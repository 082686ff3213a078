"""One project: its bare git repository, and what GitLab knows beside it. Whoever uses it holds the fake's lock."""

import os
import re
import shlex

from github.repository import Conflict, Repository

COMMITTER = {"GIT_COMMITTER_NAME": "GitLab", "GIT_COMMITTER_EMAIL": "noreply@gitlab.example", "GIT_AUTHOR_NAME": "mechanic-bot",
             "GIT_AUTHOR_EMAIL": "bot@gitlab.example"}
DRAFT = re.compile(r"^\s*(\[draft\]|\(draft\)|draft:)", re.I)
MAINTAINER, DEVELOPER, REPORTER = 40, 30, 20
WAITING, RUNNING = {"created", "waiting_for_resource", "preparing", "pending", "scheduled"}, {"running", "manual"}


class Project(Repository):
    """The settings are those of the settings pages, by the names that the API gives them."""

    def __init__(self, full_name, path, now):
        super().__init__(full_name, path, now)
        self.id = 7
        self.merge_method, self.squash_option = "merge", "default_off"
        self.pipeline_must_succeed = self.discussions_must_be_resolved = self.skipped_counts = False
        self.approvals_required, self.trains = 0, False
        self.pipelines, self.cars = [], []
        self.protected = {}  # branch: the access levels that may push and merge
        self.moved_to = None

    def open_pull(self, head, base, title, body="", draft=False, by="mechanic-bot"):
        pull = super().open_pull(head, base, title, body, draft, by)
        pull.update(says=None, unresolved=0, notes=[], auto_merge=False, merge_error=None, squash_commit_sha=None, squash=False,
                    source_project=self.id)
        return pull

    def is_draft(self, pull):
        return DRAFT.match(pull["title"]) is not None

    # --- what the settings pages do ---

    def protect(self, branch="main", push=MAINTAINER, merge=DEVELOPER):
        """Pushes to it are refused, as GitLab refuses them."""
        self.protected[branch] = {"push": push, "merge": merge}
        hook = os.path.join(self.path, "hooks", "pre-receive")
        os.makedirs(os.path.dirname(hook), exist_ok=True)
        refs = " ".join(shlex.quote(f"refs/heads/{name}") for name in self.protected)
        with open(hook, "w") as out:
            out.write(f"""#!/bin/sh
while read -r _ _ ref; do
    for each in {refs}; do
        [ "$ref" != "$each" ] || {{ echo "GL-HOOK-ERR: You are not allowed to push code to protected branches on this project." >&2; exit 1; }}
    done
done
""")
        os.chmod(hook, 0o755)

    # --- what CI and people do ---

    def pipeline(self, commit, status, jobs=(), ref=None):
        """`jobs`: names of those that failed."""
        one = {"id": next(self.ids), "sha": commit, "ref": ref or "topic", "status": status, "at": self.now(), "failed": list(jobs)}
        self.pipelines.insert(0, one)
        return one

    def approve(self, number, by="ann"):
        self.review(number, by, "APPROVED")

    def want_changes(self, number, by="ann"):
        self.review(number, by, "CHANGES_REQUESTED")

    def newest_words(self, pull):
        return {each["by"]: each["state"] for each in pull["reviews"]}

    def follow(self, pull):
        """What pushes meanwhile made of a request. One whose branch went away stays open."""
        if pull["state"] != "open":
            return
        tip, base = self.tip(pull["head"]), self.tip(pull["base"])
        pull["sha"] = tip or pull["sha"]
        if tip and base and self.is_ancestor(tip, base):
            pull.update(state="closed", merged_at=self.now(), merge_commit_sha=None)

    # --- what it would make of a request ---

    def pipeline_of(self, pull):
        return next((one for one in self.pipelines if one["sha"] == pull["sha"] and not one["ref"].endswith("/train")), None)

    def pipeline_word(self, pull):
        if not self.pipeline_must_succeed:
            return None
        one = self.pipeline_of(pull)
        if one and one["status"] in WAITING | RUNNING:
            return "ci_still_running"
        good = ("success", "skipped") if self.skipped_counts else ("success",)
        return None if one and one["status"] in good else "ci_must_pass"

    def status_of(self, pull):
        """detailed_merge_status, once it was computed."""
        if pull["state"] != "open":
            return "not_open"
        if pull["says"]:
            return pull["says"]
        if self.is_draft(pull):
            return "draft_status"
        base, head = self.tip(pull["base"]), self.tip(pull["head"])
        if not head or not self.commits(base, head):
            return "commits_status"
        if self.discussions_must_be_resolved and pull["unresolved"]:
            return "discussions_not_resolved"
        words = list(self.newest_words(pull).values())
        if "CHANGES_REQUESTED" in words:
            return "requested_changes"
        if words.count("APPROVED") < self.approvals_required:
            return "not_approved"
        try:
            self.merged_tree(base, head)
        except Conflict:
            return "conflict"
        if self.merge_method != "merge" and not self.is_ancestor(base, head):
            return "need_rebase"
        return self.pipeline_word(pull) or "mergeable"

    # --- merging ---

    def accept(self, pull, squash=False, squash_message=None):
        """By the project's method; gives the commit that the branch got."""
        base, head = self.tip(pull["base"]), pull["sha"]
        squash = squash and self.squash_option != "never" or self.squash_option == "always"
        message = squash_message or pull["title"]
        if squash and (len(self.commits(base, head)) > 1 or message != self.git("log", "-1", "--format=%B", head)):
            fork = self.git("merge-base", base, head)
            head = self.commit(self.git("rev-parse", f"{head}^{{tree}}"), [fork], message + "\n", COMMITTER)
            if self.merge_method == "ff":
                head = self.commit(self.merged_tree(base, head), [base], message + "\n", COMMITTER)
            pull["squash_commit_sha"] = head
        new = head
        if self.merge_method != "ff":
            words = f"Merge branch '{pull['head']}' into '{pull['base']}'\n\n{pull['title']}\n\nSee merge request {self.full_name}!{pull['number']}\n"
            new = self.commit(self.merged_tree(base, head), [base, head], words, COMMITTER)
        self.git("update-ref", f"refs/heads/{pull['base']}", new, base)
        pull.update(state="closed", merged_at=self.now(), merge_commit_sha=new if self.merge_method != "ff" else None, squash=squash,
                    auto_merge=False)
        return new

    def rebase(self, pull):
        new = self.tip(pull["base"])
        for each in self.commits(new, pull["sha"]):
            new = self.pick(each, new)
        self.git("update-ref", f"refs/heads/{pull['head']}", new, pull["sha"])
        pull["sha"] = new

    # --- merge trains ---

    def car_of(self, number):
        return next((car for car in self.cars if car["number"] == number), None)

    def board(self, pull, squash=False):
        pull["auto_merge"] = True
        car = {"id": next(self.ids), "number": pull["number"], "status": "fresh", "at": self.now(), "target": pull["base"], "squash": squash}
        self.cars.insert(0, car)
        self.pipeline("f" * 40, "running", ref=f"refs/merge-requests/{pull['number']}/train")
        return car

    def train_arrives(self, number, status="success"):
        """Its pipeline ends: it is merged, or leaves the train."""
        pull, car = self.pulls[number], self.car_of(number)
        next(one for one in self.pipelines if one["ref"] == f"refs/merge-requests/{number}/train")["status"] = status
        pull["auto_merge"] = False
        if status == "success":
            car["status"] = "merged"
            return self.accept(pull, car["squash"])
        self.cars.remove(car)
        return None
