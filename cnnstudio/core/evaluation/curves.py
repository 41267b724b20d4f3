"""ROC and precision-recall curves of every class against the rest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cnnstudio.core.evaluation.evaluation import Evaluation
from cnnstudio.core.evaluation.figures import check_answers
from cnnstudio.core.jobs import Task, TaskContext

MOST_POINTS = 500
"""A curve that is drawn needs no more: those left out lie between others."""


@dataclass(frozen=True)
class Curve:
    """A line through points of the unit square, `x` and `y` of shape (n,); `area` is 0 to 1."""

    x: npt.NDArray[np.float64]
    y: npt.NDArray[np.float64]
    area: float


@dataclass(frozen=True)
class ClassCurves:
    """How well the probability of one class sets its pictures apart from all others.

    Both are None where the class has no pictures, or there are no others.

    `roc` has false alarms (the share of other pictures) on x and pictures found (recall) on y; its
    area is that under the curve. `precision_recall` has recall on x and precision on y; its area is
    the average precision, which does not interpolate. `positives` of the pictures are of the class.
    """

    name: str
    title: str
    positives: int
    count: int
    roc: Curve | None
    precision_recall: Curve | None


def class_curves(evaluation: Evaluation) -> Task[tuple[ClassCurves, ...]]:
    """Return the task that computes the curves of all classes, in their order.

    Areas come from all pictures, also where a curve keeps only `MOST_POINTS` points. The task
    raises `StudioError` where there are no pictures, or answers that are no probabilities.
    """

    def task(context: TaskContext) -> tuple[ClassCurves, ...]:
        check_answers(evaluation)
        curves = []
        for place in range(len(evaluation.class_names)):
            context.checkpoint()
            curves.append(_curves(evaluation, place))
        return tuple(curves)

    return task


def _curves(evaluation: Evaluation, place: int) -> ClassCurves:
    from sklearn.metrics import (
        average_precision_score,
        precision_recall_curve,
        roc_auc_score,
        roc_curve,
    )

    is_class = evaluation.true == place
    positives, count = int(is_class.sum()), len(evaluation)
    roc = precision_recall = None
    if 0 < positives < count:
        answers = evaluation.probabilities[:, place]
        false_alarms, found, _ = roc_curve(is_class, answers)
        roc = _curve(false_alarms, found, roc_auc_score(is_class, answers))
        precision, recall, _ = precision_recall_curve(is_class, answers, drop_intermediate=True)
        area = average_precision_score(is_class, answers)
        # From the most certain picture on, as the other curve goes.
        precision_recall = _curve(recall[::-1], precision[::-1], area)
    return ClassCurves(
        evaluation.class_names[place],
        evaluation.class_titles[place],
        positives,
        count,
        roc,
        precision_recall,
    )


def _curve(x: npt.NDArray[np.float64], y: npt.NDArray[np.float64], area: float) -> Curve:
    if len(x) > MOST_POINTS:
        kept = np.linspace(0, len(x) - 1, MOST_POINTS).round().astype(int)
        x, y = x[kept], y[kept]
    return Curve(x, y, float(area))
