"""Around the calls: who asks, scopes, rate limits, pages."""

import time
import urllib.parse
from types import SimpleNamespace

from forge import Refused, page_of

from .calls import CALLS

REASONS = {400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed", 409: "Conflict",
           422: "Unprocessable Entity", 429: "Too Many Requests", 500: "Internal Server Error", 502: "Bad Gateway"}
PAGE, MOST = 20, 100


def refused(status, words=None):
    return Refused(status, {"message": words or f"{status} {REASONS[status]}"})


def token_of(fake, asked):
    given = asked.fields.get("PRIVATE-TOKEN") or ""
    kind, _, bearer = (asked.fields.get("Authorization") or "").partition(" ")
    token = fake.tokens.get(given or (bearer if kind == "Bearer" else ""))
    if token and (token.revoked or (token.expires and token.expires <= fake.now())):
        raise Refused(401, {"error": "invalid_token", "error_description": "Token was revoked. You have to re-authorize from the user."})
    if not token:
        raise refused(401)
    return token


def answer(fake, asked):
    limits = {"RateLimit-Limit": fake.limit, "RateLimit-Remaining": max(0, fake.remaining - 1), "RateLimit-Observed": fake.limit - fake.remaining,
              "RateLimit-Reset": int(time.time()) + 60, "RateLimit-Name": "throttle_authenticated_api"}
    if fake.remaining <= 0:
        return 429, {**limits, "Retry-After": 60}, {"message": "Retry later"}
    token = token_of(fake, asked)
    fake.remaining -= 1
    status, out = call(fake, asked, token)
    fields = {}
    if isinstance(out, list):
        out, fields = pages(fake, asked, out)
    return status, {**limits, **fields}, out


def call(fake, asked, token):
    if not asked.path.startswith("/api/v4/"):
        raise Refused(404, {"error": "404 Not Found"})
    rest = asked.path.removeprefix("/api/v4")
    if rest == "/version":
        return 200, {"version": "18.6.0-ee", "revision": "fake"}
    if rest == "/user":
        return 200, fake.shapes.user(token.name)
    if rest == "/personal_access_tokens/self":
        return 200, {"id": 1, "name": "t", "revoked": False, "active": True, "scopes": sorted(token.scopes), "expires_at": token.expires}
    parts = rest.split("/", 3)
    if parts[1] != "projects" or len(parts) < 3:
        raise Refused(404, {"error": "404 Not Found"})
    name = urllib.parse.unquote(parts[2])
    project = next((p for p in fake.repositories.values() if name in (p.full_name, str(p.id))), None)
    scope(token, asked.method)
    moved = next((p for p in fake.repositories.values() if p.moved_to == name), None)
    if not project and moved:
        project = moved
    if not project or not token.level:
        raise refused(404, "404 Project Not Found")
    if project.moved_to and name == project.full_name:
        if asked.method != "GET":
            raise refused(405, "Non GET methods are not allowed for moved projects")
        target = f"{fake.api}/projects/{urllib.parse.quote(project.moved_to, safe='')}" + (f"/{parts[3]}" if len(parts) > 3 else "")
        raise Refused(301, {"message": "This resource has been moved permanently to " + target}, {"Location": target})
    below = "/" + parts[3] if len(parts) > 3 else ""
    for method, pattern, level, make in CALLS:
        found = pattern.match(below)
        if found and method == asked.method:
            if token.level < level:
                raise refused(403)
            took = {key: urllib.parse.unquote(value) for key, value in found.groupdict().items()}
            return make(SimpleNamespace(fake=fake, project=project, token=token, found=took, query=asked.query,
                                        body=asked.body(refused(400)), shapes=fake.shapes))
    raise Refused(404, {"error": "404 Not Found"})


def scope(token, method):
    if "api" in token.scopes or (method == "GET" and "read_api" in token.scopes):
        return
    raise Refused(403, {"error": "insufficient_scope", "error_description": "The request requires higher privileges than provided by the access token.",
                        "scope": "api"})


def pages(fake, asked, all):
    size, number = min(int(asked.query.get("per_page", PAGE)), MOST), int(asked.query.get("page", 1))
    part, last, following = page_of(all, size, number)

    def link(page, rel):
        return f'<{fake.root}{asked.path}?{urllib.parse.urlencode({**asked.query, "page": page, "per_page": size})}>; rel="{rel}"'

    links = [link(page, rel) for page, rel in ((number - 1 or None, "prev"), (following, "next"), (1, "first"), (last, "last")) if page]
    return part, {"Link": ", ".join(links), "X-Page": number, "X-Per-Page": size, "X-Next-Page": following or "", "X-Prev-Page": number - 1 or "",
                  "X-Total": len(all), "X-Total-Pages": last}
