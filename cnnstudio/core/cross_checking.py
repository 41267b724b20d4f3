"""How well a set is told apart, when it is too small for its test part to say.

A classifier on features is learned in seconds, so it can be learned many times: the pictures are
dealt to five folds, each fold is answered by a model that learned the others, and all of that is
repeated with other folds. Every picture is asked about, none by a model that learned it or a
look-alike. The test part takes no part: it is used once, by the run.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.metrics import wilson_interval
from cnnstudio.core.progress_clock import ProgressClock
from cnnstudio.core.softmax_regression import Features, fit_softmax_regression

FOLDS = 5
REPEATS = 4
FEWEST_TEST_PICTURES = 50
"""With fewer, the test part's own interval is wider than ten points either way."""

FEWEST_PICTURES = 400

_FEWEST_GROUPS = 2


@dataclass(frozen=True)
class CrossCheck:
    """Figures of answers by models that had not learned the picture.

    `accuracy` is the mean over `pictures` pictures and `repeats` of `folds` folds, `low` and `high`
    its 95 % interval, each 0 to 1. `recalls` has the share that was right of each class, None for
    one that was left out because all its pictures belong together.
    """

    accuracy: float
    low: float
    high: float
    pictures: int
    groups: int
    folds: int
    repeats: int
    recalls: tuple[float | None, ...]

    @property
    def sentence(self) -> str:
        """What came out, for the window."""
        repeated = f", repeated {self.repeats} times" if self.repeats > 1 else ""
        return (
            f"{self.folds}-fold cross-validation{repeated}: {self.accuracy:.0%} right, somewhere"
            f" between {self.low:.0%} and {self.high:.0%}."
        ).replace("%", " %")

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> CrossCheck:
        """Read what `to_dict` made.

        Raises:
            ValueError: a value is missing or of another kind.
        """
        try:
            return cls(
                float(plain["accuracy"]),
                float(plain["low"]),
                float(plain["high"]),
                int(plain["pictures"]),
                int(plain["groups"]),
                int(plain["folds"]),
                int(plain["repeats"]),
                tuple(None if each is None else float(each) for each in plain["recalls"]),
            )
        except (KeyError, TypeError) as error:
            raise ValueError("this is no cross-check") from error


def is_small(picture_count: int, test_count: int) -> bool:
    """Return whether a set is so small that a cross-check says more than its test part."""
    return picture_count < FEWEST_PICTURES or test_count < FEWEST_TEST_PICTURES


def cross_check(
    features: Features,
    labels: npt.NDArray[np.integer],
    groups: Sequence[int],
    class_count: int,
    seed: int,
    context: TaskContext,
) -> CrossCheck | None:
    """Return how often models are right about pictures they did not learn, and how sure that is.

    The interval is Wilson's (1927). It counts look-alikes as if they were right or wrong together:
    the answers are worth n² / Σm² independent ones, with n pictures in groups of m (Kish, "Survey
    Sampling", 1965, his design effect at an intraclass correlation of 1). How alike they really
    are cannot be told from a few groups: with that estimated, the interval of 12 groups held the
    truth 79 times of 100. Repeats make the figure steadier, not the set larger: they count nothing.

    The same input and seed give the same answer.

    Args:
        features: of the training and validation pictures, never of test pictures, (n, length).
        labels: class indices, shape (n,).
        groups: look-alikes share a number; they come into the same fold.
        class_count: the number of classes.
        seed: deals the folds.
        context: progress, and cancelling between steps of the learning.

    Returns:
        None where fewer than two classes have two groups of look-alikes, or the user stops.

    Raises:
        Cancelled: the user cancelled.
    """
    names = np.unique(np.asarray(groups), return_inverse=True)[1].reshape(-1)
    home = _homes(labels, names)
    group_counts = np.bincount(home, minlength=class_count)
    is_usable = group_counts >= _FEWEST_GROUPS
    is_used = is_usable[labels]
    if is_usable.sum() < 2:
        return None
    features, labels = features[is_used], labels[is_used]
    names = np.unique(names[is_used], return_inverse=True)[1].reshape(-1)
    # Products of matrices this small are slower on several threads, which take all cores from the
    # window meanwhile.
    with threadpool_limits(1, user_api="blas"):
        right = _share_right(features, labels, names, class_count, seed, context)
    if right is None:
        return None
    accuracy = float(right.mean())
    worth = len(labels) ** 2 / float((np.bincount(names) ** 2).sum())
    low, high = wilson_interval(accuracy * worth, worth)
    return CrossCheck(
        accuracy,
        low,
        high,
        len(labels),
        int(names.max()) + 1,
        FOLDS,
        REPEATS,
        tuple(
            float(right[labels == label].mean()) if (labels == label).any() else None
            for label in range(class_count)
        ),
    )


def _share_right(
    features: Features,
    labels: npt.NDArray[np.integer],
    names: npt.NDArray[np.integer],
    class_count: int,
    seed: int,
    context: TaskContext,
) -> npt.NDArray[np.float64] | None:
    """How often each picture was answered rightly, 0 to 1, shape (n,); None after a stop."""
    right = np.zeros(len(labels))
    random = np.random.default_rng(seed)
    clock = ProgressClock("Cross-validation", FOLDS * REPEATS, context)
    for repeat in range(REPEATS):
        folds = deal_groups(labels, names, random)
        for fold in range(FOLDS):
            if context.is_stop_requested:
                return None
            is_asked = folds == fold
            if is_asked.any():
                learned = features[~is_asked], labels[~is_asked]
                model = fit_softmax_regression(*learned, class_count, context)
                answers = model.probabilities(features[is_asked]).argmax(axis=1)
                right[is_asked] += answers == labels[is_asked]
            clock.report(repeat * FOLDS + fold + 1)
    return right / REPEATS


def deal_groups(
    labels: npt.NDArray[np.integer], groups: npt.NDArray[np.integer], random: np.random.Generator
) -> npt.NDArray[np.int64]:
    """Return the fold of each picture, from 0: groups whole, each class as even as they allow.

    Class by class, the largest group first (of equal ones by chance), each into the fold that has
    the fewest pictures of that class; of several such into the one with the fewest of all.
    """
    home = _homes(labels, groups)
    sizes = np.bincount(groups)
    shuffled = random.permutation(len(sizes))
    order = shuffled[np.lexsort((-sizes[shuffled], home[shuffled]))]
    fold_of = np.empty(len(sizes), np.int64)
    totals = np.zeros(FOLDS)
    previous, of_class = -1, np.zeros(FOLDS)
    for group in order.tolist():
        if home[group] != previous:
            previous, of_class = int(home[group]), np.zeros(FOLDS)
        fold = int(np.lexsort((totals, of_class))[0])
        fold_of[group] = fold
        of_class[fold] += sizes[group]
        totals[fold] += sizes[group]
    folds: npt.NDArray[np.int64] = fold_of[groups]
    return folds


def _homes(
    labels: npt.NDArray[np.integer], groups: npt.NDArray[np.integer]
) -> npt.NDArray[np.int64]:
    """The class that most pictures of each group have."""
    counts: dict[int, Counter[int]] = {}
    for group, label in zip(groups.tolist(), labels.tolist(), strict=True):
        counts.setdefault(group, Counter())[label] += 1
    return np.array(
        [
            min(counts[group], key=lambda label: (-counts[group][label], label))
            for group in range(len(counts))
        ],
        np.int64,
    )
