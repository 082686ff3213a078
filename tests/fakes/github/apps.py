"""GitHub Apps: what they sign (RS256), and the tokens that they get for an hour, or for as long as the fake says."""

import base64
import json
import re
import subprocess
import tempfile
import time
from datetime import datetime, timezone
from pathlib import Path

from .refusals import DOCS, Refused, not_found

LONGEST = 600  # seconds from now that a signature may be good for


def make_key(folder):
    """A new private key as GitHub gives it, and the public one."""
    private = subprocess.run(["openssl", "genrsa", "-traditional", "2048"], capture_output=True, text=True, check=True).stdout
    public = subprocess.run(["openssl", "rsa", "-pubout"], input=private, capture_output=True, text=True, check=True).stdout
    (Path(folder) / "app.pub.pem").write_text(public)
    return private, str(Path(folder) / "app.pub.pem")


def decoded(part):
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def signer(fake, word):
    """The App that signed it."""
    try:
        head, claims, signature = word.split(".")
        kind, said = json.loads(decoded(head)), json.loads(decoded(claims))
        signed = decoded(signature)
    except ValueError:
        raise Refused(401, "A JSON web token could not be decoded") from None
    app = fake.apps.get(str(said.get("iss")))
    if kind.get("alg") != "RS256" or not app or not verified(app["public"], f"{head}.{claims}", signed):
        raise Refused(401, "A JSON web token could not be decoded")
    now = time.time()
    if said.get("exp", 0) > now + LONGEST:
        raise Refused(401, "'Expiration time' claim ('exp') is too far in the future")
    if said.get("exp", 0) < now or said.get("iat", now) > now:
        raise Refused(401, "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires")
    return app


def verified(public, text, signature):
    with tempfile.NamedTemporaryFile() as file:
        file.write(signature)
        file.flush()
        done = subprocess.run(["openssl", "dgst", "-sha256", "-verify", public, "-signature", file.name], input=text.encode(),
                              capture_output=True)
    return done.returncode == 0


def call(fake, request, path, body, app):
    """The calls that an App makes as itself; None: it is none of them."""
    found = re.fullmatch("/repos/([^/]+/[^/]+)/installation", path)
    if found and request.command == "GET":
        repo = fake.repositories.get(found[1])
        if not repo or repo.full_name not in app["repositories"]:
            raise not_found()
        return 200, {"id": app["installation"], "app_id": int(app["id"]), "account": fake.shapes.user(repo.owner), "repository_selection":
                     "selected", "permissions": app["rights"], "access_tokens_url": f"{fake.root}/app/installations/{app['installation']}"
                     "/access_tokens", "suspended_at": None}
    found = re.fullmatch(r"/app/installations/(\d+)/access_tokens", path)
    if found and request.command == "POST":
        if int(found[1]) != app["installation"]:
            raise not_found()
        wanted = [name for name in app["repositories"] if name.split("/")[1] in body.get("repositories", [name.split("/")[1]])]
        if not wanted:
            raise Refused(422, "There is at least one repository that does not exist or is not accessible to the parent installation.",
                          at=f"{DOCS}/apps/apps#create-an-installation-access-token-for-an-app")
        secret = app["secret"] or f"installation-token-{len(app['given']) + 1}"
        token = fake.token(secret, login=f"{app['slug']}[bot]", repositories=wanted, **{**dict.fromkeys(fake.rights), **app["rights"]})
        token.expires = time.time() + app["life"]
        app["given"].append(secret)
        until = datetime.fromtimestamp(token.expires, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        return 201, {"token": secret, "expires_at": until, "permissions": app["rights"], "repository_selection": "selected"}
    return None
