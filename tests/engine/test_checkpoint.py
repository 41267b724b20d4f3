"""A training that was interrupted goes on as if it had not been."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cnnstudio.core.config import ConvBlock, NetworkConfig, RunConfig, TransferConfig
from cnnstudio.core.errors import LeftForLater, StudioError
from cnnstudio.core.events import BatchEnded, Progress, Warned
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.storage import training_state
from cnnstudio.core.storage.epoch_weights import epoch_file, read_epoch
from cnnstudio.engine.keras_engine import KerasEngine
from tests.engine.material import (
    CLASS_NAMES,
    TRAINING,
    VALIDATION,
    Recorder,
    Trained,
    coloured,
    settings,
)

CONFIG = settings(
    epochs=4,
    is_deterministic=True,
    schedule="cosine",
    warmup_epochs=0.5,
    optimizer="adamw",
    average_weights=True,
    label_smoothing=0.1,
)


def run(
    engine: KerasEngine, folder: Path, config: RunConfig = CONFIG, recorder: Recorder | None = None
) -> Trained:
    recorder = recorder or Recorder()
    model_file = folder / "model.keras"
    outcome = engine.train(
        TRAINING,
        VALIDATION,
        config,
        CLASS_NAMES,
        model_file,
        recorder.context,
        checkpoint_folder=folder / "checkpoint",
    )
    return Trained(outcome, model_file, recorder)


def curve(trained: Trained) -> list[tuple[float, ...]]:
    return [
        (
            each.epoch,
            each.loss,
            each.accuracy,
            each.validation_loss,
            each.validation_accuracy,
            each.learning_rate,
            each.is_best,
        )
        for each in trained.outcome.history
    ]


class PowerCut(Exception):
    """Ends a training where it stands."""


def interrupted_at(is_the_moment: Callable[[Any], bool]) -> Recorder:
    def act(event: Any, context: TaskContext) -> None:
        if is_the_moment(event):
            raise PowerCut

    return Recorder(act)


@pytest.fixture(scope="module")
def uninterrupted(engine: KerasEngine, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    return run(engine, tmp_path_factory.mktemp("uninterrupted"))


@pytest.fixture(autouse=True)
def _every_batch_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cnnstudio.engine.checkpoint._SECONDS_BETWEEN_SAVES", 0.0)
    monkeypatch.setattr("cnnstudio.engine.callbacks.EVENTS_PER_SECOND", 1e9)
    monkeypatch.setattr("cnnstudio.core.jobs.EVENTS_PER_SECOND", 1e9)


MOMENTS: dict[str, Callable[[Any], bool]] = {
    "in the first epoch": lambda event: isinstance(event, BatchEnded) and event.batch == 2,
    "after an epoch": lambda event: (
        isinstance(event, BatchEnded) and (event.epoch, event.batch) == (3, 1)
    ),
    "in a later epoch": lambda event: (
        isinstance(event, BatchEnded) and (event.epoch, event.batch) == (3, 3)
    ),
    "in a validation": lambda event: (
        isinstance(event, Progress) and event.words == "Validating epoch 3"
    ),
    "at the very end": lambda event: (
        isinstance(event, Progress) and event.words == "Saving the model"
    ),
}


# In the middle of a later epoch goes on what is left for later, below.
@pytest.mark.parametrize(
    "moment",
    [
        pytest.param(each, marks=pytest.mark.slow) if each == "in a later epoch" else each
        for each in MOMENTS
    ],
)
def test_an_interrupted_training_ends_up_where_it_would_have(
    engine: KerasEngine, uninterrupted: Trained, tmp_path: Path, moment: str
) -> None:
    with pytest.raises(PowerCut):
        run(engine, tmp_path, recorder=interrupted_at(MOMENTS[moment]))
    resumed = run(engine, tmp_path)
    assert curve(resumed) == curve(uninterrupted)
    assert resumed.outcome.best_epoch == uninterrupted.outcome.best_epoch
    np.testing.assert_array_equal(
        engine.predict(resumed.model_file, VALIDATION.pictures),
        engine.predict(uninterrupted.model_file, VALIDATION.pictures),
    )
    for each in (0, 1, 2, 3, 4):  # what was learned after each epoch, too
        files = [epoch_file(run.model_file.parent, each) for run in (resumed, uninterrupted)]
        ours, theirs = (read_epoch(file).arrays for file in files)
        assert all(np.array_equal(ours[place], theirs[place]) for place in theirs)
    assert resumed.outcome.seconds > 0
    # Nothing was learned twice: what was reported goes on where it broke off.
    batches = resumed.recorder.of(BatchEnded)
    if moment == "in a later epoch":
        assert (batches[0].epoch, batches[0].batch) == (3, 3)
    if moment == "at the very end":
        assert batches == []


@pytest.mark.slow
def test_a_training_may_be_interrupted_again_and_again(
    engine: KerasEngine, uninterrupted: Trained, tmp_path: Path
) -> None:
    for number in range(2, 6):

        def is_third(event: Any, count: list[int] = [number]) -> bool:  # noqa: B006
            count[0] -= isinstance(event, BatchEnded)
            return isinstance(event, BatchEnded) and count[0] == 0

        with pytest.raises(PowerCut):
            run(engine, tmp_path, recorder=interrupted_at(is_third))
    assert curve(run(engine, tmp_path)) == curve(uninterrupted)


def test_what_is_left_for_later_is_saved_where_it_stands(
    engine: KerasEngine, uninterrupted: Trained, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cnnstudio.engine.checkpoint._SECONDS_BETWEEN_SAVES", 1e9)

    def leave(event: Any, context: TaskContext) -> None:
        if isinstance(event, BatchEnded) and (event.epoch, event.batch) == (2, 2):
            context.leave_for_later()

    with pytest.raises(LeftForLater):
        run(engine, tmp_path, recorder=Recorder(leave))
    resumed = run(engine, tmp_path)
    batches = resumed.recorder.of(BatchEnded)
    assert (batches[0].epoch, batches[0].batch) == (2, 3)
    assert curve(resumed) == curve(uninterrupted)


def test_other_settings_are_refused_in_words(engine: KerasEngine, tmp_path: Path) -> None:
    with pytest.raises(PowerCut):
        run(engine, tmp_path, recorder=interrupted_at(MOMENTS["after an epoch"]))
    other = replace(CONFIG, network=NetworkConfig(blocks=(ConvBlock(4),), dense_units=8))
    with pytest.raises(StudioError, match="other settings"):
        run(engine, tmp_path, other)


def test_a_damaged_state_is_refused_in_words(engine: KerasEngine, tmp_path: Path) -> None:
    with pytest.raises(PowerCut):
        run(engine, tmp_path, recorder=interrupted_at(MOMENTS["after an epoch"]))
    (state,) = (tmp_path / "checkpoint").glob("state*")
    state.write_bytes(state.read_bytes()[:1000])
    with pytest.raises(StudioError, match="cannot be read"):
        run(engine, tmp_path)


def test_a_full_disk_does_not_end_a_training_and_is_told_of_once(
    engine: KerasEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*arguments: Any) -> None:
        raise StudioError("No space left on device.")

    monkeypatch.setattr(training_state, "write_state", full)
    trained = run(engine, tmp_path)
    assert trained.outcome.ending == "finished"
    (warned,) = trained.recorder.of(Warned)
    assert warned.words.startswith("The state of the training could not be saved")
    assert "No space left on device." in warned.words


def test_the_state_of_the_last_epoch_is_the_only_one_kept(
    engine: KerasEngine, tmp_path: Path
) -> None:
    best = run(engine, tmp_path).outcome.best_epoch
    names = sorted(path.name for path in (tmp_path / "checkpoint").iterdir())
    assert names == [f"best-{best}.npz", "state.npz"]


def test_other_pictures_are_refused_in_words(engine: KerasEngine, tmp_path: Path) -> None:
    with pytest.raises(PowerCut):
        run(engine, tmp_path, recorder=interrupted_at(MOMENTS["after an epoch"]))
    with pytest.raises(StudioError, match="other pictures"):
        engine.train(
            coloured([0, 1, 2] * 5),
            VALIDATION,
            CONFIG,
            CLASS_NAMES,
            tmp_path / "model.keras",
            Recorder().context,
            checkpoint_folder=tmp_path / "checkpoint",
        )


@pytest.mark.slow
def test_fine_tuning_goes_on_too(engine: KerasEngine, tmp_path: Path) -> None:
    config = replace(
        settings(epochs=2, is_deterministic=True, optimizer="adamw", learning_rate=0.001),
        preset="fine",
        transfer=TransferConfig(trained_share=0.2, earlier_rate=0.3),
    )
    whole = run(engine, tmp_path / "whole", config)
    with pytest.raises(PowerCut):
        run(
            engine,
            tmp_path / "cut",
            config,
            interrupted_at(lambda event: isinstance(event, BatchEnded) and event.epoch == 2),
        )
    resumed = run(engine, tmp_path / "cut", config)
    assert curve(resumed) == curve(whole)
    best = whole.outcome.history[whole.outcome.best_epoch - 1]
    answers = engine.predict(resumed.model_file, VALIDATION.pictures)
    accuracy = float(np.mean(answers.argmax(axis=1) == VALIDATION.labels))
    assert accuracy == pytest.approx(best.validation_accuracy)
