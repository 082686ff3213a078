"""The one mutation that the REST API lacks: a draft that is ready for review."""

import re

FIELD = "markPullRequestReadyForReview"


def refused(message, kind):
    return 200, {"data": {FIELD: None}, "errors": [{"type": kind, "path": [FIELD], "message": message,
                                                    "locations": [{"line": 1, "column": 1}]}]}


def answer(fake, token, body):
    query, variables = body.get("query", ""), body.get("variables") or {}
    found = re.search(FIELD + r"\s*\(\s*input:\s*(?:\$(\w+)|\{\s*pullRequestId:\s*\$(\w+)\s*\})\s*\)", query)
    if not found:
        return 200, {"errors": [{"message": "Field doesn't exist on type 'Mutation'", "extensions": {"code": "undefinedField"}}]}
    whole, single = found.groups()
    id = variables.get(whole, {}).get("pullRequestId") if whole else variables.get(single)
    for repo in fake.repositories.values():
        for pull in repo.pulls.values():
            if f"PR_{pull['number']}" == id and token.sees(repo):
                if token.level("pull_requests") != "write":
                    return refused("Resource not accessible by personal access token", "FORBIDDEN")
                pull["draft"] = False
                return 200, {"data": {FIELD: {"clientMutationId": None, "pullRequest": {"id": id, "isDraft": False}}}}
    return refused(f"Could not resolve to a node with the global id of '{id}'", "NOT_FOUND")
