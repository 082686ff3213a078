"""New machines to install on: made by debootstrap once, copied for each part, entered in namespaces of their own (tests/fresh)."""

import os
import shutil
import subprocess
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WORK = ROOT / "build/package-test"
APT = "DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=600 -o Acquire::Retries=3"
SYSTEMS = {"debian12": "bookworm", "debian13": "trixie", "ubuntu2204": "jammy", "ubuntu2404": "noble"}


class Failed(Exception):
    """What was seen instead."""


class NotRun(Exception):
    """What this machine lacks for it."""


def new(system):
    """A folder with a new machine in it: the distribution and certificates, nothing more."""
    suite, base = SYSTEMS[system], WORK / "bases" / system
    if not base.exists():
        if system.startswith("ubuntu") and not os.environ.get("UBUNTU_MIRROR"):
            raise NotRun("UBUNTU_MIRROR names no mirror of Ubuntu")
        base.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run([ROOT / "tests/fresh/make-root", base, suite, "ca-certificates"], check=True, stdout=subprocess.DEVNULL)
    machine = WORK / "machine"
    shutil.rmtree(machine, ignore_errors=True)
    subprocess.run(["cp", "-a", "--reflink=auto", base, machine], check=True)
    return machine


def on(machine, command, fails=False):
    """What the command said there, as root; `fails`: it has to."""
    done = subprocess.run([ROOT / "tests/fresh/enter", machine, "root", command], capture_output=True, text=True, errors="replace", stdin=subprocess.DEVNULL)
    if (done.returncode != 0) != fails:
        raise Failed(f"{command}: exit {done.returncode}\n{(done.stdout + done.stderr)[-3000:]}")
    return done.stdout + done.stderr


def seconds(machine, command):
    began = time.monotonic()
    said = on(machine, command)
    return time.monotonic() - began, said


def expect(text, *parts):
    for part in parts:
        if part not in text:
            raise Failed(f"{part!r} is not in:\n{text[-3000:]}")


def packages():
    """The folder with what tests/package/run build made."""
    folder = WORK / "packages"
    if len(list(folder.glob("*.deb"))) != 2:
        raise Failed("there are no packages; the part build makes them")
    return folder


def give(machine, *patterns):
    """Copies packages into root's home there."""
    for pattern in patterns or ("*.deb",):
        for file in packages().glob(pattern):
            shutil.copy(file, machine / "root")
