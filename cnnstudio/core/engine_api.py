"""What the rest of the program asks of the engine: the one seam between words and arithmetic.

`engine/keras_engine.py` is the real one; tests hand in a fake. Pictures cross the seam as arrays,
read by `core/dataset`, so that preview, training and prediction cannot differ in how they read.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt

from cnnstudio.core.catalog.backbones import DEFAULT_BACKBONE
from cnnstudio.core.config import RunConfig
from cnnstudio.core.events import EpochEnded
from cnnstudio.core.exporting.written_network import WrittenNetwork
from cnnstudio.core.foreign.feeding import Feeding
from cnnstudio.core.foreign.found_model import FoundModel
from cnnstudio.core.inside.network_layers import NetworkLayer
from cnnstudio.core.jobs import TaskContext

Pictures = npt.NDArray[np.uint8]
LONGEST_FEATURES = 8192
"""A network whose last layer takes more has no summary of a picture that could be compared."""

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
class LabelledFeatures:
    """What a backbone sees in pictures, shape (n, 1 + variants, length), with class indices (n,).

    The first row of each picture is that of the picture as it is, the others of augmented variants.
    """

    features: npt.NDArray[np.floating]
    labels: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True)
class HeadWeights:
    """A linear classifier on features: `kernel` (length, classes) and `bias` (classes,)."""

    kernel: npt.NDArray[np.float32]
    bias: npt.NDArray[np.float32]

    def classes_of(self, features: npt.NDArray[np.floating]) -> npt.NDArray[np.int64]:
        """Return the likeliest class of each row of features, shape (n,), of shape (n, length)."""
        scores = features.astype(np.float32) @ self.kernel + self.bias
        classes: npt.NDArray[np.int64] = scores.argmax(axis=1)
        return classes

    def answers_to(self, features: npt.NDArray[np.floating]) -> npt.NDArray[np.float32]:
        """Return probabilities, shape (n, classes), of features, shape (n, length)."""
        scores = features.astype(np.float32) @ self.kernel + self.bias
        scores = np.exp(scores - scores.max(axis=1, keepdims=True))
        answers: npt.NDArray[np.float32] = scores / scores.sum(axis=1, keepdims=True)
        return answers


@dataclass(frozen=True)
class HeadMoment:
    """A classifier on features as it was at the end of an epoch, counted from 1."""

    epoch: int
    head: HeadWeights


@dataclass(frozen=True)
class LearningRateSweep:
    """What a short trial found: the loss at rising learning rates, and the rate to take."""

    rates: tuple[float, ...]
    losses: tuple[float, ...]
    suggested: float


@dataclass(frozen=True)
class TrainingOutcome:
    """What a training came to. The best weights were saved.

    `best_epoch` counts from 1; it is 0 where no epoch was better than the start, a network that was
    taken over.

    `head` are those of a classifier on features; `moments` show it on its way there, in order of
    their epochs. Of long trainings and large heads some epochs are left out, or all.
    """

    history: tuple[EpochEnded, ...]
    best_epoch: int
    ending: Ending
    images_per_second: float
    seconds: float
    device: str
    precision: str
    head: HeadWeights | None = None
    moments: tuple[HeadMoment, ...] = ()


@dataclass(frozen=True)
class HeatMap:
    """What in a picture spoke for a class.

    `values`, float32 of shape (size, size), are 0 where nothing did and 1 where most did; all are 0
    where nothing spoke for the class at all. `layer` is the one of the network whose maps were
    looked at.
    """

    values: npt.NDArray[np.float32]
    layer: str


@dataclass(frozen=True)
class FeatureKind:
    """What an engine's features are: rows of `length` numbers for pictures of `size_px`.

    Features of the same `name` can be compared and kept; those of another cannot.
    """

    name: str
    size_px: int
    length: int


@dataclass(frozen=True, eq=False)
class FirstFilters:
    """The filters of a network's first convolution: its name, and shape (k, k, 3, filters)."""

    layer: str
    values: npt.NDArray[np.float32]


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
        checkpoint_folder: Path | None = None,
        head: HeadWeights | None = None,
        pinned: Pictures | None = None,
    ) -> TrainingOutcome:
        """Train from scratch or fine-tune, and save the best weights' model.

        Beside the model it keeps what the first layers had learned after each epoch, where
        `core.storage.epoch_weights` says; of long trainings and large networks some are left out.

        `BatchEnded` and `EpochEnded` are reported. `context.stop()` ends after the running batch
        and keeps the best weights so far.

        Args:
            training: what is learned.
            validation: what chooses the best epoch.
            config: its preset says which network.
            class_names: in the order of the labels.
            model_file: what is written.
            context: progress, pausing, stopping and cancelling.
            checkpoint_folder: where the state is kept, after every epoch and every minute. A state
                that is there already is gone on with, as if there had been no interruption.
            head: for fine-tuning, a classifier on the backbone's features to start from.
            pinned: a few pictures, shape (n, size, size, 3), that are asked about after every
                epoch; `PinsAnswered` is reported then.

        Raises:
            Cancelled: the user cancelled; nothing was saved.
            StudioError: the loss became NaN, memory ran out, or the network cannot be built.
        """
        ...

    def train_head(
        self,
        training: LabelledFeatures,
        validation: LabelledFeatures,
        config: RunConfig,
        class_names: tuple[str, ...],
        model_file: Path | None,
        context: TaskContext,
        pinned: npt.NDArray[np.floating] | None = None,
    ) -> TrainingOutcome:
        """Train a classifier on features, and save it with its backbone as one model of pictures.

        Reports, stops and raises as `train` does. With None for `model_file` nothing is saved: the
        outcome has the head. `pinned` are features, shape (n, length), of pictures that are asked
        about after every epoch.
        """
        ...

    def save_head(self, head: HeadWeights, backbone: str, model_file: Path) -> None:
        """Save a classifier on features with its backbone, as `train_head` saves its best one.

        Raises:
            StudioError: the weights of the backbone are missing or damaged, or the disk refuses.
        """
        ...

    def predict_features(
        self, model_file: Path, features: npt.NDArray[np.floating]
    ) -> npt.NDArray[np.float32]:
        """Return what a model that `train_head` saved answers to features, shape (n, classes).

        Raises:
            StudioError: as `predict` does, or the model has no such head.
        """
        ...

    def find_learning_rate(
        self,
        training: LabelledPictures,
        config: RunConfig,
        class_names: tuple[str, ...],
        context: TaskContext,
        head: HeadWeights | None = None,
    ) -> LearningRateSweep:
        """Try rising learning rates for a hundred steps or so; nothing is kept of the learning.

        Raises:
            Cancelled: the user cancelled.
            StudioError: as `train` does.
        """
        ...

    def predict(self, model_file: Path, pictures: Pictures) -> npt.NDArray[np.float32]:
        """Return class probabilities, shape (n, classes), rows adding up to 1.

        The model is kept loaded between calls.

        Raises:
            StudioError: the file is missing, damaged, or would need code from the file to load.
        """
        ...

    def inspect_model(self, model_file: Path, context: TaskContext) -> FoundModel:
        """Look at a model file that was made elsewhere, where a damaged one can do no harm.

        Raises:
            StudioError: the model is refused, or damaged.
            Cancelled: the user cancelled.
        """
        ...

    def predict_fed(
        self, model_file: Path, feeding: Feeding, pictures: Pictures
    ) -> npt.NDArray[np.float32]:
        """Return what `predict` does for a model that was made elsewhere, asked in a given way.

        `predict` asks it as the file beside it says.

        Raises:
            StudioError: as `predict` does.
        """
        ...

    def predict_with_features(
        self, model_file: Path, pictures: Pictures
    ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        """Return what `predict` does, and what the network sees in the pictures.

        That is what goes into its last layer, shape (n, length): pictures that it takes to be alike
        lie close together there. It takes no longer than `predict`. The length is 0 where it is
        more than `LONGEST_FEATURES`.

        Raises:
            StudioError: as `predict` does.
        """
        ...

    def explain(self, model_file: Path, picture: Pictures, class_index: int) -> HeatMap:
        """Return what in a picture spoke for a class, by Grad-CAM (Selvaraju et al. 2017).

        Args:
            model_file: the network, which is kept loaded between calls.
            picture: shape (size, size, 3), of the network's size.
            class_index: the class asked about, in the order of the answers; it need not be the
                likeliest.

        Raises:
            StudioError: as `predict` does, or the network sees no places.
        """
        ...

    def export(
        self, model_file: Path, target: Path, wanted: WrittenNetwork, context: TaskContext
    ) -> None:
        """Write the network of a model file in another form.

        Args:
            model_file: the network.
            target: the file or folder to write, in a folder that may be thrown away as a whole: it
                is unfinished there after an error.
            wanted: the form, and what besides.
            context: cancelling.

        Raises:
            Cancelled: the user cancelled.
            StudioError: as `predict` does, the network cannot be converted, or the disk refuses.
        """
        ...

    def feature_kind(self, backbone: str = DEFAULT_BACKBONE.key) -> FeatureKind:
        """What `features` gives; known at once, without TensorFlow."""
        ...

    def features(
        self, pictures: Pictures, backbone: str = DEFAULT_BACKBONE.key
    ) -> npt.NDArray[np.float32]:
        """Return what a pretrained network sees in pictures, for simple learners to work with.

        Memory is bounded by what is handed in: ask in batches of a hundred or so.

        Args:
            pictures: shape (n, size, size, 3), of the size that `feature_kind` names.
            backbone: the key of a row in the catalogue of backbones.

        Returns:
            One row for each picture, shape (n, length).

        Raises:
            StudioError: the pretrained weights are missing or damaged.
        """
        ...

    # What Look inside asks

    def layers_of(self, model_file: Path) -> tuple[NetworkLayer, ...]:
        """Return the layers of a model but for its input.

        Raises:
            StudioError: as `predict` does.
        """
        ...

    def backbone_layers(self, backbone: str, size_px: int) -> tuple[NetworkLayer, ...]:
        """Return the layers of a pretrained network but for its input, without any head.

        Args:
            backbone: the key of a row in the catalogue of backbones.
            size_px: width and height of the pictures it is given.

        Raises:
            StudioError: it is not on this computer, or cannot take pictures as small as that.
        """
        ...

    def feature_maps(
        self, model_file: Path, picture: Pictures, layer: str, epoch_file: Path | None = None
    ) -> npt.NDArray[np.float32]:
        """Return what a layer gives for a picture (size, size, 3): (height, width, channels).

        A layer without places gives (1, 1, values). With `epoch_file`, which `train` kept, it is
        that of the network as it was at that epoch, here and in what follows.

        Raises:
            StudioError: as `predict` does, or there is no such layer.
        """
        ...

    def channel_peaks(
        self, model_file: Path, pictures: Pictures, layer: str, epoch_file: Path | None = None
    ) -> npt.NDArray[np.float32]:
        """Return the highest value in the map of each channel, shape (n, channels).

        Ask in batches of 32 or so: the maps of all pictures are in memory at once.

        Raises:
            StudioError: as `feature_maps` does.
        """
        ...

    def first_filters(
        self, model_file: Path, epoch_file: Path | None = None
    ) -> FirstFilters | None:
        """Return the filters of the first convolution; None where none looks at the colours.

        Raises:
            StudioError: as `predict` does.
        """
        ...

    def maximise(
        self,
        model_file: Path,
        layer: str,
        channel: int,
        steps: int,
        seed: int,
        grew: Callable[[int, Pictures], None],
        epoch_file: Path | None = None,
    ) -> Pictures:
        """Return a picture, shape (size, size, 3), made to excite a channel of a layer.

        Activation maximisation (Erhan et al. 2009; Olah et al. 2017): gradient ascent on the
        pixels, coarse patterns before fine ones, while the picture is shifted about. In the layer
        with the answers a channel is a class.

        Args:
            model_file: the network, which is kept loaded between calls.
            layer: its layer.
            channel: counted from 0.
            steps: of the ascent.
            seed: of the noise it begins with.
            grew: called every few steps with their number and the picture so far; whatever it
                raises ends the work.
            epoch_file: what `train` kept of an epoch, to take the network as it was then.

        Raises:
            StudioError: as `feature_maps` does.
        """
        ...
