"""The calls of the REST API. Each gets the fake, the repository, the token, what the path's pattern took, the query and the body; gives
(status, body). What it refuses is a Refused."""

import re

from . import merging, words
from .merging import WAYS, refuse_merge
from .refusals import DOCS, Refused, not_found
from .repository import Conflict

SHA = r"(?P<sha>[0-9a-f]{40})"
NUMBER = r"(?P<number>\d+)"
PAGE = 30


def invalid(field=None, message=None, code="invalid"):
    error = {"resource": "PullRequest", "code": "custom" if message else code}
    return Refused(422, "Validation Failed", [error | ({"field": field} if field else {}) | ({"message": message} if message else {})],
                   f"{DOCS}/pulls/pulls#create-a-pull-request")


def pull_of(call):
    pull = call.repo.pulls.get(int(call.found["number"]))
    if not pull:
        raise not_found()
    call.repo.follow(pull)
    return pull


def computed(call, pull):
    """mergeable is null until it was asked for, and for as many looks as the fake was told to need; anew when a branch moved."""
    if pull["state"] != "open":
        return None, "unknown"
    pair = (pull["sha"], call.repo.tip(pull["base"]))
    if pull["computed_for"] != pair:
        pull.update(computed_for=pair, looks_left=call.fake.looks_to_compute)
    if pull["looks_left"] > 0:
        pull["looks_left"] -= 1
        return None, "unknown"
    return call.repo.state_of(pull)


def show_repository(call):
    return 200, call.shapes.repository(call.repo, call.token)


def show_branch(call):
    name = call.found["branch"]
    commit = call.repo.tip(name)
    if not commit:
        raise Refused(404, "Branch not found", at=f"{DOCS}/branches/branches#get-a-branch")
    return 200, call.shapes.branch(call.repo, name, commit)


def show_rules(call):
    """Rules of rulesets that apply to a branch; a protection of the old kind is not among them."""
    queue = call.found["branch"] in call.repo.queues
    return 200, [{"type": "merge_queue", "ruleset_id": 1, "parameters": {"merge_method": "MERGE", "grouping_strategy": "ALLGREEN"}}] if queue else []


def show_protection(call):
    if not call.token.admin:
        raise not_found()
    rules = call.repo.protections.get(call.found["branch"])
    if not rules:
        raise Refused(404, "Branch not protected")
    return 200, {"required_status_checks": {"strict": rules.strict, "contexts": rules.checks, "checks": []},
                 "required_pull_request_reviews": {"required_approving_review_count": rules.approvals},
                 "enforce_admins": {"enabled": rules.enforce_admins}, "required_linear_history": {"enabled": rules.linear}}


def list_pulls(call):
    state, head, base = call.query.get("state", "open"), call.query.get("head", ""), call.query.get("base", "")
    found = []
    for pull in call.repo.pulls.values():
        call.repo.follow(pull)
        fits = (state in ("all", pull["state"])) and (not base or pull["base"] == base)
        # A head without its owner is no filter at GitHub.
        if fits and (":" not in head or head == f"{call.repo.owner}:{pull['head']}"):
            found.append(call.shapes.pull(call.repo, pull))
    return 200, found if call.query.get("direction") == "asc" else found[::-1]


def open_pull(call):
    body, repo = call.body, call.repo
    for field in ("head", "base"):
        if not body.get(field):
            raise Refused(422, "Invalid request.\n\n\"" + field + "\" wasn't supplied.", at=f"{DOCS}/pulls/pulls#create-a-pull-request")
    head, base = body["head"].removeprefix(repo.owner + ":"), body["base"]
    if not body.get("title"):
        raise invalid("title", code="missing_field")
    for field, branch in (("head", head), ("base", base)):
        if not repo.tip(branch):
            raise invalid(field)
    for pull in repo.pulls.values():
        repo.follow(pull)
        if pull["state"] == "open" and (pull["head"], pull["base"]) == (head, base):
            raise invalid(message=f"A pull request already exists for {repo.owner}:{head}.")
    if not repo.commits(repo.tip(base), repo.tip(head)):
        raise invalid(message=f"No commits between {base} and {head}")
    pull = repo.open_pull(head, base, body["title"], body.get("body") or "", bool(body.get("draft")), call.token.login)
    return 201, call.shapes.pull(repo, pull, (None, "unknown"))


def show_pull(call):
    pull = pull_of(call)
    return 200, call.shapes.pull(call.repo, pull, computed(call, pull))


