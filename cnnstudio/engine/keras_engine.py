"""The one door to the engine: `core.engine_api.Engine` with TensorFlow and Keras."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from cnnstudio.core.catalog.backbones import DEFAULT_BACKBONE
from cnnstudio.core.config import RunConfig
from cnnstudio.core.engine_api import (
    DeviceReport,
    FeatureKind,
    HeadWeights,
    LabelledPictures,
    Pictures,
    TrainingOutcome,
)
from cnnstudio.core.events import Progress
from cnnstudio.core.jobs import TaskContext
from cnnstudio.engine.runtime import MachineFacts, Runtime, machine_without_gpu, start_runtime

if TYPE_CHECKING:
    from cnnstudio.engine.features import FeatureExtractor
    from cnnstudio.engine.prediction import Predictor


class KerasEngine:
    """Trains and asks networks on this computer.

    Making one costs nothing: TensorFlow is imported by the first method that is called, which like
    all others must be called on the engine thread. `runtime` replaces what would be found there.
    What takes long to make is kept in `cache_folder`, where one is given.
    """

    def __init__(self, runtime: Runtime | None = None, cache_folder: Path | None = None) -> None:
        self._runtime = runtime
        self._cache_folder = cache_folder
        self._predictor: Predictor | None = None
        self._extractor: FeatureExtractor | None = None

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
    ) -> TrainingOutcome:
        """Train, reporting `BatchEnded` and `EpochEnded`, and save the best weights' model.

        `Progress` is reported where nothing else is: while the network is built, validated, saved.

        Raises:
            Cancelled: the user cancelled; nothing was saved.
            StudioError: the loss became NaN, memory ran out, the network cannot be built, or there
                are no pictures.
        """
        if self._runtime is None:
            context.report(Progress("Starting TensorFlow"))
        runtime = self._started()
        context.checkpoint()
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
        )

    def predict(self, model_file: Path, pictures: Pictures) -> npt.NDArray[np.float32]:
        """Return class probabilities, shape (n, classes), rows adding up to 1.

        The last two models stay loaded.

        Raises:
            StudioError: the file is missing, damaged or unsafe, or the pictures have another size.
        """
        self._started()
        if self._predictor is None:
            from cnnstudio.engine.prediction import Predictor

            self._predictor = Predictor()
        return self._predictor.predict(model_file, pictures)

    @property
    def feature_kind(self) -> FeatureKind:
        """What `features` gives; known at once, without TensorFlow."""
        backbone = DEFAULT_BACKBONE
        return FeatureKind(backbone.feature_kind, backbone.input_size_px, backbone.feature_length)

    def features(self, pictures: Pictures) -> npt.NDArray[np.float32]:
        """Return what EfficientNet-Lite0 sees in pictures (n, 224, 224, 3), shape (n, 1280).

        The first call loads the network: 10 seconds once, under a second with what is kept then,
        where there is no GPU even without TensorFlow.

        Raises:
            StudioError: the pretrained weights are missing or damaged, or the pictures have another
                size.
        """
        if self._extractor is None:
            from cnnstudio.engine.features import FeatureExtractor

            self._extractor = FeatureExtractor(DEFAULT_BACKBONE, self._facts(), self._cache_folder)
        return self._extractor.features(pictures)

    def _facts(self) -> MachineFacts:
        known = None if self._runtime is not None else machine_without_gpu()
        return known or self._started().facts

    def _started(self) -> Runtime:
        if self._runtime is None:
            self._runtime = start_runtime()
        return self._runtime
