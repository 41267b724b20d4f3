"""Small coloured pictures, a network that learns them in a second, and a listening context."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from cnnstudio.core.catalog.augmentations import AUGMENTATION_PRESETS
from cnnstudio.core.config import ConvBlock, NetworkConfig, RunConfig, TrainingConfig
from cnnstudio.core.engine_api import LabelledPictures, TrainingOutcome
from cnnstudio.core.jobs import TaskContext

SIZE = 32
COLOURS = np.array([(200, 60, 60), (60, 200, 60), (60, 60, 200)])
CLASS_NAMES = ("red", "green", "blue")
CONFIG = RunConfig(
    network=NetworkConfig(blocks=(ConvBlock(8), ConvBlock(8)), dense_units=16, dropout=0.2),
    augmentation=AUGMENTATION_PRESETS[1].config,
    training=TrainingConfig(epochs=3, batch_size=16, image_size=SIZE, learning_rate=0.01),
)


def coloured(labels: list[int], seed: int = 0) -> LabelledPictures:
    """Noisy pictures, each of its class's colour."""
    generator = np.random.default_rng(seed)
    noise = generator.normal(0, 40, (len(labels), SIZE, SIZE, 3))
    pictures = (COLOURS[labels][:, None, None, :] + noise).clip(0, 255).astype(np.uint8)
    return LabelledPictures(pictures, np.array(labels, np.int64))


TRAINING = coloured([0, 1, 2] * 17)  # 51 pictures: batches of 12 and 13
VALIDATION = coloured([0, 1, 2] * 8, seed=1)


def settings(**training: Any) -> RunConfig:
    """`CONFIG` with other training settings."""
    return replace(CONFIG, training=replace(CONFIG.training, **training))


@dataclass
class Recorder:
    """A context that keeps what was reported and may act on it."""

    act: Callable[[Any, TaskContext], None] = lambda event, context: None
    events: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.context = TaskContext(self._report)

    def _report(self, event: Any) -> None:
        self.events.append(event)
        self.act(event, self.context)

    def of(self, kind: type) -> list[Any]:
        """The events of one kind."""
        return [event for event in self.events if isinstance(event, kind)]


@dataclass(frozen=True)
class Trained:
    """A training that has been carried out."""

    outcome: TrainingOutcome
    model_file: Path
    recorder: Recorder
