"""The one door to the engine: `core.engine_api.Engine` with TensorFlow and Keras."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from cnnstudio.core.catalog.backbones import DEFAULT_BACKBONE, backbone_of
from cnnstudio.core.config import RunConfig
from cnnstudio.core.engine_api import (
    DeviceReport,
    FeatureKind,
    FirstFilters,
    HeadWeights,
    HeatMap,
    LabelledFeatures,
    LabelledPictures,
    LearningRateSweep,
    Pictures,
    TrainingOutcome,
)
from cnnstudio.core.events import Progress
from cnnstudio.core.exporting.written_network import WrittenNetwork
from cnnstudio.core.foreign.feeding import Feeding
from cnnstudio.core.foreign.found_model import FoundModel
from cnnstudio.core.inside.network_layers import NetworkLayer
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.storage.backbone_files import check_installed, weights_folder
from cnnstudio.engine.apart import EXPORT, run_apart
from cnnstudio.engine.runtime import MachineFacts, Runtime, machine_without_gpu, start_runtime

if TYPE_CHECKING:
    from cnnstudio.engine.features import FeatureExtractor
    from cnnstudio.engine.foreign.guard import FileState
    from cnnstudio.engine.inside import Inside
    from cnnstudio.engine.prediction import Predictor


class KerasEngine:
    """Trains and asks networks on this computer.

    Making one costs nothing: TensorFlow is imported by the first method that is called, which like
    all others must be called on the engine thread. `runtime` replaces what would be found there.
    What takes long to make is kept in `cache_folder`, where one is given. For a window it
    `converts_apart`: what would make it stand still is done in a process of its own.
    """

    def __init__(
        self,
        runtime: Runtime | None = None,
        cache_folder: Path | None = None,
        *,
        converts_apart: bool = False,
    ) -> None:
        self._runtime = runtime
        self._cache_folder = cache_folder
        self._converts_apart = converts_apart
        self._weights_folder = cache_folder and weights_folder(cache_folder)
        self._predictor: Predictor | None = None
        self._seen_models: set[FileState] = set()
        self._extractors: dict[str, FeatureExtractor] = {}

    def prepare(self) -> None:
        """Import TensorFlow now (seconds, the first time), so that the next call need not."""
        self._started()

    def devices(self) -> DeviceReport:
        """Return what this computer trains on; imports TensorFlow where there may be a GPU."""
        return Runtime(self._facts()).device_report()

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
        """Train, reporting `BatchEnded` and `EpochEnded`, and save the best weights' model.

        `Progress` is reported where nothing else is: while the network is built, validated, saved.

        Raises:
            Cancelled: the user cancelled; nothing was saved.
            StudioError: the loss became NaN, memory ran out, the network cannot be built, or there
                are no pictures.
        """
        runtime = self._announced(context)
        from cnnstudio.engine.training import train_network

        return train_network(
            runtime,
            training,
            validation,
            config,
            class_names,
            model_file,
            context,
            checkpoint_folder,
            head,
            pinned,
        )

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

        With None for `model_file` nothing is saved: the outcome has the head.

        Raises:
            Cancelled: the user cancelled; nothing was saved.
            StudioError: the loss became NaN, the weights of the backbone are missing, or there are
                no features.
        """
        runtime = self._announced(context)
        from cnnstudio.engine.head_training import train_head

        return train_head(
            runtime, training, validation, config, class_names, model_file, context, pinned
        )

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
        runtime = self._announced(context)
        from cnnstudio.engine.rate_finder import find_learning_rate

        return find_learning_rate(runtime, training, config, class_names, context, head)

    def predict(self, model_file: Path, pictures: Pictures) -> npt.NDArray[np.float32]:
        """Return class probabilities, shape (n, classes), rows adding up to 1.

        The last two models stay loaded.

        Raises:
            StudioError: the file is missing, damaged or unsafe, or the pictures have another size.
        """
        return self._asked().predict(model_file, pictures)

    def inspect_model(self, model_file: Path, context: TaskContext) -> FoundModel:
        """Look at a model file that was made elsewhere, in a process of its own.

        Raises:
            StudioError: the model is refused, damaged, or crashes that process.
            Cancelled: the user cancelled.
        """
        context.report(Progress("Looking at the model"))
        from cnnstudio.engine.foreign.guard import file_state, inspected

        state = file_state(model_file)
        found = inspected(model_file, context)
        self._seen_models.add(state)
        return found

    def predict_fed(
        self, model_file: Path, feeding: Feeding, pictures: Pictures
    ) -> npt.NDArray[np.float32]:
        """Return what `predict` does for a model that was made elsewhere, asked in a given way.

        Raises:
            StudioError: as `predict` does.
        """
        return self._asked().predict_fed(model_file, feeding, pictures)

    def predict_with_features(
        self, model_file: Path, pictures: Pictures
    ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        """Return what `predict` does, and what goes into the last layer, shape (n, length).

        Raises:
            StudioError: as `predict` does.
        """
        return self._asked().predict_with_features(model_file, pictures)

    def save_head(self, head: HeadWeights, backbone: str, model_file: Path) -> None:
        """Save a classifier on features with its backbone, as `train_head` saves its best one.

        Raises:
            StudioError: the weights of the backbone are missing or damaged, or the disk refuses.
        """
        runtime = self._started()
        from cnnstudio.engine.head_training import save_head

        save_head(runtime, head, backbone, model_file)

    def predict_features(
        self, model_file: Path, features: npt.NDArray[np.floating]
    ) -> npt.NDArray[np.float32]:
        """Return what a model that `train_head` saved answers to features, shape (n, classes).

        Raises:
            StudioError: as `predict` does, or the model has no such head.
        """
        return self._asked().predict_features(model_file, features)

    def explain(self, model_file: Path, picture: Pictures, class_index: int) -> HeatMap:
        """Return what in a picture, shape (size, size, 3), spoke for a class: Grad-CAM.

        The first time for a model takes a second or two.

        Raises:
            StudioError: as `predict` does, or the network sees no places.
        """
        return self._asked().explain(model_file, picture, class_index)

    def export(
        self, model_file: Path, target: Path, wanted: WrittenNetwork, context: TaskContext
    ) -> None:
        """Write the network of a model file in another form.

        Raises:
            Cancelled: the user cancelled.
            StudioError: as `predict` does, the network cannot be converted, or the disk refuses.
        """
        arrays = {"prototypes": wanted.prototypes, "calibration": wanted.calibration}
        run_apart(
            EXPORT,
            {
                "model_file": str(model_file.absolute()),
                "target": str(target.absolute()),
                "form": wanted.form,
                "enclosed": dict(wanted.enclosed),
            },
            context,
            {name: array for name, array in arrays.items() if array is not None},
        )

    def feature_kind(self, backbone: str = DEFAULT_BACKBONE.key) -> FeatureKind:
        """What `features` gives; known at once, without TensorFlow.

        Raises:
            StudioError: there is no such backbone, or its weights are not on this computer yet.
        """
        check_installed(backbone, self._weights_folder)
        row = backbone_of(backbone)
        return FeatureKind(row.feature_kind, row.input_size_px, row.feature_length)

    def features(
        self, pictures: Pictures, backbone: str = DEFAULT_BACKBONE.key
    ) -> npt.NDArray[np.float32]:
        """Return what a backbone sees in pictures of its own size, shape (n, length).

        The first call loads the network: 10 seconds once, under a second with what is kept then,
        where there is no GPU even without TensorFlow.

        Raises:
            StudioError: the pretrained weights are missing or damaged, or the pictures have another
                size.
        """
        if backbone not in self._extractors:
            from cnnstudio.engine.features import FeatureExtractor

            row = backbone_of(backbone)
            # One at a time: each takes tens of megabytes, and nobody goes back and forth.
            extractor = FeatureExtractor(
                row, self._facts(), self._cache_folder, converts_apart=self._converts_apart
            )
            self._extractors = {backbone: extractor}
        return self._extractors[backbone].features(pictures)

    def layers_of(self, model_file: Path) -> tuple[NetworkLayer, ...]:
        """Return the layers of a model but for its input.

        Raises:
            StudioError: as `predict` does.
        """
        return self._inside(model_file).layers()

    def backbone_layers(self, backbone: str, size_px: int) -> tuple[NetworkLayer, ...]:
        """Return the layers of a pretrained network but for its input, without any head.

        This takes a second or two.

        Raises:
            StudioError: it is not on this computer, or cannot take pictures as small as that.
        """
        check_installed(backbone, self._weights_folder)
        self._started()
        from cnnstudio.engine.inside import backbone_layers

        return backbone_layers(backbone_of(backbone), size_px)

    def feature_maps(
        self, model_file: Path, picture: Pictures, layer: str, epoch_file: Path | None = None
    ) -> npt.NDArray[np.float32]:
        """Return what a layer gives for a picture (size, size, 3): (height, width, channels).

        Raises:
            StudioError: as `predict` does, or there is no such layer.
        """
        return self._inside(model_file, epoch_file).feature_maps(picture, layer)

    def channel_peaks(
        self, model_file: Path, pictures: Pictures, layer: str, epoch_file: Path | None = None
    ) -> npt.NDArray[np.float32]:
        """Return the highest value in the map of each channel, shape (n, channels).

        Raises:
            StudioError: as `feature_maps` does.
        """
        return self._inside(model_file, epoch_file).channel_peaks(pictures, layer)

    def first_filters(
        self, model_file: Path, epoch_file: Path | None = None
    ) -> FirstFilters | None:
        """Return the filters of the first convolution; None where none looks at the colours.

        Raises:
            StudioError: as `predict` does.
        """
        return self._inside(model_file, epoch_file).first_filters()

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
        """Return a picture, shape (size, size, 3), made by gradient ascent to excite a channel.

        Raises:
            StudioError: as `feature_maps` does.
        """
        inside = self._inside(model_file, epoch_file)
        return inside.maximise(layer, channel, steps, seed, grew)

    def _inside(self, model_file: Path, epoch_file: Path | None = None) -> Inside:
        return self._asked().inside(model_file, epoch_file)

    def _asked(self) -> Predictor:
        runtime = self._started()
        if self._predictor is None:
            from cnnstudio.engine.features import has_litert
            from cnnstudio.engine.prediction import Predictor

            is_faster = not runtime.facts.gpus and has_litert()
            self._predictor = Predictor(self.features if is_faster else None, self._seen_models)
        return self._predictor

    def _announced(self, context: TaskContext) -> Runtime:
        if self._runtime is None:
            context.report(Progress("Starting TensorFlow"))
        runtime = self._started()
        context.checkpoint()
        return runtime

    def _facts(self) -> MachineFacts:
        known = None if self._runtime is not None else machine_without_gpu()
        return known or self._started().facts

    def _started(self) -> Runtime:
        if self._runtime is None:
            self._runtime = start_runtime()
        self._runtime.weights_folder = self._weights_folder
        return self._runtime
