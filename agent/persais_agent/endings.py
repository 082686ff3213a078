"""What an answer's finish_reason says, in the words of any provider. litellm takes ERROR for a good end, and throws away a whole
answer whose reason it does not know."""

# DeepSeek, vLLM, Mistral and others end an answer so that they could not finish: what there is of it is a piece.
_BROKE_OFF = {"error", "abort", "aborted", "cancelled", "insufficient_system_resource", "time_limit", "timeout"}
_FILTERED = {"content_filter", "content_filtered", "safety", "recitation", "refusal", "error_toxic", "prohibited_content", "blocklist", "spii"}
_TOO_LONG = {"length", "max_tokens", "max_output_tokens", "model_length", "compaction"}
_TOOLS = {"tool_calls", "tool_use", "function_call"}


def broke_off(reason: str) -> bool:
    return reason.lower() in _BROKE_OFF


def filtered(reason: str) -> bool:
    return reason.lower() in _FILTERED


def as_openai_says(finish_reason):
    """What litellm and aider go by. A reason that nobody knows is an end like any other: the stream says itself whether it is whole."""
    if not isinstance(finish_reason, str) or not finish_reason:
        return finish_reason
    reason = finish_reason.lower()
    if reason in _TOO_LONG:
        return "length"
    if reason in _TOOLS:
        return "tool_calls"
    return "content_filter" if reason in _FILTERED else "stop"


def install() -> None:
    from litellm.litellm_core_utils import streaming_handler
    from litellm.types import utils

    streaming_handler.map_finish_reason = utils.map_finish_reason = as_openai_says
