"""How often answers may be wrong: the promise, by simulation."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import accuracy_score

from cnnstudio.core.evaluation.selective import (
    DOUBT,
    HANDS_ALL_BACK,
    pictures_needed,
    risk_curve,
    upper_bounds,
)


def drawn(count: int, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities of a network that is too sure of itself, and whether it is right."""
    certainty = np.abs(random.normal(2.2, 1.8, count))
    told = 1 / (1 + np.exp(-1.2 * certainty))
    return told, random.random(count) < 1 / (1 + np.exp(-0.9 * certainty))


@pytest.mark.parametrize("allowed", [0.05, 0.1])
@pytest.mark.parametrize("count", [40, 150, 400])
def test_the_promise_is_kept_nearly_always(allowed: float, count: int) -> None:
    random = np.random.default_rng(0)
    told, is_right = drawn(100_000, random)
    broken, rates = 0, []
    for _ in range(200):
        least = risk_curve(*drawn(count, random)).least_probability(allowed)
        is_answered = told >= least
        rate = (
            1 - accuracy_score(is_right[is_answered], np.ones(is_answered.sum()))
            if (is_answered.any())
            else 0.0
        )
        rates.append(rate)
        broken += rate > allowed
    assert broken / 200 < 1.6 * DOUBT
    assert np.mean(rates) < allowed


def test_more_pictures_hand_back_less() -> None:
    random = np.random.default_rng(1)
    told, _ = drawn(20_000, random)
    shares = [
        np.mean(
            [
                (told >= risk_curve(*drawn(count, random)).least_probability(0.1)).mean()
                for _ in range(30)
            ]
        )
        for count in (30, 100, 1000)
    ]
    assert shares == sorted(shares)
    assert shares[0] < 0.5 * shares[2]


def test_a_stricter_wish_hands_back_more() -> None:
    curve = risk_curve(*drawn(500, np.random.default_rng(2)))
    least = [curve.least_probability(each) for each in (0.2, 0.1, 0.05, 0.02, 0.0)]
    assert least == sorted(least)
    assert least[-1] == HANDS_ALL_BACK


def test_answers_of_the_same_probability_stand_together() -> None:
    curve = risk_curve(np.array([0.9, 0.9, 0.9, 0.6]), np.array([True, False, True, True]))
    assert curve.thresholds.tolist() == [0.9, 0.6]
    assert curve.answered.tolist() == [3, 4]
    assert curve.wrong.tolist() == [1, 1]


def test_bounds_are_those_of_clopper_and_pearson() -> None:
    from scipy.stats import binomtest

    for wrong, count in ((0, 10), (3, 40), (10, 10)):
        interval = binomtest(wrong, count).proportion_ci(1 - 2 * DOUBT, "exact")
        found = upper_bounds(np.array([wrong]), np.array([count]))[0]
        assert found == pytest.approx(interval.high)
    needed = pictures_needed(0.05)
    bounds = upper_bounds(np.zeros(2, int), np.array([needed - 1, needed]))
    assert bounds[0] > 0.05 >= bounds[1]


def test_without_pictures_nothing_is_promised() -> None:
    curve = risk_curve(np.empty(0), np.empty(0, bool))
    assert curve.lowest_bound == 1
    assert curve.least_probability(0.2) == HANDS_ALL_BACK
