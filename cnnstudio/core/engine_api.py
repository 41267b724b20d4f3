"""What the rest of the program asks of the engine: the one seam between words and arithmetic.

`engine/keras_engine.py` is the real one; tests hand in a fake. Pictures cross the seam as arrays,
read by `core/dataset`, so that preview, training and prediction cannot differ in how they read.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt

from cnnstudio.core.config import RunConfig
from cnnstudio.core.events import EpochEnded
from cnnstudio.core.jobs import TaskContext

Pictures = npt.NDArray[np.uint8]
Ending = Literal["finished", "stopped"]


@dataclass(frozen=True)
class DeviceReport:
    """What this computer trains on, in words, and why there is no GPU when there is none."""

    words: str
    gpus: tuple[str, ...]
    cpu_cores: int
    has_bfloat16: bool
    reason_without_gpu: str
    tensorflow_version: str
    keras_version: str


@dataclass(frozen=True)
class LabelledPictures:
    """Pictures ready for the network, shape (n, size, size, 3), with class indices, shape (n,)."""

    pictures: Pictures
    labels: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True)
class TrainingOutcome:
    """What a training came to; `best_epoch` counts from 1. The best weights were saved."""

    history: tuple[EpochEnded, ...]
    best_epoch: int
    ending: Ending
    images_per_second: float
    seconds: float
    device: str
    precision: str


@dataclass(frozen=True)
class FeatureKind:
    """What an engine's features are: rows of `length` numbers for pictures of `size_px`.

    Features of the same `name` can be compared and kept; those of another cannot.
    """

    name: str
    size_px: int
    length: int


class Engine(Protocol):
    """Trains and asks networks. Every method runs on the engine thread."""

    def prepare(self) -> None:
        """Import what takes seconds to import, so that the next call need not."""
        ...

    def devices(self) -> DeviceReport:
        """Return what this computer trains on; takes seconds only where there may be a GPU."""
        ...

    def train(
        self,
        training: LabelledPictures,
        validation: LabelledPictures,
        config: RunConfig,
        class_names: tuple[str, ...],
        model_file: Path,
        context: TaskContext,
    ) -> TrainingOutcome:
        """Train, reporting `BatchEnded` and `EpochEnded`, and save the best weights' model.

        `context.stop()` ends after the running batch and keeps the best weights so far.

        Raises:
            Cancelled: the user cancelled; nothing was saved.
            StudioError: the loss became NaN, memory ran out, or the network cannot be built.
        """
        ...

    def predict(self, model_file: Path, pictures: Pictures) -> npt.NDArray[np.float32]:
        """Return class probabilities, shape (n, classes), rows adding up to 1.

        The model is kept loaded between calls.

        Raises:
            StudioError: the file is missing, damaged, or would need code from the file to load.
        """
        ...

    @property
    def feature_kind(self) -> FeatureKind:
        """What `features` gives; known at once, without TensorFlow."""
        ...

    def features(self, pictures: Pictures) -> npt.NDArray[np.float32]:
        """Return what a pretrained network sees in pictures, for simple learners to work with.

        Memory is bounded by what is handed in: ask in batches of a hundred or so.

        Args:
            pictures: shape (n, size, size, 3), of the size that `feature_kind` names.

        Returns:
            One row for each picture, shape (n, length).

        Raises:
            StudioError: the pretrained weights are missing or damaged.
        """
        ...
