from __future__ import annotations

from itertools import pairwise
from typing import Any

import keras
import pytest

from cnnstudio.core.config import TrainingConfig
from cnnstudio.engine.schedules import TrainingRates, rate_of_last_step, training_rates


def rates(**settings: Any) -> list[float]:
    training = TrainingConfig(epochs=10, learning_rate=0.1, **settings)
    schedule = training_rates(training, steps_per_epoch=4)
    return [float(schedule(step)) for step in range(40)]


def test_a_constant_rate_is_the_one_that_was_set() -> None:
    assert rates() == pytest.approx([0.1] * 40)


def test_warming_up_rises_in_a_straight_line_and_never_begins_at_nothing() -> None:
    values = rates(warmup_epochs=1.5)
    assert values[:7] == pytest.approx([0.1 * n / 6 for n in range(1, 7)] + [0.1])


def test_a_cosine_falls_from_the_peak_to_nearly_nothing() -> None:
    values = rates(schedule="cosine", warmup_epochs=1)
    assert values[4] == pytest.approx(0.1)
    assert values[22] == pytest.approx(0.05)
    assert 0 < values[-1] < 0.0005
    assert all(later < earlier for earlier, later in pairwise(values[4:]))


def test_a_warm_up_longer_than_the_training_only_rises() -> None:
    values = rates(schedule="cosine", warmup_epochs=50)
    assert values[-1] == pytest.approx(0.1)
    assert values == sorted(values)


def test_a_schedule_can_be_written_down_and_read_again() -> None:
    schedule = TrainingRates(0.1, "cosine", 3, 20)
    again = TrainingRates.from_config(schedule.get_config())
    assert [float(again(step)) for step in range(20)] == [
        float(schedule(step)) for step in range(20)
    ]


@pytest.mark.parametrize("rate", [0.25, TrainingRates(0.25, "constant", 0, 5)])
def test_the_rate_of_the_last_step_is_known(rate: Any) -> None:
    assert rate_of_last_step(keras.optimizers.SGD(rate)) == 0.25
    wrapped = keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(rate))
    assert rate_of_last_step(wrapped) == 0.25
