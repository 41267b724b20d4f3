"""Asks trained networks about pictures, keeping the last ones loaded."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from cnnstudio.core.engine_api import HeatMap, Pictures
from cnnstudio.core.errors import StudioError
from cnnstudio.engine.classifier import answers_of, head_of
from cnnstudio.engine.explanation import Explainer
from cnnstudio.engine.model_file import load_model
from cnnstudio.engine.traced_gradients import traced_gradients_forgotten

_PICTURES_PER_BATCH = 32
_MODELS_KEPT = 2

_Key = tuple[Path, int, int]


class Predictor:
    """Answers with models from files; a file that was written anew is loaded anew."""

    def __init__(self) -> None:
        self._loaded: OrderedDict[_Key, LoadedModel] = OrderedDict()

    def predict(self, model_file: Path, pictures: Pictures) -> npt.NDArray[np.float32]:
        """Return class probabilities, shape (n, classes), for pictures (n, size, size, 3).

        Raises:
            StudioError: the file cannot be loaded, or the pictures have another size.
        """
        return self._model(model_file).predict(pictures)

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

    def _model(self, model_file: Path) -> LoadedModel:
        key = _key(model_file)
        model = self._loaded.pop(key, None)
        if model is None:
            model = LoadedModel(model_file)
        self._loaded[key] = model
        while len(self._loaded) > _MODELS_KEPT:
            self._loaded.popitem(last=False)
        return model


class LoadedModel:
    """One network in memory, traced and warm."""

    def __init__(self, model_file: Path) -> None:
        self._model = model = load_model(model_file)
        self._explainer: Explainer | None = None
        self._picture_shape = tuple(model.input_shape[1:])
        self._class_count = int(model.output_shape[-1])
        self._head = head_of(model)

        def answer(pictures: Any) -> Any:
            return model(pictures, training=False)

        # An open batch dimension: traced once, whatever the number of pictures.
        signature = [tf.TensorSpec((None, *self._picture_shape), tf.uint8)]
        self._answer = tf.function(answer, input_signature=signature, autograph=False)
        with traced_gradients_forgotten():
            self._answer(np.zeros((1, *self._picture_shape), np.uint8))

    def predict(self, pictures: Pictures) -> npt.NDArray[np.float32]:
        """Return class probabilities, shape (n, classes), for uint8 pictures (n, size, size, 3).

        Raises:
            StudioError: the pictures are not of the size that the network was trained on.
        """
        self._check_shape(pictures.shape[1:])
        answers = np.empty((len(pictures), self._class_count), np.float32)
        for start in range(0, len(pictures), _PICTURES_PER_BATCH):
            chosen = slice(start, start + _PICTURES_PER_BATCH)
            answers[chosen] = self._answer(pictures[chosen]).numpy()
        return answers

    def predict_features(self, features: npt.NDArray[np.floating]) -> npt.NDArray[np.float32]:
        """Return class probabilities, shape (n, classes), for features, shape (n, length).

        Raises:
            StudioError: the network has no head on features of that length.
        """
        if self._head is None or features.shape[1:] != self._head.kernel.shape[:1]:
            raise StudioError("This network does not answer features of a backbone.")
        return answers_of(self._head, features)

    def explain(self, picture: Pictures, class_index: int) -> HeatMap:
        """Return what in a uint8 picture, shape (size, size, 3), spoke for a class.

        The first time takes a second or two.

        Raises:
            StudioError: the network sees no places, or the picture is not of the size that it was
                trained on.
        """
        self._check_shape(picture.shape)
        if self._explainer is None:
            self._explainer = Explainer(self._model)
        return self._explainer.explain(picture, class_index)

    def _check_shape(self, shape: tuple[int, ...]) -> None:
        if shape != self._picture_shape:
            height, width = self._picture_shape[:2]
            raise StudioError(
                f"This network answers pictures of {width}x{height} px with 3 channels."
                f" Received: pictures of the shape {shape}."
            )


def _key(model_file: Path) -> _Key:
    path = model_file.absolute()
    try:
        state = path.stat()
    except OSError:
        return path, 0, 0  # loading it says what is wrong
    return path, state.st_mtime_ns, state.st_size
