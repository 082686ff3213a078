"""The work tree: which files git tracks, and which paths an edit may touch. What is there is said by git's index: nothing here
looks at each file, because a tree may have a hundred thousand."""

import os
import stat
import subprocess
import tempfile
from functools import cached_property

from . import limits

# The tree's own settings are not ours: none of them may run a program. The tree can belong to another user
# (the sandbox's uid is its own), and the job is what says that it is the right one.
_GIT = ("git", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "safe.directory=*")


class NotATree(Exception):
    pass


_REGULAR = ("100644 ", "100755 ")


class Tree:
    """`root` is real (no symbolic link in it) and the top of a git work tree. Throws NotATree."""

    def __init__(self, root: str):
        self.root = os.path.realpath(root)
        if not os.path.lexists(os.path.join(self.root, ".git")):
            raise NotATree(f"{root} is not the top of a git work tree.")
        # It takes its time in a large tree, and meanwhile there is else to do.
        self._listed = tempfile.TemporaryFile()
        self._listing = subprocess.Popen(
            self._command("ls-files", "-s", "-z"), stdin=subprocess.DEVNULL, stdout=self._listed, stderr=subprocess.DEVNULL
        )

    def _command(self, *args: str) -> tuple[str, ...]:
        # Where the repository is, is said: git needs not look for it, and no setting of the tree's says otherwise.
        return (*_GIT, "-C", self.root, f"--git-dir={self.root}/.git", f"--work-tree={self.root}", *args)

    @cached_property
    def _entries(self) -> list[str]:
        """Those of regular files in git's index: mode, id, stage, name. Each has its name at the same place."""
        if self._listing.wait(limits.GIT_TIMEOUT_SECONDS) != 0:
            raise NotATree(f"{self.root} is not a git work tree whose files git can list.")
        self._listed.seek(0)
        data = self._listed.read()
        self._listed.close()
        try:
            entries = data.decode("utf-8").split("\0")
        except UnicodeDecodeError:
            entries = [entry.decode("utf-8") for entry in data.split(b"\0") if _is_utf8(entry)]
        if b"\n" in data:
            entries = [entry for entry in entries if "\n" not in entry]
        return [entry for entry in entries if entry.startswith(_REGULAR)]

    @cached_property
    def names(self) -> dict[str, None]:
        """Regular files in git's index, sorted. Left out: symbolic links, submodules, names that are not UTF-8 (they cannot
        be sent to a model), and names of several lines (each of which would read as a name)."""
        start = self._entries[0].index("\t") + 1 if self._entries else 0
        # git sorts by bytes, which is the order of characters too; a file that is being merged is there more than once.
        return dict.fromkeys([entry[start:] for entry in self._entries])

    @cached_property
    def tracked(self) -> list[str]:
        return list(self.names)

    @cached_property
    def blobs(self) -> dict[str, str]:
        """Name → the id of its content in the index."""
        return {name: before.split(" ")[1] for before, _, name in (entry.partition("\t") for entry in self._entries)}

    def ignored(self, path: str) -> bool:
        """True if git would not take the path into a commit."""
        if path in self.names:
            return False
        command = self._command("check-ignore", "-q", "-z", "--stdin")
        return subprocess.run(command, input=os.fsencode(path), capture_output=True, timeout=limits.GIT_TIMEOUT_SECONDS).returncode == 0

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


def _is_utf8(name: bytes) -> bool:
    try:
        name.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _is_gits(path: str) -> bool:
    return any(part.casefold() == ".git" for part in path.split(os.sep))
