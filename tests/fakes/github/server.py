"""HTTP around the calls: who asks, rate limits, ETags, pages, errors."""

import hashlib
import json
import time
import urllib.parse
from types import SimpleNamespace

from . import apps, calls, graphql
from .refusals import DOCS, Refused, not_found

RESET = 3600


def answer(fake, request):
    length = int(request.headers.get("Content-Length") or 0)
    raw = request.rfile.read(length)
    url = urllib.parse.urlsplit(request.path)
    query = dict(urllib.parse.parse_qsl(url.query))
    hold = next((h for h in fake.holds if not h.came.is_set() and h.method == request.command and h.path.search(url.path)), None)
    if hold and not hold.after:
        hold.came.set()
        hold.go.wait()
    status, fields, body = respond(fake, request, url, query, raw)
    if hold and hold.after:
        hold.came.set()
        hold.go.wait()
    with fake.news:
        fake.asked.append(f"{request.command} {request.path} {status}")
        fake.news.notify_all()
    send(request, status, fields, body)


def respond(fake, request, url, query, raw):
    with fake.lock:
        fault = next((f for f in fake.faults if f.fits(request.command, url.path)), None)
        if fault:
            fault.times = None if fault.times is None else fault.times - 1
            if fault.after:
                handle(fake, request, url, query, raw)
            return fault.status, fault.fields, {"message": fault.message, "documentation_url": DOCS}
        try:
            return handle(fake, request, url, query, raw)
        except Refused as no:
            return no.status, no.fields, no.body


def handle(fake, request, url, query, raw):
    given = request.headers.get("Authorization", "").split(" ", 1)
    token = fake.tokens.get(given[1]) if len(given) == 2 and given[0] in ("Bearer", "token") else None
    if not request.headers.get("User-Agent"):
        raise Refused(403, "Request forbidden by administrative rules. Please make sure your request has a User-Agent header")
    if not token and len(given) == 2 and given[1].count(".") == 2:
        said = apps.call(fake, request, url.path, json.loads(raw or b"{}"), apps.signer(fake, given[1]))
        if not said:
            raise Refused(403, "Resource not accessible by integration")
        return said[0], {}, said[1]
    if not token or not token.is_good:
        raise Refused(401, "Bad credentials" if len(given) == 2 else "Requires authentication")
    limits = {"X-RateLimit-Limit": fake.limit, "X-RateLimit-Remaining": max(0, fake.remaining - 1), "X-RateLimit-Used":
              fake.limit - fake.remaining, "X-RateLimit-Reset": int(time.time()) + RESET, "X-RateLimit-Resource": "core"}
    if token.scopes is not None:
        limits |= {"X-OAuth-Scopes": ", ".join(token.scopes), "X-Accepted-OAuth-Scopes": "repo"}
    if fake.remaining <= 0:
        return 403, limits, {"message": f"API rate limit exceeded for user ID {len(token.login)}.", "documentation_url": DOCS}
    try:
        body = json.loads(raw) if raw else {}
    except ValueError:
        raise Refused(400, "Problems parsing JSON") from None
    if url.path == "/graphql" and request.command == "POST":
        fake.remaining -= 1
        status, out = graphql.answer(fake, token, body)
        return status, limits, out
    if url.path == "/user":
        return 200, limits, fake.shapes.user(token.login)
    to = redirect(fake, url)
    if to:
        status = 301 if request.command == "GET" else 307
        return status, {**limits, "Location": to}, {"message": "Moved Permanently", "url": to, "documentation_url": DOCS}
    status, out = call(fake, request, url, query, body, token)
    out, more = pages(fake, url, query, out)
    tag = '"' + hashlib.sha256(json.dumps(out, sort_keys=True).encode()).hexdigest() + '"'
    if request.command == "GET" and status == 200:
        more["ETag"] = tag
        if request.headers.get("If-None-Match", "").removeprefix("W/") == tag:
            return 304, {**limits, **more}, None  # it counts for nothing
    fake.remaining -= 1
    return status, {**limits, **more}, out


def name_in(path):
    """The repository's name, and what comes after it."""
    parts = path.split("/", 4)
    return "/".join(urllib.parse.unquote(part) for part in parts[2:4]), "/" + parts[4] if len(parts) > 4 else ""


def redirect(fake, url):
    """Where a repository is that has another name now; the query goes along."""
    name, rest = name_in(url.path)
    repo = fake.moved.get(name) if url.path.startswith("/repos/") else None
    return f"{fake.elsewhere or fake.root}/repositories/{repo.id}{rest}{'?' + url.query if url.query else ''}" if repo else None


def find(fake, path):
    name, rest = name_in(path)
    if path.startswith("/repos/"):
        return fake.repositories.get(name), rest
    parts = path.split("/", 3)
    if path.startswith("/repositories/"):
        return next((r for r in fake.repositories.values() if str(r.id) == parts[2]), None), "/" + parts[3] if len(parts) > 3 else ""
    return None, ""


def call(fake, request, url, query, body, token):
    repo, rest = find(fake, url.path)
    if not repo or not token.sees(repo):
        raise not_found()
    if token.scopes is not None and "repo" not in token.scopes:
        raise Refused(404, "Not Found", fields={"X-OAuth-Scopes": ", ".join(token.scopes), "X-Accepted-OAuth-Scopes": "repo"})
    for method, pattern, right, level, make in calls.CALLS:
        found = pattern.match(rest)
        if found and method == request.command:
            if not token.may(right, level):
                raise Refused(403, "Resource not accessible by personal access token", fields={"X-Accepted-GitHub-Permissions": f"{right}={level}"})
            if repo.archived and method != "GET":
                raise Refused(403, "Repository was archived so is read-only.")
            took = {name: urllib.parse.unquote(value) for name, value in found.groupdict().items()}
            return make(SimpleNamespace(fake=fake, repo=repo, token=token, found=took, query=query, body=body, shapes=fake.shapes))
    raise not_found()


def pages(fake, url, query, out):
    """A part of a list, and where the others are."""
    name = next((key for key, value in out.items() if isinstance(value, list) and "total_count" in out), None) if isinstance(out, dict) \
        else None
    all = out[name] if name else out
    if not isinstance(all, list):
        return out, {}
    size, at = min(int(query.get("per_page", calls.PAGE)), 100), int(query.get("page", 1))
    part = all[(at - 1) * size:at * size]

    def link(page, rel):
        words = urllib.parse.urlencode({**query, "page": page})
        return f'<{fake.root}{url.path}?{words}>; rel="{rel}"'

    last = max(1, -(-len(all) // size))
    links = [link(page, rel) for page, rel in ((at - 1, "prev"), (at + 1, "next"), (last, "last")) if 1 <= page <= last and page != at]
    return ({**out, name: part} if name else part), ({"Link": ", ".join(links)} if links else {})


def send(request, status, fields, body):
    data = b"" if body is None else json.dumps(body).encode()
    request.send_response(status)
    request.send_header("Content-Type", "application/json; charset=utf-8")
    request.send_header("X-GitHub-Media-Type", "github.v3; format=json")
    for name, value in fields.items():
        request.send_header(name, str(value))
    if status != 304:
        request.send_header("Content-Length", str(len(data)))
    request.end_headers()
    try:
        request.wfile.write(data)
    except OSError:
        pass  # who asked is gone
