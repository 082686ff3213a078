"""A bare repository for the tests of the fake: main, a topic with one commit more, another with two, one that has nothing new."""

import subprocess

from github.repository import ENVIRONMENT

PEOPLE = {**ENVIRONMENT, "GIT_AUTHOR_NAME": "Ada", "GIT_AUTHOR_EMAIL": "ada@example.org"}


def git(folder, *words):
    return subprocess.run(["git", "-C", str(folder), *words], env=PEOPLE, capture_output=True, text=True, check=True).stdout.strip()


def make_repository(folder):
    work, bare = folder / "work", folder / "team.git"
    subprocess.run(["git", "init", "-q", "-b", "main", str(work)], env=PEOPLE, check=True)

    def commit(name, text):
        (work / name).write_text(text)
        git(work, "add", "-A")
        git(work, "commit", "-qm", f"Write {name}")

    commit("a.txt", "a\n")
    for branch, files in (("same", ()), ("topic", ("x.txt",)), ("other", ("y.txt", "z.txt"))):
        git(work, "checkout", "-q", "-b", branch, "main")
        for name in files:
            commit(name, f"{name}\n")
    git(work, "checkout", "-q", "main")
    subprocess.run(["git", "clone", "-q", "--bare", str(work), str(bare)], env=PEOPLE, check=True)
    return bare
