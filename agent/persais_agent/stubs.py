"""Empty stand-ins for what aider imports and the agent must not have, put in place before aider is imported.

`aider.commands` is what runs text that begins with `/` or `!`; `aider.analytics` is what reports home. Neither
is wanted here, so neither is loaded: what is not there cannot be reached by a person's text, and a cold start
is 0.2 s shorter.

Two libraries are not even installed (`unwanted.txt`): aider imports Pillow to measure pictures, which are never
opened for the model, and diskcache to keep a repository's tags, which are pickles that the repository can bring along
(`repo_map.py` keeps them as JSON).

litellm loads the exact tokens of one family of models at its start: 42 MB and 0.2 s for counts that `model.py` estimates.
"""

import importlib.util
import os
import sys
import types


class NoCommands:
    """Any use but these is an AttributeError, which is what a test looks for."""

    def __init__(self, *args, **kwargs):
        self.coder = None

    def is_command(self, text) -> bool:
        return False


class NoAnalytics:
    def __init__(self, *args, **kwargs):
        pass

    def event(self, *args, **kwargs) -> None:
        pass


class NoImage:
    """Has no `open`: a picture's bytes are read by nobody."""


class NoCache:
    """Takes no folder: nothing of one is unpickled."""


class Estimate:
    """What of tiktoken's Encoding is used to count; as many as `GatewayModel.token_count` says."""

    def encode(self, text: str, **options) -> range:
        return range(len(text.encode("utf-8", "replace")) // 4 + 1)


def install() -> None:
    _stand_in("aider.commands", Commands=NoCommands)
    _stand_in("aider.analytics", Analytics=NoAnalytics)
    _stand_in("PIL", Image=NoImage)
    _stand_in("diskcache", Cache=NoCache)
    _stand_in("litellm.litellm_core_utils.default_encoding", encoding=Estimate())
    # Said by that module too: where the tables lie, so that an exact count asks no server for them.
    litellm = os.path.dirname(importlib.util.find_spec("litellm").origin)
    os.environ["TIKTOKEN_CACHE_DIR"] = os.path.join(litellm, "litellm_core_utils", "tokenizers")


def _stand_in(name: str, **names) -> None:
    module = types.ModuleType(name)
    vars(module).update(names)
    sys.modules[name] = module
