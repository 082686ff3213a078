"""The job: read once, checked whole, before anything heavy is imported."""

import json
import os
from dataclasses import dataclass, field

from . import limits

# Formats whose every write goes through the checks in coder.py. Not among them: "patch" moves and deletes
# files past those checks, and "architect" builds a second coder of its own.
EDIT_FORMATS = ("diff", "diff-fenced", "whole", "udiff", "udiff-simple")


class BadJob(Exception):
    """The message is one sentence for a person."""


@dataclass(frozen=True)
class Gateway:
    token: str
    socket: str | None = None
    url: str | None = None


@dataclass(frozen=True)
class MapPolicy:
    tokens: int = limits.MAP_TOKENS
    max_files: int = limits.MAP_FILES
    seconds: float = limits.MAP_SECONDS
    tags: str | None = None


@dataclass(frozen=True)
class Job:
    mode: str
    tree: str
    scratch: str
    instruction: str
    model: str
    gateway: Gateway
    files: list[str] = field(default_factory=list)
    conversation: list[dict] = field(default_factory=list)
    notes: str = ""
    weak_model: str | None = None
    edit_format: str | None = None
    stream: bool = True
    max_input_tokens: int | None = None
    max_output_tokens: int | None = None
    prompt_price: float | None = None
    completion_price: float | None = None
    map: MapPolicy = MapPolicy()
    request_timeout: float = limits.REQUEST_TIMEOUT_SECONDS


def parse(data: bytes) -> Job:
    """Throws BadJob. Unknown keys are ignored, so that a newer service can say more."""
    if len(data) > limits.JOB_BYTES:
        raise BadJob(f"The job is larger than {limits.JOB_BYTES} bytes.")
    try:
        raw = json.loads(data.decode("utf-8"))
    except UnicodeDecodeError:
        raise BadJob("The job is not UTF-8 text.") from None
    except (ValueError, RecursionError):
        raise BadJob("The job is not valid JSON.") from None
    if not isinstance(raw, dict):
        raise BadJob("The job must be a JSON object.")
    if raw.get("version") != 1:
        raise BadJob("The job's version must be 1.")
    return _job(raw)


def _job(raw: dict) -> Job:
    mode = _one_of(raw, "mode", ("edit", "ask"))
    tree = _folder(raw, "tree")
    scratch = _absolute(raw, "scratch")
    if os.path.realpath(scratch) == tree or os.path.realpath(scratch).startswith(tree + os.sep):
        raise BadJob("scratch must lie outside the tree.")
    instruction = _text(raw, "instruction")
    if not instruction.strip():
        raise BadJob("The instruction is empty.")
    if len(instruction.encode()) > limits.INSTRUCTION_BYTES:
        raise BadJob(f"The instruction is longer than {limits.INSTRUCTION_BYTES} bytes.")
    edit_format = raw.get("edit_format")
    if edit_format is not None and edit_format not in EDIT_FORMATS:
        raise BadJob(f"edit_format must be one of {', '.join(EDIT_FORMATS)}.")
    bounds, prices, policy = _part(raw, "limits"), _part(raw, "prices"), _part(raw, "map")
    return Job(
        mode=mode,
        tree=tree,
        scratch=scratch,
        instruction=instruction,
        model=_name(raw, "model"),
        weak_model=_name(raw, "weak_model") if raw.get("weak_model") is not None else None,
        gateway=_gateway(_part(raw, "gateway")),
        files=_files(raw),
        conversation=_conversation(raw),
        notes=_notes(raw),
        edit_format=edit_format,
        stream=raw.get("stream", True) is not False,
        max_input_tokens=_number(bounds, "max_input_tokens", None, whole=True),
        max_output_tokens=_number(bounds, "max_output_tokens", None, whole=True),
        prompt_price=_number(prices, "prompt", None, zero=True),
        completion_price=_number(prices, "completion", None, zero=True),
        map=MapPolicy(
            tokens=_number(policy, "tokens", limits.MAP_TOKENS, zero=True, whole=True),
            max_files=_number(policy, "max_files", limits.MAP_FILES, zero=True, whole=True),
            seconds=_number(policy, "seconds", limits.MAP_SECONDS, zero=True),
            tags=_absolute(policy, "tags") if policy.get("tags") is not None else None,
        ),
        request_timeout=_number(raw, "request_timeout", limits.REQUEST_TIMEOUT_SECONDS),
    )


