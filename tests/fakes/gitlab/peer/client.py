"""A merge request from its draft to its merge, and what is refused on the way, with python-gitlab. URL TOKEN REVIEWER MODE; prints one JSON
object."""

import json
import sys

import gitlab

url, token, reviewer, mode = sys.argv[1:]
said = {}


def client(secret, bearer=False):
    how = {"oauth_token": secret} if bearer else {"private_token": secret}
    return gitlab.Gitlab(url, retry_transient_errors=False, timeout=30, **how)


def refused(make):
    try:
        make()
    except gitlab.exceptions.GitlabError as no:
        return [type(no).__name__, no.response_code, str(no.error_message)]
    return None


def settled(number):
    """Until GitLab knows whether it can be merged."""
    states = []
    for _ in range(10):
        request = project.mergerequests.get(number)
        states.append(request.detailed_merge_status)
        if states[-1] not in ("preparing", "checking", "unchecked"):
            return request, states
    raise AssertionError(states)


mine = client(token)
project = mine.projects.get("acme/team")
if mode == "limits":
    said["limited"] = refused(lambda: mine.http_get("/projects/acme%2Fteam", obey_rate_limit=False))
    print(json.dumps(said))
    sys.exit(0)
said["project"] = [project.merge_method, project.squash_option, project.default_branch, project.permissions["project_access"]["access_level"]]
said["token"] = mine.personal_access_tokens.get("self").scopes
said["bearer"] = client(token, bearer=True).projects.get("acme/team").id == project.id
said["version"] = mine.version()[0]
said["no branch"] = refused(lambda: project.mergerequests.create({"source_branch": "none", "target_branch": "main", "title": "T"}))
said["no title"] = refused(lambda: mine.http_post(f"/projects/{project.id}/merge_requests", post_data={"source_branch": "topic", "target_branch": "main"}))
opened = project.mergerequests.create({"source_branch": "topic", "target_branch": "main", "title": "Draft: Add x", "description": "Words"})
said["opened"] = [opened.iid, opened.state, opened.draft, opened.source_branch, opened.author["username"]]
said["twice"] = refused(lambda: project.mergerequests.create({"source_branch": "topic", "target_branch": "main", "title": "T"}))
said["found"] = [each.iid for each in project.mergerequests.list(state="all", source_branch="topic", target_branch="main", get_all=True)]
said["draft"] = refused(lambda: opened.merge())
opened.title = "Add x"
opened.save()
said["ready"] = opened.draft
request, said["states"] = settled(opened.iid)
said["pipelines"] = [[each.status, each.sha == request.sha] for each in request.pipelines.list(get_all=True)]
said["failed jobs"] = [job.name for job in project.pipelines.get(request.head_pipeline["id"], lazy=True).jobs.list(scope="failed", get_all=True)]
said["before"] = refused(lambda: request.merge())
said["protected"] = [[each.name, [level["access_level"] for level in each.merge_access_levels]] for each in project.protectedbranches.list(get_all=True)]
print(json.dumps(said), file=sys.stderr, flush=True)
sys.stdin.readline()  # the pipeline passes

request, states = settled(opened.iid)
said["then"] = states[-1]
said["own approval"] = refused(lambda: request.approve())
theirs = client(reviewer).projects.get("acme/team").mergerequests.get(request.iid)
theirs.approve(sha=request.sha)
said["approvals"] = [request.approvals.get().approvals_left, [each["user"]["username"] for each in request.approvals.get().approved_by]]
said["reviewers"] = [[each.user["username"], each.state] for each in request.reviewer_details.list(get_all=True)]
theirs.notes.create({"body": "Fine."})
said["notes"] = [[note.author["username"], note.body] for note in request.notes.list(get_all=True)]
said["another head"] = refused(lambda: mine.http_put(f"/projects/{project.id}/merge_requests/{request.iid}/merge", post_data={"sha": "0" * 40}))
said["reader"] = refused(lambda: theirs.merge())
merged = mine.http_put(f"/projects/{project.id}/merge_requests/{request.iid}/merge", post_data={"sha": request.sha, "squash": True})
said["merged"] = [merged["state"], merged["merge_commit_sha"] == project.branches.get("main").commit["id"], merged["squash_commit_sha"] is not None]
said["again"] = refused(lambda: project.mergerequests.get(request.iid).merge())
said["no train"] = refused(lambda: project.merge_trains.list(get_all=True))
said["pages"] = [len(project.mergerequests.list(state="all", get_all=True)), len(project.mergerequests.list(state="all", per_page=30, page=2)),
                 project.mergerequests.list(state="all", iterator=True, per_page=30).total]
said["unknown"] = refused(lambda: mine.projects.get("acme/none"))
said["stranger"] = refused(lambda: client("nobody").projects.get("acme/team"))
print(json.dumps(said))
