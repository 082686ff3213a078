"""What git says of the commit that is replayed, and the repositories that a replay works with."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path


class CannotReplay(Exception):
    pass


# Nothing of the person's own git configuration may matter; a snapshot may belong to somebody else.
ENVIRONMENT = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")} | {
    "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_COUNT": "1",
    "GIT_CONFIG_KEY_0": "safe.directory", "GIT_CONFIG_VALUE_0": "*", "LC_ALL": "C.UTF-8",
}


def git(repository, *arguments, stdin=None, environment=None):
    """Its output, as bytes. Throws CannotReplay."""
    done = subprocess.run(["git", "-C", str(repository), *arguments], input=stdin, capture_output=True,
                          env=ENVIRONMENT | (environment or {}))
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().replace("\n", " ")
        raise CannotReplay(f"git {arguments[0]} in {repository}: {said}")
    return done.stdout


def remove(folder):
    """A tree that tests wrote may hold folders without the right to delete in them."""
    for path, folders, _ in os.walk(folder):
        for name in folders:
            if not os.path.islink(os.path.join(path, name)):
                os.chmod(os.path.join(path, name), 0o700)
    shutil.rmtree(folder, ignore_errors=True)


@dataclass(frozen=True)
class Touched:
    path: str
    status: str  # A, M, D or T, as git diff-tree says
    old_mode: str
    new_mode: str
    before: bytes | None
    after: bytes | None


class Change:
    """A commit against its first parent. Paths are str, bytes that are no UTF-8 as surrogates."""

    def __init__(self, repository, commit):
        self.repository = repository
        if not repository.is_dir():
            raise CannotReplay(f"{repository} is no folder")
        self.commit = self._one(commit + "^{commit}")
        try:
            self.base = self._one(self.commit + "^1")
        except CannotReplay:
            raise CannotReplay(f"{commit} has no parent here (a root commit, or a shallow clone)") from None
        self.message = git(repository, "log", "-1", "--format=%B", self.commit).decode(errors="replace").strip()
        self.files = git(repository, "ls-tree", "-r", "-z", "--name-only", self.base).count(b"\0")
        self.touched = list(self._touched())

    def _one(self, name):
        return git(self.repository, "rev-parse", "--verify", "--quiet", "--end-of-options", name).decode().strip()

    def _touched(self):
        listed = git(self.repository, "diff-tree", "-r", "-z", "--no-renames", "--raw", "--full-index", self.base, self.commit)
        parts = listed.split(b"\0")
        for facts, path in zip(parts[0:-1:2], parts[1::2]):
            old_mode, new_mode, old, new, status = facts.decode().lstrip(":").split()
            yield Touched(os.fsdecode(path), status[0], old_mode, new_mode,
                          self._blob(old_mode, old), self._blob(new_mode, new))

    def _blob(self, mode, name):
        return git(self.repository, "cat-file", "blob", name) if mode in ("100644", "100755", "120000") else None


class Workplace:
    """A bare remote whose HEAD branch stands at the base, and a repository of our own to compute in.

    Both borrow the clone's objects, so no history is copied, and are as it is: shallow, with SHA-256. What the remote
    offers is the base's history alone, and the tags in it. With `snapshot` it is the base's tree in a commit without parents, less the files that the clone lacks: for clones that
    do not hold every object."""

    def __init__(self, change, folder, snapshot=False):
        self.change, self.folder = change, folder
        self.remote, self.own = folder / "remote.git", folder / "own.git"
        ask = lambda *what: git(change.repository, "rev-parse", "--path-format=absolute", *what).decode().rstrip("\n")  # noqa: E731
        objects, shallow, self.format = ask("--git-path", "objects"), Path(ask("--git-path", "shallow")), ask("--show-object-format")
        for repository in (self.remote, self.own):
            git(folder, "init", "--quiet", "--bare", "--template=", f"--object-format={self.format}", "-b", "main", str(repository))
            if shallow.exists() and not snapshot:
                shutil.copy(shallow, repository / "shallow")
            (repository / "objects" / "info").mkdir(exist_ok=True)
            (repository / "objects" / "info" / "alternates").write_text(objects + "\n")
            self.base = self._alone(repository) if snapshot else change.base
            git(repository, "update-ref", "refs/heads/main", self.base)
        if not snapshot:
            tags = git(change.repository, "for-each-ref", f"--merged={change.base}", "--format=create %(refname) %(objectname)", "refs/tags")
            git(self.remote, "update-ref", "--stdin", stdin=tags)

    def _alone(self, repository):
        who = {f"GIT_{role}_{what}": value for role in ("AUTHOR", "COMMITTER")
               for what, value in (("NAME", "Replay"), ("EMAIL", "replay@example.org"), ("DATE", "2024-01-01T00:00:00Z"))}
        entries = git(repository, "ls-tree", "-r", "-z", self.change.base).split(b"\0")[:-1]
        names = [entry.split(maxsplit=3)[2] for entry in entries]
        kinds = git(repository, "cat-file", "--batch-check=%(objecttype)", stdin=b"\n".join(names)).split(b"\n")
        there = [entry for entry, kind in zip(entries, kinds) if kind == b"blob" or entry.startswith(b"160000")]
        index = {"GIT_INDEX_FILE": str(repository / "base.index")}
        git(repository, "update-index", "-z", "--index-info", stdin=b"".join(e + b"\0" for e in there), environment=index)
        tree = git(repository, "write-tree", "--missing-ok", environment=index).decode().strip()
        return git(repository, "commit-tree", "-m", "Base", tree, environment=who).decode().strip()

    def expected_tree(self, expressed):
        """The base's tree with `expressed` (path → bytes) written into it; modes stay as they were, 100644 if new."""
        with_index = {"GIT_INDEX_FILE": str(self.folder / "index")}
        git(self.own, "read-tree", self.base, environment=with_index)
        modes = {t.path: t.old_mode for t in self.change.touched if t.before is not None}
        lines = b""
        for path, data in expressed.items():
            blob = git(self.own, "hash-object", "-w", "--stdin", stdin=data).decode().strip()
            lines += f"{modes.get(path, '100644')} {blob} 0\t".encode() + os.fsencode(path) + b"\0"
        git(self.own, "update-index", "-z", "--index-info", stdin=lines, environment=with_index)
        return git(self.own, "write-tree", environment=with_index).decode().strip()

    def pushed_tree(self, branch):
        git(self.own, "fetch", "--quiet", "--no-tags", "--update-shallow", str(self.remote), f"+refs/heads/{branch}:refs/heads/pushed")
        return git(self.own, "rev-parse", "pushed^{tree}").decode().strip()

    def differences(self, expected, pushed):
        """[(path, status, bytes expected, bytes pushed)], at most twenty; bytes are None where there is no such file."""
        listed = git(self.own, "diff-tree", "-r", "-z", "--no-renames", "--raw", "--full-index", expected, pushed).split(b"\0")
        for facts, path in list(zip(listed[0:-1:2], listed[1::2]))[:20]:
            old_mode, new_mode, old, new, status = facts.decode().lstrip(":").split()
            what = status if old_mode == new_mode else f"{status} mode {old_mode} to {new_mode}"
            blobs = [git(self.own, "cat-file", "blob", b) if set(b) != {"0"} else None for b in (old, new)]
            yield os.fsdecode(path), what, *blobs

    def checkout(self, tree, into):
        """A plain folder with a .git of its own, as a checked tree has one."""
        into.mkdir()
        environment = {"GIT_DIR": str(into / ".git"), "GIT_WORK_TREE": str(into)}
        git(into, "init", "--quiet", "--template=", f"--object-format={self.format}", "-b", "main", str(into))
        objects = into / ".git" / "objects" / "info"
        objects.mkdir(exist_ok=True)
        (objects / "alternates").write_text(str(self.own / "objects") + "\n")
        git(into, "read-tree", tree, environment=environment)
        git(into, "checkout-index", "--all", environment=environment)
        return into
