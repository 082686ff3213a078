"""Standard input to standard output: the job, the run, exactly one result line, a true exit code."""

import os
import signal
import sys
import traceback

from . import limits
from .job import BadJob, parse
from .lines import Lines
from .session import Session
from .verdict import EXIT_CODES


def main() -> None:
    lines = Lines()
    state: dict[str, Session] = {}
    signal.signal(signal.SIGTERM, lambda *_: _stopped(lines, state.get("session")))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        job = parse(_read())
        session = state["session"] = Session(job, lines)
        fields = session.run()
    except BadJob as err:
        fields = _failed("bad_job", str(err), None)
    except BaseException as err:
        traceback.print_exc()
        fields = _failed("crashed", f"{type(err).__name__}: {err}", state.get("session"))
    _leave(lines, fields, EXIT_CODES[fields["verdict"]])


def _read() -> bytes:
    """To the end of the input; one byte more than is allowed shows that it is too long."""
    return sys.stdin.buffer.read(limits.JOB_BYTES + 1)


def _stopped(lines: Lines, session: Session | None) -> None:
    # What the run has done until now is in the tree and worth keeping; which files that are is said.
    _leave(lines, _failed("crashed", "stopped", session), 128 + signal.SIGTERM)


def _failed(verdict: str, reason: str, session: Session | None) -> dict:
    try:
        changed, tokens = (session.changed(), session.tokens()) if session else ([], {"sent": 0, "received": 0})
    except OSError:
        changed, tokens = [], {"sent": 0, "received": 0}
    token = session.job.gateway.token if session else None
    reason = " ".join(reason.split())
    return {
        "verdict": verdict,
        "reason": (reason.replace(token, "***") if token else reason)[: limits.REASON_CHARACTERS],
        "files": changed,
        "answer": "",
        "conversation": session.job.conversation if session else [],
        "tokens": tokens,
        "malformed": 0,
        "edits_failed": [],
        "status": None,
    }


def _leave(lines: Lines, fields: dict, code: int) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    lines.result(**fields)
    sys.stderr.flush()
    # litellm's exit handlers cost 1.2 s, and a thread of its own must not hold the process.
    os._exit(code)
