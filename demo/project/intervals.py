"""Closed intervals of whole numbers, as (start, end) pairs."""


def merge(intervals):
    """Joins intervals that overlap or touch; gives them sorted."""
    merged = []
    for start, end in sorted(intervals):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], end)
        else:
            merged.append((start, end))
    return merged


def length(intervals):
    """How many whole numbers the intervals hold together."""
    return sum(end - start + 1 for start, end in merge(intervals))
