"""t-SNE in two dimensions: neighbours stay together (van der Maaten and Hinton 2008).

openTSNE computes it (Poličar and others 2024): its time grows with the number of points and no
faster (Linderman and others 2019), and between two iterations it can be cancelled, or looked at.
That of scikit-learn takes a minute and more for 250 iterations on 10,000 points, in one piece.
The neighbours are found here, a block of points after the other: openTSNE's own search is one
piece, too, of some seconds.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.progress_clock import ProgressClock

Places = npt.NDArray[np.float32]
"""Where points are, shape (n, 2), in no unit."""

PERPLEXITY = 30
EARLY, LATER = 250, 500
"""Iterations with attraction exaggerated, and without."""

_BETWEEN_CHECKS = 5
_BETWEEN_LOOKS = 10
_BARNES_HUT_UP_TO = 2500  # points; for fewer it takes half the time of the Fourier transforms
_PAIRS_AT_ONCE = 2_000_000
# In an import nothing can be cancelled: one after the other.
_IMPORTED = ("scipy.sparse.linalg", "scipy.stats", "sklearn.metrics", "sklearn.neighbors")


def tsne(
    points: npt.NDArray[np.floating],
    context: TaskContext,
    look: Callable[[Places], None] | None = None,
) -> Places:
    """Return places in a plane, shape (n, 2); the same for the same points.

    Args:
        points: shape (n, k), n at least 4; the first two columns should be the largest principal
            components, where the places begin.
        context: progress and cancelling, noticed every 5 iterations.
        look: is given the places every 10 iterations.

    Raises:
        Cancelled: the user cancelled.
    """
    clock = ProgressClock("Arranging the map", EARLY + LATER, context)
    for name in _IMPORTED:
        context.checkpoint()
        importlib.import_module(name)
    from openTSNE import TSNE
    from openTSNE.affinity import PerplexityBasedNN
    from openTSNE.nearest_neighbors import PrecomputedNeighbors

    count = len(points)
    perplexity = min(PERPLEXITY, (count - 1) / 3)
    found = nearest_neighbours(points, min(count - 1, int(3 * perplexity)), context)
    affinities = PerplexityBasedNN(
        perplexity=perplexity, knn_index=PrecomputedNeighbors(*found), n_jobs=1
    )
    context.checkpoint()
    clock = ProgressClock("Arranging the map", EARLY + LATER, context)
    done = 0

    def after_some(_iteration: int, _error: float, places: Any) -> None:
        nonlocal done
        done += _BETWEEN_CHECKS
        context.checkpoint()
        clock.report(min(done, EARLY + LATER))
        if look is not None and done % _BETWEEN_LOOKS == 0:
            look(np.array(places, np.float32))

    begin = points[:, :2].astype(np.float64)
    begin *= 1e-4 / max(float(begin[:, 0].std()), 1e-12)
    placed = TSNE(
        perplexity=perplexity,
        early_exaggeration_iter=EARLY,
        n_iter=LATER,
        negative_gradient_method="bh" if count <= _BARNES_HUT_UP_TO else "fft",
        callbacks=after_some,
        callbacks_every_iters=_BETWEEN_CHECKS,
        n_jobs=1,  # the window needs a core meanwhile
        random_state=0,
    ).fit(affinities=affinities, initialization=begin)
    return np.array(placed, np.float32)


def nearest_neighbours(
    points: npt.NDArray[np.floating], count: int, context: TaskContext
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Return the other points that lie nearest to each, and how far away, the nearest first.

    Args:
        points: shape (n, k).
        count: how many neighbours, from 1 to n - 1.
        context: cancelling.

    Returns:
        Rows of `points` and distances, both of shape (n, count).

    Raises:
        Cancelled: the user cancelled; noticed within a fraction of a second.
    """
    points = points - points.mean(axis=0)  # far from 0 the products lose what tells points apart
    columns = np.ascontiguousarray(points.T, np.float32)
    squares = np.square(columns).sum(axis=0)
    neighbours = np.empty((len(points), count), np.int64)
    distances = np.empty((len(points), count))
    block = max(1, _PAIRS_AT_ONCE // len(points))
    for start in range(0, len(points), block):
        context.checkpoint()
        rows = np.arange(start, min(start + block, len(points)))
        with threadpool_limits(1, user_api="blas"):  # the window needs a core meanwhile
            apart = columns[:, rows].T @ (-2 * columns)
        apart += squares
        apart[np.arange(len(rows)), rows] = np.inf
        near = np.argpartition(apart, count - 1, axis=1)[:, :count]
        exact = np.sqrt(np.square(points[near] - points[rows][:, None]).sum(axis=2))
        order = exact.argsort(axis=1, kind="stable")
        neighbours[rows] = np.take_along_axis(near, order, axis=1)
        distances[rows] = np.take_along_axis(exact, order, axis=1)
    return neighbours, distances
