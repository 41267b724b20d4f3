"""Figures computed from predictions: accuracy with its interval, confusion matrix, per class."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class ClassFigures:
    """One class: precision, recall and F1 (0 to 1; None where nothing was there to divide by)."""

    name: str
    precision: float | None
    recall: float | None
    f1: float | None
    support: int


@dataclass(frozen=True)
class EvaluationReport:
    """How a run did on labelled pictures it was asked about.

    `confusion[true][predicted]` counts pictures; `interval` is the 95 % Wilson interval of the
    accuracy.
    """

    count: int
    correct: int
    accuracy: float
    interval: tuple[float, float]
    confusion: tuple[tuple[int, ...], ...]
    classes: tuple[ClassFigures, ...]
    problems: int = 0


def wilson_interval(correct: float, count: float, z: float = 1.959964) -> tuple[float, float]:
    """Return the Wilson score interval of a share (Wilson 1927), each end 0 to 1.

    Counts need not be whole: answers that are not independent are worth fewer than they are.
    """
    if count == 0:
        return 0.0, 1.0
    share = correct / count
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count) * math.sqrt(share * (1 - share) / count + z * z / (4 * count**2))
    # At the ends exactly, whatever the rounding.
    low = 0.0 if correct == 0 else max(0.0, middle - half)
    high = 1.0 if correct == count else min(1.0, middle + half)
    return low, high


def evaluation_report(
    true: npt.NDArray[np.integer],
    predicted: npt.NDArray[np.integer],
    class_names: Sequence[str],
    problems: int = 0,
) -> EvaluationReport:
    """Compare class indices, shape (n,) each, counted from 0 in the order of `class_names`."""
    size = len(class_names)
    confusion = np.zeros((size, size), np.int64)
    np.add.at(confusion, (true, predicted), 1)
    hits = np.diag(confusion)
    support, asked = confusion.sum(axis=1), confusion.sum(axis=0)
    figures = []
    for place, name in enumerate(class_names):
        hit, of_class, of_answer = int(hits[place]), int(support[place]), int(asked[place])
        precision = hit / of_answer if of_answer else None
        recall = hit / of_class if of_class else None
        f1 = 2 * hit / (of_class + of_answer) if of_class + of_answer else None
        figures.append(ClassFigures(name, precision, recall, f1, of_class))
    count, correct = len(true), int(hits.sum())
    return EvaluationReport(
        count,
        correct,
        correct / count if count else 0.0,
        wilson_interval(correct, count),
        tuple(tuple(int(cell) for cell in row) for row in confusion),
        tuple(figures),
        problems,
    )
