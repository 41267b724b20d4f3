"""A Keras model that was made elsewhere, as one that takes pictures and gives probabilities."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers, ops

from cnnstudio.core.exporting.network_names import PICTURES
from cnnstudio.core.foreign.feeding import AnswerKind, Feeding, factor_and_offset, grey_weights


def fed_network(model: keras.Model, feeding: Feeding) -> keras.Model:
    """Return a network that does what `feeding_graph` does around a model, in layers of its own.

    It takes `pictures`, float32 of shape (n, size, size, 3) with values from 0 to 255, and gives
    probabilities, shape (n, classes). Pictures of `model` have that size.
    """
    pictures = keras.Input((feeding.size_px, feeding.size_px, 3), name=PICTURES)
    values = pictures
    if feeding.channels == 1:
        values = ops.round(_grey(pictures))
    factor, offset = factor_and_offset(feeding.scaling, feeding.channels)
    scale = layers.Rescaling(factor.tolist(), offset.tolist(), name="how_values_go_in")
    return keras.Model(pictures, _shares(model(scale(values)), feeding.answers))


def _grey(pictures: Any) -> Any:
    weigh = layers.Dense(1, use_bias=False, name="grey")
    grey = weigh(pictures)
    weigh.set_weights([grey_weights()[:, None]])
    return grey


def _shares(rows: Any, kind: AnswerKind) -> Any:
    if kind == "scores":
        return ops.softmax(rows)
    if kind == "shares":
        rows = ops.maximum(rows, 0.0) + 1e-7
        return rows / ops.sum(rows, axis=1, keepdims=True)
    if kind in ("one probability", "one score"):
        second = ops.sigmoid(rows) if kind == "one score" else rows
        return ops.clip(ops.concatenate([1 - second, second], axis=1), 0.0, 1.0)
    return rows
