"""Whether a run can be taken at its word: how sure it says it is, how often it is right."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cnnstudio.core.evaluation.evaluation import Evaluation
from cnnstudio.core.metrics import wilson_interval

BINS = 15
"""As many as in the paper that made the figure known: Guo et al. 2017, section 2."""


@dataclass(frozen=True)
class CalibrationBin:
    """Pictures whose likeliest class got a probability in (low, high], 0 to 1.

    `confidence` is the mean of those probabilities, `accuracy` the share that is right; `interval`
    is its 95 % Wilson interval.
    """

    low: float
    high: float
    count: int
    right: int
    confidence: float
    accuracy: float
    interval: tuple[float, float]


@dataclass(frozen=True)
class Calibration:
    """`bins` are those with pictures, from low to high; `error` is 0 to 1.

    `error` is the expected calibration error (Guo et al. 2017): the mean distance of confidence and
    accuracy over 15 bins, each weighted by its pictures. Of few pictures much of it is chance.
    """

    error: float
    confidence: float
    bins: tuple[CalibrationBin, ...]


def calibration_of(evaluation: Evaluation) -> Calibration:
    """Compare how sure a run was of its answers with how often they are right.

    `evaluation` has one picture or more. scikit-learn is imported.
    """
    from sklearn.calibration import calibration_curve

    confidence = evaluation.probabilities.max(axis=1).astype(float).clip(0.0, 1.0)
    right = evaluation.is_right
    accuracies, confidences = calibration_curve(right, confidence, n_bins=BINS)
    # The curve has no counts: they are taken in the same bins.
    edges = np.linspace(0.0, 1.0, BINS + 1)
    places = np.searchsorted(edges[1:-1], confidence)
    counts = np.bincount(places, minlength=BINS)
    hits = np.bincount(places[right], minlength=BINS)
    filled = np.flatnonzero(counts)
    bins = tuple(
        CalibrationBin(
            float(edges[place]),
            float(edges[place + 1]),
            int(counts[place]),
            int(hits[place]),
            float(mean),
            float(accuracy),
            wilson_interval(int(hits[place]), int(counts[place])),
        )
        for place, accuracy, mean in zip(filled, accuracies, confidences, strict=True)
    )
    distances = np.abs(accuracies - confidences)
    return Calibration(
        float(np.average(distances, weights=counts[filled])), float(confidence.mean()), bins
    )
