"""Runs that released versions have made: they answer as they did then."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from cnnstudio.core.evaluation.evaluation import kept_evaluation
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.predicting import predict_pictures
from cnnstudio.core.predictions import Prediction
from cnnstudio.core.runs import load_run
from cnnstudio.engine.keras_engine import KerasEngine

STORED = Path(__file__).parents[1] / "stored_runs"


@pytest.mark.parametrize("version", [each.name for each in STORED.iterdir()])
def test_a_stored_run_answers_as_it_did_when_it_was_made(engine: KerasEngine, version: str) -> None:
    run = load_run(STORED / version / "run")
    then = json.loads((STORED / version / "answers.json").read_text())
    files = [STORED / version / "pictures" / name for name in then]
    made: list[Prediction] = []
    context = TaskContext(
        lambda event: made.append(event.prediction) if hasattr(event, "prediction") else None
    )
    predict_pictures(engine, run, files)(context)
    for name, answer in zip(then, made, strict=True):
        np.testing.assert_allclose(answer.probabilities, then[name], atol=1e-4)
        assert answer.predicted_class == name.removesuffix(".png")
    kept = kept_evaluation(run, "test")
    assert len(kept) == 6
    assert kept.is_right.all()
