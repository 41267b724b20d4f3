from __future__ import annotations

from dataclasses import replace

import pytest

from cnnstudio.core.catalog.training_presets import training_preset
from cnnstudio.core.config import RunConfig, TrainingConfig
from cnnstudio.core.events import BatchEnded, EpochEnded, Progress, TrainingBegan
from cnnstudio.ui.models.training_monitor import (
    TrainingMonitor,
    axis_length,
    curves_csv,
    curves_of_history,
)

BEGAN = TrainingBegan(20, 10, 320, 60, 60, 1000, "CPU, 2 cores", "float32")


def epoch(number: int, *, is_best: bool = True, accuracy: float = 0.5) -> EpochEnded:
    return EpochEnded(number, 1 / number, 0.5, 1.1 / number, accuracy, 75.0, 2.0, is_best)


def batch(number: int, of_epoch: int, seconds_left: float | None = 420.0) -> BatchEnded:
    return BatchEnded(of_epoch, number, 1.0, 0.5, 75.0, seconds_left)


@pytest.fixture
def monitor() -> TrainingMonitor:
    return TrainingMonitor("From scratch", RunConfig())


def test_before_the_first_epoch_it_says_what_is_prepared(monitor: TrainingMonitor) -> None:
    assert monitor.facts == "Waiting for its turn"
    monitor.take(Progress("Reading pictures", 1200, 3068))
    assert monitor.facts == "Reading pictures: 1,200 of 3,068"
    assert monitor.state == "getting ready"
    assert monitor.fraction == pytest.approx(1200 / 3068)
    monitor.take(Progress("Starting TensorFlow"))
    assert monitor.facts == "Starting TensorFlow"
    monitor.take(BEGAN)
    assert monitor.facts == "Building the network"


def test_in_an_epoch_it_says_how_long_is_left_and_which_was_best(
    monitor: TrainingMonitor,
) -> None:
    for event in (BEGAN, batch(10, 1), epoch(1), epoch(2), batch(5, 3)):
        monitor.take(event)
    assert monitor.headline == "From scratch, epoch 3 of 20"
    assert monitor.facts == "about 7 min left · 75 pictures a second · best was epoch 2"
    assert monitor.fraction == pytest.approx(2.5 / 20)


def test_it_says_how_long_ago_the_best_was_and_when_patience_ends(
    monitor: TrainingMonitor,
) -> None:
    monitor.take(replace(BEGAN, patience=8))
    for number in range(1, 12):
        monitor.take(epoch(number))
    assert monitor.since_best == "best was epoch 11"
    for number in range(12, 16):
        monitor.take(epoch(number, is_best=False))
    assert monitor.since_best == "best was epoch 11, 4 epochs ago, stops by itself at 8"


def test_without_patience_nothing_is_said_of_its_end(monitor: TrainingMonitor) -> None:
    for event in (BEGAN, epoch(1), epoch(2, is_best=False)):
        monitor.take(event)
    assert monitor.since_best == "best was epoch 1, 1 epoch ago"


def test_the_coach_is_asked_after_every_epoch(monitor: TrainingMonitor) -> None:
    monitor.take(BEGAN)
    assert monitor.advice is None
    assert monitor.state == "learning"
    for number in range(1, 4):
        monitor.take(epoch(number))
    assert monitor.advice is not None
    assert monitor.state == monitor.advice.badge


def test_a_training_that_is_gone_on_with_shows_the_epochs_it_had(
    monitor: TrainingMonitor,
) -> None:
    monitor.take(replace(BEGAN, history=(epoch(1), epoch(2), epoch(3, is_best=False))))
    monitor.take(batch(5, 4))
    assert monitor.headline == "From scratch, epoch 4 of 20"
    assert monitor.best_epoch == 2
    assert len(monitor.curves().epochs) == 3
    assert monitor.fraction == pytest.approx(3.5 / 20)


