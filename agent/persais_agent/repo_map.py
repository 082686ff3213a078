"""aider's repository map under a deadline, from tags that are known by content.

aider keeps tags in a pickle inside the tree and reads what lies there: a committed `.aider.tags.cache.v4` ran
code when tried. Nothing here unpickles anything. What is in a file is looked up by the id that git's index has for it, so a file
is opened only when nobody knows its content, or when its lines are shown.
"""

import os
import time

from aider.repomap import RepoMap, Tag

from . import limits, ranking, tags, textfile
from .tree import Tree


class OutOfTime(Exception):
    pass


class BoundedMap(RepoMap):
    """After `seconds` in all, or an error, the map is off for the rest of the run and get_repo_map gives None."""

    def __init__(self, tokens, seconds, rows: tags.Rows, tree: Tree, model, io, prefix):
        self._seconds_left = seconds
        self._until = 0.0
        self._rows = rows
        self._tree = tree
        self._shown: dict[str, tuple[list[str], dict[int, list[int]]]] = {}
        self._known: dict[str, tags.Known] = {}
        self._last = None
        self._most_tags = None
        self.trouble = None
        super().__init__(
            map_tokens=tokens,
            root=tree.root,
            main_model=model,
            io=io,
            repo_content_prefix=prefix,
            max_context_window=model.info.get("max_input_tokens") or 0,
        )

    def load_tags_cache(self):
        self.TAGS_CACHE = {}

    def tags_cache_error(self, original_error=None):
        self.TAGS_CACHE = {}

    def get_repo_map(self, chat_files, other_files, mentioned_fnames=None, mentioned_idents=None, force_refresh=False):
        # aider asks twice for each request. Files that an edit changed are open, and those are not in the map.
        asked = frozenset(chat_files), frozenset(other_files), frozenset(mentioned_fnames or ()), frozenset(mentioned_idents or ())
        if self._last and self._last[0] == asked:
            return self._last[1]
        started = time.monotonic()
        self._until = started + self._seconds_left
        try:
            found = super().get_repo_map(chat_files, other_files, mentioned_fnames, mentioned_idents, force_refresh)
            self._last = asked, found
            return found
        except OutOfTime:
            self.trouble = "the repository map took too long"
        except Exception as err:
            # A parser's trouble with one odd file must not cost the task: the names alone will do.
            self.trouble = f"the repository map failed ({type(err).__name__})"
        finally:
            self._seconds_left -= time.monotonic() - started
        self.max_map_tokens = 0
        return None

    def get_rel_fname(self, fname):
        return fname[len(self.root) + 1 :] if fname.startswith(self.root + os.sep) else super().get_rel_fname(fname)

    def get_ranked_tags_map_uncached(self, chat_fnames, other_fnames=None, max_map_tokens=None, mentioned_fnames=None, mentioned_idents=None):
        # aider looks for how many of all tags fit, from the middle of them on, and so opened half of all files.
        self._most_tags = (max_map_tokens or self.max_map_tokens) // limits.TAG_TOKENS
        return super().get_ranked_tags_map_uncached(chat_fnames, other_fnames, max_map_tokens, mentioned_fnames, mentioned_idents)

    def get_ranked_tags(self, chat_fnames, other_fnames, mentioned_fnames, mentioned_idents, progress=None):
        """aider's tags, best first; a file without any is (path,)."""
        opened = {self.get_rel_fname(name) for name in chat_fnames}
        others = {self.get_rel_fname(name) for name in other_fnames}
        paths = sorted(opened | others)
        share = 100 / len(paths)
        drawn = {}
        for path in paths:
            self._check_time()
            if path not in self._known:
                self._known[path] = self._lookup(path)
            if found := ranking.personal(path, path in opened, path in mentioned_fnames, mentioned_idents, share):
                drawn[path] = found
        known = {path: self._known[path] for path in paths}
        files, best = ranking.ranked(known, opened, drawn, mentioned_idents, self._check_time)
        lines = {}
        for path in others:
            for name, line, _ in known[path].definitions:
                lines.setdefault((path, name), []).append(line)
        found = [Tag(path, f"{self.root}/{path}", line, name, "def")
                 for path, name in best if path not in opened for line in lines.get((path, name), ())]
        with_tags = {tag.rel_fname for tag in found}
        found += [(path,) for path in files if path not in with_tags]
        return (found + [(path,) for path in sorted(others.difference(files))])[: self._most_tags]

    def missing(self):
        """Paths of content that nobody knows yet: whoever has time may have them looked at (`look_at`)."""
        return [path for path, blob in self._tree.blobs.items()
                if (language := tags.language_of(path)) and self._rows.get(blob, language) is None]

    def look_at(self, path: str) -> tags.Known:
        """Finds what the file holds now; it is kept when it is the content that the index has."""
        blob, language = self._tree.blobs.get(path), tags.language_of(path)
        data = self._tree.read(os.path.join(self.root, path))
        if data is None or language is None:
            return tags.NOTHING
        known = tags.find(path, data)
        if blob and tags.blob_id(data, blob) == blob:
            self._rows.put(blob, language, known)
        return known

    def _lookup(self, path: str) -> tags.Known:
        blob, language = self._tree.blobs.get(path), tags.language_of(path)
        if not language:
            return tags.NOTHING
        known = self._rows.get(blob, language) if blob else None
        return self.look_at(path) if known is None else known

    def render_tree(self, abs_fname, rel_fname, lois):
        """The lines of interest with the first lines of what they stand in, as aider shows them."""
        self._check_time()
        if rel_fname not in self._shown:
            self._shown[rel_fname] = self._read(rel_fname)
        lines, shown = self._shown[rel_fname]
        return _written(lines, {at for line in lois for at in shown.get(line, ())})

    def _read(self, path: str) -> tuple[list[str], dict[int, list[int]]]:
        """The file's lines as they are now, and which of them are shown for each line of a definition. Where an earlier round has
        changed the file, a name's line in the index is taken for where that name is now."""
        blob, definitions = self._tree.blobs.get(path), self._known[path].definitions
        data = self._unchanged(path, blob) if blob else None
        changed = data is None
        if changed:
            data = self._tree.read(os.path.join(self.root, path))
        text = textfile.decode(data) if data is not None else None
        if text is None:
            return [], {}
        now = {}
        if changed:
            for name, line, around in tags.find(path, data).definitions:
                now.setdefault(name, (line, around))
            definitions = [(name, line, ()) for name, line, _ in definitions if name in now]
        shown = {}
        for name, line, around in definitions:
            at, pairs = now.get(name, (line, around))
            shown[line] = [at, *(each for first, end in zip(pairs[::2], pairs[1::2]) for each in range(first, end))]
        return text.content.splitlines(), shown

    def _unchanged(self, path: str, blob: str) -> bytes | None:
        """The file's bytes when they are what the index has. Such bytes may be shown wherever a link of a folder leads, so the
        path is not followed part by part."""
        try:
            at = os.open(f"{self.root}/{path}", os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError:
            return None
        try:
            data = os.read(at, limits.MAP_FILE_BYTES + 1)
        except OSError:
            return None
        finally:
            os.close(at)
        return data if tags.blob_id(data, blob) == blob else None

    def _check_time(self):
        if time.monotonic() > self._until:
            raise OutOfTime


def _written(lines: list[str], wanted: set[int]) -> str:
    """With a mark where lines are left out. A line alone between two that are shown is shown, and an empty one behind one."""
    shown = {at for line in wanted for at in ((line, line + 1) if line + 2 in wanted else (line,)) if 0 <= at < len(lines)}
    shown.update([line + 1 for line in shown if line + 1 < len(lines) and lines[line].strip() and not lines[line + 1].strip()])
    text, last = [], -1
    for line in sorted(shown):
        text.append(f"⋮\n│{lines[line]}\n" if line > last + 1 else f"│{lines[line]}\n")
        last = line
    return "".join(text) + ("⋮\n" if shown and last < len(lines) - 1 else "")
