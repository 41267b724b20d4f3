"""Evaluations made of a few lines, or by chance, for tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cnnstudio.core.evaluation.evaluation import EvaluatedPart, EvaluatedPicture, Evaluation

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


def answered(
    true: list[int] | np.ndarray, probabilities: object, part: EvaluatedPart = "test"
) -> Evaluation:
    """Classes are called c0, c1 and so on; `probabilities` has a row for each of `true`."""
    answers = np.asarray(probabilities, np.float32)
    names = tuple(f"c{place}" for place in range(answers.shape[1]))
    return Evaluation(
        names,
        tuple(name.upper() for name in names),
        part,
        tuple(EvaluatedPicture(f"{place}.png") for place in range(len(true))),
        np.asarray(true, np.int64),
        answers,
        np.zeros(len(true), np.bool_),
    )


def random_answers(seed: int, count: int, classes: int, skill: float = 2.0) -> Evaluation:
    """Answers that are better than guessing; not every class has pictures."""
    random = np.random.default_rng(seed)
    true = random.integers(0, max(1, random.integers(1, classes + 1)), count)
    scores = random.normal(size=(count, classes))
    scores[np.arange(count), true] += skill
    powers = np.exp(scores * random.uniform(0.3, 3))
    return answered(true, powers / powers.sum(axis=1, keepdims=True))
