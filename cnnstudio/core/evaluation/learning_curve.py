"""Enough pictures? What smaller shares of the pictures lead to, and what more would.

A classifier on features is learned from 25, 50, 75 and 100 % of the pictures. All are asked about,
none by a model that learned it or a look-alike: the pictures are dealt to folds, and the shares are
drawn from the other folds, look-alikes together. The test part takes no part.

What comes out is fitted by an inverse power law (`power_law.py`). Its uncertainty is that of the
law and that of drawing other pictures of the same kind: groups of look-alikes are drawn anew, again
and again (bootstrap).

Held against the truth on `clothing_160`: from halves and quarters of 3,409 pictures to twice and
four times as many, 17 of 18 intervals held what came, which was half a point better than expected.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from cnnstudio.core.cross_checking import FOLDS, deal_groups
from cnnstudio.core.errors import StudioError
from cnnstudio.core.evaluation.power_law import extrapolate
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.progress_clock import ProgressClock
from cnnstudio.core.softmax_regression import Features, fit_softmax_regression

SHARES = (0.25, 0.5, 0.75, 1.0)
LARGEST_FACTOR = 3.0
"""Nothing is said about more than so many times the pictures there are."""

FEWEST_PICTURES = 40
FEWEST_OF_CLASS = 8
INTERVAL = 0.8

_DRAWS = 2
_RESAMPLES = 200
_STEPS = 25
_DOUBLINGS = (5, 10, 20, 40, 100, 200, 500, 1000, 2000, 5000, 10_000)


@dataclass(frozen=True)
class Expectation:
    """A share or a gain in shares with its 80 % interval, each 0 to 1."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class ClassOutlook:
    """What more pictures of a class, beside as many more of the others, would do for it.

    `recalls` are the shares of its pictures that were named rightly at each of the curve's sizes.
    `gain` is what `more` pictures bring; None where the class has too few pictures to say.
    """

    title: str
    count: int
    recalls: tuple[float, ...]
    more: int
    gain: Expectation | None


@dataclass(frozen=True)
class LearningCurve:
    """Shares of mistakes at `sizes` pictures learned, and what they come to beyond.

    `errors` has their mean, `expected` is the fit with its interval over `ahead` sizes; all have
    one entry for each size. `pictures` is how many there are in all.
    """

    pictures: int
    sizes: npt.NDArray[np.float64]
    errors: npt.NDArray[np.float64]
    ahead: npt.NDArray[np.float64]
    expected: tuple[Expectation, ...]
    classes: tuple[ClassOutlook, ...]

    def expected_at(self, size: float) -> Expectation:
        """Return the expected share of mistakes at the nearest size of `ahead`."""
        return self.expected[int(np.abs(self.ahead - size).argmin())]


def learning_curve(
    features: Features,
    labels: npt.NDArray[np.integer],
    groups: npt.NDArray[np.integer],
    titles: Sequence[str],
    seed: int,
    context: TaskContext,
) -> LearningCurve:
    """Learn from growing shares of the pictures, and extrapolate.

    Args:
        features: of the training and validation pictures, shape (n, length).
        labels: class indices, shape (n,).
        groups: look-alikes share a number, counted from 0 without gaps, shape (n,).
        titles: of the classes.
        seed: deals the folds and draws the shares.
        context: progress and cancelling.

    Raises:
        StudioError: there are too few pictures.
        Cancelled: the user cancelled.
    """
    if len(labels) < FEWEST_PICTURES:
        raise StudioError(
            f"{len(labels):,} pictures are too few to tell what more would bring.",
            f"Add pictures: from {FEWEST_PICTURES} on a forecast can be tried.",
        )
    with threadpool_limits(1, user_api="blas"):  # the window needs a core meanwhile
        wrong, sizes = _mistakes(features, labels, groups, len(titles), seed, context)
    context.checkpoint()
    random = np.random.default_rng(seed)
    drawn = _resampled(groups, random)
    ahead = np.geomspace(sizes[0], len(labels) * LARGEST_FACTOR, _STEPS)
    whole = _rates(wrong, drawn)
    expected = _expectations(extrapolate(sizes, whole, ahead))
    outlooks = []
    for place, title in enumerate(titles):
        context.checkpoint()
        is_of = labels == place
        outlooks.append(_outlook(title, wrong[:, is_of], drawn[:, is_of], sizes, len(labels)))
    return LearningCurve(len(labels), sizes, wrong.mean(axis=1), ahead, expected, tuple(outlooks))


