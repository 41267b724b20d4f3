"""What a network's probabilities are worth, by simulation."""

from __future__ import annotations

import numpy as np
import pytest

from cnnstudio.core.evaluation.temperature import Temperature, calibrated, fit_temperature


def answers(
    count: int, seed: int, sharpness: float, classes: int = 5
) -> tuple[np.ndarray, np.ndarray]:
    """Answers of a network whose scores are `sharpness` times what they should be."""
    random = np.random.default_rng(seed)
    scores = random.normal(0, 2, (count, classes))
    honest = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    true = np.array([random.choice(classes, p=row) for row in honest])
    told = np.exp(sharpness * scores)
    return told / told.sum(axis=1, keepdims=True), true


def loss(probabilities: np.ndarray, true: np.ndarray) -> float:
    return float(-np.log(probabilities[np.arange(len(true)), true]).mean())


@pytest.mark.parametrize("sharpness", [0.6, 1.8, 2.5])
def test_a_network_too_sure_or_too_shy_gets_better_on_other_pictures(sharpness: float) -> None:
    found = fit_temperature(*answers(300, 1, sharpness))
    assert found is not None
    assert found.value == pytest.approx(sharpness, rel=0.2)
    told, true = answers(3000, 2, sharpness)
    after = calibrated(told, found.value)
    assert loss(after, true) < loss(told, true) - 0.01
    np.testing.assert_array_equal(after.argmax(1), told.argmax(1))
    np.testing.assert_allclose(after.sum(axis=1), 1)


def test_an_honest_network_is_left_as_it_is() -> None:
    found = fit_temperature(*answers(2000, 3, 1.0))
    assert found is not None
    assert found.value == pytest.approx(1, abs=0.1)


def test_a_few_pictures_change_little_and_fewer_nothing() -> None:
    all_right = np.tile([0.9, 0.1], (30, 1)), np.zeros(30, int)
    found = fit_temperature(*all_right)
    assert found is not None
    assert 0.5 < found.value < 1
    assert fit_temperature(all_right[0][:19], all_right[1][:19]) is None


def test_what_a_probability_means_is_told() -> None:
    assert Temperature(2.0, 1, 1, 100).meaning(0.95) == pytest.approx(0.813, abs=0.001)
    assert Temperature(1.0, 1, 1, 100).meaning(0.95) == pytest.approx(0.95)
    assert Temperature(0.5, 1, 1, 100).meaning(0.7) > 0.8
    assert Temperature(2.0, 1, 1, 100).meaning(1.0) == pytest.approx(1, abs=0.001)
