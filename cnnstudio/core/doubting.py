"""Which labels are probably wrong: confident learning.

Northcutt, Jiang and Chuang, "Confident Learning: Estimating Uncertainty in Dataset Labels", Journal
of Artificial Intelligence Research 70 (2021).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class Doubts:
    """Pictures whose label is probably wrong, most doubtful first; all arrays have shape (m,).

    `places` says which rows they are, `given` and `suggested` are class indices, and
    `self_confidence` is the probability of the given class, 0 to 1.
    """

    places: npt.NDArray[np.int64]
    given: npt.NDArray[np.int64]
    suggested: npt.NDArray[np.int64]
    self_confidence: npt.NDArray[np.float64]


def find_doubts(labels: npt.NDArray[np.integer], probabilities: npt.NDArray[np.floating]) -> Doubts:
    """Return the labels that are probably wrong.

    Args:
        labels: class indices, shape (n,).
        probabilities: shape (n, classes), each row by a model that did not learn that picture.
    """
    raise NotImplementedError
