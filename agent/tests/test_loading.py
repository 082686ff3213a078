"""Loading is apart from running: what was loaded once serves any number of jobs, and knows nothing of one."""

import json
import os
import subprocess
import sys

from script import Say
from world import RUN

JOB_IN_A_PREPARED_PROCESS = f"""
import os, sys, threading
sys.path.insert(0, {str(RUN.parent)!r})
from persais_agent.loading import prepare
from persais_agent.main import main
prepare()
loaded, leave = set(sys.modules), os._exit
print("threads", threading.active_count(), file=sys.stderr)
def tell(code):
    print("loaded later", sorted(set(sys.modules) - loaded), file=sys.stderr, flush=True)
    leave(code)
os._exit = tell
main()
"""


def test_a_job_in_a_prepared_process_loads_nothing_more(world):
    world.commit(a__py="def f():\n    return 1\n", b__py="import a\na.f()\n")
    world.say(Say("ok"))
    done = subprocess.run(
        (sys.executable, "-I", "-B", "-c", JOB_IN_A_PREPARED_PROCESS),
        input=json.dumps(world.job("what is there?")), capture_output=True, text=True, env={"PATH": os.environ["PATH"]})
    assert json.loads(done.stdout.splitlines()[-1])["verdict"] == "no_change" and "def f" in world.server.prompt(0)
    assert "threads 1\n" in done.stderr
    assert "loaded later []\n" in done.stderr, done.stderr
