"""What a run may not leave: processes, mounts, folders in /tmp, workshops, locks of git."""

import glob
import os
from pathlib import Path

import processes

# What the product makes outside of its data folder.
OUTSIDE = ("/tmp/persais-db-" + "[0-9a-f]" * 16, "/tmp/persais-" + "[0-9A-Za-z]" * 6)


def _mounts():
    with open("/proc/self/mountinfo") as file:
        return {line.split()[4] for line in file}


def _outside():
    return {path for pattern in OUTSIDE for path in glob.glob(pattern)}


def snapshot():
    return _mounts(), _outside()


def since(before, folder):
    """Lines that say what is there now and was not; `folder` is the run's own. Empty when all is in order."""
    mounts, outside = before
    left = [f"process {processes.describe(pid)}" for pid in processes.below()]
    left += [f"mount {path}" for path in sorted(_mounts() - mounts) if path.startswith((folder, "/tmp/persais-"))]
    left += [f"folder {path}" for path in sorted(_outside() - outside)]
    left += [f"folder {path}" for path in sorted(Path(folder).iterdir())]
    return left


def in_data(data, in_review=()):
    """What tasks that ended may not leave below PERSAIS_DATA. Those in review keep their commit: it may be deployed."""
    data = Path(data)
    left = [f"workshop {path}" for path in [*data.glob("tasks/*"), *data.glob("gateways/*")]]
    for folder, _, files in os.walk(data / "mirrors"):
        if Path(folder).relative_to(data / "mirrors").parts[1:2] == ("git",):
            left += [f"lock {folder}/{name}" for name in files if name.endswith(".lock")]
            left += [f"temporary object {folder}/{name}" for name in files if name.startswith("tmp_")]
    left += [f"incoming {path}" for path in data.glob("mirrors/*/incoming/*")]
    left += [f"kept ref {path}" for path in data.glob("mirrors/*/git/refs/persais/tasks/*") if path.name not in in_review]
    return left
