"""The calls about what people write: issues, comments, and those of reviews; and who may push."""

from .refusals import Refused, not_found

NUMBER = r"(?P<number>\d+)"
READ, WRITE = "read", "write"


def known(call):
    number = int(call.found["number"])
    if number not in call.repo.issues and number not in call.repo.pulls:
        raise not_found()
    return number


def since(call, all):
    """What changed at that time or later, in the order that was asked for."""
    key = "updated_at" if call.query.get("sort") == "updated" else "created_at"
    found = [each for each in all if each["updated_at"] >= call.query.get("since", "")]
    return 200, sorted(found, key=lambda each: (each[key], each.get("number", each["id"])), reverse=call.query.get("direction", "desc") == "desc")


def list_issues(call):
    all = [call.shapes.issue(call.repo, number) for number in (*call.repo.issues, *call.repo.pulls)]
    return since(call, [each for each in all if call.query.get("state", "open") in ("all", each["state"])])


def open_issue(call):
    if not call.body.get("title"):
        raise Refused(422, "Validation Failed", [{"resource": "Issue", "code": "missing_field", "field": "title"}])
    return 201, call.shapes.issue(call.repo, call.repo.open_issue(call.token.login, call.body["title"], call.body.get("body") or ""))


def show_issue(call):
    return 200, call.shapes.issue(call.repo, known(call))


def list_comments(call):
    """The oldest first."""
    number = known(call)
    return 200, [call.shapes.comment(call.repo, one) for one in call.repo.comments if one["number"] == number]


def add_comment(call):
    number = known(call)
    if not call.body.get("body"):
        raise Refused(422, "Validation Failed", [{"resource": "IssueComment", "code": "missing_field", "field": "body"}])
    return 201, call.shapes.comment(call.repo, call.repo.comment(number, call.token.login, call.body["body"]))


def list_all_comments(call):
    return since(call, [call.shapes.comment(call.repo, one) for one in call.repo.comments])


def show_comment(call):
    for one in call.repo.comments:
        if one["id"] == int(call.found["number"]):
            return 200, call.shapes.comment(call.repo, one)
    raise not_found()


def list_review_comments(call):
    return since(call, [call.shapes.review_comment(call.repo, one) for one in call.repo.review_comments])


def review_of(call):
    for review in call.repo.pulls.get(int(call.found["number"]), {"reviews": []})["reviews"]:
        if review["id"] == int(call.found["review"]):
            return review
    raise not_found()


def show_review(call):
    return 200, call.shapes.review(call.repo, int(call.found["number"]), review_of(call))


def list_comments_of_review(call):
    """Without the line, which only the comment itself has."""
    review = review_of(call)
    return 200, [call.shapes.review_comment(call.repo, one) for one in call.repo.review_comments if one["review"] == review["id"]]


def show_permission(call):
    return 200, call.shapes.permission(call.repo, call.found["login"])


# As in calls.py.
CALLS = (
    ("GET", "/issues", "issues", READ, list_issues),
    ("POST", "/issues", "issues", WRITE, open_issue),
    ("GET", f"/issues/{NUMBER}", "issues", READ, show_issue),
    ("GET", "/issues/comments", "issues", READ, list_all_comments),
    ("GET", f"/issues/comments/{NUMBER}", "issues", READ, show_comment),
    ("GET", f"/issues/{NUMBER}/comments", "pull_requests", READ, list_comments),
    ("POST", f"/issues/{NUMBER}/comments", "pull_requests", WRITE, add_comment),
    ("GET", "/pulls/comments", "pull_requests", READ, list_review_comments),
    ("GET", f"/pulls/{NUMBER}/reviews/(?P<review>\\d+)", "pull_requests", READ, show_review),
    ("GET", f"/pulls/{NUMBER}/reviews/(?P<review>\\d+)/comments", "pull_requests", READ, list_comments_of_review),
    ("GET", r"/collaborators/(?P<login>[^/]+)/permission", "metadata", READ, show_permission))
