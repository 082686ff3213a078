"""The turns that go on to the next task: plain text, alternating, bounded by dropping the oldest."""

from . import limits


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
