"""Which places of a picture spoke for a class: Grad-CAM.

Selvaraju et al. 2017, "Grad-CAM: Visual Explanations from Deep Networks via Gradient-based
Localization", https://arxiv.org/abs/1610.02391.
"""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf
from keras import layers

from cnnstudio.core.engine_api import HeatMap, Pictures
from cnnstudio.core.errors import StudioError
from cnnstudio.engine.traced_gradients import traced_gradients_forgotten

# These only thin out, hide or rearrange what the layer before them saw.
_NOT_SEEING = (
    layers.InputLayer,
    layers.Rescaling,
    layers.MaxPooling2D,
    layers.AveragePooling2D,
    layers.GlobalAveragePooling2D,
    layers.ZeroPadding2D,
    layers.Dropout,
    layers.Reshape,
)


class Explainer:
    """Explains the answers of one network in memory; its graph is traced once and goes with it."""

    def __init__(self, model: keras.Model) -> None:
        """Trace the network and the way back from a class to its last maps.

        Raises:
            StudioError: the network has no layer that still sees places.
        """
        maps_of = _last_that_sees(model)
        answering = model.layers[-1]
        inside = keras.Model(model.input, [maps_of.output, answering.input])
        size = model.input_shape[1:3]
        self._layer_name = str(maps_of.name)

        def explain(pictures: Any, class_index: Any) -> Any:
            values = tf.cast(pictures, tf.float32)
            with tf.GradientTape(watch_accessed_variables=False) as tape:
                tape.watch(values)
                maps, features = inside(values, training=False)
                # Before the softmax, where raising one class is not lowering the others.
                score = tf.linalg.matvec(features, answering.kernel[:, class_index])
            weights = tf.reduce_mean(tape.gradient(score, maps), axis=(1, 2), keepdims=True)
            spoken = tf.nn.relu(tf.reduce_sum(weights * maps, axis=-1, keepdims=True))
            spoken = tf.image.resize(spoken, size)[0, :, :, 0]
            return tf.math.divide_no_nan(spoken, tf.reduce_max(spoken))

        signature = [
            tf.TensorSpec((1, *model.input_shape[1:]), tf.uint8),
            tf.TensorSpec((), tf.int32),
        ]
        self._explain = tf.function(explain, input_signature=signature, autograph=False)
        with traced_gradients_forgotten():
            self._explain.get_concrete_function()

    def explain(self, picture: Pictures, class_index: int) -> HeatMap:
        """Return what spoke for a class in a uint8 picture of shape (size, size, 3)."""
        values = self._explain(picture[None], tf.constant(class_index, tf.int32))
        return HeatMap(values.numpy(), self._layer_name)


def _last_that_sees(model: keras.Model) -> Any:
    """Return the last layer (or sum of two) with maps of more than one place."""
    for each in reversed(model.operations):
        shape: Any = getattr(each.output, "shape", ())
        if len(shape) == 4 and shape[1] * shape[2] > 1 and not isinstance(each, _NOT_SEEING):
            return each
    raise StudioError("This network looks at no places, so there is no heat-map of it.")
