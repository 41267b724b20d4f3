"""Figures in sentences that promise no more than they hold."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnstudio.core.evaluation.evaluation import EvaluatedPart
from cnnstudio.core.evaluation.figure_words import (
    accuracy_words,
    bin_words,
    calibration_words,
    pictures_to_narrow,
)
from cnnstudio.core.evaluation.figures import Figures, figures_of
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.metrics import wilson_interval
from tests.core.evaluation.answers import answered


def judged(
    right: int, count: int, confidence: float = 0.9, part: EvaluatedPart = "test"
) -> Figures:
    true = np.array([0] * right + [1] * (count - right))
    return figures_of(answered(true, [[confidence, 1 - confidence]] * count, part))(TaskContext())


def test_an_accuracy_says_what_it_is_worth_and_what_would_make_it_worth_more() -> None:
    assert accuracy_words(judged(14, 15)) == (
        "14 of 15 right: the true figure lies somewhere between 70 % and 99 %; 40 more test"
        " pictures would narrow it to about 7 points either way."
    )


def test_pictures_are_called_what_they_are() -> None:
    assert "30 more validation pictures" in accuracy_words(judged(9, 10, part="validation"))
    assert "30 more pictures like these" in accuracy_words(judged(9, 10, part="folder"))


def test_of_many_pictures_no_more_are_asked_for() -> None:
    assert accuracy_words(judged(900, 1000)) == (
        "900 of 1,000 right: the true figure lies somewhere between 88.0 % and 91.7 %."
    )


@given(st.integers(1, 100_000), st.floats(0, 1))
def test_the_pictures_asked_for_are_few_enough_and_do_narrow_it(count: int, share: float) -> None:
    correct = round(share * count)
    more = pictures_to_narrow(correct, count)
    low, high = wilson_interval(correct, count)
    if more is None:
        assert high - low <= 0.06
        return
    wanted, half = more
    after = wilson_interval(correct / count * (count + wanted), count + wanted)
    assert half == pytest.approx((after[1] - after[0]) / 2)
    assert 0.018 < half < 0.62 * (high - low) / 2 or half < 0.025
    assert 1 <= wanted <= 2_500


def test_too_sure_of_itself_is_said_in_numbers() -> None:
    words = calibration_words(judged(160, 200))
    assert words == (
        "It is too sure of itself: when it says 90 %, it is right 80 % of the time (160 of 200"
        " pictures). Expected calibration error: 10.0 %."
    )


def test_modest_answers_and_honest_ones_are_told_apart() -> None:
    assert calibration_words(judged(198, 200)).startswith("It is right more often")
    assert calibration_words(judged(182, 200)) == (
        "On the whole its percentages can be taken at their word: on average it says 90 %, and it"
        " is right 91 % of the time. Expected calibration error: 1.0 %."
    )


def test_few_pictures_are_not_made_much_of() -> None:
    assert "So few pictures say little about it." in calibration_words(judged(9, 10))


def test_a_bin_says_what_it_holds() -> None:
    (only,) = judged(8, 10, confidence=0.9).calibration.bins
    assert bin_words(only) == (
        "When it says 87 % to 93 %, it is right 80 % of the time (8 of 10 pictures)."
    )
