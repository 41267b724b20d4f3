"""Pairs of pictures with nearly equal features, among all pairs there are.

All features are compared with all, tile by tile, as products of matrices: 10,000 pictures are fifty
million pairs and take seconds. What is kept of a picture are its nearest neighbours.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.progress_clock import ProgressClock

_ROWS_AT_ONCE, _COLUMNS_AT_ONCE = 512, 2048
_NEIGHBOURS_EACH = 24  # where all pictures look alike there would be millions


def directions(
    features: Sequence[NDArray[np.float32]], context: TaskContext
) -> NDArray[np.float16]:
    """Return features, (n, length), without what all have in common, each of length 1.

    Pictures of one kind (micrographs, signs) agree in most of what a network sees: in how they
    differ from the mean of all, two strangers agree no more than two photos of a holiday.

    Raises:
        Cancelled: the user cancelled.
    """
    length = len(features[0]) if features else 0
    units = np.empty((len(features), length), np.float16)  # half the room, and exact to 0.001
    starts = range(0, len(features), _COLUMNS_AT_ONCE)
    total = np.zeros(length)
    for start in starts:
        context.checkpoint()
        total += np.sum(features[start : start + _COLUMNS_AT_ONCE], axis=0, dtype=np.float64)
    middle = (total / max(1, len(features))).astype(np.float32)
    for start in starts:
        context.checkpoint()
        rows = np.stack(features[start : start + _COLUMNS_AT_ONCE]) - middle
        sizes = np.linalg.norm(rows, axis=1, keepdims=True)
        units[start : start + _COLUMNS_AT_ONCE] = rows / np.maximum(sizes, 1e-6)
    return units


def cosines(
    units: NDArray[np.float16], pairs: NDArray[np.int64], context: TaskContext
) -> NDArray[np.float32]:
    """Return the cosine of each pair of rows, shape (n,).

    Raises:
        Cancelled: the user cancelled.
    """
    found = np.empty(len(pairs), np.float32)
    for start in range(0, len(pairs), _COLUMNS_AT_ONCE):
        context.checkpoint()
        part = pairs[start : start + _COLUMNS_AT_ONCE]
        one, other = (units[part[:, side]].astype(np.float32) for side in (0, 1))
        found[start : start + _COLUMNS_AT_ONCE] = np.einsum("nl,nl->n", one, other)
    return found


def near_pairs(
    units: NDArray[np.float16], least_cosine: float, context: TaskContext
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Return pairs of rows, (n, 2), that agree at least so much, and their cosines, (n,).

    The second of a pair comes before the first; of each row there are at most its 24 nearest.

    Raises:
        Cancelled: the user cancelled.
    """
    count = len(units)
    found = [(np.empty((0, 2), np.int64), np.empty(0, np.float32))]
    clock = ProgressClock("Looking for look-alikes", max(1, count * (count + 1) // 2), context)
    for start in range(0, count, _ROWS_AT_ONCE):
        rows = units[start : start + _ROWS_AT_ONCE].astype(np.float32)
        places, others, scores = [], [], []
        for column in range(0, start + len(rows), _COLUMNS_AT_ONCE):
            context.checkpoint()
            stop = min(column + _COLUMNS_AT_ONCE, start + len(rows))
            table = rows @ units[column:stop].astype(np.float32).T
            row, other = np.nonzero(table >= least_cosine)
            before = other + column < row + start
            row, other = row[before], other[before]
            places.append(row + start)
            others.append(other + column)
            scores.append(table[row, other])
        found.append(
            _nearest(np.concatenate(places), np.concatenate(others), np.concatenate(scores))
        )
        done = start + len(rows)
        clock.report(done * (done + 1) // 2)
    pairs, cosines_of_pairs = zip(*found, strict=True)
    return np.concatenate(pairs), np.concatenate(cosines_of_pairs)


def _nearest(
    rows: NDArray[np.int64], others: NDArray[np.int64], scores: NDArray[np.float32]
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    order = np.lexsort((others, -scores, rows))
    rows, others = rows[order], others[order]
    rank = np.arange(len(rows)) - np.searchsorted(rows, rows)
    kept = rank < _NEIGHBOURS_EACH
    return np.stack([rows[kept], others[kept]], axis=1), scores[order][kept]