def edit_pull(call):
    pull = pull_of(call)
    if call.body.get("state") == "closed" and pull["state"] == "open":
        call.repo.close(pull["number"], call.token.login)
    if call.body.get("state") == "open" and pull["state"] == "closed":
        if pull["merged_at"] or not call.repo.tip(pull["head"]):
            why = "merged" if pull["merged_at"] else f"the {pull['head']} branch was deleted"
            raise Refused(422, "Validation Failed", [{"resource": "PullRequest", "code": "invalid", "field": "state",
                                                      "message": f"state cannot be changed. {why}"}])
        pull["state"] = "open"
    for field in ("title", "body"):
        pull[field] = call.body.get(field, pull[field])
    return 200, call.shapes.pull(call.repo, pull, computed(call, pull))


def merge_pull(call):
    at = f"{DOCS}/pulls/pulls#merge-a-pull-request"
    repo, pull = call.repo, pull_of(call)
    way = call.body.get("merge_method", "merge")
    if way not in WAYS:
        raise Refused(422, f"Invalid request.\n\n{way} is not a member of [\"merge\", \"squash\", \"rebase\"].", at=at)
    if pull["state"] != "open":
        raise Refused(405, "Pull Request is not mergeable", at=at)
    if call.body.get("sha") not in (None, pull["sha"]):
        raise Refused(409, "Head branch was modified. Review and try the merge again.", at=at)
    why = refuse_merge(call.fake, repo, pull, way, call.token)
    if why:
        raise Refused(405, why, at=at)
    try:
        new = repo.merge(pull, way, call.body.get("commit_title"), call.body.get("commit_message"))
    except Conflict:
        raise Refused(405, "Pull Request is not mergeable", at=at) from None
    call.fake.merges.append((pull["number"], new))
    return 200, {"sha": new, "merged": True, "message": "Pull Request successfully merged"}


def begin_merge(call):
    return merging.begin(call, pull_of(call))


def show_merge(call):
    return merging.look(call, int(call.found["number"]), call.found["uuid"])


def delete_branch(call):
    branch = call.found["branch"]
    if not call.repo.tip(branch):
        raise Refused(422, "Reference does not exist", at=f"{DOCS}/git/refs#delete-a-reference")
    call.repo.git("update-ref", "-d", f"refs/heads/{branch}")
    return 204, None


def list_reviews(call):
    pull = pull_of(call)
    return 200, [call.shapes.review(call.repo, pull["number"], each) for each in pull["reviews"]]


def add_review(call):
    pull = pull_of(call)
    words = {"APPROVE": "APPROVED", "REQUEST_CHANGES": "CHANGES_REQUESTED", "COMMENT": "COMMENTED"}
    if call.token.login == pull["by"] and call.body.get("event") != "COMMENT":
        raise Refused(422, "Unprocessable Entity", ["Can not approve your own pull request"])
    comments = [(each["path"], each.get("line"), each["body"]) for each in call.body.get("comments", [])]
    call.repo.review(pull["number"], call.token.login, words.get(call.body.get("event"), "PENDING"), call.body.get("body") or "", comments)
    return 200, call.shapes.review(call.repo, pull["number"], pull["reviews"][-1])


def show_commit(call):
    if call.repo.git_result("cat-file", "-e", call.found["sha"] + "^{commit}").returncode:
        raise Refused(422, f"No commit found for SHA: {call.found['sha']}")
    at = f"{call.shapes.root}/repos/{call.repo.full_name}/commits/{call.found['sha']}"
    return 200, {"sha": call.found["sha"], "url": at, "commit": {"message": call.repo.git("log", "-1", "--format=%B", call.found["sha"])},
                 "parents": [{"sha": each} for each in call.repo.git("log", "-1", "--format=%P", call.found["sha"]).split()]}


def combined_status(call):
    """The newest of each context."""
    newest = {}
    for status in call.repo.statuses:
        if status["sha"] == call.found["sha"]:
            newest.setdefault(status["context"], status)
    states = {status["state"] for status in newest.values()}
    word = "failure" if states & {"failure", "error"} else "pending" if "pending" in states or not states else "success"
    return 200, {"state": word, "sha": call.found["sha"], "total_count": len(newest), "commit_url": "", "url": "",
                 "repository": {"full_name": call.repo.full_name, "id": call.repo.id},
                 "statuses": [call.shapes.status(call.repo, each) for each in newest.values()]}


