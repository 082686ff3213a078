"""What is loaded before a job can run, apart from any job: a process that has done it can be forked for each task."""

import gc

from . import AIDER_VERSION, environment, stubs


def prepare() -> None:
    """All that any job may need, for a process that serves many by forking: `main.main()` in the child then runs one job.
    Reads nothing of a task. The environment is built new, without a home; the job brings its own. Throws RuntimeError
    for an aider of another version."""
    environment.confine(None)
    load()
    load_map()
    from . import rehearsal

    rehearsal.rehearse()


def load() -> None:
    """aider and what lies over it. Costs nothing when it is called again. The environment is confined before, because aider's
    modules look at it while they load."""
    # What is loaded stays: looking through it for garbage took a fifth of the time, of loading and of each map.
    gc.disable()
    stubs.install()
    import aider

    if aider.__version__ != AIDER_VERSION:
        raise RuntimeError(f"aider {aider.__version__} is installed, the wrapper is made for {AIDER_VERSION}")
    import litellm  # noqa: F401
    import openai.resources  # noqa: F401  else at the first request
    from litellm.litellm_core_utils import token_counter  # noqa: F401

    from . import coder, console, gateway, mentions, model, opening, repository  # noqa: F401

    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    gc.enable()


def load_map() -> None:
    """What the repository map needs beyond that."""
    from . import meanwhile, ranking, repo_map, tags  # noqa: F401

    tags.install()
