"""Asks trained networks about pictures, keeping the last ones loaded.

A network that is a classifier on an unchanged backbone is asked by way of the backbone's features
where these are computed faster than by TensorFlow (see `features.py`), once it was seen that both
ways see the same.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf

from cnnstudio.core.engine_api import LONGEST_FEATURES, HeatMap, Pictures
from cnnstudio.core.errors import StudioError
from cnnstudio.core.foreign.feeding import Feeding, class_count_of, load_feeding
from cnnstudio.core.foreign.found_model import MODEL_SUFFIXES
from cnnstudio.core.jobs import TaskContext
from cnnstudio.engine.classifier import FEATURES, frozen_backbone, head_of
from cnnstudio.engine.earlier_inside import EarlierInside
from cnnstudio.engine.explanation import Explainer
from cnnstudio.engine.feeding_graph import FeedingGraph
from cnnstudio.engine.foreign.flattening import as_fed, probe_pictures
from cnnstudio.engine.foreign.guard import FileState, file_state, inspected
from cnnstudio.engine.foreign.runner_model import RunnerModel
from cnnstudio.engine.inside import Inside
from cnnstudio.engine.model_file import load_model
from cnnstudio.engine.traced_gradients import traced_gradients_forgotten

_log = logging.getLogger(__name__)

_PICTURES_PER_BATCH = 32
_MODELS_KEPT = 2
# LiteRT rounds otherwise than TensorFlow: features of about 1 differ by less than 0.001.
_SAME_FEATURES = 0.01

_Key = tuple[Path, int, int, Feeding | None]

FeaturesOf = Callable[[Pictures, str], npt.NDArray[np.float32]]
"""Features of pictures by the backbone with that key, as `KerasEngine.features` gives them."""


class Predictor:
    """Answers with models from files; a file that was written anew is loaded anew.

    `features_of` is given where features are computed faster than by the model itself. In `seen`
    are files of other formats that were looked at and are safe to load.
    """

    def __init__(
        self,
        features_of: FeaturesOf | None = None,
        seen: set[FileState] | None = None,
    ) -> None:
        self._features_of = features_of
        self._loaded: OrderedDict[_Key, LoadedModel | RunnerModel] = OrderedDict()
        self._seen = set() if seen is None else seen
        self._earlier: tuple[FileState, EarlierInside] | None = None

    def predict(self, model_file: Path, pictures: Pictures) -> npt.NDArray[np.float32]:
        """Return class probabilities, shape (n, classes), for pictures (n, size, size, 3).

        Raises:
            StudioError: the file cannot be loaded, or the pictures have another size.
        """
        return self._model(model_file).predict(pictures)

    def predict_with_features(
        self, model_file: Path, pictures: Pictures
    ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        """Return what `predict` does, and what goes into the last layer, shape (n, length).

        Raises:
            StudioError: as `predict` does.
        """
        return self._model(model_file).predict_with_features(pictures)

    def predict_features(
        self, model_file: Path, features: npt.NDArray[np.floating]
    ) -> npt.NDArray[np.float32]:
        """Return class probabilities, shape (n, classes), for features, shape (n, length).

        Raises:
            StudioError: the file cannot be loaded, or its model has no head on such features.
        """
        return self._model(model_file).predict_features(features)

    def explain(self, model_file: Path, picture: Pictures, class_index: int) -> HeatMap:
        """Return what in a picture, shape (size, size, 3), spoke for a class, counted from 0.

        Raises:
            StudioError: the file cannot be loaded, its network sees no places, or the picture has
                another size.
        """
        return self._model(model_file).explain(picture, class_index)

    def inside(self, model_file: Path, epoch_file: Path | None = None) -> Inside:
        """Return what looks into the layers of a model; with `epoch_file` as it was at that epoch.

        Raises:
            StudioError: a file cannot be loaded.
        """
        if epoch_file is None:
            return self._model(model_file).inside
        key = file_state(model_file)
        if self._earlier is None or self._earlier[0] != key:
            self._earlier = None  # not both in memory at once
            self._earlier = key, EarlierInside(load_model(model_file))
        return self._earlier[1].at(epoch_file)

    def predict_fed(
        self, model_file: Path, feeding: Feeding, pictures: Pictures
    ) -> npt.NDArray[np.float32]:
        """Return what `predict` does for a model that is asked in a given way.

        Raises:
            StudioError: as `predict` does.
        """
        return self._model(model_file, feeding).predict(pictures)

    def _model(self, model_file: Path, feeding: Feeding | None = None) -> LoadedModel | RunnerModel:
        feeding = feeding or load_feeding(model_file.parent)
        key = (*file_state(model_file), feeding)
        model = self._loaded.pop(key, None)
        if model is None:
            model = self._load(model_file, feeding)
        self._loaded[key] = model
        while len(self._loaded) > _MODELS_KEPT:
            self._loaded.popitem(last=False)
        return model

    def _load(self, model_file: Path, feeding: Feeding | None) -> LoadedModel | RunnerModel:
        if MODEL_SUFFIXES.get(model_file.suffix.casefold(), "keras") == "keras":
            return LoadedModel(model_file, self._features_of, feeding)
        if feeding is None:
            raise StudioError(
                f"Nothing says how the model {model_file} is asked.", "Import it again."
            )
        # A project may come from somebody else, too. Keras files are looked through before anything
        # of them is made; of these, a damaged one can crash the process that reads it.
        if file_state(model_file) not in self._seen:
            inspected(model_file, TaskContext())
            self._seen.add(file_state(model_file))
        return RunnerModel(model_file, feeding)


class LoadedModel:
    """One network in memory, traced and warm."""

    def __init__(
        self,
        model_file: Path,
        features_of: FeaturesOf | None = None,
        feeding: Feeding | None = None,
    ) -> None:
        """Load a file; one that was made elsewhere is asked as `feeding` says.

        Raises:
            StudioError: it is missing, damaged, or could run code.
        """
        loaded = load_model(model_file)
        self._graph = FeedingGraph(feeding)
        model = loaded if feeding is None else as_fed(loaded, feeding)
        self._model = model
        self._explainer: Explainer | None = None
        self.inside = Inside(model, self._graph)
        self._picture_shape = (*model.input_shape[1:3], 3)
        self._is_foreign = feeding is not None
        # Layers of a model from elsewhere may bear the same names by chance.
        self._head = head_of(model) if feeding is None else None
        self._backbone = frozen_backbone(model) if feeding is None else None
        self._features_of = features_of if self._sees_the_same(model, features_of) else None

        seeing, self._feature_count = _with_features(model)
        self._class_count = class_count_of(int(model.output_shape[-1]))

        def answer(pictures: Any) -> Any:
            answered, *into_last = seeing(self._graph.fed(pictures), training=False)
            return [self._graph.answered(answered), *into_last]

        # An open batch dimension: traced once, whatever the number of pictures.
        signature = [tf.TensorSpec((None, *self._picture_shape), tf.uint8)]
        self._answer = tf.function(answer, input_signature=signature, autograph=False)
        if self._features_of is None:
            with traced_gradients_forgotten():
                self._answer(np.zeros((1, *self._picture_shape), np.uint8))

    def predict(self, pictures: Pictures) -> npt.NDArray[np.float32]:
        """Return class probabilities, shape (n, classes), for uint8 pictures (n, size, size, 3).

        Raises:
            StudioError: the pictures are not of the size that the network was trained on.
        """
        return self.predict_with_features(pictures)[0]

    def predict_with_features(
        self, pictures: Pictures
    ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        """Return what `predict` does, and what goes into the last layer, shape (n, length).

        Raises:
            StudioError: as `predict` does.
        """
        self._check_shape(pictures.shape[1:])
        if self._features_of is not None and self._backbone is not None:
            seen = self._features_of(pictures, self._backbone)
            return self.predict_features(seen), seen
        answers = np.empty((len(pictures), self._class_count), np.float32)
        features = np.empty((len(pictures), self._feature_count), np.float32)
        for start in range(0, len(pictures), _PICTURES_PER_BATCH):
            chosen = slice(start, start + _PICTURES_PER_BATCH)
            answered, *into_last = self._answer(pictures[chosen])
            answers[chosen] = answered.numpy()
            if into_last:
                features[chosen] = into_last[0].numpy()
        if self._is_foreign and not np.isfinite(answers).all():
            raise StudioError("The model answers with something that is no number.")
        return answers, features

    def predict_features(self, features: npt.NDArray[np.floating]) -> npt.NDArray[np.float32]:
        """Return class probabilities, shape (n, classes), for features, shape (n, length).

        Raises:
            StudioError: the network has no head on features of that length.
        """
        if self._head is None or features.shape[1:] != self._head.kernel.shape[:1]:
            raise StudioError("This network does not answer features of a backbone.")
        return self._head.answers_to(features)

    def explain(self, picture: Pictures, class_index: int) -> HeatMap:
        """Return what in a uint8 picture, shape (size, size, 3), spoke for a class.

        The first time takes a second or two.

        Raises:
            StudioError: the network sees no places, or the picture is not of the size that it was
                trained on.
        """
        self._check_shape(picture.shape)
        if self._explainer is None:
            self._explainer = Explainer(self._model, self._graph)
        return self._explainer.explain(picture, class_index)

    def _check_shape(self, shape: tuple[int, ...]) -> None:
        if shape != self._picture_shape:
            height, width = self._picture_shape[:2]
            raise StudioError(
                f"This network answers pictures of {width}x{height} px with 3 channels."
                f" Received: pictures of the shape {shape}."
            )

    def _sees_the_same(self, model: keras.Model, features_of: FeaturesOf | None) -> bool:
        """Whether the network in the file has the features that would be computed in its place."""
        if features_of is None or self._head is None or self._backbone is None:
            return False
        pictures = probe_pictures(self._picture_shape)
        try:
            theirs = features_of(pictures, self._backbone)
        except StudioError:  # its weights are not on this computer, or there is no such backbone
            return False
        own = keras.Model(model.input, model.get_layer(FEATURES).output)(pictures, training=False)
        is_same = np.allclose(theirs, np.asarray(own), rtol=0, atol=_SAME_FEATURES)
        if not is_same:
            _log.warning("The backbone of a model is not %s as it came", self._backbone)
        return is_same


def _with_features(model: keras.Model) -> tuple[keras.Model, int]:
    """Return the model with what goes into its last layer as a second output, and its length."""
    seen = model.layers[-1].input
    length = 0
    if isinstance(model.layers[-1], keras.layers.Dense) and len(seen.shape) == 2:
        length = int(seen.shape[-1])
    if not 0 < length <= LONGEST_FEATURES:
        return keras.Model(model.input, [model.output]), 0
    return keras.Model(model.input, [model.output, seen]), length
