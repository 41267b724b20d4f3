"""The figures of an evaluation: how often it was right, class by class, and what that is worth.

scikit-learn computes what it can, so that anybody gets the same numbers from the same answers. It
takes a second to import: only the functions here do, and only workers call them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cnnstudio.core.errors import StudioError
from cnnstudio.core.evaluation.calibration import Calibration, calibration_of
from cnnstudio.core.evaluation.evaluation import EvaluatedPart, Evaluation
from cnnstudio.core.jobs import Task, TaskContext
from cnnstudio.core.metrics import mean_interval, wilson_interval

Interval = tuple[float, float]

TOP = (2, 3, 5)
"""Of how many answers one has to be the true class, as far as there are more classes than that."""


@dataclass(frozen=True)
class ClassFigures:
    """One class: precision, recall and F1 (0 to 1; None where nothing was there to divide by).

    `support` counts its pictures, `asked` those that were taken for it. The intervals are 95 %
    Wilson intervals.
    """

    name: str
    title: str
    precision: float | None
    recall: float | None
    f1: float | None
    support: int
    asked: int
    precision_interval: Interval
    recall_interval: Interval


@dataclass(frozen=True)
class Average:
    """The mean over the classes that occur, each worth the same; undefined ones count as 0."""

    precision: float
    recall: float
    f1: float


@dataclass(frozen=True)
class TopShare:
    """How often the true class is among the `size` likeliest answers, with its interval."""

    size: int
    share: float
    interval: Interval


@dataclass(frozen=True)
class Confusion:
    """So many pictures of class `true` were taken for `predicted`; both are class indices.

    `share` is that of all pictures of class `true`.
    """

    true: int
    predicted: int
    count: int
    share: float


@dataclass(frozen=True)
class Figures:
    """How a run did on labelled pictures it was asked about. Shares are 0 to 1.

    `confusion[true][predicted]` counts pictures. Intervals are 95 %: Wilson's, and for the balanced
    accuracy `mean_interval`.
    """

    part: EvaluatedPart
    count: int
    correct: int
    problems: int
    accuracy: float
    interval: Interval
    balanced_accuracy: float
    balanced_interval: Interval
    macro: Average
    top: tuple[TopShare, ...]
    classes: tuple[ClassFigures, ...]
    confusion: tuple[tuple[int, ...], ...]
    calibration: Calibration
    learned: int = 0
    """How many of the pictures the run has learned from or was chosen by."""

    @property
    def foretells(self) -> bool:
        """Whether the figures say how it will do on new pictures; see `Evaluation.foretells`."""
        return not (self.part == "folder" and self.learned)

    def by_row(self) -> npt.NDArray[np.float64]:
        """Return each cell as a share of its true class, shape (classes, classes); NaN if empty."""
        counts = np.array(self.confusion, float)
        return _shares(counts, counts.sum(axis=1, keepdims=True))

    def by_column(self) -> npt.NDArray[np.float64]:
        """Return each cell as a share of its answer, shape (classes, classes); NaN if empty."""
        counts = np.array(self.confusion, float)
        return _shares(counts, counts.sum(axis=0, keepdims=True))

    def worst_confusions(self, most: int = 5) -> list[Confusion]:
        """Return the commonest mistakes, those with most pictures first."""
        mistakes = [
            Confusion(true, predicted, count, count / self.classes[true].support)
            for true, row in enumerate(self.confusion)
            for predicted, count in enumerate(row)
            if count and true != predicted
        ]
        return sorted(mistakes, key=lambda each: (-each.count, -each.share))[:most]


def figures_of(evaluation: Evaluation) -> Task[Figures]:
    """Return the task that computes the figures.

    It raises `StudioError` where there are no pictures, or answers that are no probabilities.
    """

    def task(context: TaskContext) -> Figures:
        from sklearn.metrics import confusion_matrix

        check_answers(evaluation)
        context.checkpoint()
        true, predicted = evaluation.true, evaluation.predicted
        confusion = confusion_matrix(true, predicted, labels=range(len(evaluation.class_names)))
        count, correct = len(evaluation), int(evaluation.is_right.sum())
        classes = _classes(evaluation)
        recalls = [(each.recall, each.support) for each in classes if each.recall is not None]
        context.checkpoint()
        return Figures(
            evaluation.part,
            count,
            correct,
            evaluation.problems,
            correct / count,
            wilson_interval(correct, count),
            sum(recall for recall, _ in recalls) / len(recalls),
            mean_interval(recalls),
            _average(true, predicted),
            tuple(_top(evaluation)),
            classes,
            tuple(tuple(int(cell) for cell in row) for row in confusion),
            calibration_of(evaluation),
            int(evaluation.learned.sum()),
        )

    return task


def check_answers(evaluation: Evaluation) -> None:
    """Look whether figures can be computed.

    Raises:
        StudioError: there are no pictures, or the answers are no probabilities.
    """
    if not len(evaluation):
        raise StudioError("There are no pictures to judge by.")
    answers = evaluation.probabilities
    if not (np.isfinite(answers).all() and (answers >= 0).all() and (answers < 1.001).all()):
        raise StudioError("The network's answers are no probabilities.", "Train again.")


def _classes(evaluation: Evaluation) -> tuple[ClassFigures, ...]:
    from sklearn.metrics import precision_recall_fscore_support

    size = len(evaluation.class_names)
    predicted = evaluation.predicted
    columns = precision_recall_fscore_support(
        evaluation.true, predicted, labels=range(size), zero_division=np.nan
    )
    asked = np.bincount(predicted, minlength=size)
    hits = np.bincount(evaluation.true[evaluation.is_right], minlength=size)
    return tuple(
        ClassFigures(
            name,
            title,
            _or_none(precision),
            _or_none(recall),
            _or_none(f1),
            support=int(support),
            asked=int(of_answer),
            precision_interval=wilson_interval(int(hit), int(of_answer)),
            recall_interval=wilson_interval(int(hit), int(support)),
        )
        for name, title, precision, recall, f1, support, of_answer, hit in zip(
            evaluation.class_names, evaluation.class_titles, *columns, asked, hits, strict=True
        )
    )


def _or_none(share: float) -> float | None:
    return None if math.isnan(share) else float(share)


def _average(true: npt.NDArray[np.int64], predicted: npt.NDArray[np.int64]) -> Average:
    from sklearn.metrics import precision_recall_fscore_support

    precision, recall, f1, _ = precision_recall_fscore_support(
        true, predicted, average="macro", zero_division=0
    )
    return Average(float(precision), float(recall), float(f1))


def _top(evaluation: Evaluation) -> Iterator[TopShare]:
    from sklearn.metrics import top_k_accuracy_score

    size, count = len(evaluation.class_names), len(evaluation)
    for k in TOP:
        if k < size:
            right = top_k_accuracy_score(
                evaluation.true,
                evaluation.probabilities,
                k=k,
                labels=range(size),
                normalize=False,
            )
            yield TopShare(k, int(right) / count, wilson_interval(int(right), count))


def _shares(
    counts: npt.NDArray[np.float64], totals: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    return np.divide(counts, totals, out=np.full_like(counts, np.nan), where=totals > 0)
