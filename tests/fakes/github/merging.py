"""Merging while nobody waits: `merge-async`. What was asked for runs at once, or with `fake.merges_wait` when `run_merges` is called."""

import uuid as uuids

from .refusals import DOCS, Refused, not_found
from .repository import Conflict

WAYS = {"merge": ("merge", "Merge commits are"), "squash": ("squash", "Squash merges are"), "rebase": ("rebase", "Rebase merges are")}
ACTIONS = ("default", "direct_merge", "merge_queue")


def refuse_merge(fake, repo, pull, way, token):
    """Why it cannot be merged now, as a sentence; None: it can."""
    if fake.take_base_race():
        return "Base branch was modified. Review and try the merge again."
    if WAYS[way][0] not in repo.allow:
        return f"{WAYS[way][1]} not allowed on this repository."
    mergeable, state = repo.state_of(pull)
    if pull["draft"]:
        return "Pull Request is still a draft"
    if not mergeable:
        return "Pull Request is not mergeable"
    return refuse_by_rules(repo, pull, state, way, token)


def refuse_by_rules(repo, pull, state, way, token):
    if pull["base"] in repo.queues and not token.admin:
        return "Changes must be made through the merge queue"
    rules = repo.protections.get(pull["base"])
    if not rules:
        return None
    if rules.linear and way == "merge":
        return "Merge commits are not allowed on this branch: it requires a linear history."
    if token.admin and not rules.enforce_admins:
        return None  # an administrator's token merges past what the branch requires
    if state == "behind":
        return "Head branch is out of date. Review and try the merge again."
    return repo.lacks(pull)


def result(status, **details):
    return {"status": status, "details": details}


def pending(asked, message):
    return result("pending", message=message, uuid=asked["uuid"], merge_method=asked["way"], merge_action=asked["action"],
                  expected_head_sha=asked["sha"])


def begin(call, pull):
    if not call.fake.async_merges:
        raise not_found()
    repo, body = call.repo, call.body
    way, action = body.get("merge_method", "merge"), body.get("merge_action", "default")
    if way not in WAYS or action not in ACTIONS:
        raise Refused(422, f"Invalid request.\n\n{way if way not in WAYS else action} is not a member of the list.", at=f"{DOCS}/pulls/pulls")
    if pull["merged_at"]:
        return 200, result("merged", message="Pull request was merged.", sha=pull["merge_commit_sha"])
    if pull["number"] in repo.queue_of(pull["base"]):
        return 200, result("enqueued", message="Pull request was added to the merge queue.")
    if pull["state"] != "open" or pull["draft"]:
        return 400, result("failed", message="Pull request is closed." if pull["state"] != "open" else "Pull request is a draft.")
    for asked in repo.merge_requests.values():
        if asked["number"] == pull["number"] and not asked["result"]:
            return 409, pending(asked, "A merge request already exists for this pull request.")
    asked = {"uuid": str(uuids.uuid4()), "number": pull["number"], "way": way, "action": action, "sha": body.get("sha", pull["sha"]),
             "token": call.token, "title": body.get("commit_title"), "message": body.get("commit_message"), "result": None}
    repo.merge_requests[asked["uuid"]] = asked
    if not call.fake.merges_wait:
        run(call.fake, repo, asked)
    return 202, pending(asked, "Merge request enqueued.")


def run(fake, repo, asked):
    """The merge itself, with the rules as they are by then."""
    pull = repo.pulls[asked["number"]]
    repo.follow(pull)
    if pull["base"] in repo.queues and asked["action"] != "direct_merge":
        why = repo.refuses_queue(pull, asked["sha"])
        if not why:
            repo.enqueue(pull)
        asked["result"] = result("failed", message=why) if why else result("enqueued", message="Pull request was added to the merge queue.")
        return
    why = "Pull Request is not mergeable" if pull["state"] != "open" else None
    if asked["sha"] != pull["sha"]:
        why = "Head branch was modified. Review and try the merge again."
    why = why or refuse_merge(fake, repo, pull, asked["way"], asked["token"])
    if not why:
        try:
            new = repo.merge(pull, asked["way"], asked["title"], asked["message"])
        except Conflict:
            why = "Merge conflict: the pull request could not be merged."
    if why:
        asked["result"] = result("failed", message=why)
        return
    fake.merges.append((pull["number"], new))
    asked["result"] = result("merged", message="Pull request was merged.", sha=new)


def look(call, number, uuid):
    asked = call.repo.merge_requests.get(uuid)
    if not asked or asked["number"] != number:
        raise not_found()
    return 200, asked["result"] or pending(asked, "Merge request is in progress.")
