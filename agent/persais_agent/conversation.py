"""The turns that go on to the next task: plain text, alternating, bounded by dropping the oldest."""

from . import limits


def with_notes(instruction: str, notes: str) -> str:
    """The person's words come last, because they are what counts."""
    return f"{notes.rstrip()}\n\nThe request:\n{instruction}" if notes else instruction


def without_notes(turns: list[dict], job) -> list[dict]:
    """What was said, without what was lent for one turn: the next one is given its own."""
    lent = with_notes(job.instruction, job.notes)
    return [{**turn, "content": job.instruction} if turn.get("content") == lent else turn for turn in turns]


def bounded(turns: list[dict], most_bytes: int = limits.CONVERSATION_BYTES) -> list[dict]:
    """Begins with a user's turn and ends with an answer. An unanswered turn would be said twice on a retry."""
    kept = [{"role": t["role"], "content": t["content"]} for t in turns if _is_text(t)]
    while kept and kept[-1]["role"] != "assistant":
        kept.pop()
    size = sum(_size(turn) for turn in kept)
    first = 0
    while first < len(kept) and (size > most_bytes or kept[first]["role"] != "user"):
        size -= _size(kept[first])
        first += 1
    return kept[first:]


def _is_text(turn: dict) -> bool:
    return turn.get("role") in ("user", "assistant") and isinstance(turn.get("content"), str)


def _size(turn: dict) -> int:
    return len(turn["content"].encode("utf-8", "replace")) + 40


def clipped(text: str, most_bytes: int) -> str:
    data = text.encode("utf-8", "replace")
    if len(data) <= most_bytes:
        return data.decode()
    return data[:most_bytes].decode("utf-8", "ignore") + "\n[...]"