def test_it_can_wait_only_while_it_learns(monitor: TrainingMonitor) -> None:
    assert not monitor.can_pause
    monitor.take(Progress("Reading pictures", 1, 2))
    assert not monitor.can_pause
    monitor.take(BEGAN)
    assert monitor.can_pause
    for number in range(1, 21):
        monitor.take(epoch(number))
    monitor.take(Progress("Checking the saved model", 1, 2))
    assert not monitor.can_pause


def test_validating_an_epoch_is_told_without_losing_the_time_left(
    monitor: TrainingMonitor,
) -> None:
    for event in (BEGAN, epoch(1), batch(10, 2), Progress("Validating epoch 2", 1, 4)):
        monitor.take(event)
    assert monitor.state == "getting started"
    assert monitor.facts == "about 7 min left · Validating epoch 2: 1 of 4"


def test_after_the_last_epoch_it_says_that_the_model_is_checked(
    monitor: TrainingMonitor,
) -> None:
    for event in (BEGAN, *(epoch(number) for number in range(1, 21))):
        monitor.take(event)
    monitor.take(Progress("Checking the saved model", 30, 60))
    assert monitor.headline == "From scratch, epoch 20 of 20"
    assert monitor.facts == "Checking the saved model: 30 of 60"
    assert monitor.state == "finishing"
    assert monitor.fraction == 1.0


def test_batches_lie_within_their_epoch(monitor: TrainingMonitor) -> None:
    for event in (BEGAN, batch(5, 1), batch(10, 1), epoch(1), batch(1, 2)):
        monitor.take(event)
    assert list(monitor.curves().trace_x) == pytest.approx([0.5, 1.0, 1.1])


def test_the_trace_of_a_long_run_stays_small_and_keeps_its_whole_length() -> None:
    config = RunConfig(training=TrainingConfig(epochs=500))
    monitor = TrainingMonitor("From scratch", config)
    monitor.take(TrainingBegan(500, 40, 1280, 60, 60, 1000, "CPU, 2 cores", "float32"))
    for number in range(1, 501):
        for each in range(1, 41):
            monitor.take(batch(each, number))
        monitor.take(epoch(number))
    trace = monitor.curves().trace_x
    assert len(trace) == len(monitor.curves().trace_loss) <= 1600
    assert trace[0] < 1
    assert trace[-1] > 499
    assert list(trace) == sorted(trace)


@pytest.mark.parametrize(
    ("planned", "done", "shown"),
    [(20, 0, 20), (50, 49, 50), (400, 0, 50), (400, 50, 100), (400, 399, 400), (60, 55, 60)],
)
def test_the_axis_shows_short_plans_whole_and_grows_with_long_ones(
    planned: int, done: int, shown: int
) -> None:
    assert axis_length(planned, done) == shown


def test_a_run_that_ended_shows_its_epochs_and_its_best() -> None:
    curves = curves_of_history("Mine", [epoch(1), epoch(2), epoch(3, is_best=False)])
    assert curves.best_epoch == 2
    assert curves.best == epoch(2)
    assert curves.axis_epochs == 3
    assert curves_csv(curves).splitlines()[2] == "2,0.5,0.5,0.55,0.5,True"


def test_where_no_epoch_was_better_the_start_is_named() -> None:
    monitor = TrainingMonitor("Fine-tune")
    assert monitor.since_best == ""
    ended = EpochEnded(1, 1.0, 0.5, 1.0, 0.5, 100.0, 1.0, is_best=False)
    monitor.take(ended)
    assert monitor.since_best == "best was the start"
    assert curves_of_history("Fine-tune", [ended], 0).best_words == "kept, the start"
    assert curves_of_history("Fine-tune", [ended], 1).best_words == "kept, epoch 1"


def test_of_a_head_on_features_no_pictures_a_second_are_said() -> None:
    monitor = TrainingMonitor("Fast start", training_preset("fast").config)
    for event in (BEGAN, batch(10, 1), epoch(1), epoch(2), batch(5, 3)):
        monitor.take(event)
    assert monitor.facts == "about 7 min left · best was epoch 2"
