"""The agent in the coder's place: makes the attempts that its tree holds, then is the stub. It may be a clone of a process that the service
keeps; the attempts then are made by a child of the clone."""

import os
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
import agent  # noqa: E402


def run():
    if os.access("escape/coder", os.X_OK):
        Path(os.environ["HOME"], "began").write_text(Path(sys.argv[2]).name)
        subprocess.run(["escape/coder"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return agent.main()


agent.start(run)
