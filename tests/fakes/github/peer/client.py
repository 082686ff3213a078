"""A pull request from its draft to its merge, and what is refused on the way, with PyGithub. ROOT TOKEN REVIEWER; prints one JSON object."""

import json
import sys

from github import Auth, Github, GithubException, GithubIntegration

root, token, reviewer, app_key = sys.argv[1:]
said = {}


def client(secret):
    return Github(base_url=root, auth=Auth.Token(secret), retry=None, timeout=30, seconds_between_requests=0, seconds_between_writes=0)


def refused(make):
    try:
        make()
    except GithubException as no:
        return [type(no).__name__, no.status, no.message]
    return None


def settled(repo, number):
    """Until GitHub knows whether it can be merged."""
    states = []
    for _ in range(10):
        pull = repo.get_pull(number)
        states.append([pull.mergeable, pull.mergeable_state])
        if pull.mergeable is not None:
            return pull, states
    raise AssertionError(states)


mine = client(token)
repo = mine.get_repo("acme/team")
said["ways"] = [repo.allow_merge_commit, repo.allow_squash_merge, repo.allow_rebase_merge, repo.permissions.push, repo.default_branch]
said["unchanged"] = repo.update()
said["no branch"] = refused(lambda: repo.create_pull(base="main", head="none", title="T"))
said["nothing new"] = refused(lambda: repo.create_pull(base="main", head="same", title="T"))
pull = repo.create_pull(base="main", head="topic", title="Add x", body="Words", draft=True)
said["opened"] = [pull.number, pull.state, pull.draft, pull.mergeable, pull.head.ref, pull.user.login]
said["twice"] = refused(lambda: repo.create_pull(base="main", head="acme:topic", title="T"))
said["found"] = [p.number for p in repo.get_pulls(state="all", head="acme:topic", base="main")]
said["draft"] = refused(lambda: pull.merge())
pull.mark_ready_for_review()
pull, said["states"] = settled(repo, pull.number)

branch = repo.get_branch("main")
said["protected"] = branch.protected
commit = repo.get_commit(pull.head.sha)
said["missing check"] = refused(lambda: pull.merge(sha=pull.head.sha))
commit.create_status("pending", "https://ci.example/1", "", "build")
said["pending"] = [commit.get_combined_status().state, [s.context for s in commit.get_combined_status().statuses]]
commit.create_status("success", "https://ci.example/1", "", "build")
said["runs of checks"] = [[run.name, run.conclusion] for run in commit.get_check_runs()]
said["held runs"] = [[run.conclusion, run.head_sha == pull.head.sha] for run in repo.get_workflow_runs(status="action_required")]
said["no review"] = refused(lambda: pull.merge(sha=pull.head.sha))
said["own review"] = refused(lambda: pull.create_review(event="APPROVE"))
client(reviewer).get_repo("acme/team").get_pull(pull.number).create_review(event="APPROVE")
said["reviews"] = [[r.user.login, r.state] for r in pull.get_reviews()]
said["another head"] = refused(lambda: pull.merge(sha="0" * 40))
said["not allowed"] = refused(lambda: pull.merge(sha=pull.head.sha, merge_method="rebase"))
merged = pull.merge(sha=pull.head.sha, merge_method="squash")
pull = repo.get_pull(pull.number)
said["merged"] = [merged.merged, merged.sha == pull.merge_commit_sha, pull.merged, pull.state, pull.merged_at is not None]
said["again"] = refused(lambda: pull.merge())
said["deployments"] = [[d.environment, [s.state for s in d.get_statuses()]] for d in repo.get_deployments(sha=merged.sha)]
said["environment"] = [[d.environment, d.get_statuses()[0].state] for d in repo.get_deployments(environment="production")]
main = repo.get_branch("main")
said["shipped"] = [[run.name, run.conclusion] for run in repo.get_workflow_runs(head_sha=merged.sha, branch=main)]
said["other branch"] = [run.name for run in repo.get_workflow_runs(head_sha=merged.sha, branch="topic")]
said["suites"] = [[s.app.slug, s.latest_check_runs_count, s.status] for s in repo.get_commit(merged.sha).get_check_suites()]
other = repo.get_pulls(head="acme:other")[0]
repo.get_commit(other.head.sha).create_status("success", "https://ci.example/2", "", "build")
client(reviewer).get_repo("acme/team").get_pull(other.number).create_review(event="APPROVE")
other.create_issue_comment("Words")
said["comments"] = [[c.user.login, c.body] for c in other.get_issue_comments()]
_, begun = repo.requester.requestJsonAndCheck("PUT", other.url + "/merge-async", input={"sha": other.head.sha, "merge_method": "merge"})
_, came = repo.requester.requestJsonAndCheck("GET", f"{other.url}/merge-async/{begun['details']['uuid']}")
said["async"] = [begun["status"], came["status"], came["details"]["sha"] == repo.get_pull(other.number).merge_commit_sha]
repo.requester.requestJsonAndCheck("DELETE", repo.url + "/git/refs/heads/other")
said["reopened"] = refused(lambda: other.edit(state="open"))

# What people write: issues, comments and reviews, in the lists of what is new and one by one; and who may push.
issue = repo.create_issue("The sum is wrong", "1 + 1 is 0.")
one = issue.create_comment("Who looks?")
written = repo.create_pull(base="same", head="topic", title="Third")
review = written.create_review(body="Nearly", event="COMMENT", comments=[{"path": "a.txt", "line": 1, "body": "Here"}])
start = issue.created_at
said["issues"] = [[i.number == issue.number, i.title, i.user.login, i.pull_request is None] for i in repo.get_issues(state="all", since=start)
                  if i.number in (issue.number, written.number)]
said["new comments"] = [[c.body, c.issue_url == issue.url] for c in repo.get_issues_comments(sort="updated", direction="asc", since=start)
                        if c.id == one.id]
said["one comment"] = repo.get_issue(issue.number).get_comment(one.id).body
said["review comments"] = [[c.path, c.body, c.pull_request_review_id == review.id] for c in repo.get_pulls_comments(since=start)]
said["one review"] = [written.get_review(review.id).body, written.get_review(review.id).state,
                      [c.body for c in written.get_single_review_comments(review.id)]]
said["permissions"] = [repo.get_collaborator_permission(who) for who in ("acme", "ann", "bob", "rae", "nobody")]
said["no issue"] = refused(lambda: repo.get_issue(9999))

app = GithubIntegration(auth=Auth.AppAuth("77", app_key), base_url=root)
installation = app.get_repo_installation("acme", "team")
given = app.get_access_token(installation.id)
theirs = client(given.token)
said["app"] = [installation.id, theirs.get_repo("acme/team").full_name, given.permissions["contents"]]
said["app of others"] = refused(lambda: app.get_repo_installation("acme", "none"))
said["pages"] = [repo.get_pulls(state="all").totalCount, len(list(repo.get_pulls(state="all", base="main")))]
said["unknown"] = refused(lambda: mine.get_repo("acme/none"))
said["stranger"] = refused(lambda: client("nobody").get_repo("acme/team"))
said["reader"] = refused(lambda: client(reviewer).get_repo("acme/team").get_pull(1).merge())
said["hidden"] = refused(lambda: list(client(reviewer).get_repo("acme/team").get_deployments()))
print(json.dumps(said))
