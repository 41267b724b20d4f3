"""How pictures go into a Keras model and its answers come out, as TensorFlow operations."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from cnnstudio.core.foreign.feeding import Feeding, factor_and_offset, grey_weights


class FeedingGraph:
    """`fed` and `answered` of a feeding; of a network that was trained here, None, they do nothing.

    Both have slopes, so that what follows from an answer can be traced back to the pixels.
    """

    def __init__(self, feeding: Feeding | None = None) -> None:
        self._feeding = feeding

    def fed(self, pictures: Any) -> Any:
        """Return what goes in for pictures of shape (n, size, size, 3), values 0 to 255."""
        feeding = self._feeding
        if feeding is None:
            return pictures
        values = tf.cast(pictures, tf.float32)
        if feeding.channels == 1:
            weights = tf.constant(grey_weights()[:, None])
            grey = tf.tensordot(values, weights, 1)
            # Whole numbers, as in a file; the slope goes past the rounding.
            values = grey + tf.stop_gradient(tf.round(grey) - grey)
        factor, offset = factor_and_offset(feeding.scaling, feeding.channels)
        return values * factor + offset

    def answered(self, rows: Any) -> Any:
        """Return probabilities, shape (n, classes), of what the model gave."""
        kind = "probabilities" if self._feeding is None else self._feeding.answers
        if kind == "probabilities":
            return rows
        rows = tf.cast(rows, tf.float32)
        if kind == "scores":
            return tf.nn.softmax(rows)
        if kind == "shares":
            rows = tf.maximum(rows, 0.0) + 1e-7
            return rows / tf.reduce_sum(rows, axis=1, keepdims=True)
        second = tf.sigmoid(rows) if kind == "one score" else rows
        return tf.clip_by_value(tf.concat([1 - second, second], axis=1), 0.0, 1.0)
