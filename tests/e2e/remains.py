"""What a run may not leave: processes, mounts, folders in /tmp, workshops, locks of git."""

import glob
import os
import time
from pathlib import Path

import processes

# What the product makes outside of its data folder.
OUTSIDE = ("/tmp/persais-db-" + "[0-9a-f]" * 16, "/tmp/persais-" + "[0-9A-Za-z]" * 6)


def _mounts():
    with open("/proc/self/mountinfo") as file:
        return {line.split()[4] for line in file}


def _serves_another(folder):
    """Whether it holds the socket of a server whose cluster is no test's of ours: other tests run beside this one."""
    for lock in glob.glob(f"{folder}/.s.PGSQL.*.lock"):
        try:
            return not Path(lock).read_text().splitlines()[1].startswith(os.environ["E2E_FOLDER"])
        except (OSError, IndexError):
            pass
    return False


def _outside():
    return {path for pattern in OUTSIDE for path in glob.glob(pattern) if not _serves_another(path)}


def _new_outside(known, patience=2.0):
    """Waits a little for what others make, which is seen to be theirs when their server has come up, or is gone."""
    until = time.monotonic() + patience
    while (new := _outside() - known) and time.monotonic() < until:
        time.sleep(0.05)
    return sorted(new)


def snapshot():
    return _mounts(), _outside()


def since(before, folder):
    """Lines that say what is there now and was not; `folder` is the run's own. Empty when all is in order."""
    mounts, outside = before
    left = [f"process {processes.describe(pid)}" for pid in processes.below()]
    left += [f"mount {path}" for path in sorted(_mounts() - mounts) if path.startswith((folder, "/tmp/persais-"))]
    left += [f"folder {path}" for path in _new_outside(outside)]
    left += [f"folder {path}" for path in sorted(Path(folder).iterdir())]
    return left


# Verdicts of tasks that failed, and whose work a person or the next turn may still want.
KEEP_WORK = ("timed_out", "disk_limit", "secret_found", "remote_failed")


def in_data(data, in_review=()):
    """What tasks that ended may not leave below PERSAIS_DATA. Those in review keep their commit: it may be deployed. So do those
    whose work is kept (KEEP_WORK)."""
    data = Path(data)
    left = [f"workshop {path}" for path in [*data.glob("tasks/*"), *data.glob("gateways/*")]]
    for folder, _, files in os.walk(data / "mirrors"):
        if Path(folder).relative_to(data / "mirrors").parts[1:2] in (("git",), ("history",)):
            left += [f"lock {folder}/{name}" for name in files if name.endswith(".lock")]
            left += [f"temporary object {folder}/{name}" for name in files if name.startswith("tmp_")]
    left += [f"incoming {path}" for path in data.glob("mirrors/*/incoming/*")]
    left += [f"kept ref {path}" for path in data.glob("mirrors/*/git/refs/persais/tasks/*") if path.name not in in_review]
    return left
