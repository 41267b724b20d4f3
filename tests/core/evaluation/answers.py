"""Made-up answers of a run, without a run."""

from __future__ import annotations

import numpy as np

from cnnstudio.core.evaluation.evaluation import EvaluatedPart, EvaluatedPicture, Evaluation


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
