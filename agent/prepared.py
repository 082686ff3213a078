"""The parent that is forked for each task: PYTHON -I /path/to/agent/prepared.py LIBRARY IDLE_SECONDS MOST_BYTES, its
requests on standard input, a socket. See persais_agent/prepared.py."""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
sys.dont_write_bytecode = True

from persais_agent.prepared import serve  # noqa: E402

serve(sys.argv[1], float(sys.argv[2]), int(sys.argv[3]))
