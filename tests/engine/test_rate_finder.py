from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cnnstudio.core.engine_api import LabelledPictures
from cnnstudio.core.errors import Cancelled, StudioError
from cnnstudio.core.events import Progress
from cnnstudio.core.jobs import TaskContext
from cnnstudio.engine.keras_engine import KerasEngine
from cnnstudio.engine.rate_finder import smoothed_losses, suggested_rate
from tests.engine.material import CLASS_NAMES, TRAINING, VALIDATION, Recorder, coloured, settings


@pytest.mark.slow
def test_the_suggested_rate_learns(engine: KerasEngine, tmp_path: Path) -> None:
    recorder = Recorder()
    sweep = engine.find_learning_rate(TRAINING, settings(), CLASS_NAMES, recorder.context)
    assert 1e-4 < sweep.suggested < 0.1
    assert len(sweep.rates) == len(sweep.losses)
    assert sweep.rates[0] == pytest.approx(1e-6)
    assert [each.done for each in recorder.of(Progress) if each.words.startswith("Trying")]
    config = settings(learning_rate=sweep.suggested, epochs=6)
    outcome = engine.train(
        TRAINING, VALIDATION, config, CLASS_NAMES, tmp_path / "m.keras", TaskContext()
    )
    assert max(each.validation_accuracy for each in outcome.history) > 0.9


def test_pictures_that_cannot_be_told_apart_get_no_suggestion(engine: KerasEngine) -> None:
    labels = np.random.default_rng(0).permutation(np.arange(60) % 3)
    noise = LabelledPictures(coloured([0] * 60).pictures, labels)
    with pytest.raises(StudioError, match="none can be suggested"):
        engine.find_learning_rate(noise, settings(), CLASS_NAMES, TaskContext())


def test_looking_can_be_cancelled(engine: KerasEngine) -> None:
    def cancel(event: Any, context: TaskContext) -> None:
        if isinstance(event, Progress) and event.done >= 5:
            context.cancel()

    recorder = Recorder(cancel)
    with pytest.raises(Cancelled):
        engine.find_learning_rate(TRAINING, settings(), CLASS_NAMES, recorder.context)
    assert max(each.done for each in recorder.of(Progress)) < 100


def test_the_suggestion_lies_where_the_loss_falls() -> None:
    rates = np.geomspace(1e-6, 1, 100)
    losses = 2 - 1.5 / (1 + (3e-3 / rates) ** 2) + (rates / 0.1) ** 2
    suggested = suggested_rate(rates, smoothed_losses(list(losses)))
    assert 1e-3 < suggested < 1e-2


def test_no_pictures_are_refused_in_words(engine: KerasEngine) -> None:
    with pytest.raises(StudioError, match="no pictures"):
        engine.find_learning_rate(coloured([]), settings(), CLASS_NAMES, TaskContext())
