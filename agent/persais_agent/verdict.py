"""What the run was, decided from what it left behind. aider itself ends all of these the same way."""

from dataclasses import dataclass

EXIT_CODES = {
    "edited": 0,
    "answered": 0,
    "no_change": 1,
    "bad_job": 2,
    "model_failed": 3,
    "nonsense": 4,
    "crashed": 70,
}


@dataclass(frozen=True)
class Outcome:
    mode: str
    changed: list[str]
    answer: str
    failure: str | None = None  # why the last request to the model came to nothing
    too_long: bool = False  # the answer or the context hit a limit in tokens
    bad_in_a_row: int = 0  # answers at the end of the run that could not be applied
    malformed: int = 0


def judge(outcome: Outcome) -> tuple[str, str]:
    """(verdict, one sentence). The tree comes first: what was changed is there, whatever went wrong after it."""
    trouble = _trouble(outcome)
    if outcome.mode == "ask":
        if trouble:
            return "model_failed", trouble
        return "answered", "The model answered."
    if outcome.changed:
        count = len(outcome.changed)
        done = f"{count} file{'s' if count != 1 else ''} changed"
        return "edited", f"{done}, but then: {trouble or _nonsense(outcome)}" if trouble or outcome.bad_in_a_row else f"{done}."
    if trouble:
        return "model_failed", trouble
    if outcome.bad_in_a_row:
        return "nonsense", _nonsense(outcome)
    return "no_change", "The model changed no file."


def _trouble(outcome: Outcome) -> str | None:
    if outcome.failure:
        return outcome.failure
    if outcome.too_long:
        return "The model's answer hit its limit of tokens before it was complete."
    if not outcome.answer.strip():
        return "The model's answer was empty."
    return None


def _nonsense(outcome: Outcome) -> str:
    times = outcome.bad_in_a_row
    return f"The model's edits could not be applied ({times} time{'s' if times != 1 else ''} in a row)."
