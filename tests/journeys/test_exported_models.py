"""Every format of every kind of run, asked as whoever gets it would: by its sample code, elsewhere.

Minutes, so run apart.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cnnstudio.core.catalog.export_formats import EXPORT_FORMATS
from cnnstudio.core.catalog.training_presets import training_preset
from cnnstudio.core.config import RunConfig
from cnnstudio.core.dataset.images import read_array
from cnnstudio.core.dataset.scanning import scan
from cnnstudio.core.evaluation.caution import load_caution, save_caution, with_choice
from cnnstudio.core.evaluation.making_caution import answers_with_distances
from cnnstudio.core.exporting.export_run import export_run
from cnnstudio.core.exporting.exported import Exported
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.runs import Run
from cnnstudio.core.training import train_project
from cnnstudio.engine.keras_engine import KerasEngine
from tests.odd_pictures import ODD

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]

CLASSES = ("pants", "shoes", "dress")
LONGEST_S = 300


@pytest.fixture(scope="module")
def engine() -> KerasEngine:
    return KerasEngine()


@pytest.fixture(scope="module", params=["classic", "modern", "fast", "fine"])
def run(
    request: pytest.FixtureRequest,
    engine: KerasEngine,
    shared_data: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Run:
    """A short training on real photos, which says "not sure" now and then."""
    root = tmp_path_factory.mktemp(request.param)
    for name in CLASSES:
        (root / name).mkdir()
        for photo in sorted((shared_data / "clothing_160" / "train" / name).iterdir())[:70]:
            (root / name / photo.name).write_bytes(photo.read_bytes())
    run = train_project(engine, replace(scan(root), config=settings(request.param)))(TaskContext())
    caution = load_caution(run.folder)
    assert caution is not None
    save_caution(run.folder, with_choice(run, caution, 0.05, hands_back_unfamiliar=True))
    return run


def settings(preset: str) -> RunConfig:
    config = training_preset(preset).config
    training = replace(config.training, epochs=2, resize_mode="pad")
    if preset in ("classic", "modern"):
        training = replace(training, image_size=64)
    return replace(config, preset=preset, training=training)


@pytest.fixture(scope="module")
def exports(
    run: Run, engine: KerasEngine, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Exported]:
    keys = [each.key for each in EXPORT_FORMATS]
    folder = tmp_path_factory.mktemp("exports")
    made = export_run(engine, run, keys, folder, anyway=True)(TaskContext())
    return {each.format.key: each for each in made}


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("odd pictures")
    for place, make in enumerate(ODD.values()):
        (folder / f"{place:02}").write_bytes(make())
    return sorted(folder.iterdir())


def said(folder: Path, pictures: list[Path]) -> list[dict[str, Any]]:
    environment = {key: each for key, each in os.environ.items() if key != "PYTHONPATH"}
    completed = subprocess.run(
        [sys.executable, str(folder / "classify.py"), "--json", *map(str, pictures)],
        cwd=folder.parent,
        env={**environment, "CUDA_VISIBLE_DEVICES": "-1", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=LONGEST_S,
        check=False,
    )
    assert completed.returncode == 0, completed.stderr
    return [json.loads(line) for line in completed.stdout.splitlines()]


@pytest.mark.parametrize("key", [each.key for each in EXPORT_FORMATS])
def test_it_answers_odd_pictures_as_the_program_does(
    run: Run, engine: KerasEngine, exports: dict[str, Exported], odd: list[Path], key: str
) -> None:
    made = exports[key]
    assert made.is_handed_over, made.words
    training = run.config.training
    pictures = np.stack(
        [read_array(each, training.image_size, training.resize_mode) for each in odd]
    )
    caution = load_caution(run.folder)
    assert caution is not None
    here, far = answers_with_distances(engine, run, caution.familiarity, pictures)
    answers = said(made.target, odd)
    assert [each["path"] for each in answers] == [str(each) for each in odd]
    there = np.array([list(each["probabilities"].values()) for each in answers])
    tolerance = made.format.tolerance
    if tolerance is None:
        assert made.parity is not None
        assert made.parity.agreed / made.parity.count > 0.9
        return
    np.testing.assert_allclose(there, here, rtol=0, atol=tolerance)
    if caution.familiarity is not None:
        distances = np.array([each["distance"] for each in answers])
        np.testing.assert_allclose(distances, far, rtol=0, atol=tolerance)
    assert made.is_proved, made.words
