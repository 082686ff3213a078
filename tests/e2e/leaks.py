"""Secrets searched for in what leaves: as they are, in base64, hexadecimal and URL encoding, and in pieces. Every story does it at its end
(story.py): in what its programs print and log, what a chat and a model are sent, what stands in remotes, data folder and database."""

import base64
import os
import re
import subprocess
import urllib.parse
from pathlib import Path

DOCUMENT = Path(__file__).resolve().parents[2] / "docs/settings.md"
SETTINGS = re.findall(r"^\| `(\w+)` ◆", DOCUMENT.read_text(), re.MULTILINE)
LEAST = 10  # characters of what counts as a secret: shorter ones stand in words
PIECE, GAP = 6, 200  # a secret cut into pieces of at least so many characters, with at most so many between them
LARGE = 64 << 20


def encodings(secret):
    """(name, bytes) of each form; of base64 the middle, which does not depend on what stands around it."""
    yield "as it is", secret
    for shift in range(3):
        for name, encode in (("base64", base64.b64encode), ("base64 for URLs", base64.urlsafe_b64encode)):
            yield name, encode(b"\0" * shift + secret)[-(-shift * 4 // 3):(shift + len(secret)) * 4 // 3]
    yield "hexadecimal", secret.hex().encode()
    yield "hexadecimal", secret.hex().upper().encode()
    yield "URL-encoded", urllib.parse.quote_from_bytes(secret, safe="").encode()
    yield "each byte URL-encoded", "".join(f"%{byte:02X}" for byte in secret).encode()
    yield "each byte URL-encoded", "".join(f"%{byte:02x}" for byte in secret).encode()


def in_pieces(data, text):
    """Whether `text` stands there cut up: piece after piece, with little between them."""
    at = data.find(text[:PIECE])
    while at >= 0:
        done, end = 0, at
        while done < len(text):
            wanted = text[done:done + PIECE]
            found = data.find(wanted, end, end + GAP + len(wanted)) if done else at
            if found < 0:
                break
            size = len(wanted)
            while done + size < len(text) and data[found + size:found + size + 1] == text[done + size:done + size + 1]:
                size += 1
            done, end = done + size, found + size
        if done >= len(text):
            return True
        at = data.find(text[:PIECE], at + 1)
    return False


def forms_in(data, secret):
    """How the secret stands in these bytes; empty: it does not."""
    found = [name for name, text in encodings(secret) if text in data]
    if not found:
        found = [f"{name}, in pieces" for name, text in encodings(secret) if in_pieces(data, text)]
    return list(dict.fromkeys(found))


def of_value(name, value):
    """What of a setting's value is secret."""
    if name.endswith("_URL"):
        try:
            return [part for part in (urllib.parse.urlsplit(value).password,) if part]
        except ValueError:
            return []
    if "PRIVATE KEY" in value:
        return [line.strip() for line in value.replace("\\n", "\n").splitlines() if line.strip() and "PRIVATE KEY" not in line and len(line) > 40]
    return [value.strip()]


def of_environment(environment, folder):
    """{secret: where it is from}: what these settings hold, by variable, by file, or in the `.env` of the folder."""
    given = {}
    env_file = Path(folder) / ".env"
    if env_file.is_file():
        for line in env_file.read_text(errors="replace").splitlines():
            name, _, value = line.removeprefix("export ").partition("=")
            given[name.strip()] = value.strip().strip("'\"")
    given.update(environment)
    found = {}
    for name in SETTINGS:
        value = given.get(name) or ""
        path = given.get(f"{name}_FILE")
        if path and os.path.isfile(path):
            value = Path(path).read_text(errors="replace")
        for secret in of_value(name, value):
            if len(secret) >= LEAST:
                found[secret.encode()] = name
    return found


class Watch:
    """What one test knows and hears. Programs that tests start report to the current one."""

    current = None

    def __init__(self):
        self.secrets, self.heard = {}, []
        Watch.current = self

    def knows(self, secrets):
        self.secrets.update(secrets)

    def hears(self, where, data):
        """`data`: bytes, or a function that gives them at the end."""
        self.heard.append((where, data))

    def leaks(self, more=()):
        """A line for each secret in each place: where, which, how."""
        found = []
        for where, data in [*self.heard, *more]:
            data = data() if callable(data) else data
            for secret, name in self.secrets.items():
                if forms := forms_in(data, secret):
                    found.append(f"{where} shows {name} ({', '.join(forms)})")
        return found


def started(environment, folder, where, data):
    """A program was started with this environment; what it says is `data`."""
    if Watch.current:
        Watch.current.knows(of_environment(environment, folder))
        Watch.current.hears(where, data)


def objects(repository):
    """All that stands in a repository: commits, trees, files, tags, whatever they hang on."""
    done = subprocess.run(["git", "-C", str(repository), "cat-file", "--batch-all-objects", "--batch", "--unordered"], capture_output=True,
                          env={"PATH": "/usr/bin:/bin", "GIT_CONFIG_NOSYSTEM": "1", "HOME": "/nonexistent", "GIT_CONFIG_COUNT": "1",
                               "GIT_CONFIG_KEY_0": "safe.directory", "GIT_CONFIG_VALUE_0": "*"})
    gone = not os.path.exists(os.path.join(repository, "HEAD"))  # meanwhile; else what could not be read was not looked at
    assert done.returncode == 0 or gone, (repository, done.stderr)
    return done.stdout


def repositories(folder):
    return [path.parent for path in Path(folder).rglob("HEAD") if (path.parent / "objects").is_dir()]


def files(folder, but=()):
    """(path, bytes) of each file below it, but those paths, which hold a secret because they are its place."""
    for where, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(where, name)
            if path in but or os.path.islink(path) or not os.path.isfile(path) or os.path.getsize(path) > LARGE:
                continue
            try:
                with open(path, "rb") as file:
                    yield path, file.read()
            except OSError:
                pass  # gone meanwhile


ALL_ROWS = ("select format('select %L || t::text from %I.%I t;', table_name || ': ', table_schema, table_name) from information_schema.tables "
            "where table_schema not in ('pg_catalog', 'information_schema') and table_type = 'BASE TABLE'")
