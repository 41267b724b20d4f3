"""Which places of a picture spoke for a class: Grad-CAM.

Selvaraju et al. 2017, "Grad-CAM: Visual Explanations from Deep Networks via Gradient-based
Localization", https://arxiv.org/abs/1610.02391.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf
from keras import layers

from cnnstudio.core.engine_api import HeatMap, Pictures
from cnnstudio.core.errors import StudioError
from cnnstudio.engine.feeding_graph import FeedingGraph
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
    layers.SpatialDropout2D,
    layers.Identity,
    layers.Reshape,
)


class Explainer:
    """Explains the answers of one network in memory; its graph is traced once and goes with it."""

    def __init__(self, model: keras.Model, graph: FeedingGraph | None = None) -> None:
        """Trace the network and the way back from a class to its last maps.

        Raises:
            StudioError: the network has no layer that still sees places.
        """
        maps_of = _last_that_sees(model)
        told, weights_of = _score_of(model)
        inside = keras.Model(model.input, [maps_of.output, told])
        size = model.input_shape[1:3]
        feeding = graph or FeedingGraph()
        self._layer_name = str(maps_of.name)

        def explain(pictures: Any, class_index: Any) -> Any:
            values = tf.cast(pictures, tf.float32)
            with tf.GradientTape(watch_accessed_variables=False) as tape:
                tape.watch(values)
                maps, features = inside(feeding.fed(values), training=False)
                # Before the softmax, where raising one class is not lowering the others.
                score = weights_of(features, class_index)
            weights = tf.reduce_mean(tape.gradient(score, maps), axis=(1, 2), keepdims=True)
            spoken = tf.nn.relu(tf.reduce_sum(weights * maps, axis=-1, keepdims=True))
            spoken = tf.image.resize(spoken, size)[0, :, :, 0]
            return tf.math.divide_no_nan(spoken, tf.reduce_max(spoken))

        signature = [
            tf.TensorSpec((1, *size, 3), tf.uint8),
            tf.TensorSpec((), tf.int32),
        ]
        self._explain = tf.function(explain, input_signature=signature, autograph=False)
        with traced_gradients_forgotten():
            self._explain.get_concrete_function()

    def explain(self, picture: Pictures, class_index: int) -> HeatMap:
        """Return what spoke for a class in a uint8 picture of shape (size, size, 3)."""
        values = self._explain(picture[None], tf.constant(class_index, tf.int32))
        return HeatMap(values.numpy(), self._layer_name)


def _score_of(model: keras.Model) -> tuple[Any, Callable[[Any, Any], Any]]:
    """Return what the last layer takes, and how the score of a class follows from it.

    A network that was made elsewhere may end with a softmax by itself, or with anything else.
    """
    last = model.operations[-1]
    if isinstance(last, layers.Dense) and len(last.input.shape) == 2 and last.units > 1:
        kernel = last.kernel
        return last.input, lambda given, index: tf.linalg.matvec(given, kernel[:, index])
    is_bend = isinstance(last, layers.Activation) or type(last).__name__ == "Softmax"
    told = last.input if is_bend else model.output

    def score(given: Any, index: Any) -> Any:
        rows = tf.cast(given, tf.float32)
        if given.shape[-1] == 1:  # one number for the second of two classes
            rows = tf.concat([-rows, rows], axis=1)
        return tf.gather(rows, index, axis=1)

    return told, score


def _last_that_sees(model: keras.Model) -> Any:
    """Return the last layer (or sum of two) with maps of more than one place."""
    for each in reversed(model.operations):
        shape: Any = getattr(each.output, "shape", ())
        if (
            len(shape) == 4
            and None not in shape[1:]
            and shape[1] * shape[2] > 1
            and not isinstance(each, _NOT_SEEING)
        ):
            return each
    raise StudioError("This network looks at no places, so there is no heat-map of it.")
