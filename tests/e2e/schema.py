"""contract.md's `persais run --json`, line by line: which fields there are, their types, and what goes together."""

import re

COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
STATES = {"queued", "preparing", "coding", "checking", "publishing", "review", "waiting", "failed", "aborted", "parked"}
#           verdict: (exit code, branch pushed)
VERDICTS = {
    "ready": (0, True), "ready_unchecked": (0, True), "tests_red": (1, True), "checks_could_not_run": (1, True),
    "no_change": (1, False), "protected_path": (1, False), "link_outside": (1, False),
    "paths_collide": (1, False), "secret_found": (1, False), "model_failed": (1, False), "timed_out": (1, False),
    "disk_limit": (1, False),
    "aborted": (130, False), "remote_failed": (1, False), "world_broken": (3, False),
}
REASONS = {
    "model_failed": {"key", "credit", "budget", "paused", "policy", "model", "context", "rate", "network", "nonsense"},
    "remote_failed": {"not_found", "no_read", "no_push", "protected_branch", "moved", "network"},
}
OUTCOMES = {"not_run", "green", "red", "could_not_run", "timed_out"}

whole, text, number, flag = (lambda v: type(v) is int and v >= 0), (lambda v: type(v) is str), (
    lambda v: type(v) in (int, float) and v >= 0), (lambda v: type(v) is bool)

LINES = {
    "state": {"event": text, "task": text, "state": STATES.__contains__, "attempt": lambda v: whole(v) and v >= 1,
              "round": whole},
    "progress": {"event": text, "task": text, "text": text},
}
TOKENS = {"sent": whole, "received": whole}  # and "cached", where the endpoint read some of those sent from its cache
RESULT = {
    "event": text, "task": text, "verdict": VERDICTS.__contains__, "reason": text, "sentence": text, "branch": text,
    "commit": lambda v: v == "" or COMMIT.fullmatch(v), "base": lambda v: v == "" or COMMIT.fullmatch(v),
    "files": whole, "insertions": whole, "deletions": whole,
    "checks": {"command": text, "source": text, "before": OUTCOMES.__contains__, "after": OUTCOMES.__contains__,
               "rounds": whole},
    "tokens": TOKENS, "cost_usd": number, "cost_estimated": flag,
    "seconds": {"preparing": number, "coding": number, "checking": number, "publishing": number, "total": number},
}


def _fields(value, shape, where):
    if set(value) != set(shape):
        yield f"{where}: fields {sorted(set(value) ^ set(shape))} are too many or missing"
    for name, rule in shape.items():
        if name not in value:
            continue
        if isinstance(rule, dict):
            yield from _fields(value[name], rule, f"{where}.{name}")
        elif not rule(value[name]):
            yield f"{where}.{name}: {value[name]!r}"


def problems(lines, code):
    """Sentences about what does not hold; none for lines in order. `lines`: parsed, `code`: the exit code."""
    if not lines or lines[-1].get("event") != "result":
        yield "the last line is no result"
        return
    for number_, line in enumerate(lines[:-1], 1):
        shape = LINES.get(line.get("event"))
        if not shape:
            yield f"line {number_}: event {line.get('event')!r}"
        else:
            yield from _fields(line, shape, f"line {number_}")
    result = lines[-1]
    failed = {"edits_failed": lambda v: whole(v) and v > 0} if "edits_failed" in result else {}
    noted = {"noted": lambda v: isinstance(v, list) and v} if "noted" in result else {}
    cached = {"cached": lambda v: whole(v) and v > 0} if "cached" in result.get("tokens", {}) else {}
    yield from _fields(result, {**RESULT, **failed, **noted, "tokens": {**TOKENS, **cached}}, "result")
    if len({line.get("task") for line in lines if line.get("task")}) > 1:
        yield "lines of more than one task"
    verdict = result.get("verdict")
    if verdict not in VERDICTS:
        return
    exit_code, branch = VERDICTS[verdict]
    if code != exit_code:
        yield f"exit code {code} with verdict {verdict}"
    for name in ("branch", "commit"):
        if bool(result.get(name)) != branch:
            yield f"{name} {result.get(name)!r} with verdict {verdict}"
    if result.get("reason") not in REASONS.get(verdict, {""}):
        yield f"reason {result.get('reason')!r} with verdict {verdict}"
    if not result.get("sentence"):
        yield "no sentence"
