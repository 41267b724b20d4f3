"""Makes one flat network of a Keras model: of pictures of one size, without models inside it."""

from __future__ import annotations

import logging
from typing import Any

import keras
import numpy as np
from keras import layers

from cnnstudio.core.engine_api import Pictures
from cnnstudio.core.errors import StudioError
from cnnstudio.core.foreign.feeding import Feeding

_log = logging.getLogger(__name__)

_PROBES = 2


def answering(model: keras.Model, output_name: str) -> Any:
    """Return the tensor of a model with its answers; "" is its only output.

    Raises:
        StudioError: there is none of that name.
    """
    outputs = outputs_of(model)
    if not output_name and len(outputs) == 1:
        return next(iter(outputs.values()))
    if output_name not in outputs:
        raise StudioError(f"The model has no output {output_name}.")
    return outputs[output_name]


def outputs_of(model: keras.Model) -> dict[str, Any]:
    """Return the outputs of a model by name: the keys of a dictionary, else those of its layers."""
    if isinstance(model, keras.Sequential):  # read from a file, it has no `output` of its own
        return {str(model.layers[-1].name): model.outputs[0]}
    given = model.output
    if isinstance(given, dict):
        return {str(name): tensor for name, tensor in given.items()}
    several = list(given) if isinstance(given, list | tuple) else [given]
    return {str(name): each for name, each in zip(model.output_names, several, strict=True)}


def flattened(model: keras.Model, size_px: int, output_name: str) -> keras.Model:
    """Return a network from pictures (n, size, size, channels) to the answers, its layers in a row.

    Models inside the model, as transfer learning makes them, become layers like all others. A model
    that is flat and of that size already is returned as it is.

    Raises:
        ValueError: Keras cannot build it so.
        StudioError: there is no such output.
    """
    is_flat = not any(isinstance(each, keras.Model) for each in model.layers)
    target = answering(model, output_name)
    if is_flat and tuple(model.inputs[0].shape[1:3]) == (size_px, size_px):
        return keras.Model(model.inputs[0], target)
    fresh = _Fresh()
    pictures = keras.Input(
        (size_px, size_px, model.inputs[0].shape[-1]), name=fresh.name_of("input")
    )
    given = keras.Model(model.inputs[0], target)
    answers = fresh.applied(given, pictures)
    flat = keras.Model(pictures, answers)
    fresh.copy_weights()
    return flat


def as_fed(model: keras.Model, feeding: Feeding) -> keras.Model:
    """Return a model that was made elsewhere as one flat network of pictures of one size.

    Where it cannot be made flat, its layers are those that it was saved with.

    Raises:
        StudioError: it has no such output, or cannot take pictures of that size.
    """
    shape = (feeding.size_px, feeding.size_px, feeding.channels)
    probes = probe_pictures((*shape[:2], 3))[..., : feeding.channels].astype(np.float32)
    try:
        whole = keras.Model(model.inputs[0], answering(model, feeding.output_name))
        wanted = np.asarray(whole(probes, training=False))
    except StudioError:
        raise
    except Exception as error:  # whatever TensorFlow makes of shapes that do not fit
        raise StudioError(f"The model cannot take pictures of {feeding.size_px} px.") from error
    try:
        flat = flattened(model, feeding.size_px, feeding.output_name)
        if np.allclose(np.asarray(flat(probes, training=False)), wanted, rtol=1e-3, atol=1e-4):
            return flat
        _log.warning("A model from elsewhere answers otherwise when it is flat")
    except Exception:  # noqa: BLE001 - nothing but Look inside and Grad-CAM hang on it
        _log.warning("A model from elsewhere could not be made flat", exc_info=True)
    if tuple(whole.input_shape[1:3]) == shape[:2]:
        return whole
    pictures = keras.Input(shape)
    return keras.Model(pictures, whole(pictures))


def probe_pictures(shape: tuple[int, ...]) -> Pictures:
    """Two pictures of coarse patches: always the same, and of many colours."""
    coarse = np.random.default_rng(0).integers(0, 256, (_PROBES, 7, 7, 3), np.uint8)
    repeats = -(-max(shape[:2]) // 7)
    fine = coarse.repeat(repeats, axis=1).repeat(repeats, axis=2)
    return np.ascontiguousarray(fine[:, : shape[0], : shape[1]])


class _Fresh:
    """Layers like those of a model, once each, by names that no two share."""

    def __init__(self) -> None:
        self._names: set[str] = set()
        self._made: dict[int, tuple[Any, Any]] = {}

    def name_of(self, name: str) -> str:
        free, number = name, 1
        while free in self._names:
            number += 1
            free = f"{name}_{number}"
        self._names.add(free)
        return free

    def applied(self, model: keras.Model, values: Any) -> Any:
        """Return what comes out of the layers of a model for a symbolic tensor."""
        if isinstance(model, keras.Sequential):
            for layer in model.layers:
                values = self._operation(layer)(values)
            return values
        # Keras has no public way to go along a model's graph from another tensor; what comes out
        # is compared with the model as it was before anybody uses it.
        given = keras.tree.pack_sequence_as(model.input, [values])
        return model._run_through_graph(given, operation_fn=self._operation)

    def copy_weights(self) -> None:
        """Give the new layers the weights of the old ones."""
        for old, new in self._made.values():
            new.set_weights(old.get_weights())

    def _operation(self, operation: Any) -> Any:
        def apply(*arguments: Any, **options: Any) -> Any:
            # Layers for training only are told so when a model is built.
            options.pop("training", None)
            if isinstance(operation, layers.InputLayer):
                return arguments[0]
            if isinstance(operation, keras.Model):
                return self.applied(operation, arguments[0])
            if not isinstance(operation, layers.Layer):
                return operation(*arguments, **options)
            return self._layer(operation)(*arguments, **options)

        return apply

    def _layer(self, old: Any) -> Any:
        if id(old) not in self._made:
            settings = {**old.get_config(), "name": self.name_of(str(old.name))}
            self._made[id(old)] = old, type(old).from_config(settings)
        return self._made[id(old)][1]
