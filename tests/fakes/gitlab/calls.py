"""The calls of the REST API. Each gets the fake, the project, the token, what the path's pattern took, the query and the body; gives
(status, body). What it refuses is a Refused."""

import re

from forge import Refused
from github.repository import Conflict

from .project import DEVELOPER, REPORTER

NUMBER = r"(?P<number>\d+)"
ONE = f"/merge_requests/{NUMBER}"
TRUE = (True, "true", "1")


def refused(status, message):
    return Refused(status, {"message": message})


def pull_of(call):
    pull = call.project.pulls.get(int(call.found["number"]))
    if not pull:
        raise refused(404, "404 Not found")
    call.project.follow(pull)
    return pull


def computed(call, pull):
    """Mergeability is computed in the background: for as many looks as the fake was told to need, and anew when a branch moved."""
    pair = (pull["sha"], call.project.tip(pull["base"]))
    if pull["state"] == "open" and pull["computed_for"] != pair:
        pull.update(computed_for=pair, looks_left=call.fake.looks_to_compute)
    if pull["state"] == "open" and pull["looks_left"] > 0:
        pull["looks_left"] -= 1
        return "checking"
    return call.project.status_of(pull)


def whole(call, pull, status=None):
    return call.shapes.merge_request(call.project, pull, status or call.project.status_of(pull), call.token)


def show_project(call):
    return 200, call.shapes.project(call.project, call.token)


def show_branch(call):
    sha = call.project.tip(call.found["branch"])
    if not sha:
        raise refused(404, "404 Branch Not Found")
    return 200, call.shapes.branch(call.project, call.found["branch"], sha, call.token)


def remove_branch(call):
    name = call.found["branch"]
    if not call.project.tip(name):
        raise refused(404, "404 Branch Not Found")
    if name in call.project.protected or name == "main":
        raise refused(403, "403 Forbidden")
    call.project.git("update-ref", "-d", f"refs/heads/{name}")
    return 204, None


def list_protected(call):
    return 200, [call.shapes.protected_branch(name, rule) for name, rule in call.project.protected.items()]


def list_requests(call):
    """A list does not compute mergeability anew."""
    state, found = call.query.get("state", "all"), []
    for pull in call.project.pulls.values():
        call.project.follow(pull)
        shown = call.shapes.merge_request(call.project, pull, call.project.status_of(pull))
        if state not in ("all", shown["state"]):
            continue
        if all(call.query.get(name, shown[name]) == shown[name] for name in ("source_branch", "target_branch")):
            found.append(shown)
    return 200, found if call.query.get("sort") == "asc" else found[::-1]


def open_request(call):
    body, project = call.body, call.project
    for field in ("title", "source_branch", "target_branch"):
        if not body.get(field):
            raise Refused(400, {"error": f"{field} is missing"})
    head, base = body["source_branch"], body["target_branch"]
    if head == base:
        raise refused(422, ["You can't use same project/branch for source and target"])
    for pull in project.pulls.values():
        project.follow(pull)
        if pull["state"] == "open" and (pull["head"], pull["base"]) == (head, base):
            raise refused(409, [f"Another open merge request already exists for this source branch: !{pull['number']}"])
    if not project.tip(head):  # GitLab makes the request of a branch that is not there, and refuses one of a target that is not
        raise refused(400, {"source_branch": ["does not exist"]})
    if not project.tip(base):
        raise refused(400, {"target_branch": ["does not exist"]})
    pull = project.open_pull(head, base, body["title"], body.get("description") or "", by=call.token.name)
    return 201, whole(call, pull, "preparing")


def show_request(call):
    pull = pull_of(call)
    return 200, whole(call, pull, computed(call, pull))


def edit_request(call):
    pull = pull_of(call)
    fields = {"title": "title", "description": "body"}
    if not any(name in call.body for name in (*fields, "state_event", "squash", "target_branch")):
        raise Refused(400, {"error": "title, description, state_event, squash, target_branch are missing, at least one parameter must be provided"})
    for name, own in fields.items():
        pull[own] = call.body.get(name, pull[own])
    if call.body.get("state_event") == "close" and pull["state"] == "open":
        call.project.close(pull["number"], call.token.name)
    if call.body.get("state_event") == "reopen" and not pull["merged_at"]:
        pull["state"] = "open"
    return 200, whole(call, pull, computed(call, pull))


def may_merge(call, pull):
    rule = call.project.protected.get(pull["base"])
    return call.token.level >= (rule["merge"] if rule else DEVELOPER)


def has_sha(call, pull):
    if call.body.get("sha") not in (None, pull["sha"]):
        raise refused(409, f"SHA does not match HEAD of source branch: {pull['sha']}")


def accept(call):
    project, pull = call.project, pull_of(call)
    if not may_merge(call, pull):
        raise refused(401, "401 Unauthorized")
    auto = call.body.get("auto_merge", call.body.get("merge_when_pipeline_succeeds")) in TRUE
    status = project.status_of(pull)
    if status != "mergeable" and not (auto and status in ("ci_still_running", "ci_must_pass")):
        raise refused(405, "405 Method Not Allowed")
    has_sha(call, pull)
    if auto and project.trains and not call.fake.passes_trains_by:
        project.board(pull)
        return 200, whole(call, pull)
    if auto and status != "mergeable":
        pull["auto_merge"] = True
        return 200, whole(call, pull)
    if call.body.get("squash") in TRUE and project.squash_option == "never":
        raise refused(422, "Branch cannot be merged: Squashing not allowed: This project doesn't allow you to squash commits when merging.")
    try:
        new = project.accept(pull, call.body.get("squash") in TRUE, call.body.get("squash_commit_message"))
    except Conflict:
        raise refused(422, "Branch cannot be merged") from None
    call.fake.merges.append((pull["number"], new))
    return 200, whole(call, pull)


