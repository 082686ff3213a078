"""The calls of the REST API. Each gets the fake, the repository, the token, what the path's pattern took, the query and the body; gives
(status, body). What it refuses is a Refused."""

import re

from github.repository import Conflict

from .repository import WAYS, Diverged, NotAllowed

NUMBER = r"(?P<number>\d+)"
SHA = r"(?P<sha>[0-9a-f]{40})"
BRANCH = r"/branches/(?P<branch>[^/]+)"


def pull_of(call):
    pull = call.repo.pulls.get(int(call.found["number"]))
    if not pull:
        raise call.refused(404, "not found")
    pull.setdefault("comments", [])
    call.repo.follow(pull)
    return pull


def shown(call, pull, mergeable):
    pull.setdefault("comments", [])
    return call.shapes.pull(call.repo, pull, mergeable, call.token)


def computed(call, pull, look=True):
    """mergeable is false while it is computed: for as many looks as the fake was told to need, and anew when a branch moved."""
    pair = (pull["sha"], call.repo.tip(pull["base"]))
    if pull["state"] != "open":
        return True
    if pull["computed_for"] != pair:
        pull.update(computed_for=pair, looks_left=call.fake.looks_to_compute)
    if pull["looks_left"] > 0:
        pull["looks_left"] -= look
        return False
    return call.repo.is_mergeable(pull)


def show_repository(call):
    return 200, call.shapes.repository(call.repo, call.token)


def show_branch(call):
    sha = call.repo.tip(call.found["branch"])
    if not sha:
        raise call.refused(404, "not found")
    return 200, call.shapes.branch(call.repo, call.found["branch"], sha, call.token)


def remove_branch(call):
    if not call.repo.tip(call.found["branch"]):
        raise call.refused(404, "not found")
    call.repo.git("update-ref", "-d", f"refs/heads/{call.found['branch']}")
    return 204, None


def list_protections(call):
    raise call.refused(403, "user should be an owner or a collaborator with admin write of a repository")


def list_pulls(call):
    """There is no filter by head. What changed last comes first."""
    state, found = call.query.get("state", "open"), []
    for pull in call.repo.pulls.values():
        call.repo.follow(pull)
        if state in ("all", pull["state"]):
            found.append(shown(call, pull, computed(call, pull, look=False)))
    return 200, found[::-1]


def show_by_branches(call):
    """Of several the oldest, whatever became of it."""
    for pull in call.repo.pulls.values():
        if (pull["base"], pull["head"]) == (call.found["base"], call.found["head"]):
            return 200, shown(call, pull, computed(call, pull))
    raise call.refused(404, "not found")


def open_pull(call):
    body, repo = call.body, call.repo
    head, base = body.get("head", ""), body.get("base", "")
    if head == base:
        raise call.refused(422, "Invalid PullRequest: There are no changes between the head and the base")
    for branch in (head, base):
        if not repo.tip(branch):
            raise call.refused(404, "not found")
    for pull in repo.pulls.values():
        repo.follow(pull)
        if pull["state"] == "open" and (pull["head"], pull["base"]) == (head, base):
            raise call.refused(409, f"pull request already exists for these targets [id: {pull['number']}, issue_id: {pull['number']}, "
                                    f"head_repo_id: {repo.id}, base_repo_id: {repo.id}, head_branch: {head}, base_branch: {base}]")
    pull = repo.open_pull(head, base, body["title"], body.get("body") or "", by=call.token.login)
    return 201, shown(call, pull, False)


def show_pull(call):
    pull = pull_of(call)
    return 200, shown(call, pull, computed(call, pull))


def edit_pull(call):
    pull = pull_of(call)
    for field in ("title", "body"):
        pull[field] = call.body.get(field, pull[field])
    if call.body.get("state") == "closed" and pull["state"] == "open":
        call.repo.close(pull["number"], call.token.login)
    if call.body.get("state") == "open" and not pull["merged_at"]:
        pull["state"] = "open"
    return 201, shown(call, pull, computed(call, pull))


