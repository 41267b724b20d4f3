"""A training that can be killed: trains a project, or goes on with what was cut off, and talks.

    python -m tests.training_child PROJECT

Every batch is a line "epoch batch" on standard output, and its state is kept before the next.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from cnnstudio.core.catalog.augmentations import AUGMENTATION_PRESETS
from cnnstudio.core.config import ConvBlock, NetworkConfig, RunConfig, TrainingConfig
from cnnstudio.core.dataset.scanning import scan
from cnnstudio.core.events import BatchEnded
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.resuming import resume_training
from cnnstudio.core.runs import Run
from cnnstudio.core.storage.unfinished_runs import list_unfinished
from cnnstudio.core.training import train_project
from cnnstudio.engine.keras_engine import KerasEngine

CONFIG = RunConfig(
    preset="classic",
    network=NetworkConfig(blocks=(ConvBlock(4), ConvBlock(4)), dense_units=8, dropout=0.2),
    augmentation=AUGMENTATION_PRESETS[1].config,
    training=TrainingConfig(
        epochs=4,
        patience=0,
        batch_size=8,
        image_size=24,
        learning_rate=0.01,
        schedule="cosine",
        average_weights=True,
        is_deterministic=True,
    ),
)


def train_or_go_on(root: Path, epochs: int, context: TaskContext) -> Run:
    """Return the run that comes of it."""
    project = scan(root)
    unfinished = list_unfinished(project)
    engine = KerasEngine()
    if unfinished:
        return resume_training(engine, unfinished[0], project)(context)
    training = replace(CONFIG.training, epochs=epochs)
    return train_project(engine, replace(project, config=replace(CONFIG, training=training)))(
        context
    )


def main() -> None:
    """Train, and say every batch."""
    from cnnstudio.engine import callbacks, checkpoint

    callbacks.EVENTS_PER_SECOND = 1_000_000
    checkpoint._SECONDS_BETWEEN_SAVES = 0

    def say(event: Any) -> None:
        if isinstance(event, BatchEnded):
            print(event.epoch, event.batch, flush=True)

    train_or_go_on(Path(sys.argv[1]), int(sys.argv[2]), TaskContext(say))


if __name__ == "__main__":
    main()
