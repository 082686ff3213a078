"""Checks a chat completion request as strictly as the real endpoints do: types and ranges, unknown fields pass."""

ROLES = {"system", "developer", "user", "assistant", "tool", "function"}


def _number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _count(value):
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


def _stops(value):
    return isinstance(value, str) or isinstance(value, list) and all(isinstance(s, str) for s in value)


FIELDS = {
    "model": (lambda v: isinstance(v, str) and v != "", "a non-empty string"),
    "stream": (lambda v: isinstance(v, bool), "a boolean"),
    "max_tokens": (_count, "a whole number of at least 1"),
    "max_completion_tokens": (_count, "a whole number of at least 1"),
    "n": (lambda v: v == 1 and _count(v), "1"),
    "temperature": (lambda v: _number(v) and 0 <= v <= 2, "a number from 0 to 2"),
    "top_p": (lambda v: _number(v) and 0 <= v <= 1, "a number from 0 to 1"),
    "seed": (lambda v: isinstance(v, int) and not isinstance(v, bool), "a whole number"),
    "stop": (_stops, "a string or a list of strings"),
    "user": (lambda v: isinstance(v, str), "a string"),
    "session_id": (lambda v: isinstance(v, str), "a string"),
    "tools": (lambda v: isinstance(v, list), "a list"),
    "provider": (lambda v: isinstance(v, dict), "an object"),
    "usage": (lambda v: isinstance(v, dict), "an object"),
    "reasoning": (lambda v: isinstance(v, dict), "an object"),
    "stream_options": (lambda v: isinstance(v, dict) and isinstance(v.get("include_usage", False), bool),
                       "an object whose include_usage is a boolean"),
}


def _message_problem(message):
    if not isinstance(message, dict):
        return "must be an object"
    role, content = message.get("role"), message.get("content")
    if role not in ROLES:
        return "role must be one of " + ", ".join(sorted(ROLES))
    if isinstance(content, str):
        return None
    if isinstance(content, list):
        good = all(isinstance(part, dict) and isinstance(part.get("type"), str) and
                   isinstance(part.get("text", ""), str) for part in content)
        return None if good and content else "content must be a string or a list of parts with a type"
    if content is None and role == "assistant" and message.get("tool_calls"):
        return None
    return "content must be a string or a list of parts"


def problem(body):
    """What is wrong with the request, in words; None if nothing."""
    if not isinstance(body, dict):
        return "the body must be a JSON object"
    if "model" not in body:
        return "model is required"
    for name, (fits, kind) in FIELDS.items():
        if body.get(name) is not None and not fits(body[name]):
            return f"{name} must be {kind}"
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        return "messages must be a non-empty list"
    for i, message in enumerate(messages):
        wrong = _message_problem(message)
        if wrong:
            return f"messages[{i}]: {wrong}"
    if body.get("stream_options") is not None and not body.get("stream"):
        return "stream_options is only allowed when stream is true"
    return None