def merge_pull(call):
    repo, pull, rules = call.repo, pull_of(call), None
    way = call.body.get("Do", "")
    if way not in (*WAYS, "manually-merged"):
        raise call.refused(422, "[Do]: In")
    rules = repo.protections.get(pull["base"])
    if pull["merged_at"]:
        raise call.refused(405, "The PR is already merged")
    if pull["state"] != "open":
        raise call.refused(404, "not found")
    if call.token.login not in (rules.merge if rules else repo.writers):
        raise call.refused(405, "User not allowed to merge PR")
    if repo.is_draft(pull):
        raise call.refused(405, "Work in progress PRs cannot be merged")
    if not computed(call, pull, look=False):
        raise call.refused(405, "Please try again later")
    missing = repo.what_is_missing(pull)
    if missing and not (call.body.get("force_merge") and call.token.login == repo.owner):
        raise call.refused(405, missing)
    if call.body.get("head_commit_id") not in (None, "", pull["sha"]):
        raise call.refused(409, "head out of date")
    try:
        new = repo.merge_as(pull, way)
    except NotAllowed:
        raise call.refused(405, f"{way} is not allowed an allowed merge style for this repository") from None
    except Diverged:
        raise call.refused(500, "") from None
    except Conflict:
        raise call.refused(409, "merge conflict") from None
    call.fake.merges.append((pull["number"], new))
    return 200, None


def list_reviews(call):
    pull = pull_of(call)
    return 200, [call.shapes.review(call.repo, review, review["by"] in call.repo.writers, pull) for review in pull["reviews"]]


def add_review(call):
    pull = pull_of(call)
    if call.token.login == pull["by"] and call.body.get("event") != "COMMENT":
        raise call.refused(422, "approve your own pull is not allowed")
    call.repo.review(pull["number"], call.token.login, call.body.get("event"))
    return 200, call.shapes.review(call.repo, pull["reviews"][-1], True, pull)


def combined_status(call):
    """The newest of each context; a commit without one has `state` "" and an empty list."""
    statuses = call.repo.newest_statuses(call.found["sha"])
    words = [status["state"] for status in statuses]
    state = "" if not words else next((word for word in ("error", "failure", "pending") if word in words), "success")
    size, page = int(call.query.get("limit", 30)), int(call.query.get("page", 1))
    return 200, {"state": state, "sha": call.found["sha"], "total_count": len(statuses),
                 "statuses": [call.shapes.status(each) for each in statuses[(page - 1) * size:page * size]]}


def add_status(call):
    call.repo.status(call.found["sha"], call.body.get("context", "default"), call.body["state"], call.body.get("target_url"))
    return 201, call.shapes.status(call.repo.statuses[0])


def list_comments(call):
    return 200, [call.shapes.comment(each) for each in pull_of(call)["comments"]]


def add_comment(call):
    pull = pull_of(call)
    pull["comments"].append({"id": next(call.repo.ids), "body": call.body["body"], "by": call.token.login, "at": call.repo.now()})
    return 201, call.shapes.comment(pull["comments"][-1])


# method, path below /repos/OWNER/NAME, the scope that it takes, the call
CALLS = [(method, re.compile(path + "$"), scope, call) for method, path, scope, call in (
    ("GET", "", "repository", show_repository),
    ("GET", BRANCH, "repository", show_branch),
    ("DELETE", BRANCH, "repository", remove_branch),
    ("GET", "/branch_protections", "repository", list_protections),
    ("GET", "/pulls", "repository", list_pulls),
    ("POST", "/pulls", "repository", open_pull),
    ("GET", f"/pulls/{NUMBER}", "repository", show_pull),
    ("PATCH", f"/pulls/{NUMBER}", "repository", edit_pull),
    ("GET", r"/pulls/(?P<base>[^/]+)/(?P<head>.+)", "repository", show_by_branches),
    ("POST", f"/pulls/{NUMBER}/merge", "repository", merge_pull),
    ("POST", f"/pulls/{NUMBER}/reviews", "repository", add_review),
    ("GET", f"/commits/{SHA}/status", "repository", combined_status),
    ("POST", f"/statuses/{SHA}", "repository", add_status),
    ("GET", f"/issues/{NUMBER}/comments", "issue", list_comments),
    ("POST", f"/issues/{NUMBER}/comments", "issue", add_comment))]
CALLS.insert(0, ("GET", re.compile(f"/pulls/{NUMBER}/reviews$"), "repository", list_reviews))
