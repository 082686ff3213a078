"""Which definitions of a repository matter most: aider's rank of its map, computed from what is known of each file's content.

A file that uses a name points to each file that defines it. The rank of files (PageRank, drawn to those that the order speaks of) is
handed on along the names, and a name's definitions are as important as what it is handed. The same figures as aider's own, which
takes 0.4 s more: it builds a graph of objects, loads SciPy for it, and looks at each file on the disk.
"""

import math
import os
from collections import defaultdict
from collections.abc import Callable, Iterable

import numpy

DAMPING, ROUNDS, TOLERANCE = 0.85, 100, 1e-6


def personal(path: str, opened: bool, mentioned: bool, idents: set[str], share: float) -> float:
    """How much the order speaks of this file."""
    parts = path.split("/")
    drawn = share if opened or mentioned else 0.0
    if not idents.isdisjoint(parts) or os.path.splitext(parts[-1])[0] in idents:
        drawn += share
    return drawn


def weight(name: str, mentioned: bool, definers: int) -> float:
    has_letters = any(c.isalpha() for c in name)
    of_words = (("_" in name or "-" in name) and has_letters) or (any(c.isupper() for c in name) and any(c.islower() for c in name))
    most = 10.0 if mentioned else 1.0
    most *= 10.0 if of_words and len(name) >= 8 else 1.0
    most *= 0.1 if name.startswith("_") else 1.0
    return most * (0.1 if definers > 5 else 1.0)


def ranked(known: dict, opened: set[str], drawn: dict[str, float], idents: set[str], check_time: Callable[[], None]):
    """(files by rank, [(file, name)] by rank), both best first. `known`: path → tags.Known; `drawn`: what `personal` gave, where
    it is not 0."""
    defines: dict[str, dict[str, None]] = defaultdict(dict)
    uses: dict[str, dict[str, int]] = defaultdict(dict)
    for path, of in known.items():
        for name, *_ in of.definitions:
            defines[name][path] = None
        for name, count in of.uses:
            uses[name][path] = count
    if not uses:
        uses = {name: dict.fromkeys(paths, 1) for name, paths in defines.items()}
    check_time()
    numbers: dict[str, int] = {}
    edges = list(_edges(defines, uses, opened, idents, numbers))
    if not edges:
        return [], []
    check_time()
    sources, targets, names, weights = zip(*edges)
    sources, targets, weights = numpy.array(sources), numpy.array(targets), numpy.array(weights)
    paths = list(numbers)
    rank, leaving = _page_rank(sources, targets, weights, len(paths), [drawn.get(path, 0.0) for path in paths])
    handed: dict[tuple[str, str], float] = defaultdict(float)
    for target, name, share in zip(targets.tolist(), names, (rank[sources] * weights / leaving[sources]).tolist()):
        handed[paths[target], name] += share
    best = sorted(handed.items(), key=lambda item: (item[1], item[0]), reverse=True)
    files = sorted(zip(rank.tolist(), paths), reverse=True)
    return [path for _, path in files], [key for key, _ in best]


def _edges(defines, uses, opened: set[str], idents: set[str], numbers: dict[str, int]) -> Iterable[tuple[int, int, str, float]]:
    """From who uses a name to who defines it. A name that nobody uses holds its file a little."""

    def number(path: str) -> int:
        return numbers.setdefault(path, len(numbers))

    for name, definers in defines.items():
        if name not in uses:
            for path in definers:
                yield number(path), number(path), name, 0.1
            continue
        factor = weight(name, name in idents, len(definers))
        for user, count in uses[name].items():
            strength = factor * math.sqrt(count) * (50.0 if user in opened else 1.0)
            for path in definers:
                yield number(user), number(path), name, strength


def _page_rank(sources, targets, weights, count: int, drawn: list[float]):
    leaving = numpy.bincount(sources, weights, count)
    shares = weights / leaving[sources]
    wanted = numpy.array(drawn)
    wanted = wanted / wanted.sum() if wanted.sum() > 0 else numpy.full(count, 1.0 / count)
    ends = leaving == 0
    rank = numpy.full(count, 1.0 / count)
    for _ in range(ROUNDS):
        before = rank
        rank = DAMPING * (numpy.bincount(targets, before[sources] * shares, count) + before[ends].sum() * wanted) + (1 - DAMPING) * wanted
        if numpy.abs(rank - before).sum() < count * TOLERANCE:
            break
    return rank, leaving
