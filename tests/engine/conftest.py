"""One engine for all tests, and one training that many of them look at."""

from __future__ import annotations

from pathlib import Path

import pytest

from cnnstudio.engine.keras_engine import KerasEngine
from tests.engine.material import CLASS_NAMES, CONFIG, TRAINING, VALIDATION, Recorder, Trained


@pytest.fixture(scope="session")
def engine(kept_networks: Path) -> KerasEngine:
    return KerasEngine(cache_folder=kept_networks)


@pytest.fixture(scope="session")
def trained(engine: KerasEngine, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    model_file = tmp_path_factory.mktemp("run") / "model.keras"
    recorder = Recorder()
    outcome = engine.train(TRAINING, VALIDATION, CONFIG, CLASS_NAMES, model_file, recorder.context)
    return Trained(outcome, model_file, recorder)
