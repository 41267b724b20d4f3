"""`KerasRunner`: a Keras model that was made elsewhere, for a first look at it."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np

from cnnstudio.core.errors import StudioError
from cnnstudio.engine.foreign.flattening import outputs_of
from cnnstudio.engine.foreign.runner import ModelInput, Values
from cnnstudio.engine.model_file import load_model

_SCALING_LAYERS = (keras.layers.Rescaling, keras.layers.Normalization)
_FIRST = 6  # layers among which a network scales its pictures
# What Keras' own networks want, by the names that they are given.
_BY_NAME = {
    "efficientnet": "0..255",
    "convnext": "0..255",
    "mobilenetv3": "0..255",
    "mobilenet": "-1..1",
    "inception": "-1..1",
    "xception": "-1..1",
    "nasnet": "-1..1",
    "resnet50v2": "-1..1",
    "densenet": "imagenet",
}


class KerasRunner:
    """Runs a .keras file that consists of known parts only."""

    def __init__(self, model_file: Path) -> None:
        """Read the file.

        Raises:
            StudioError: it is damaged, could run code, or has other inputs than one picture.
        """
        self._model = model = load_model(model_file)
        if not hasattr(model, "inputs") or not model.inputs:
            raise StudioError("The model does not say what goes into it.")
        if len(model.inputs) != 1:
            raise StudioError(
                f"The model asks for {len(model.inputs)} inputs; only models that look at one"
                " picture can be imported."
            )
        shape = tuple(None if side is None else int(side) for side in model.inputs[0].shape)
        self.input = ModelInput(str(model.inputs[0].name), shape)
        tensors = outputs_of(model)
        self.outputs = tuple(tensors)
        self._several = {name: keras.Model(model.inputs[0], each) for name, each in tensors.items()}

    @property
    def guess(self) -> tuple[str, str, bool]:
        """How values go in: the scaling, what says so, and whether that is certain."""
        first = [layer for layer, _ in zip(_layers(self._model), range(_FIRST), strict=False)]
        if any(isinstance(each, _SCALING_LAYERS) for each in first):
            return "0..255", "it scales its pictures itself", True
        names = [str(each.name).casefold().replace("_", "") for each in _models(self._model)]
        for part, scaling in _BY_NAME.items():
            if any(part in name for name in names):
                return scaling, f"that is what {part} networks want", False
        return "0..1", "most tutorials do so", False

    def run(self, values: Values, output_name: str) -> Values:
        """Return the named output for values of the input's shape.

        Raises:
            StudioError: the model cannot be run on them.
        """
        try:
            answered = self._several[output_name](values, training=False)
        except Exception as error:  # whatever TensorFlow makes of shapes that do not fit
            raise StudioError(
                "Keras cannot run the model on such pictures."
                f" It says: {str(error).strip().splitlines()[-1][:200]}"
            ) from error
        rows: Values = np.asarray(answered, np.float32)
        return rows


def _models(model: keras.Model) -> list[keras.Model]:
    inner = [each for each in model.layers if isinstance(each, keras.Model)]
    return [model, *(each for part in inner for each in _models(part))]


def _layers(model: keras.Model) -> list[keras.layers.Layer]:
    found: list[keras.layers.Layer] = []
    for each in model.layers:
        if isinstance(each, keras.Model):
            found += _layers(each)
        elif not isinstance(each, keras.layers.InputLayer):
            found.append(each)
    return found
