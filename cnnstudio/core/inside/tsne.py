"""t-SNE in two dimensions: neighbours stay together (van der Maaten and Hinton 2008).

That of scikit-learn takes a minute and more for 250 iterations on 10,000 points, and cannot be
interrupted. Here the repulsion of all pairs is a convolution on a grid (Linderman and others 2019,
"Fast interpolation-based t-SNE"): some tens of milliseconds, and between two iterations it can be
cancelled, or looked at.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.progress_clock import ProgressClock

Places = npt.NDArray[np.float32]
"""Where points are, shape (n, 2), in no unit."""

PERPLEXITY = 30
EXAGGERATED = 250
FEW = 2000
"""Up to so many points the exact repulsion is as fast as the grid's."""

ITERATIONS = 750

_EXAGGERATION = 12.0
_MOMENTUM_EARLY, _MOMENTUM = 0.5, 0.8
_ITERATIONS_BETWEEN_LOOKS = 25
_NODES = 3  # of each box of the grid and direction
_FEWEST_BOXES, _MOST_BOXES = 20, 100
_ROWS_AT_ONCE = 500
_BISECTIONS = 40

_Array = npt.NDArray[np.float64]


def tsne(
    points: npt.NDArray[np.floating],
    context: TaskContext,
    look: Callable[[Places], None] | None = None,
) -> Places:
    """Return places in a plane, shape (n, 2); the same for the same points.

    Args:
        points: shape (n, k), n at least 4; the first two columns should be the largest principal
            components, where the places begin.
        context: progress and cancelling, noticed at every iteration.
        look: is given the places every 25 iterations.

    Raises:
        Cancelled: the user cancelled.
    """
    # On all cores these small products take ten times as long where others work, too.
    with threadpool_limits(1, user_api="blas"):
        return _tsne(points, context, look)


def _tsne(
    points: npt.NDArray[np.floating],
    context: TaskContext,
    look: Callable[[Places], None] | None,
) -> Places:
    pairs = _Pairs(points, context)
    count = len(points)
    scale = max(float(points[:, 0].std()), 1e-12)
    places: _Array = points[:, :2].astype(np.float64) / scale * 1e-4
    rate = max(count / _EXAGGERATION / 4, 50.0)
    step, gains = np.zeros_like(places), np.ones_like(places)
    clock = ProgressClock("Arranging the map", ITERATIONS, context)
    for done in range(1, ITERATIONS + 1):
        context.checkpoint()
        is_early = done <= EXAGGERATED
        pull = pairs.attraction(places) * (_EXAGGERATION if is_early else 1.0)
        gradient = 4 * (pull - repulsion(places))
        is_same_way = step * gradient > 0
        gains = np.maximum(np.where(is_same_way, gains * 0.8, gains + 0.2), 0.01)
        step = (_MOMENTUM_EARLY if is_early else _MOMENTUM) * step - rate * gains * gradient
        places = places + step
        places -= places.mean(axis=0)
        clock.report(done)
        if look is not None and done % _ITERATIONS_BETWEEN_LOOKS == 0:
            look(places.astype(np.float32))
    return places.astype(np.float32)


def repulsion(places: _Array) -> _Array:
    """Return the repulsion of each point by all others, shape (n, 2), for places of that shape."""
    return repulsion_of_pairs(places) if len(places) <= FEW else repulsion_on_grid(places)


def repulsion_of_pairs(places: _Array) -> _Array:
    """Return the repulsion exactly; time and memory grow with the square of n."""
    lengths = (places**2).sum(axis=1)
    near = places @ places.T
    near *= -2
    near += lengths[:, None] + 1
    near += lengths
    np.reciprocal(near, out=near)
    np.fill_diagonal(near, 0)
    total = max(float(near.sum()), 1e-12)
    near *= near
    push: _Array = (places * near.sum(axis=1, keepdims=True) - near @ places) / total
    return push


