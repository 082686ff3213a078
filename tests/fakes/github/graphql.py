"""What the GraphQL API alone has: drafts that are ready for review, and merge queues. It answers 200 to what it refuses, too."""

import re

READY, ENQUEUE, DEQUEUE = "markPullRequestReadyForReview", "enqueuePullRequest", "dequeuePullRequest"
ID_OF = {READY: "pullRequestId", ENQUEUE: "pullRequestId", DEQUEUE: "id"}


def refused(field, message, kind):
    return 200, {"data": {field: None}, "errors": [{"type": kind, "path": [field], "message": message,
                                                    "locations": [{"line": 1, "column": 1}]}]}


def unknown(message):
    return 200, {"errors": [{"message": message, "extensions": {"code": "undefinedField"}}]}


def value_of(name, query, variables):
    """An input's field: of the variable that is the whole input, or of one of its own."""
    whole = re.search(r"input:\s*\$(\w+)", query)
    single = re.search(name + r":\s*\$(\w+)", query)
    return variables.get(whole[1], {}).get(name) if whole else variables.get(single[1]) if single else None


def find(fake, token, id):
    for repo in fake.repositories.values():
        for pull in repo.pulls.values():
            if f"PR_{pull['number']}" == id and token.sees(repo):
                repo.follow(pull)
                return repo, pull
    return None, None


def entry_of(repo, pull):
    line = repo.queue_of(pull["base"])
    if pull["number"] not in line:
        return None
    return {"id": f"MQE_{pull['number']}", "position": line.index(pull["number"]) + 1, "state": "AWAITING_CHECKS"}


def show(fake, token, query, variables):
    if not fake.queues and "Queue" in query:
        return unknown("Field 'isInMergeQueue' doesn't exist on type 'PullRequest'")
    repo, pull = find(fake, token, variables.get("id"))
    if not pull:
        return refused("node", f"Could not resolve to a node with the global id of '{variables.get('id')}'", "NOT_FOUND")
    entry = entry_of(repo, pull)
    return 200, {"data": {"node": {
        "isMergeQueueEnabled": pull["base"] in repo.queues, "isInMergeQueue": entry is not None, "mergeQueueEntry": entry,
        "timelineItems": {"nodes": [{"reason": pull["thrown"]}] if pull["thrown"] else []}}}}


def answer(fake, token, body):
    query, variables = body.get("query", ""), body.get("variables") or {}
    if re.search(r"\bnode\(id:", query):
        return show(fake, token, query, variables)
    field = next((name for name in ID_OF if re.search(name + r"\s*\(", query)), None)
    if not field or (field != READY and not fake.queues):
        return unknown("Field doesn't exist on type 'Mutation'")
    id = value_of(ID_OF[field], query, variables)
    repo, pull = find(fake, token, id)
    if not pull:
        return refused(field, f"Could not resolve to a node with the global id of '{id}'", "NOT_FOUND")
    if token.level("pull_requests") != "write":
        return refused(field, "Resource not accessible by personal access token", "FORBIDDEN")
    if field == READY:
        pull["draft"] = False
        return 200, {"data": {field: {"clientMutationId": None, "pullRequest": {"id": id, "isDraft": False}}}}
    if field == DEQUEUE:
        entry = entry_of(repo, pull)
        repo.throw_out(pull["number"], "manual")
        return 200, {"data": {field: {"clientMutationId": None, "mergeQueueEntry": entry}}}
    head = value_of("expectedHeadOid", query, variables)
    why = repo.refuses_queue(pull, head)
    if why:
        return refused(field, why, "UNPROCESSABLE")
    repo.enqueue(pull)
    return 200, {"data": {field: {"clientMutationId": None, "mergeQueueEntry": entry_of(repo, pull)}}}
