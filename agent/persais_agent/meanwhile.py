"""What is done while the model thinks: the files that the map did not come to are looked at, so that the next task finds them known."""

import threading

from .repo_map import BoundedMap


class Meanwhile:
    def __init__(self, of: BoundedMap):
        self._map = of
        self._begun = False

    def begin(self) -> None:
        """Once, in a thread; the process ends without waiting for it."""
        if not self._begun:
            self._begun = True
            threading.Thread(target=self._look, daemon=True).start()

    def _look(self) -> None:
        for path in self._map.missing():
            try:
                self._map.look_at(path)
            except Exception:  # one odd file; the map itself says so when it matters
                continue
