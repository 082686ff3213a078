"""runner.py TIER RESULTS: runs each attempt in a process of its own and writes what came of it. TIER names where this runs; what is tried
is the same everywhere."""

import base64
import hashlib
import json
import os
import select
import signal
import sys
import time
import types
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.dont_write_bytecode = True

import files  # noqa: E402, F401
import kernel  # noqa: E402, F401
import network  # noqa: E402, F401
import processes  # noqa: E402, F401
import resources  # noqa: E402, F401
import secrets_  # noqa: E402, F401
from kit import ATTEMPTS  # noqa: E402

SECONDS = 20  # a machine that has much else to do
MARK_SIZE = 16


def mark_of(where, name):
    return "mark-" + hashlib.sha256(f"{where} {name}".encode()).hexdigest()[:MARK_SIZE]


def given(where, attempt):
    """Its targets. Paths, ports and numbers of what it is to reach are known to it; what is behind them is not."""
    told = json.loads((HERE / "targets.json").read_text())
    t = types.SimpleNamespace(**told)
    t.birthmark, t.mark = told["birthmark"].encode(), mark_of(where, attempt.name)
    t.victim = f"{t.victims}/{where}/{attempt.variant}"
    t.signals = told["signals"][where]
    return t


def one(where, attempt, out):
    os.setpgid(0, 0)
    signal.alarm(SECONDS)
    null = os.open("/dev/null", os.O_RDWR)
    os.dup2(null, 2)
    try:
        got = attempt.run(given(where, attempt))
        data = got if isinstance(got, bytes) else b""
        said = {"got": base64.b64encode(data[:1 << 16]).decode(), "did": got is True, "why": ""}
    except BaseException as why:  # noqa: BLE001
        said = {"got": "", "did": False, "why": f"{type(why).__name__}: {why}"[:200]}
    os.write(out, json.dumps(said).encode())
    os._exit(0)


def tried(where, attempt):
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        one(where, attempt, writing)
    os.close(writing)
    data, until = b"", time.monotonic() + SECONDS + 1
    while select.select([reading], [], [], max(0, until - time.monotonic()))[0]:
        more = os.read(reading, 1 << 17)
        if not more:
            break
        data += more
        if data.endswith(b"}"):
            break
    os.close(reading)
    try:
        os.killpg(child, signal.SIGKILL)
    except ProcessLookupError:
        pass
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    try:
        return json.loads(data)
    except ValueError:
        return {"got": "", "did": False, "why": f"ended with {status}"}


def main(where, results):
    said = {}
    for name, attempt in ATTEMPTS.items():
        if where not in attempt.only:
            continue
        began = time.monotonic()
        said[name] = {**tried(where, attempt), "seconds": round(time.monotonic() - began, 3)}
    path = Path(results).expanduser()
    path.with_suffix(".part").write_text(json.dumps(said))
    path.with_suffix(".part").rename(path)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
