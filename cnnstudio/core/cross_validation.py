"""What a simple model says about each picture when it has not learned that picture."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.progress_clock import ProgressClock
from cnnstudio.core.softmax_regression import Features, fit_softmax_regression

FOLDS = 5
_SEED = 0


def out_of_fold_probabilities(
    features: Features,
    labels: npt.NDArray[np.integer],
    fingerprints: Sequence[str],
    class_count: int,
    context: TaskContext,
) -> npt.NDArray[np.float64]:
    """Return class probabilities by models that learned the other pictures, shape (n, classes).

    The pictures are dealt to 5 folds (fewer when there are fewer different pictures); each fold is
    answered by a model that learned the others. The same input gives the same output.

    Args:
        features: shape (n, length).
        labels: class indices, shape (n,); of each class two different pictures at least.
        fingerprints: pictures with the same one are copies and come into the same fold.
        class_count: the number of classes.
        context: progress, and cancelling between steps of the learning.

    Raises:
        Cancelled: the user cancelled.
    """
    folds = deal_to_folds(labels, fingerprints)
    probabilities = np.empty((len(labels), class_count))
    numbers = np.unique(folds)
    clock = ProgressClock("Comparing the labels", len(numbers), context)
    for done, fold in enumerate(numbers, start=1):
        is_asked = folds == fold
        model = fit_softmax_regression(features[~is_asked], labels[~is_asked], class_count, context)
        probabilities[is_asked] = model.probabilities(features[is_asked])
        clock.report(done)
    return probabilities


def deal_to_folds(
    labels: npt.NDArray[np.integer], fingerprints: Sequence[str]
) -> npt.NDArray[np.int64]:
    """Return the fold of each picture, from 0, shape (n,).

    Copies come into the same fold. Classes are dealt out evenly one after the other, so that one
    with two different pictures never lies in one fold alone, whose model would not have learned it.
    (Unless they are copies of pictures in another class.)
    """
    _, first, group = np.unique(
        np.asarray(fingerprints, dtype=np.str_), return_index=True, return_inverse=True
    )
    shuffled = np.random.default_rng(_SEED).permutation(len(first))
    by_class = shuffled[np.argsort(labels[first[shuffled]], kind="stable")]
    fold_of_group = np.empty(len(first), np.int64)
    fold_of_group[by_class] = np.arange(len(first)) % FOLDS
    return fold_of_group[group]
