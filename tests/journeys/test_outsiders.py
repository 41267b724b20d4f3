"""Pictures of what a network has never seen are handed back, the others answered: real photos."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sklearn.datasets import load_digits
from sklearn.metrics import roc_auc_score

from cnnstudio.core.catalog.training_presets import training_preset
from cnnstudio.core.dataset.images import read_array
from cnnstudio.core.dataset.scanning import scan
from cnnstudio.core.evaluation.caution import distances_of, load_caution, save_caution, with_choice
from cnnstudio.core.evaluation.evaluation import kept_evaluation
from cnnstudio.core.evaluation.handing_back import handed_back
from cnnstudio.core.evaluation.making_caution import answers_with_distances
from cnnstudio.core.events import PredictionMade
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.predicting import predict_pictures
from cnnstudio.core.predictions import Prediction
from cnnstudio.core.runs import Run
from cnnstudio.core.training import train_project
from cnnstudio.engine.keras_engine import KerasEngine

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

LEFT_OUT = ("shoes", "hat")
PER_CLASS = 60
OUTSIDERS = 25


def handed_back_share(engine: KerasEngine, run: Run, paths: list[Path]) -> float:
    made: list[object] = []
    predict_pictures(engine, run, paths)(TaskContext(made.append))
    answers = [each.prediction for each in made if isinstance(each, PredictionMade)]
    return float(
        np.mean([bool(each.is_unsure) for each in answers if isinstance(each, Prediction)])
    )


def test_shoes_hats_and_drawings_are_not_taken_for_clothes(
    shared_data: Path, tmp_path: Path
) -> None:
    source = shared_data / "clothing_160"
    for folder in sorted((source / "train").iterdir()):
        if folder.name not in LEFT_OUT:
            (tmp_path / "project" / folder.name).mkdir(parents=True)
            for file in sorted(folder.iterdir())[:PER_CLASS]:
                shutil.copy(file, tmp_path / "project" / folder.name)
    engine = KerasEngine(cache_folder=tmp_path / "cache")
    project = scan(tmp_path / "project").with_config(training_preset("fast").config)
    run = train_project(engine, project)(TaskContext())
    outsiders = [file for name in LEFT_OUT for file in sorted((source / "test" / name).iterdir())][
        :OUTSIDERS
    ]
    drawings = []
    for number, digit in enumerate(load_digits().images[:OUTSIDERS]):
        drawings.append(tmp_path / f"{number}.png")
        Image.fromarray((digit * 15.9).astype(np.uint8)).resize((160, 160)).save(drawings[-1])
    usual = [
        file
        for folder in sorted((source / "test").iterdir())
        if folder.name not in LEFT_OUT
        for file in sorted(folder.iterdir())[:8]
    ]
    shares = [handed_back_share(engine, run, each) for each in (outsiders, drawings, usual)]
    caution = load_caution(run.folder)
    assert caution is not None
    training = run.config.training
    pictures = np.stack(
        [read_array(each, training.image_size, training.resize_mode) for each in outsiders]
    )
    far = answers_with_distances(engine, run, caution.familiarity, pictures)[1]
    near = distances_of(run, kept_evaluation(run, "validation"))
    area = roc_auc_score(np.repeat([0, 1], [len(near), len(far)]), np.concatenate([near, far]))
    wish = with_choice(run, caution, 0.1, True)
    save_caution(run.folder, wish)
    told = handed_back(run, kept_evaluation(run, "test"), wish)
    sys.stdout.write(
        f"\nHanded back: shoes and hats {shares[0]:.0%} (AUROC against validation {area:.3f}),"
        f" drawings {shares[1]:.0%}, other clothes {shares[2]:.0%}."
        f"\nAt most 10 % wrong, on the test part: {told.sentence}\n"
    )
    assert shares[0] > 0.5
    assert shares[1] > 0.9
    assert shares[2] < 0.15
    assert area > 0.95
