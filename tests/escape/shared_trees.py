"""What the trees of tasks are layered over."""

import subprocess

from remote import git
from serving import PROGRAM


def expect_untouched(data, environment):
    """It is what git has of its commit, whatever any task tried."""
    trees = list(data.glob("mirrors/*/trees/*/tree"))
    for tree in trees:
        commit = (tree / ".git/refs/heads/work").read_text().strip()
        listed = git(tree.parents[2] / "git", "ls-tree", "-r", commit).splitlines()
        there = [path for path in tree.rglob("*") if not path.is_dir() and tree / ".git" not in path.parents]
        hashes = git(tree, "hash-object", "--no-filters", *there).split()
        modes = ["100755" if path.stat().st_mode & 0o100 else "100644" for path in there]
        seen = [f"{mode} blob {found}\t{path.relative_to(tree)}" for mode, found, path in zip(modes, hashes, there, strict=True)]
        assert sorted(seen) == sorted(listed), f"{tree} was written to: {set(seen) ^ set(listed)}"
    assert trees or not layered(environment), "no tree was layered"


def layered(environment):
    said = subprocess.run([str(PROGRAM), "doctor"], env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    return "layers over a shared checkout" in said.stdout
