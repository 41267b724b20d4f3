"""Runs that released versions have made: they answer as they did then."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from cnnstudio.core.dataset.images import read_array
from cnnstudio.core.evaluation.evaluation import kept_evaluation
from cnnstudio.core.exporting.written_network import WrittenNetwork
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.predicting import predict_pictures
from cnnstudio.core.predictions import Prediction
from cnnstudio.core.runs import load_run
from cnnstudio.engine.exporters.exporter import export_network
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


@pytest.mark.parametrize("version", [each.name for each in STORED.iterdir()])
def test_a_stored_run_can_be_exported_and_answers_so_too(tmp_path: Path, version: str) -> None:
    run = load_run(STORED / version / "run")
    then = json.loads((STORED / version / "answers.json").read_text())
    training = run.config.training
    export_network(run.model_file, tmp_path / "model.onnx", WrittenNetwork("onnx"))
    session = onnxruntime.InferenceSession(tmp_path / "model.onnx")
    for name, answer in then.items():
        file = STORED / version / "pictures" / name
        picture = read_array(file, training.image_size, training.resize_mode).astype(np.float32)
        (told,) = session.run(["probabilities"], {"pictures": picture[None]})
        np.testing.assert_allclose(told[0], answer, atol=1e-4)