def repulsion_on_grid(places: _Array) -> _Array:
    """Return the repulsion to within some per cent, in a time that hardly grows with n."""
    from scipy import fft, sparse

    count = len(places)
    low = places.min(axis=0)
    span = max(float((places.max(axis=0) - low).max()), 1e-9) * (1 + 1e-9)
    boxes = int(np.clip(np.ceil(span), _FEWEST_BOXES, _MOST_BOXES))
    side, spacing = _NODES * boxes, span / (_NODES * boxes)
    # Each point spreads what it carries over the nine nodes of its box, with Lagrange's weights.
    at = (places - low) / spacing
    box = np.minimum((at // _NODES).astype(np.int64), boxes - 1)
    within = at - _NODES * box - 0.5
    weights = np.stack(
        [
            (within - 1) * (within - 2) / 2,
            within * (2 - within),
            within * (within - 1) / 2,
        ],
        axis=2,
    )
    nodes = _NODES * box[:, :, None] + np.arange(_NODES)
    columns = (nodes[:, 0, :, None] * side + nodes[:, 1, None, :]).reshape(-1)
    values = (weights[:, 0, :, None] * weights[:, 1, None, :]).reshape(-1)
    rows = np.arange(0, len(columns) + 1, _NODES**2)
    to_nodes = sparse.csr_array((values, columns, rows), shape=(count, side * side))
    # On the grid the sum over all pairs is a convolution with the kernel.
    offsets = np.minimum(np.arange(2 * side), 2 * side - np.arange(2 * side)) * spacing
    near = 1 / (1 + offsets[:, None] ** 2 + offsets[None, :] ** 2)
    charges = np.column_stack([np.ones(count), places])
    grid = (to_nodes.T @ charges).T.reshape(3, side, side)
    shape = (2 * side, 2 * side)
    spectra = fft.rfft2(grid, shape)
    kernel, squared = fft.rfft2(np.stack([near, near**2]))
    product = np.concatenate([spectra[:1] * kernel, spectra * squared])
    felt = fft.irfft2(product, shape)[:, :side, :side].reshape(4, -1)
    sums, weight, weighted = np.split((to_nodes @ felt.T), [1, 2], axis=1)
    total = max(float(sums.sum()) - count, 1e-12)  # without the pairs of a point and itself
    push: _Array = (places * weight - weighted) / total
    return push


class _Pairs:
    """How probable it is that two points are neighbours, for those that may be."""

    def __init__(self, points: npt.NDArray[np.floating], context: TaskContext) -> None:
        from scipy import sparse

        count = len(points)
        perplexity = min(PERPLEXITY, (count - 1) / 3)
        neighbours, distances = _nearest(points, min(count - 1, int(3 * perplexity)), context)
        chances = _chances(distances, perplexity)
        ends = np.arange(0, chances.size + 1, chances.shape[1])
        given = sparse.csr_array(
            (chances.reshape(-1), neighbours.reshape(-1), ends), shape=(count, count)
        )
        joint = (given + given.T).tocoo()
        self._from, self._to = joint.coords
        self._chance = joint.data / (2 * count)
        self._count = count

    def attraction(self, places: _Array) -> _Array:
        """Return the pull on each point, shape (n, 2)."""
        x, y = (each[self._from] - each[self._to] for each in places.T)
        pull = self._chance / (1 + x * x + y * y)
        return np.column_stack(
            [np.bincount(self._from, pull * each, minlength=self._count) for each in (x, y)]
        )


def _nearest(
    points: npt.NDArray[np.floating], wanted: int, context: TaskContext
) -> tuple[npt.NDArray[np.int64], _Array]:
    """The `wanted` nearest others of each point and their squared distances."""
    count = len(points)
    lengths = (points.astype(np.float64) ** 2).sum(axis=1)
    neighbours = np.empty((count, wanted), np.int64)
    distances = np.empty((count, wanted))
    for start in range(0, count, _ROWS_AT_ONCE):
        context.checkpoint()
        rows = np.arange(start, min(start + _ROWS_AT_ONCE, count))
        apart = lengths[rows, None] + lengths - 2 * (points[rows] @ points.T)
        apart[np.arange(len(rows)), rows] = np.inf
        found = np.argpartition(apart, wanted - 1, axis=1)[:, :wanted]
        neighbours[rows] = found
        distances[rows] = np.maximum(np.take_along_axis(apart, found, axis=1), 0)
    return neighbours, distances


def _chances(distances: _Array, perplexity: float) -> _Array:
    """Chances of each neighbour, of a width at which they are as uncertain as is wanted."""
    apart = distances - distances.min(axis=1, keepdims=True)
    scale = np.maximum(apart.mean(axis=1, keepdims=True), 1e-12)
    apart = apart / scale
    low, high = np.full(scale.shape, -20.0), np.full(scale.shape, 20.0)
    chances: _Array = apart
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        raw = np.exp(-apart * np.exp(middle))
        chances = raw / raw.sum(axis=1, keepdims=True)
        entropy = -(chances * np.log(np.maximum(chances, 1e-300))).sum(axis=1, keepdims=True)
        is_wide = entropy > np.log(perplexity)
        low, high = np.where(is_wide, middle, low), np.where(is_wide, high, middle)
    return chances
