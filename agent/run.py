"""Starts the wrapper: PYTHON -I /path/to/agent/run.py. One JSON job on stdin, JSON lines on stdout."""

import os
import sys

# -I keeps the working folder and PYTHON* out of the module path, so the wrapper adds its own folder; the
# folder is mounted read-only at a place that only the sandbox knows.
sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
sys.dont_write_bytecode = True

from persais_agent.main import main  # noqa: E402

main()