def cancel(call):
    """An auto-merge, or a place in a train."""
    pull = pull_of(call)
    if not pull["auto_merge"]:
        raise refused(406, "Can't cancel the automatic merge")
    pull["auto_merge"] = False
    call.project.cars = [each for each in call.project.cars if each["number"] != pull["number"]]
    return 201, whole(call, pull)


def rebase(call):
    pull = pull_of(call)
    if not call.project.tip(pull["head"]):
        raise refused(409, "Rebase failed. Please rebase locally")
    call.project.rebase(pull)
    return 202, {"rebase_in_progress": True}


def show_approvals(call):
    return 200, call.shapes.approvals(call.project, pull_of(call))


def approve(call):
    pull = pull_of(call)
    has_sha(call, pull)
    if call.token.name == pull["by"]:
        raise refused(401, "401 Unauthorized")
    call.project.approve(pull["number"], call.token.name)
    return 201, call.shapes.approvals(call.project, pull)


def list_reviewers(call):
    pull, words = pull_of(call), {"APPROVED": "approved", "CHANGES_REQUESTED": "requested_changes"}
    return 200, [{"user": call.shapes.user(name), "state": words.get(word, "reviewed"), "created_at": pull["created_at"]}
                 for name, word in call.project.newest_words(pull).items()]


def list_pipelines(call):
    pull, own = pull_of(call), f"refs/merge-requests/{call.found['number']}/"
    return 200, [call.shapes.pipeline(call.project, one) for one in call.project.pipelines
                 if one["sha"] == pull["sha"] or one["ref"].startswith(own)]


def list_jobs(call):
    one = next((one for one in call.project.pipelines if one["id"] == int(call.found["number"])), None)
    if not one:
        raise refused(404, "404 Not found")
    return 200, [call.shapes.job(call.project, one, name) for name in one["failed"]]


def list_notes(call):
    notes = [call.shapes.note(note) for note in pull_of(call)["notes"]]
    return 200, notes if call.query.get("sort") == "asc" else notes[::-1]


def add_note(call):
    pull = pull_of(call)
    if not call.body.get("body"):
        raise Refused(400, {"error": "body is missing"})
    pull["notes"].append({"id": next(call.project.ids), "body": call.body["body"], "by": call.token.name, "at": call.project.now()})
    return 201, call.shapes.note(pull["notes"][-1])


def car(call, one):
    return call.shapes.car(call.project, one, call.project.status_of(call.project.pulls[one["number"]]))


def trains(call):
    if not call.fake.premium or not call.project.trains:
        raise refused(403, "403 Forbidden")
    return call.project.cars


def list_trains(call):
    return 200, [car(call, one) for one in trains(call)]


def show_car(call):
    trains(call)
    one = call.project.car_of(int(call.found["number"]))
    if not one:
        raise refused(404, "404 Merge Train Merge Request Not Found")
    return 200, car(call, one)


def add_car(call):
    trains(call)
    pull = pull_of(call)
    if not may_merge(call, pull):
        raise refused(401, "401 Unauthorized")
    has_sha(call, pull)
    if call.project.status_of(pull) != "mergeable" or pull["auto_merge"]:
        raise refused(400, "400 Bad request - The merge request is not mergeable")
    if call.fake.passes_trains_by:
        call.fake.merges.append((pull["number"], call.project.accept(pull)))
    else:
        call.project.board(pull, call.body.get("squash") in TRUE)
    return 201, [car(call, one) for one in call.project.cars]


READER, WRITER = REPORTER, DEVELOPER
# method, path below /projects/ID, the role that it takes, the call
CALLS = [(method, re.compile(path + "$"), level, call) for method, path, level, call in (
    ("GET", "", READER, show_project),
    ("GET", r"/repository/branches/(?P<branch>[^/]+)", READER, show_branch),
    ("DELETE", r"/repository/branches/(?P<branch>[^/]+)", WRITER, remove_branch),
    ("GET", "/protected_branches", WRITER, list_protected),
    ("GET", "/merge_requests", READER, list_requests),
    ("POST", "/merge_requests", WRITER, open_request),
    ("GET", ONE, READER, show_request),
    ("PUT", ONE, WRITER, edit_request),
    ("PUT", f"{ONE}/merge", READER, accept),
    ("POST", f"{ONE}/cancel_merge_when_pipeline_succeeds", WRITER, cancel),
    ("PUT", f"{ONE}/rebase", WRITER, rebase),
    ("GET", f"{ONE}/approvals", READER, show_approvals),
    ("POST", f"{ONE}/approve", WRITER, approve),
    ("GET", f"{ONE}/reviewers", READER, list_reviewers),
    ("GET", f"{ONE}/pipelines", READER, list_pipelines),
    ("GET", f"{ONE}/notes", READER, list_notes),
    ("POST", f"{ONE}/notes", READER, add_note),
    ("GET", f"/pipelines/{NUMBER}/jobs", READER, list_jobs),
    ("GET", "/merge_trains", WRITER, list_trains),
    ("GET", f"/merge_trains/merge_requests/{NUMBER}", WRITER, show_car),
    ("POST", f"/merge_trains/merge_requests/{NUMBER}", WRITER, add_car))]