def add_status(call):
    call.repo.status(call.found["sha"], call.body.get("context", "default"), call.body["state"], call.body.get("target_url"))
    return 201, call.shapes.status(call.repo, call.repo.statuses[0])


def list_check_runs(call):
    all = [call.shapes.check_run(call.repo, run) for run in call.repo.check_runs if run["head_sha"] == call.found["sha"]]
    return 200, {"total_count": len(all), "check_runs": all}


def list_runs(call):
    """The newest first."""
    want, sha, branch = call.query.get("status"), call.query.get("head_sha"), call.query.get("branch")
    all = [call.shapes.run(call.repo, run) for run in call.repo.runs[::-1]
           if (not sha or run["head_sha"] == sha) and (not branch or run["head_branch"] == branch)
           and (not want or want in (run["status"], run["conclusion"]))]
    return 200, {"total_count": len(all), "workflow_runs": all}


def list_check_suites(call):
    """Each app has one for a commit, also one that never says anything; a workflow's run has its own."""
    all = [call.shapes.check_suite(call.repo, suite) for suite in call.repo.check_suites if suite["head_sha"] == call.found["sha"]]
    all += [call.shapes.check_suite(call.repo, {**run, "app": "github-actions", "runs": 1})
            for run in call.repo.runs if run["head_sha"] == call.found["sha"]]
    return 200, {"total_count": len(all), "check_suites": all}


def list_deployments(call):
    """The newest first."""
    call.repo.deploy_pushed()
    asked = [(of, call.query[of]) for of in ("sha", "ref", "environment", "task") if of in call.query]
    shown = [call.shapes.deployment(call.repo, one) for one in call.repo.deployments[::-1]]
    return 200, [one for one in shown if all(one[of] == value for of, value in asked)]


def list_deployment_statuses(call):
    """The newest first."""
    for one in call.repo.deployments:
        if one["id"] == int(call.found["number"]):
            return 200, [call.shapes.deployment_status(call.repo, one, status) for status in one["statuses"][::-1]]
    raise not_found()


READ, WRITE = "read", "write"
# method, path below /repos/OWNER/NAME, the right it takes (a fine-grained token's) and its level, the call
CALLS = [(method, re.compile(path + "$"), right, level, call) for method, path, right, level, call in (
    ("GET", "", "metadata", READ, show_repository),
    ("GET", r"/branches/(?P<branch>[^/]+)", "contents", READ, show_branch),
    ("GET", r"/branches/(?P<branch>[^/]+)/protection", "administration", READ, show_protection),
    ("GET", r"/rules/branches/(?P<branch>[^/]+)", "metadata", READ, show_rules),
    ("GET", "/pulls", "pull_requests", READ, list_pulls),
    ("POST", "/pulls", "pull_requests", WRITE, open_pull),
    ("GET", f"/pulls/{NUMBER}", "pull_requests", READ, show_pull),
    ("PATCH", f"/pulls/{NUMBER}", "pull_requests", WRITE, edit_pull),
    ("PUT", f"/pulls/{NUMBER}/merge", "contents", WRITE, merge_pull),
    ("PUT", f"/pulls/{NUMBER}/merge-async", "contents", WRITE, begin_merge),
    ("GET", f"/pulls/{NUMBER}/merge-async/(?P<uuid>[0-9a-f-]+)", "contents", READ, show_merge),
    *words.CALLS,
    ("DELETE", "/git/refs/heads/(?P<branch>.+)", "contents", WRITE, delete_branch),
    ("GET", f"/pulls/{NUMBER}/reviews", "pull_requests", READ, list_reviews),
    ("POST", f"/pulls/{NUMBER}/reviews", "pull_requests", WRITE, add_review),
    ("GET", f"/commits/{SHA}", "contents", READ, show_commit),
    ("GET", f"/commits/{SHA}/status", "statuses", READ, combined_status),
    ("POST", f"/statuses/{SHA}", "statuses", WRITE, add_status),
    ("GET", f"/commits/{SHA}/check-runs", "checks", READ, list_check_runs),
    ("GET", "/actions/runs", "actions", READ, list_runs),
    ("GET", f"/commits/{SHA}/check-suites", "checks", READ, list_check_suites),
    ("GET", "/deployments", "deployments", READ, list_deployments),
    ("GET", f"/deployments/{NUMBER}/statuses", "deployments", READ, list_deployment_statuses))]
