"""What the tree held before each write. The verdict is taken from the tree itself, not from aider's word:
a file counts as changed if its bytes differ now, so an edit that was undone, or a tree that was dirty before
(a repair round), gives no false answer."""

import os


class Journal:
    def __init__(self, root: str):
        self._root = root
        self._before: dict[str, bytes | None] = {}
        self._new_folders: list[str] = []
        self._kept: set[str] = set()

    def before(self, path: str) -> None:
        """Call before anything is done to the (real, absolute) path."""
        if path in self._before:
            return
        try:
            with open(path, "rb") as file:
                self._before[path] = file.read()
        except FileNotFoundError:
            self._before[path] = None
            self._note_folders(os.path.dirname(path))

    def keep(self, path: str) -> None:
        """An empty new file at this path is meant."""
        self._kept.add(path)

    def _note_folders(self, folder: str) -> None:
        missing = []
        while folder.startswith(self._root + os.sep) and not os.path.isdir(folder):
            missing.append(folder)
            folder = os.path.dirname(folder)
        self._new_folders.extend(missing)

    def tidy(self) -> None:
        """aider makes a new file before it knows whether its edit applies; what stayed empty goes away."""
        for path, before in self._before.items():
            if before is None and path not in self._kept and _size(path) == 0:
                os.unlink(path)
        for folder in sorted(self._new_folders, key=len, reverse=True):
            try:
                os.rmdir(folder)
            except OSError:
                continue

    def changed(self) -> list[str]:
        """Paths relative to the root, sorted."""
        return sorted(os.path.relpath(path, self._root) for path, before in self._before.items() if _read(path) != before)


def _size(path: str) -> int | None:
    try:
        return os.path.getsize(path)
    except OSError:
        return None


def _read(path: str) -> bytes | None:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return None
