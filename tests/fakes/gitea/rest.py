"""Around the calls: who asks, scopes, pages."""

import urllib.parse
from types import SimpleNamespace

from forge import Refused, page_of

from .calls import CALLS

PAGE, MOST = 30, 50


def refused(fake, status, message):
    return Refused(status, {"message": message, "url": fake.root + "/api/swagger"})


def answer(fake, asked):
    kind, _, word = (asked.fields.get("Authorization") or "").partition(" ")
    token = fake.tokens.get(word) if kind in ("token", "Bearer") else None
    if not token or token.revoked:
        raise refused(fake, 401, "invalid username, password or token")
    rest = asked.path.removeprefix("/api/v1")
    if rest == "/version":
        return 200, {}, {"version": "1.26.0"}
    if rest == "/user":
        return 200, {}, fake.shapes.user(token.login)
    parts = rest.split("/", 4)
    name = "/".join(urllib.parse.unquote(part) for part in parts[2:4])
    below = "/" + parts[4] if len(parts) > 4 else ""
    moved = next((repo for repo in fake.repositories.values() if repo.renamed == name), None)
    repo = moved or fake.repositories.get(name)
    if parts[1] != "repos" or not repo:
        raise Refused(404, {"errors": None, "message": "not found", "url": fake.root + "/api/swagger"})
    if repo.renamed and repo.renamed != name:
        raise Refused(301, None, {"Location": f"/api/v1/repos/{repo.renamed}{below}"})
    status, out = call(fake, asked, token, repo, below)
    if not isinstance(out, list):
        return status, {}, out
    size, number = min(int(asked.query.get("limit", PAGE)), MOST), int(asked.query.get("page", 1))
    part, last, following = page_of(out, size, number)
    link = f'<{fake.root}{asked.path}?{urllib.parse.urlencode({**asked.query, "page": following})}>; rel="next"' if following else ""
    return status, {"X-Total-Count": len(out), **({"Link": link} if link else {})}, part


def call(fake, asked, token, repo, below):
    write = asked.method != "GET"
    for method, pattern, scope, make in CALLS:
        found = pattern.match(below)
        if not found or method != asked.method:
            continue
        need = f"{'write' if write else 'read'}:{scope}"
        if not {need, f"write:{scope}", "all"} & token.scopes:
            raise refused(fake, 403, f"token does not have at least one of required scope(s), required=[{need}], token scope={','.join(sorted(token.scopes))}")
        if write and repo.archived:
            raise refused(fake, 423, f"{repo.full_name} is archived")
        took = {key: urllib.parse.unquote(value) for key, value in found.groupdict().items()}
        body = asked.body(refused(fake, 422, "invalid JSON"))
        return make(SimpleNamespace(fake=fake, repo=repo, token=token, found=took, query=asked.query, body=body, shapes=fake.shapes,
                                    refused=lambda status, message: refused(fake, status, message)))
    raise Refused(404, {"errors": None, "message": "not found", "url": fake.root + "/api/swagger"})