def _mistakes(
    features: Features,
    labels: npt.NDArray[np.integer],
    groups: npt.NDArray[np.integer],
    class_count: int,
    seed: int,
    context: TaskContext,
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """How often each picture was named wrongly at each size, shape (sizes, n), and the sizes."""
    random = np.random.default_rng(seed)
    folds = deal_groups(labels, groups, random)
    numbers = [fold for fold in range(FOLDS) if (folds == fold).any()]
    wrong = np.zeros((len(SHARES), len(labels)))
    learned = np.zeros(len(SHARES))
    draws = [_DRAWS if share < 1 else 1 for share in SHARES]
    clock = ProgressClock("Learning from fewer pictures", len(numbers) * sum(draws), context)
    done = 0
    for fold in numbers:
        others, asked = np.flatnonzero(folds != fold), folds == fold
        for place, share in enumerate(SHARES):
            for _ in range(draws[place]):
                rows = others[_drawn(labels[others], groups[others], share, random)]
                model = fit_softmax_regression(features[rows], labels[rows], class_count, context)
                answers = model.probabilities(features[asked]).argmax(axis=1)
                wrong[place, asked] += (answers != labels[asked]) / draws[place]
                learned[place] += len(rows) / draws[place] / len(numbers)
                done += 1
                clock.report(done)
    return wrong, learned


def _drawn(
    labels: npt.NDArray[np.integer],
    groups: npt.NDArray[np.integer],
    share: float,
    random: np.random.Generator,
) -> npt.NDArray[np.int64]:
    """Return rows: of each class about a share of its pictures, look-alikes together."""
    if share >= 1:
        return np.arange(len(labels))
    order = random.permutation(int(groups.max()) + 1)[groups]
    chosen = []
    for label in np.unique(labels):
        rows = np.flatnonzero(labels == label)
        rows = rows[np.argsort(order[rows], kind="stable")]
        count = max(1, round(share * len(rows)))
        # The last group is taken whole or not at all, whichever comes nearer.
        ends = np.flatnonzero(np.append(np.diff(order[rows]) != 0, True)) + 1
        chosen.append(rows[: ends[np.abs(ends - count).argmin()]])
    return np.concatenate(chosen).astype(np.int64)


def _resampled(
    groups: npt.NDArray[np.integer], random: np.random.Generator
) -> npt.NDArray[np.float64]:
    """How often each picture is drawn when groups are drawn anew, shape (1 + resamples, n).

    The first row is the pictures as they are.
    """
    count = int(groups.max()) + 1
    times = random.multinomial(count, np.full(count, 1 / count), _RESAMPLES)
    drawn: npt.NDArray[np.float64] = np.vstack([np.ones(count), times])[:, groups]
    return drawn


def _rates(
    wrong: npt.NDArray[np.float64], drawn: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Share of mistakes in each resample at each size, shape (1 + resamples, sizes)."""
    rates: npt.NDArray[np.float64] = (drawn @ wrong.T) / np.maximum(drawn.sum(axis=1), 1)[:, None]
    return rates


def _expectations(told: npt.NDArray[np.floating]) -> tuple[Expectation, ...]:
    """The mean over slopes of the pictures as they are; the interval of all slopes and resamples.

    `told` has shape (slopes, 1 + resamples, values).
    """
    values = told[:, 0].mean(axis=0)
    others = told[:, 1:].reshape(-1, told.shape[2])
    lows, highs = np.quantile(others, [(1 - INTERVAL) / 2, (1 + INTERVAL) / 2], axis=0)
    return tuple(
        Expectation(float(value), float(min(low, value)), float(max(high, value)))
        for value, low, high in zip(values, lows, highs, strict=True)
    )


def _outlook(
    title: str,
    wrong: npt.NDArray[np.float64],
    drawn: npt.NDArray[np.float64],
    sizes: npt.NDArray[np.float64],
    pictures: int,
) -> ClassOutlook:
    count = wrong.shape[1]
    recalls = tuple(float(1 - each) for each in wrong.mean(axis=1)) if count else ()
    more = max([each for each in _DOUBLINGS if each <= max(count, _DOUBLINGS[0])])
    if count < FEWEST_OF_CLASS:
        return ClassOutlook(title, count, recalls, more, None)
    # In the size of the whole set, of which the class keeps its share.
    wanted = np.array([pictures, pictures * (1 + more / count)], float)
    kept = drawn[drawn.sum(axis=1) > 0]
    told = extrapolate(sizes, _rates(wrong, kept), wanted)
    (gain,) = _expectations(told[..., :1] - told[..., 1:])
    return ClassOutlook(title, count, recalls, more, gain)
