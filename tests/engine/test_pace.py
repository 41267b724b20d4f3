from __future__ import annotations

import json

import pytest

from cnnstudio.engine.pace import Pace


def test_the_first_batch_in_which_the_network_is_traced_does_not_count() -> None:
    pace = Pace(epochs=1, training_count=96, validation_count=30)
    pace.batch_ended(32, 8.0)
    assert pace.images_per_second == pytest.approx(4.0)  # all there is so far
    pace.batch_ended(32, 0.5)
    assert pace.images_per_second == pytest.approx(64.0)


def test_the_time_left_is_unknown_until_there_is_a_rate() -> None:
    pace = Pace(epochs=2, training_count=96, validation_count=30)
    pace.batch_ended(32, 8.0)
    assert pace.seconds_left(0, 32) is None


def test_the_time_left_includes_the_validations_to_come() -> None:
    pace = Pace(epochs=3, training_count=100, validation_count=30)
    pace.batch_ended(50, 8.0)
    pace.batch_ended(50, 5.0)
    pace.validation_ended(2.0)
    assert pace.seconds_left(1, 0) == pytest.approx(200 / 10 + 2 * 2.0)


def test_an_epoch_has_a_rate_of_its_own() -> None:
    pace = Pace(epochs=2, training_count=10, validation_count=1)
    pace.epoch_began()
    pace.batch_ended(10, 9.0)
    pace.batch_ended(10, 2.0)
    pace.epoch_began()
    pace.batch_ended(10, 1.0)
    assert pace.images_per_second_of_epoch == pytest.approx(10.0)
    assert pace.images_per_second == pytest.approx(20 / 3)


def test_a_computer_that_slept_does_not_spoil_the_pace() -> None:
    pace = Pace(epochs=2, training_count=1000, validation_count=10)
    pace.epoch_began()
    for seconds in (8.0, 0.5, 0.5, 3600.0, 0.5):
        pace.batch_ended(10, seconds)
    pace.validation_ended(2.0)
    assert pace.images_per_second == pytest.approx(20.0)
    assert pace.seconds_of_epoch == pytest.approx(8 + 4 * 0.5 + 2)
    pace.validation_ended(7200.0)
    assert pace.seconds_left(1, 0) == pytest.approx(1000 / 20 + 2)


def test_a_slow_batch_is_no_sleep() -> None:
    pace = Pace(epochs=1, training_count=100, validation_count=10)
    for seconds in (8.0, 5.0, 15.0):
        pace.batch_ended(10, seconds)
    assert pace.images_per_second == pytest.approx(1.0)


def test_the_pace_goes_on_from_where_it_was() -> None:
    pace = Pace(epochs=2, training_count=40, validation_count=10)
    pace.epoch_began()
    for seconds in (8.0, 0.5, 0.5):
        pace.batch_ended(10, seconds)
    again = Pace(epochs=2, training_count=40, validation_count=10)
    again.restore(json.loads(json.dumps(pace.state())))
    again.batch_ended(10, 9.0)  # the network is traced anew
    assert again.images_per_second == pace.images_per_second
    assert again.images_per_second_of_epoch == pytest.approx(20.0)
    assert again.seconds_of_epoch == pytest.approx(18.0)
