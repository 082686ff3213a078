#!/usr/bin/python3
"""The batch API of Git LFS for downloads, as a CGI program. See README.md."""

import json
import os
import sys
from pathlib import Path

KIND = "application/vnd.git-lfs+json"


def answer(status, body=b"", kind=KIND):
    body = json.dumps(body).encode() if isinstance(body, dict) else body
    head = f"Status: {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    sys.stdout.buffer.write(head.encode() + body)


def told(file):
    """(status, words) of a file that says them; None without one."""
    if not file.is_file():
        return None
    status, _, words = file.read_text().strip().partition(" ")
    return int(status), words


def told_by(file):
    return file.read_text().strip() if file.is_file() else None


def batch(asked, lfs, base):
    objects = []
    for one in asked["objects"]:
        error = told(lfs / "errors" / one["oid"])
        if not error and not (lfs / "objects" / one["oid"]).is_file():
            error = 404, "Object does not exist"
        if error:
            objects.append({**one, "error": {"code": error[0], "message": error[1]}})
        else:
            objects.append({**one, "actions": {"download": {"href": base + one["oid"]}}})
    return {"transfer": "basic", "objects": objects}


def main(environment):
    repository, _, rest = environment["PATH_INFO"].lstrip("/").partition("/info/lfs/")
    lfs = Path(environment["GIT_PROJECT_ROOT"], repository, "lfs")
    if not (lfs / "objects").is_dir():
        return answer("404 Not Found", {"message": "There is no LFS here"})
    if refused := told(lfs / "refused"):
        return answer(f"{refused[0]} Refused", {"message": refused[1]})
    if environment["REQUEST_METHOD"] == "GET":
        file = lfs / "objects" / Path(rest).name
        return answer("200 OK", file.read_bytes(), "application/octet-stream") if file.is_file() else answer("404 Not Found")
    if rest != "objects/batch" or not environment.get("HTTP_ACCEPT", "").startswith(KIND):
        return answer("406 Not Acceptable", {"message": f"only objects/batch, and {KIND}, is spoken"})
    asked = json.loads(sys.stdin.buffer.read(int(environment["CONTENT_LENGTH"])))
    if asked["operation"] != "download":
        return answer("403 Forbidden", {"message": "Nothing is uploaded here"})
    base = (told_by(lfs / "elsewhere") or f"{environment['REQUEST_SCHEME']}://{environment['HTTP_HOST']}/{repository}/info/lfs/objects/")
    answer("200 OK", batch(asked, lfs, base))


if __name__ == "__main__":
    main(os.environ)
