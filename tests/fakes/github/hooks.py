"""Webhooks: what GitHub sends when something happens, signed, once; a person can have a delivery sent again."""

import hashlib
import hmac
import json
import urllib.error
import urllib.request
import uuid


class Hooks:
    def __init__(self, fake):
        self.fake, self.url, self.key, self.sent = fake, None, "", []

    def add(self, url, key):
        """As the settings page of a repository does: with a ping."""
        self.url, self.key = url, key
        for repo in self.fake.repositories.values():
            self.send("ping", {"zen": "Keep it logically awesome.", "hook_id": 1, "repository": self.repository(repo)})

    def repository(self, repo):
        return {"id": repo.id, "name": repo.name, "full_name": repo.full_name, "owner": self.fake.shapes.user(repo.owner)}

    def tell(self, repo, event, action, number=None, comment=None, review=None, suite=None):
        if not self.url:
            return
        shapes = self.fake.shapes
        body = {"action": action, "repository": self.repository(repo), "sender": shapes.user("somebody")}
        if event in ("issues", "issue_comment"):
            body["issue"] = shapes.issue(repo, number)
        if comment:
            body["comment"] = shapes.comment(repo, comment)
        if review:
            body["pull_request"], body["review"] = shapes.pull(repo, repo.pulls[number]), shapes.review(repo, number, review)
        if suite:
            body["check_suite"] = {**shapes.check_suite(repo, suite), "created_at": repo.now(), "updated_at": repo.now(), "pull_requests": []}
        self.send(event, body)

    def send(self, event, body):
        self.deliver({"id": str(uuid.uuid4()), "event": event, "body": json.dumps(body).encode()})

    def deliver(self, one, **changes):
        """Gives the status; the newest delivery is the last of `sent`. `changes`: fields of the call that are other ones; None: none."""
        signature = "sha256=" + hmac.new(self.key.encode(), one["body"], hashlib.sha256).hexdigest()
        fields = {"Content-Type": "application/json", "User-Agent": "GitHub-Hookshot/1a2b3c4", "X-GitHub-Event": one["event"],
                  "X-GitHub-Delivery": one["id"], "X-Hub-Signature-256": signature, "X-GitHub-Hook-ID": "1",
                  **{name.replace("_", "-"): value for name, value in changes.items()}}
        call = urllib.request.Request(self.url, one["body"], {name: value for name, value in fields.items() if value is not None}, method="POST")
        try:
            with urllib.request.urlopen(call, timeout=10) as answer:
                status = answer.status
        except urllib.error.HTTPError as no:
            status = no.code
            no.close()
        except OSError:  # GitHub does not try again
            status = None
        self.sent.append({**one, "status": status})
        return status

    def redeliver(self, number=-1):
        return self.deliver(self.sent[number])
