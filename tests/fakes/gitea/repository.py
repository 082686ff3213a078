"""One repository: its bare git repository, and what Gitea knows beside it. Whoever uses it holds the fake's lock."""

import fnmatch
import os
import re
import shlex

from github import repository as git_side

DRAFT = re.compile(r"^\s*(\[wip\]|wip:)", re.I)
WAYS = ("merge", "fast-forward-only", "rebase-merge", "rebase", "squash")
WRITERS = ("mechanic-bot", "ann", "ben")


class NotAllowed(Exception):
    """A way of merging that the repository does not have."""


class Diverged(Exception):
    """A fast-forward that cannot be one."""


class Rules:
    """Of a protected branch, by the names of the API."""

    def __init__(self, checks=(), approvals=0, outdated=False, merge=WRITERS):
        self.status_check_contexts, self.required_approvals = list(checks), approvals
        self.enable_status_check, self.block_on_outdated_branch, self.block_on_rejected_reviews = bool(checks), outdated, approvals > 0
        self.merge = merge


class Repository(git_side.Repository):
    def __init__(self, full_name, path, now):
        super().__init__(full_name, path, now)
        self.ways, self.writers, self.archived, self.renamed = list(WAYS), set(WRITERS), False, None

    def allow_only(self, *ways):
        self.ways = list(ways)

    def protect(self, branch="main", **rules):
        """Pushes to it are refused, as Gitea refuses them."""
        self.protections[branch] = Rules(**rules)
        hook = os.path.join(self.path, "hooks", "pre-receive")
        os.makedirs(os.path.dirname(hook), exist_ok=True)
        refs = " ".join(shlex.quote(f"refs/heads/{name}") for name in self.protections)
        with open(hook, "w") as out:
            out.write(f"""#!/bin/sh
while read -r _ _ ref; do
    for each in {refs}; do
        [ "$ref" != "$each" ] || {{ echo "Gitea: Not allowed to push to protected branch ${{ref#refs/heads/}}" >&2; exit 1; }}
    done
done
""")
        os.chmod(hook, 0o755)

    def is_draft(self, pull):
        return DRAFT.match(pull["title"]) is not None

    def newest_statuses(self, commit):
        newest = {}
        for status in self.statuses:
            if status["sha"] == commit:
                newest.setdefault(status["context"], status)
        return list(newest.values())

    def official(self, pull):
        """The newest word of each: an approval takes back what the same person said before."""
        return {review["by"]: review["state"] for review in pull["reviews"] if review["state"] != "COMMENT"}

    def follow(self, pull):
        """What pushes meanwhile made of a request. One whose branch went away stays as it was."""
        if pull["state"] != "open":
            return
        tip, base = self.tip(pull["head"]), self.tip(pull["base"])
        pull["sha"] = tip or pull["sha"]
        if tip and base and self.is_ancestor(tip, base):
            pull.update(state="closed", merged_at=self.now(), merge_commit_sha=tip)

    def is_mergeable(self, pull):
        try:
            self.merged_tree(self.tip(pull["base"]), pull["sha"])
        except git_side.Conflict:
            return False
        return not self.is_draft(pull)

    def what_is_missing(self, pull):
        """In Gitea's words; None: nothing."""
        rules = self.protections.get(pull["base"])
        if not rules:
            return None
        if rules.enable_status_check and not self.checks_pass(rules, pull["sha"]):
            return "Not all required status checks successful"
        words = list(self.official(pull).values())
        if words.count("APPROVED") < rules.required_approvals:
            return "Does not have enough approvals"
        if rules.block_on_rejected_reviews and "REQUEST_CHANGES" in words:
            return "There are requested changes"
        if rules.block_on_outdated_branch and not self.is_ancestor(self.tip(pull["base"]), pull["sha"]):
            return "The head branch is behind the base branch"
        return None

    def checks_pass(self, rules, commit):
        statuses = self.newest_statuses(commit)
        for pattern in rules.status_check_contexts:
            fit = [status for status in statuses if fnmatch.fnmatchcase(status["context"], pattern)]
            if not fit or any(status["state"] not in ("success", "skipped", "warning") for status in fit):
                return False
        return True

    def merge_as(self, pull, way):
        if way not in self.ways:
            raise NotAllowed
        base = self.tip(pull["base"])
        if way in ("merge", "squash"):
            return self.merge(pull, way, f"Merge pull request '{pull['title']}' (#{pull['number']}) from {pull['head']} into {pull['base']}"
                              if way == "merge" else None)
        new = pull["sha"]
        if way == "fast-forward-only" and not self.is_ancestor(base, new):
            raise Diverged
        if not self.is_ancestor(base, new):  # else it stands there already, and no commit is made anew
            commits, new = self.commits(base, new), base
            for each in commits:
                new = self.pick(each, new)
        if way == "rebase-merge":
            new = self.commit(self.git("rev-parse", f"{new}^{{tree}}"), [base, new], f"Merge pull request '{pull['title']}' (#{pull['number']})\n")
        self.git("update-ref", f"refs/heads/{pull['base']}", new, base)
        pull.update(state="closed", merged_at=self.now(), merge_commit_sha=new)
        return new
