"""Evaluations made of a few lines, for tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cnnstudio.core.evaluation.evaluation import EvaluatedPicture, Evaluation

CLASSES = ("blue", "green", "red")


@dataclass(frozen=True)
class Asked:
    """One picture: its path, its content, its class, the class answered and how surely."""

    path: str
    mark: str
    true: str
    predicted: str
    certainty: float = 0.9


def evaluation_of(asked: Sequence[Asked], classes: Sequence[str] = CLASSES) -> Evaluation:
    """Answers of a run with these classes; what is left of 1 is shared by the others."""
    shares = np.empty((len(asked), len(classes)), np.float32)
    for row, each in enumerate(asked):
        shares[row] = (1 - each.certainty) / (len(classes) - 1)
        shares[row, classes.index(each.predicted)] = each.certainty
    return Evaluation(
        tuple(classes),
        tuple(classes),
        "test",
        tuple(EvaluatedPicture(each.path, each.mark) for each in asked),
        np.array([classes.index(each.true) for each in asked], np.int64),
        shares,
        np.zeros(len(asked), np.bool_),
    )
