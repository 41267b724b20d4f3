"""Builds the network that `core.network.layer_table` describes, layer by layer."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers

from cnnstudio.core.config import NetworkConfig
from cnnstudio.core.network import CHANNELS, LayerRow, layer_table
from cnnstudio.engine.normalisation import FusedBatchNormalization

# The larger of two values stays the larger under these, so they may as well follow a max pooling.
_RISING_ACTIVATIONS = {"relu", "elu", "tanh", "sigmoid"}


def build_network(network: NetworkConfig, image_size: int, class_count: int) -> keras.Model:
    """Build the network with random weights, in Keras' current dtype policy.

    It takes pictures of shape (n, image_size, image_size, 3) with values from 0 to 255 and scales
    them itself, so that whoever loads it cannot scale them wrongly. It gives probabilities of shape
    (n, class_count) in float32.

    Raises:
        StudioError: a picture becomes too small for a layer, or the network is too large.
    """
    return _build(network, image_size, class_count, for_training=False)


def build_network_for_training(
    network: NetworkConfig, image_size: int, class_count: int
) -> keras.Model:
    """Build the same network in the form that is best to train; its weights fit `build_network`.

    It gives the values before the softmax, whose loss stays exact when the network is very sure and
    wrong. Activations follow the max pooling where that makes no difference: at a quarter of the
    places, a step takes up to a tenth less time. Normalisation is one operation.

    Raises:
        StudioError: as `build_network` does.
    """
    return _build(network, image_size, class_count, for_training=True)


def _build(
    network: NetworkConfig, image_size: int, class_count: int, *, for_training: bool
) -> keras.Model:
    rows = layer_table(network, image_size, class_count)
    pictures = keras.Input((image_size, image_size, CHANNELS), name="pictures")
    outputs: dict[str, Any] = {}
    values, waiting = pictures, ""
    for place, row in enumerate(rows):
        taken = [outputs[name] for name in row.takes] or [values]
        is_pooled = rows[place + 1 : place + 2] and rows[place + 1].kind == "MaxPooling2D"
        if for_training and is_pooled and row.arguments.get("activation") in _RISING_ACTIVATIONS:
            waiting = row.arguments["activation"]
            values = taken[0]
            if row.kind != "Activation":
                values = _layer(row, for_training, activation=None)(values)
        else:
            values = _layer(row, for_training)(taken[0] if len(taken) == 1 else taken)
            if row.kind == "MaxPooling2D" and waiting:
                values, waiting = layers.Activation(waiting)(values), ""
        outputs[row.name] = values
    return keras.Model(pictures, values, name="network")


def _layer(row: LayerRow, for_training: bool, **changes: Any) -> Any:
    arguments = {**row.arguments, **changes, "name": row.name}
    if row.name == "classes":
        # 16 bits are too few for probabilities: they would not add up to 1.
        arguments["dtype"] = "float32"
        if for_training:
            arguments["activation"] = None
    if row.kind == "BatchNormalization" and for_training:
        return FusedBatchNormalization(**arguments)
    return getattr(layers, row.kind)(**arguments)
