"""Puts the stub where Persais looks for the agent's Python: PERSAIS_AGENT_ENV names the folder that install() made."""

import shutil
from pathlib import Path

STUB = Path(__file__).resolve().parent / "agent.py"


def install(folder):
    """`folder`/bin/python, which runs the stub whatever program it is given. Gives the folder."""
    folder = Path(folder)
    (folder / "bin").mkdir(parents=True)
    shutil.copyfile(STUB, folder / "agent.py")
    python = folder / "bin/python"
    python.write_text(f'#!/bin/sh\nexec /usr/bin/python3 -IS "{folder}/agent.py" "$@"\n')
    for made in (folder, folder / "bin", python):
        made.chmod(0o755)
    return folder
