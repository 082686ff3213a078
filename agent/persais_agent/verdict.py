"""What the run was, decided from what it left behind. aider itself ends all of these the same way."""

from dataclasses import dataclass, field

EXIT_CODES = {
    "edited": 0,
    "answered": 0,
    "no_change": 1,
    "bad_job": 2,
    "model_failed": 3,
    "nonsense": 4,
    "too_long": 5,
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
    edits_failed: list[str] = field(default_factory=list)  # paths of edits that were not repaired; "": of no known path
    called_tool: bool = False  # the last answer did
    thought: bool = False


def judge(outcome: Outcome) -> tuple[str, str]:
    """(verdict, one sentence). The tree comes first: what was changed is there, whatever went wrong after it."""
    verdict, trouble = _trouble(outcome)
    if outcome.mode == "ask":
        return (verdict, trouble) if trouble else ("answered", "The model answered.")
    if outcome.changed:
        count = len(outcome.changed)
        done = f"{count} file{'s' if count != 1 else ''} changed"
        return "edited", f"{done}, but then: {trouble or _nonsense(outcome)}" if trouble or outcome.bad_in_a_row else f"{done}."
    if trouble:
        return verdict, trouble
    if outcome.bad_in_a_row or outcome.edits_failed:
        return "nonsense", _nonsense(outcome)
    return "no_change", "The model changed no file."


def _trouble(outcome: Outcome) -> tuple[str, str | None]:
    """The verdict if nothing was changed, and why."""
    if outcome.failure:
        return "too_long" if outcome.too_long else "model_failed", outcome.failure
    if outcome.too_long:
        return "too_long", "The model's answer hit its limit of tokens before it was complete."
    if outcome.answer.strip():
        return "", None
    if outcome.called_tool:
        return "nonsense", "The model called a tool instead of answering."
    if outcome.thought:
        return "nonsense", "The model thought, and gave no answer."
    return "nonsense", "The model's answer was empty."


def _nonsense(outcome: Outcome) -> str:
    times = outcome.bad_in_a_row
    if not times:
        return "The model's edits could not be applied."
    return f"The model's edits could not be applied ({times} time{'s' if times != 1 else ''} in a row)."
