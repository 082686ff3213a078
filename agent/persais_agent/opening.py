"""Which files are put before the model in full: bounded in count and size, whatever a text names."""

import os

from aider.utils import is_image_file

from . import limits, textfile
from .tree import Tree


class Opening:
    """`window_tokens`: at most about half of it is filled with files."""

    def __init__(self, tree: Tree, window_tokens: int | None):
        self._tree = tree
        self._files_left = limits.OPEN_FILES
        self._bytes_left = min(limits.OPEN_TOTAL_BYTES, window_tokens * 2 if window_tokens else limits.OPEN_TOTAL_BYTES)

    def take(self, names: list[str]) -> list[str]:
        """Those of the names that still fit; missing, large and binary files are left out."""
        return [name for name in names if self._fits(name)]

    def _fits(self, name: str) -> bool:
        path = os.path.join(self._tree.root, name)
        if self._files_left <= 0 or is_image_file(name) or self._tree.why_not(name) or not os.path.isfile(path):
            return False
        size = os.path.getsize(path)
        if size > min(limits.OPEN_FILE_BYTES, self._bytes_left):
            return False
        data = self._tree.read(path)
        if data is None or textfile.decode(data) is None:
            return False
        self._files_left -= 1
        self._bytes_left -= size
        return True
