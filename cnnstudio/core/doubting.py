"""Which labels are probably wrong: confident learning.

Northcutt, Jiang and Chuang, "Confident Learning: Estimating Uncertainty in Dataset Labels", Journal
of Artificial Intelligence Research 70 (2021), with what the library cleanlab does by default: prune
by noise rate, then order by self-confidence.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

# So that a probability that equals the threshold but for rounding counts as reaching it.
_TOLERANCE = 1e-6


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

    The confident joint says how many pictures with the label i are really of the class j. That
    many are doubted: those whose probability of j exceeds that of i most. A label that is itself
    the most probable class is never doubted.

    Args:
        labels: class indices, shape (n,).
        probabilities: shape (n, classes), each row by a model that did not learn that picture.
    """
    joint = confident_joint(labels, probabilities)
    is_doubted = np.zeros(len(labels), bool)
    for given, really in np.argwhere(joint > 0):
        if given == really:
            continue
        of_class = np.flatnonzero(labels == given)
        margins = probabilities[of_class, really] - probabilities[of_class, given]
        count = min(int(joint[given, really]), len(of_class))
        smallest = np.partition(margins, len(margins) - count)[len(margins) - count]
        is_doubted[of_class[margins >= smallest]] = True
    suggested = probabilities.argmax(axis=1)
    places = np.flatnonzero(is_doubted & (suggested != labels))
    confidence = probabilities[places, labels[places]].astype(np.float64)
    order = np.argsort(confidence, kind="stable")
    places = places[order]
    return Doubts(places, labels[places].astype(np.int64), suggested[places], confidence[order])


def confident_joint(
    labels: npt.NDArray[np.integer], probabilities: npt.NDArray[np.floating]
) -> npt.NDArray[np.int64]:
    """Estimate how many pictures with each label (row) are really of each class (column).

    A picture counts for a class when its probability reaches what pictures with that label have on
    average; for the most probable class when it reaches several. Rows add up to the number of
    pictures with that label.

    Args:
        labels: class indices, shape (n,).
        probabilities: shape (n, classes).

    Returns:
        Counts, shape (classes, classes).
    """
    count, size = probabilities.shape
    held = np.bincount(labels, minlength=size)
    own = np.bincount(labels, probabilities[np.arange(count), labels], size)
    # No picture can be sure of a class that no label names.
    thresholds = np.where(held > 0, own / np.maximum(held, 1), np.inf)
    reached = probabilities >= thresholds - _TOLERANCE
    most_probable, first_reached = probabilities.argmax(axis=1), reached.argmax(axis=1)
    really = np.where(reached.sum(axis=1) > 1, most_probable, first_reached)
    is_sure = reached.any(axis=1)
    counts = np.zeros((size, size), np.int64)
    np.add.at(counts, (labels[is_sure], really[is_sure]), 1)
    np.fill_diagonal(counts, np.maximum(np.diag(counts), 1))
    shares = counts / counts.sum(axis=1, keepdims=True)
    return np.stack([_whole(row, total) for row, total in zip(shares, held, strict=True)])


def _whole(shares: npt.NDArray[np.float64], total: int) -> npt.NDArray[np.int64]:
    """Divide a number by shares into whole numbers that add up to it: largest remainders first."""
    exact = shares * total
    whole = np.floor(exact).astype(np.int64)
    missing = int(total - whole.sum())
    whole[np.argsort(whole - exact, kind="stable")[:missing]] += 1
    return whole
