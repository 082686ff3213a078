"""aider's repository map under a deadline, its tags kept by content in a JSON file.

aider keeps tags in a pickle inside the tree and reads what lies there: a committed `.aider.tags.cache.v4` ran
code when tried. Nothing here unpickles anything. A file's tags depend on its content and its name's ending only,
so the cache of one clone serves the next one.
"""

import hashlib
import json
import os
import time

from aider.repomap import RepoMap, Tag

from . import limits


class OutOfTime(Exception):
    pass


class BoundedMap(RepoMap):
    """After `seconds` in all, or an error, the map is off for the rest of the run and get_repo_map gives None."""

    def __init__(self, tokens, seconds, cache_file, root, model, io, prefix):
        self._cache_file = cache_file
        self._seconds_left = seconds
        self._until = 0.0
        self._used = {}
        self.trouble = None
        super().__init__(
            map_tokens=tokens,
            root=root,
            main_model=model,
            io=io,
            repo_content_prefix=prefix,
            max_context_window=model.info.get("max_input_tokens") or 0,
        )

    def load_tags_cache(self):
        self.TAGS_CACHE = {}
        try:
            with open(self._cache_file, encoding="utf-8") as file:
                saved = json.load(file)
            if isinstance(saved, dict):
                self.TAGS_CACHE = {key: _checked(tags) for key, tags in saved.items()}
        except (OSError, ValueError, TypeError, RecursionError):
            self.TAGS_CACHE = {}

    def tags_cache_error(self, original_error=None):
        self.TAGS_CACHE = {}

    def save(self):
        part = f"{self._cache_file}.{os.getpid()}"
        try:
            with open(part, "w", encoding="utf-8") as file:
                json.dump(self._used, file)
            os.replace(part, self._cache_file)
        except (OSError, ValueError):
            return

    def get_repo_map(self, *args, **kwargs):
        started = time.monotonic()
        self._until = started + self._seconds_left
        size_before = len(self._used)
        try:
            return super().get_repo_map(*args, **kwargs)
        except OutOfTime:
            self.trouble = "the repository map took too long"
        except Exception as err:
            # A parser's trouble with one odd file must not cost the task: the names alone will do.
            self.trouble = f"the repository map failed ({type(err).__name__})"
        finally:
            self._seconds_left -= time.monotonic() - started
            if len(self._used) != size_before:
                self.save()
        self.max_map_tokens = 0
        return None

    def get_tags(self, fname, rel_fname):
        self._check_time()
        try:
            if os.path.getsize(fname) > limits.MAP_FILE_BYTES or not os.path.realpath(fname).startswith(self.root + os.sep):
                return []
            with open(fname, "rb") as file:
                digest = hashlib.blake2b(file.read(), digest_size=16).hexdigest()
        except OSError:
            return []
        key = digest + os.path.splitext(rel_fname)[1]
        tags = self.TAGS_CACHE.get(key)
        if tags is None:
            tags = [[tag.name, tag.kind, tag.line] for tag in self.get_tags_raw(fname, rel_fname)]
            self.TAGS_CACHE[key] = tags
        self._used[key] = tags
        return [Tag(rel_fname=rel_fname, fname=fname, name=name, kind=kind, line=line) for name, kind, line in tags]

    def render_tree(self, abs_fname, rel_fname, lois):
        self._check_time()
        return super().render_tree(abs_fname, rel_fname, lois)

    def _check_time(self):
        if time.monotonic() > self._until:
            raise OutOfTime


def _checked(tags):
    return [[str(name), "def" if kind == "def" else "ref", int(line)] for name, kind, line in tags]
