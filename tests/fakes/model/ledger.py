"""Counts tokens and money, and remembers each generation. One token is four characters, so that tests can compute."""

import datetime
import itertools
import threading

CHARS_A_TOKEN = 4
NUMBERS = itertools.count(1)  # of generations: several servers of one process have no two of one name


def tokens(text):
    return -(-len(text) // CHARS_A_TOKEN)


class Ledger:
    """Thread-safe. Money in dollars; prices in dollars a million tokens."""

    def __init__(self, prompt_price, completion_price, credit=None, byok=False, late_lookups=0):
        self.prompt_price, self.completion_price = prompt_price, completion_price
        self.credit, self.byok, self.late_lookups = credit, byok, late_lookups
        self.spent, self.upstream_spent = 0.0, 0.0
        self.generations, self.lookups = {}, {}
        self.lock = threading.Lock()

    def new_id(self):
        with self.lock:
            return f"gen-{1700000000 + next(NUMBERS)}-scripted"

    def price(self, prompt_tokens, completion_tokens):
        return (prompt_tokens * self.prompt_price + completion_tokens * self.completion_price) / 1e6

    def remaining(self):
        return None if self.credit is None else self.credit - self.spent

    def affordable(self, prompt_tokens, max_tokens):
        """None, or the message of OpenRouter's 402. It reserves for max_tokens before it lets a request through."""
        left = self.remaining()
        if left is None:
            return None
        if left <= 0:
            return "Insufficient credits. Add more credits and retry the request."
        if max_tokens and self.price(prompt_tokens, max_tokens) > left:
            can = int((left * 1e6 - prompt_tokens * self.prompt_price) / self.completion_price)
            return ("This request requires more credits, or fewer max_tokens. You requested up to "
                    f"{max_tokens} tokens, but can only afford {max(can, 0)}.")
        return None

    def usage(self, prompt_tokens, completion_tokens, fixed=None):
        """OpenRouter's usage object. With the user's own provider key `cost` is only the fee of five percent."""
        upstream = self.price(prompt_tokens, completion_tokens)
        usage = {
            "prompt_tokens": prompt_tokens,
            "completion_tokens": completion_tokens,
            "total_tokens": prompt_tokens + completion_tokens,
            "cost": upstream * 0.05 if self.byok else upstream,
            "is_byok": self.byok,
            "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
            "cost_details": {"upstream_inference_cost": upstream},
            "completion_tokens_details": {"reasoning_tokens": 0},
        }
        usage.update(fixed or {})
        return usage

    def settle(self, generation, model, usage, streamed, finish_reason, cancelled, provider):
        with self.lock:
            self.spent += usage["cost"]
            self.upstream_spent += usage["cost_details"]["upstream_inference_cost"] if self.byok else 0
            self.generations[generation] = {
                "id": generation, "upstream_id": "chatcmpl-" + generation, "model": model, "provider_name": provider,
                "created_at": datetime.datetime.now(datetime.timezone.utc).isoformat(),
                "total_cost": usage["cost"], "usage": usage["cost"], "is_byok": self.byok,
                "upstream_inference_cost": usage["cost_details"]["upstream_inference_cost"] if self.byok else 0,
                "cache_discount": None, "origin": "", "app_id": None, "api_type": "completions", "router": None,
                "streamed": streamed, "cancelled": cancelled, "finish_reason": finish_reason,
                "native_finish_reason": finish_reason, "latency": 1, "generation_time": 1, "moderation_latency": None,
                "tokens_prompt": usage["prompt_tokens"], "tokens_completion": usage["completion_tokens"],
                "native_tokens_prompt": usage["prompt_tokens"],
                "native_tokens_completion": usage["completion_tokens"],
                "native_tokens_reasoning": 0, "native_tokens_cached": 0,
                "num_media_prompt": None, "num_media_completion": None, "num_search_results": None,
            }

    def generation(self, name):
        """None while it is not settled, and for the first `late_lookups` questions: the real one comes late too."""
        with self.lock:
            self.lookups[name] = self.lookups.get(name, 0) + 1
            return self.generations.get(name) if self.lookups[name] > self.late_lookups else None

    def key_info(self):
        return {
            "label": "sk-or-v1-scr...ted", "limit": self.credit, "limit_remaining": self.remaining(),
            "limit_reset": None, "include_byok_in_limit": False, "usage": self.spent, "usage_daily": self.spent,
            "usage_weekly": self.spent, "usage_monthly": self.spent, "byok_usage": self.upstream_spent,
            "byok_usage_daily": self.upstream_spent, "byok_usage_weekly": self.upstream_spent,
            "byok_usage_monthly": self.upstream_spent, "is_free_tier": False,
        }
