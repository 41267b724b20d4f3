"""One training through the engine, everything included: shuffling, augmentation, events.

    python -m tests.benchmarks.train_once [--precision auto|float32] [--steps N]

Prints one JSON line.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from typing import Literal

from cnnstudio.core.catalog.augmentations import AUGMENTATION_PRESETS
from cnnstudio.core.config import RunConfig, TrainingConfig
from cnnstudio.core.engine_api import LabelledPictures, TrainingOutcome
from cnnstudio.core.jobs import TaskContext
from cnnstudio.engine.keras_engine import KerasEngine
from tests.benchmarks.pictures import CLASS_COUNT, labelled_pictures

SIZE_PX = 224
BATCH = 32
VALIDATION_COUNT = 32


def train_once(precision: Literal["auto", "float32"], steps: int) -> TrainingOutcome:
    """Train the classic network for one epoch of so many steps, augmenting as the tutorial."""
    (tutorial,) = (preset for preset in AUGMENTATION_PRESETS if preset.key == "tutorial")
    config = RunConfig(
        augmentation=tutorial.config,
        training=TrainingConfig(
            epochs=1, image_size=SIZE_PX, batch_size=BATCH, precision=precision
        ),
    )
    data = labelled_pictures(steps * BATCH, SIZE_PX)
    validation = LabelledPictures(data.pictures[:VALIDATION_COUNT], data.labels[:VALIDATION_COUNT])
    names = tuple(str(number) for number in range(CLASS_COUNT))
    with tempfile.TemporaryDirectory() as folder:
        model_file = Path(folder) / "model.keras"
        return KerasEngine().train(data, validation, config, names, model_file, TaskContext())


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--precision", default="auto")
    parser.add_argument("--steps", type=int, default=19)
    options = parser.parse_args()
    outcome = train_once(options.precision, options.steps)
    print(  # noqa: T201 - its answer
        json.dumps({"images_per_second": outcome.images_per_second, "precision": outcome.precision})
    )
