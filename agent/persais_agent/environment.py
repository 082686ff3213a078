"""The process's environment: built new, so that nothing of the launcher's reaches aider or its libraries."""

import os
import tempfile

_KEPT = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "SSL_CERT_FILE")


def confine(scratch: str | None) -> None:
    """Leaves only what is named here; homes and caches lie in scratch, without it they are nowhere. Throws OSError if it
    cannot be written."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    kept.setdefault("PATH", "/usr/local/bin:/usr/bin:/bin")
    home = os.path.join(scratch, "home") if scratch else "/nonexistent"
    temporary = os.path.join(scratch, "tmp") if scratch else "/nonexistent"
    for folder in (home, temporary) if scratch else ():
        os.makedirs(folder, exist_ok=True)
    os.environ.clear()
    os.environ.update(kept)
    os.environ.update(
        HOME=home,
        XDG_CACHE_HOME=os.path.join(home, ".cache"),
        XDG_CONFIG_HOME=os.path.join(home, ".config"),
        XDG_DATA_HOME=os.path.join(home, ".local"),
        TMPDIR=temporary,
        TERM="dumb",
        NO_COLOR="1",
        COLUMNS="1000",
        BROWSER="/bin/true",
        # Prices and windows come with the job; without this litellm fetches a list at import.
        LITELLM_LOCAL_MODEL_COST_MAP="True",
        LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS="True",
        # In its other mode litellm loads a .env file at import.
        LITELLM_MODE="PRODUCTION",
        HF_HUB_OFFLINE="1",
        # aider looks only whether it is set (else it asks litellm, which costs an import); the token goes with each call.
        OPENAI_API_KEY="unused",
        TQDM_DISABLE="1",
        GIT_CONFIG_NOSYSTEM="1",
        GIT_CONFIG_GLOBAL="/dev/null",
        GIT_TERMINAL_PROMPT="0",
        GIT_OPTIONAL_LOCKS="0",
        GIT_PYTHON_REFRESH="quiet",
    )
    tempfile.tempdir = None
