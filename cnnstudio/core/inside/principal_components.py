"""PCA: the directions in which rows of numbers differ most (principal component analysis)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from cnnstudio.core.jobs import TaskContext

KEPT_COMPONENTS = 50

_LONGEST_EXACT = 1500
_ROWS_AT_ONCE = 1000
# Of rows that are longer: a few directions more than are kept, and rounds that sharpen them
# (Halko, Martinsson and Tropp 2011).
_SPARE_DIRECTIONS = 10
_ROUNDS = 4

_Rows = npt.NDArray[np.float32]


def principal_components(
    features: npt.NDArray[np.floating], context: TaskContext | None = None
) -> _Rows:
    """Return the coordinates along the directions in which features differ most, largest first.

    Args:
        features: shape (n, length), at least one row.
        context: cancelling.

    Returns:
        Shape (n, k), k at most 50 and at least 2; where there are fewer directions, zeros.

    Raises:
        Cancelled: the user cancelled.
    """
    context = context or TaskContext()
    centred = (features - features.mean(axis=0, dtype=np.float64)).astype(np.float32)
    length = centred.shape[1]
    kept = min(KEPT_COMPONENTS, length)
    with threadpool_limits(1, user_api="blas"):  # the window needs a core meanwhile
        if length <= _LONGEST_EXACT:
            basis = np.eye(length, dtype=np.float32)
        else:
            basis = _rough_directions(centred, kept + _SPARE_DIRECTIONS, context)
        # The covariance has the size of a row, however many pictures there are.
        covariance = np.zeros((basis.shape[1], basis.shape[1]))
        for start in range(0, len(centred), _ROWS_AT_ONCE):
            context.checkpoint()
            rows = centred[start : start + _ROWS_AT_ONCE]
            rows = rows if length <= _LONGEST_EXACT else rows @ basis
            covariance += rows.T @ rows
        context.checkpoint()
        _, directions = np.linalg.eigh(covariance)
        context.checkpoint()
        chosen = basis.astype(np.float64) @ directions[:, ::-1][:, :kept]
        # The sign of a direction means nothing: fix it, so that a map does not flip from day to
        # day.
        strongest = chosen[np.abs(chosen).argmax(axis=0), np.arange(kept)]
        components = np.zeros((len(features), max(kept, 2)), np.float32)
        chosen = (chosen * np.where(strongest < 0, -1.0, 1.0)).astype(np.float32)
        components[:, :kept] = centred @ chosen
    return components


def _rough_directions(centred: _Rows, count: int, context: TaskContext) -> _Rows:
    """Return orthogonal directions, shape (length, count), that hold nearly all of the largest."""
    random = np.random.default_rng(0)
    basis: _Rows = random.normal(size=(centred.shape[1], count)).astype(np.float32)
    for _ in range(_ROUNDS):
        turned = np.zeros_like(basis)
        for start in range(0, len(centred), _ROWS_AT_ONCE):
            context.checkpoint()
            rows = centred[start : start + _ROWS_AT_ONCE]
            turned += rows.T @ (rows @ basis)
        basis = np.linalg.qr(turned)[0].astype(np.float32)
    return basis
