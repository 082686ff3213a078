"""How often a run looks at the file system: git's index says what is there, so a large tree is not walked."""

import json
import os
import re
import subprocess
import sys

from script import Say
from world import RUN

A_JOB_THAT_COUNTS = f"""
import os, sys
sys.path.insert(0, {str(RUN.parent)!r})
from persais_agent.loading import prepare
from persais_agent.main import main
prepare()
counts, leave = dict.fromkeys("stat lstat open".split(), 0), os._exit
def counted(name, real):
    def look(*args, **more):
        counts[name] += 1
        return real(*args, **more)
    return look
os.stat, os.lstat = counted("stat", os.stat), counted("lstat", os.lstat)
def heard(event, args):
    if event in ("open", "os.listdir", "os.scandir"):
        counts["open"] += 1
sys.addaudithook(heard)
def tell(code):
    print("looks", sum(counts.values()), counts, file=sys.stderr, flush=True)
    leave(code)
os._exit = tell
main()
"""


def looks(world, count: int, **changes) -> tuple[int, list[str]]:
    """Of a whole run in a tree with so many more files; and the tags that it told."""
    for i in range(count):
        world.put(f"pkg{i % 9}/sub/mod_{i}.py", f"def function_{i}():\n    return function_{i - 1}()\n")
    if count:
        world.commit()
    world.say(Say("ok"))
    job = world.job("look at mod_3.py", **changes, scratch=str(world.root / f"scratch-{len(world.server.requests)}"))
    done = subprocess.run(
        (sys.executable, "-I", "-B", "-c", A_JOB_THAT_COUNTS), input=json.dumps(job), capture_output=True, text=True, env={"PATH": os.environ["PATH"]})
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert lines[-1]["verdict"] == "no_change", done.stderr
    assert "function_3" in world.server.prompt()
    told = [row for line in lines if line["event"] == "tags" for row in line["rows"]]
    return int(re.search(r"^looks (\d+)", done.stderr, re.MULTILINE)[1]), told


def test_a_larger_tree_is_looked_at_no_more_often(world):
    few, _ = looks(world, 30, map={"max_files": 29})
    many, _ = looks(world, 600, map={"max_files": 29})
    assert few == many < 150


def test_a_map_of_known_files_looks_at_those_that_it_shows(world):
    policy = {"tokens": 256, "seconds": 60}
    _, rows = looks(world, 900, map=policy)
    (world.root / "tags").write_text("\n".join(rows))
    known, told = looks(world, 0, map={**policy, "tags": str(world.root / "tags")})
    assert len(rows) == 900 and not told and "│def function_" in world.server.prompt()
    assert known < 200  # of the 64 best definitions at most