def _part(raw: dict, key: str) -> dict:
    value = raw.get(key)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise BadJob(f"{key} must be an object.")
    return value


def _text(raw: dict, key: str) -> str:
    value = raw.get(key)
    if not isinstance(value, str):
        raise BadJob(f"{key} must be a text.")
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        raise BadJob(f"{key} is not valid UTF-8 text.") from None
    return value


def _name(raw: dict, key: str) -> str:
    value = _text(raw, key)
    if not value or len(value) > 200 or any(c.isspace() or not c.isprintable() for c in value):
        raise BadJob(f"{key} must be a model's name without spaces.")
    return value


def _one_of(raw: dict, key: str, choices: tuple) -> str:
    value = raw.get(key)
    if value not in choices:
        raise BadJob(f"{key} must be one of {', '.join(choices)}.")
    return value


def _absolute(raw: dict, key: str) -> str:
    value = _text(raw, key)
    if not os.path.isabs(value) or "\0" in value:
        raise BadJob(f"{key} must be an absolute path.")
    return value


def _folder(raw: dict, key: str) -> str:
    value = _absolute(raw, key)
    if not os.path.isdir(value):
        raise BadJob(f"{key} is not a folder: {value}")
    return os.path.realpath(value)


def _number(raw: dict, key: str, default, zero: bool = False, whole: bool = False):
    value = raw.get(key)
    if value is None:
        return default
    good = isinstance(value, int if whole else (int, float)) and not isinstance(value, bool)
    if not good or not (value > 0 or (zero and value == 0)) or value == float("inf"):
        raise BadJob(f"{key} must be a positive {'whole ' if whole else ''}number.")
    return value


def _files(raw: dict) -> list[str]:
    value = raw.get("files") or []
    if not isinstance(value, list):
        raise BadJob("files must be a list.")
    for name in value:
        if not isinstance(name, str) or not name or "\0" in name or os.path.isabs(name) or ".." in name.split("/"):
            raise BadJob("files must be paths relative to the tree.")
    return value


def _conversation(raw: dict) -> list[dict]:
    value = raw.get("conversation") or []
    if not isinstance(value, list):
        raise BadJob("conversation must be a list.")
    for turn in value:
        if not isinstance(turn, dict) or turn.get("role") not in ("user", "assistant"):
            raise BadJob("Each turn of the conversation needs the role user or assistant.")
        _text(turn, "content")
    return [{"role": turn["role"], "content": turn["content"]} for turn in value]


def _notes(raw: dict) -> str:
    notes = _text(raw, "notes") if raw.get("notes") is not None else ""
    if len(notes.encode()) > limits.NOTES_BYTES:
        raise BadJob(f"notes are longer than {limits.NOTES_BYTES} bytes.")
    return notes


def _gateway(raw: dict) -> Gateway:
    token = _text(raw, "token")
    if not token or not token.isascii() or not token.isprintable():
        raise BadJob("gateway.token must be printable ASCII.")
    if (raw.get("socket") is None) == (raw.get("url") is None):
        raise BadJob("gateway needs either socket or url.")
    if raw.get("socket") is not None:
        return Gateway(token=token, socket=_absolute(raw, "socket"))
    url = _text(raw, "url")
    if not url.startswith(("http://", "https://")):
        raise BadJob("gateway.url must be an http address.")
    return Gateway(token=token, url=url.rstrip("/"))
