"""The work tree: which files git tracks, and which paths an edit may touch."""

import os
import stat
import subprocess
from functools import cached_property

from . import limits

# The tree's own settings are not ours: none of them may run a program. The tree can belong to another user
# (the sandbox's uid is its own), and the job is what says that it is the right one.
_GIT = ("git", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "safe.directory=*")


class NotATree(Exception):
    pass


class Tree:
    """`root` is real (no symbolic link in it) and the top of a git work tree. Throws NotATree."""

    def __init__(self, root: str):
        self.root = os.path.realpath(root)
        top = self._git("rev-parse", "--show-toplevel")
        if top.returncode != 0 or os.path.realpath(os.fsdecode(top.stdout.rstrip(b"\n"))) != self.root:
            raise NotATree(f"{root} is not the top of a git work tree.")

    def _git(self, *args: str, given: bytes | None = None):
        return subprocess.run(
            (*_GIT, "-C", self.root, *args),
            input=given,
            stdin=subprocess.DEVNULL if given is None else None,
            capture_output=True,
            timeout=limits.GIT_TIMEOUT_SECONDS,
        )

    @cached_property
    def tracked(self) -> list[str]:
        """Regular files in git's index, sorted. Left out: symbolic links, submodules, and names that are not
        UTF-8 (they cannot be sent to a model)."""
        listed = self._git("ls-files", "-s", "-z")
        if listed.returncode != 0:
            raise NotATree("git cannot list the tree's files.")
        names = set()
        for entry in listed.stdout.split(b"\0"):
            mode, _, rest = entry.partition(b" ")
            if mode not in (b"100644", b"100755"):
                continue
            try:
                names.add(rest.split(b"\t", 1)[1].decode("utf-8"))
            except UnicodeDecodeError:
                continue
        return sorted(names)

    @cached_property
    def tracked_set(self) -> frozenset[str]:
        return frozenset(self.tracked)

    def ignored(self, path: str) -> bool:
        """True if git would not take the path into a commit."""
        if path in self.tracked_set:
            return False
        found = self._git("check-ignore", "-q", "-z", "--stdin", given=os.fsencode(path))
        return found.returncode == 0

    def holds(self, path: str) -> bool:
        """True if the absolute path, all links followed, is inside the tree and not git's own."""
        try:
            real = os.path.realpath(path)
        except (OSError, ValueError):
            return False
        if not real.startswith(self.root + os.sep):
            return False
        return not _is_gits(os.path.relpath(real, self.root))

    def why_not(self, path: str) -> str | None:
        """Why an edit of this path (as a model wrote it) is refused; None if it is not."""
        if not path or "\0" in path or "\n" in path:
            return "that is not a file name"
        if os.path.isabs(path) or ".." in path.split("/"):
            return "only paths inside the repository can be edited"
        if _is_gits(path):
            return "git's own files cannot be edited"
        full = os.path.join(self.root, path)
        if not self.holds(full):
            return "it leads out of the repository"
        try:
            kind = os.stat(full).st_mode
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as err:
            return f"it cannot be opened ({type(err).__name__})"
        if not stat.S_ISREG(kind):
            return "it is not a regular file"
        return None

    def read(self, path: str) -> bytes | None:
        """A file inside the tree, at most FILE_BYTES; None if it is missing, larger, or not inside."""
        if not self.holds(path):
            return None
        try:
            if not stat.S_ISREG(os.stat(path).st_mode) or os.path.getsize(path) > limits.FILE_BYTES:
                return None
            with open(path, "rb") as file:
                return file.read()
        except OSError:
            return None


def _is_gits(path: str) -> bool:
    return any(part.casefold() == ".git" for part in path.split(os.sep))
