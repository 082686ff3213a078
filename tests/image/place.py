"""Where the parts work, and how they run programs. All of it is under build/image and may be deleted."""

import functools
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WORK = ROOT / "build/image"
IMAGE = "localhost/persais:test"
PYTHON_BASE = "docker.io/library/python:3.11-slim-bookworm"
DEBIAN_BASE = "docker.io/library/debian:bookworm-slim"
FREE_GIB = 12


class Failed(Exception):
    """One sentence for the person who reads the end of the output."""


def say(text):
    print(f"image: {text}", flush=True)


def run(*words, check=True, **how):
    """Its output is shown; what goes wrong ends the part."""
    words = [str(word) for word in words]
    print("  $", " ".join(words), flush=True)
    done = subprocess.run(words, check=False, **how)
    if check and done.returncode != 0:
        raise Failed(f"{words[0]} ended with {done.returncode}: {' '.join(words)}")
    return done


def output(*words, **how):
    return run(*words, stdout=subprocess.PIPE, text=True, **how).stdout


def buildah(*words, **how):
    return run(*buildah_words(), *words, **how)


@functools.cache
def storage_driver():
    """overlay where this machine can mount one; else vfs, which keeps a whole copy of each layer (60 GB instead of 8)."""
    with tempfile.TemporaryDirectory(dir=WORK) as folder:
        for name in ("lower", "upper", "work", "top"):
            Path(folder, name).mkdir()
        tried = subprocess.run(["mount", "-t", "overlay", "overlay", "-o", "lowerdir=lower,upperdir=upper,workdir=work", "top"], cwd=folder,
                               check=False, capture_output=True)
        if tried.returncode != 0:
            return "vfs"
        subprocess.run(["umount", Path(folder, "top")], check=True)
        return "overlay"


def buildah_words():
    """Of our own store, so that nothing of another one on this machine is seen or changed."""
    driver = os.environ.get("STORAGE_DRIVER") or storage_driver()
    return ["buildah", "--root", str(WORK / f"storage-{driver}"), "--runroot", str(WORK / "run"), "--storage-driver", driver]


def enough_room():
    WORK.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(WORK).free / 2**30
    if free < FREE_GIB:
        raise Failed(f"{WORK} has {free:.1f} GiB free; {FREE_GIB} are needed")


def as_root():
    if os.geteuid() != 0:
        sys.exit("image: debootstrap, buildah's chroot isolation and runc need root")
