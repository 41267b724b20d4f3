"""Joining pictures to groups, pair by pair, the surest first, as long as no group swallows a class.

That is single-linkage clustering (Kruskal's algorithm) but for one thing: a pair whose groups would
become too large together is passed over. So where everything is alike a little, what is most alike
stays together.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from cnnstudio.core.jobs import TaskContext

_FEWEST_GROUPS = 3
_LEAST_BESIDE = 0.2  # of a class must lie outside its largest group, to be tested with
_PARTS_OF_DIVIDED = 6  # about what validation and test want each
_BETWEEN_CHECKPOINTS = 4096


def join(
    labels: Sequence[int],
    certain: NDArray[np.int64],
    likely: NDArray[np.int64],
    context: TaskContext,
) -> tuple[NDArray[np.int64], list[int]]:
    """Return a group number for each picture, shape (n,), and the classes that had to be divided.

    Likely pairs make no group larger than half of a class; certain ones may. A class of which then
    hardly anything lies outside its largest group could not be tested: its groups are made anew,
    each at most a sixth of the class.

    Args:
        labels: the class of each picture.
        certain: pairs of pictures that belong together whatever follows, shape (n, 2), in order:
            a group that must be divided is divided along it.
        likely: pairs that look alike, the most alike first.
        context: cancelling.

    Raises:
        Cancelled: the user cancelled.
    """
    sizes = Counter(labels)
    halves = {label: max(2, size // 2) for label, size in sizes.items()}
    groups = _joined(labels, certain, likely, {}, halves, context)
    label_of = np.asarray(labels)
    divided = [label for label in sorted(sizes) if _is_one_lump(groups[label_of == label])]
    if divided:
        parts = {label: -(-sizes[label] // _PARTS_OF_DIVIDED) for label in divided}
        groups = _joined(labels, certain, likely, parts, halves | parts, context)
    return groups, divided


def _is_one_lump(groups: NDArray[np.int64]) -> bool:
    """Whether a class, whose groups these are, could not be dealt to three parts."""
    counts = Counter(groups.tolist())
    size = counts.total()
    beside = size - max(counts.values())
    return size >= _FEWEST_GROUPS and (
        len(counts) < _FEWEST_GROUPS or beside < _LEAST_BESIDE * size
    )


def _joined(
    labels: Sequence[int],
    certain: NDArray[np.int64],
    likely: NDArray[np.int64],
    most_certain: dict[int, int],
    most_likely: dict[int, int],
    context: TaskContext,
) -> NDArray[np.int64]:
    root = list(range(len(labels)))
    counts = defaultdict(Counter[int], {at: Counter([label]) for at, label in enumerate(labels)})

    def find(place: int) -> int:
        while root[place] != place:
            root[place] = root[root[place]]
            place = root[place]
        return place

    for pairs, most in ((certain, most_certain), (likely, most_likely)):
        for number, (one, other) in enumerate(pairs.tolist()):
            if number % _BETWEEN_CHECKPOINTS == 0:
                context.checkpoint()
            first, second = sorted((find(one), find(other)))
            if first == second:
                continue
            together = counts[first] + counts[second]
            if any(together[label] > most.get(label, len(labels)) for label in together):
                continue
            root[second] = first
            counts[first] = together
            del counts[second]
    return np.array([find(place) for place in range(len(labels))], np.int64)
