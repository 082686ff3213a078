"""aider's Model for a name as OpenRouter spells it, going through the gateway."""

from dataclasses import fields

from aider import models

from .job import Job

# Fields that name other models: those would be built too, each with a look-up of its own.
_OTHERS = ("name", "weak_model_name", "editor_model_name", "editor_edit_format")


class GatewayModel(models.Model):
    def token_count(self, messages) -> int:
        """An estimate, on the safe side: about 4 bytes of English or code to a token. Only the size of the map, the
        check against the window and usage that nobody reported rest on it; the exact count of one family of models
        (all that aider has for the others too) took 0.3 s of every start."""
        if isinstance(messages, str):
            return len(messages.encode("utf-8", "replace")) // 4 + 1
        if isinstance(messages, dict):
            messages = [messages]
        return sum(self.token_count(_words(m)) + 4 for m in messages or [])


def _words(message) -> str:
    content = message.get("content") if isinstance(message, dict) else message
    if isinstance(content, list):
        return " ".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return str(content or "")


def build(job: Job, name: str, base_url: str) -> GatewayModel:
    """Reads no file and asks no server: what aider must know of the model is registered first."""
    full = f"openai/{name}"
    info = {"litellm_provider": "openai", "mode": "chat"}
    if job.max_input_tokens:
        info["max_input_tokens"] = job.max_input_tokens
    if job.max_output_tokens:
        info["max_output_tokens"] = info["max_tokens"] = job.max_output_tokens
    if job.prompt_price is not None:
        info["input_cost_per_token"] = job.prompt_price / 1e6
    if job.completion_price is not None:
        info["output_cost_per_token"] = job.completion_price / 1e6
    info["supports_assistant_prefill"] = _goes_on(name)
    models.model_info_manager.local_model_metadata[full] = info
    # Naming itself as its weak and editor model keeps aider from building those of its own table.
    model = GatewayModel(full, weak_model=full, editor_model=full, editor_edit_format="editor-diff")
    model.info = info
    known = _settings(name)
    if known:
        for item in fields(models.ModelSettings):
            if item.name not in _OTHERS:
                setattr(model, item.name, getattr(known, item.name))
        model.reasoning_tag = model.reasoning_tag or known.remove_reasoning
    elif model.edit_format == "whole":
        # aider's default for a name that it does not know rewrites whole files.
        model.edit_format = "diff"
    model.use_repo_map = True
    model.extra_params = _parameters(job, model.extra_params, base_url)
    return model


def _goes_on(name: str) -> bool:
    """Whether litellm's table says of openrouter/NAME that it goes on where an answer of its own ends: then aider has it
    complete an answer that hit its limit of tokens."""
    import litellm

    known = litellm.model_cost.get(f"openrouter/{name}") or litellm.model_cost.get(f"openrouter/{name.split(':')[0]}")
    return bool(known and known.get("supports_assistant_prefill"))


def _settings(name: str):
    """aider's own entry for openrouter/NAME; a variant (NAME:nitro) is served like NAME."""
    table = {entry.name: entry for entry in models.MODEL_SETTINGS}
    return table.get(f"openrouter/{name}") or table.get(f"openrouter/{name.split(':')[0]}")


def _parameters(job: Job, own: dict | None, base_url: str) -> dict:
    params = dict(own or {})
    if job.max_output_tokens and params.get("max_tokens", job.max_output_tokens + 1) > job.max_output_tokens:
        params["max_tokens"] = job.max_output_tokens
    params.update(
        api_base=base_url,
        api_key=job.gateway.token,
        timeout=job.request_timeout,
        # The client under litellm would ask three times more for each of aider's tries.
        max_retries=0,
    )
    return params
