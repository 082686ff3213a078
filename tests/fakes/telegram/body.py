"""A request's parameters: from the query string, a form, JSON or multipart, all of them at once as the real server takes them."""

import json
import urllib.parse

from .errors import bad


class File:
    """What was uploaded under one name of a multipart body."""

    def __init__(self, name, kind, data):
        self.name, self.kind, self.data = name, kind, data

    def __repr__(self):
        return f"File({self.name!r}, {self.kind!r}, {len(self.data)} bytes)"


def parameters(query, kind, raw):
    """({name: value}, {name: File}); values are text, but from JSON what they are there."""
    found = dict(urllib.parse.parse_qsl(query, keep_blank_values=True))
    files = {}
    kind = kind or ""
    base = kind.split(";")[0].strip().lower()
    if base == "application/json":
        found.update(_json(raw))
    elif base == "multipart/form-data":
        texts, files = _multipart(kind, raw)
        found.update(texts)
    elif base == "application/x-www-form-urlencoded":
        try:
            found.update(urllib.parse.parse_qsl(raw.decode(), keep_blank_values=True, errors="strict"))
        except UnicodeDecodeError:
            raise bad("strings must be encoded in UTF-8") from None
    return found, files


def _json(raw):
    if not raw.strip():
        return {}
    try:
        value = json.loads(raw.decode())
        json.dumps(value, ensure_ascii=False).encode()  # half a surrogate pair is no text
    except UnicodeError:
        raise bad("strings must be encoded in UTF-8") from None
    except (ValueError, RecursionError):
        raise bad("can't parse JSON object") from None
    if not isinstance(value, dict):
        raise bad("can't parse JSON object")
    return {name: item for name, item in value.items() if item is not None}


def _multipart(kind, raw):
    boundary = next((part.strip()[9:].strip('"') for part in kind.split(";") if part.strip().lower().startswith("boundary=")), "")
    if not boundary:
        raise bad("boundary not found")
    texts, files = {}, {}
    for part in (b"\r\n" + raw).split(b"\r\n--" + boundary.encode())[1:]:
        if part.startswith(b"--"):
            break
        head, gap, data = part.partition(b"\r\n\r\n")
        if not gap:
            raise bad("can't parse multipart body")
        headers = _headers(head.decode("utf-8", "replace"))
        fields = _fields(headers.get("content-disposition", ""))
        name = fields.get("name", "")
        if "filename" in fields:
            files[name] = File(fields["filename"], headers.get("content-type", "application/octet-stream"), data)
        else:
            try:
                texts[name] = data.decode()
            except UnicodeDecodeError:
                raise bad("strings must be encoded in UTF-8") from None
    return texts, files


def _headers(text):
    return {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in text.split("\r\n")) if value}


def _fields(disposition):
    """name="a"; filename="b\\"c": the parts of a Content-Disposition, RFC 5987's filename* too."""
    found, rest = {}, disposition.partition(";")[2]
    while rest.strip():
        name, _, rest = rest.strip().partition("=")
        value, rest = _quoted(rest) if rest.startswith('"') else (rest.partition(";")[0], rest.partition(";")[2])
        if name.endswith("*"):
            name, value = name[:-1], urllib.parse.unquote(value.split("''", 1)[-1])
        found[name.strip().lower()] = value
    return found


def _quoted(text):
    out, i = [], 1
    while i < len(text) and text[i] != '"':
        if text[i] == "\\" and i + 1 < len(text):
            i += 1
        out.append(text[i])
        i += 1
    value = "".join(out)
    return value.replace("%22", '"').replace("%0D", "\r").replace("%0A", "\n"), text[i + 1:].partition(";")[2]
