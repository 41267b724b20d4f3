"""Adapts a pretrained network to new pictures: which of its layers learn, and how fast each does.

Early layers see edges and colours, which are the same in all photos; late ones see what ImageNet
was about. So the first layers stay as they are, and of the others the later learn faster, as in
Howard and Ruder 2018 (arXiv:1801.06146).
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import layers

from cnnstudio.core.catalog.backbones import Backbone
from cnnstudio.core.config import RunConfig, TransferConfig
from cnnstudio.core.engine_api import HeadWeights
from cnnstudio.engine.backbones import build_backbone
from cnnstudio.engine.classifier import CLASSES


def build_fine_tuning_model(
    backbone: Backbone,
    config: RunConfig,
    class_count: int,
    head: HeadWeights | None = None,
    weights_folder: Path | None = None,
) -> keras.Model:
    """Build a backbone with a classifier on top, ready to be trained, in the current dtype policy.

    It takes pictures of shape (n, image_size, image_size, 3) with values from 0 to 255 and gives
    the values before the softmax, shape (n, classes), in float32. Its weights fit, in their order,
    the classifier of the same backbone that is saved.

    Batch normalisation keeps its statistics: those of small batches of few pictures are worse than
    what came with the weights. Its scales and shifts learn as the layers around it do, which takes
    a fifth more time and gave a lower validation loss on `clothing_160` after every epoch.

    Args:
        backbone: its row in the catalogue.
        config: says the size of the pictures, what is trained, and the dropout.
        class_count: how many classes there are.
        head: the classifier to start from, trained on the backbone's features; without one it
            starts from zeros.
        weights_folder: that of downloaded weights.

    Raises:
        StudioError: the weights of the backbone are missing or damaged.
    """
    sized = replace(backbone, input_size_px=config.training.image_size)
    network = _with_still_statistics(build_backbone(sized, weights_folder))
    _freeze(network, config.transfer)
    kept = layers.Dropout(config.transfer.dropout, name="dropout")(network.output)
    # 16 bits are too few for what a loss is computed from.
    answering = layers.Dense(class_count, kernel_initializer="zeros", dtype="float32", name=CLASSES)
    model = keras.Model(network.input, answering(kept), name="fine_tuning")
    if head is not None:
        answering.set_weights([head.kernel, head.bias])
    return model


def learn_at_own_rates(optimizer: Any, model: keras.Model, transfer: TransferConfig) -> None:
    """Have an optimiser, before its first step, move early layers more slowly than late ones.

    How much slower depends on the model and the settings alone, so a training that is gone on with
    has nothing of it to restore.
    """
    shares = rate_shares(model, transfer.earlier_rate)
    update = optimizer.update_step

    def update_at_own_rate(gradient: Any, variable: Any, learning_rate: Any) -> None:
        update(gradient, variable, learning_rate * shares[optimizer._get_variable_index(variable)])

    # The rate of every optimiser passes through here, and Adam would undo a scaled gradient.
    optimizer.update_step = update_at_own_rate


def rate_shares(model: keras.Model, earlier_rate: float) -> list[float]:
    """Return the share of the learning rate that each of `model.trainable_variables` gets.

    Those of the first trained layer get `earlier_rate`, those of the last all of it; from layer to
    layer it grows by the same factor.
    """
    learning = [layer for layer in model.layers if layer.trainable_variables]
    by_layer = np.geomspace(1.0, earlier_rate, len(learning))[::-1]
    share_of = {
        variable.path: float(share)
        for layer, share in zip(learning, by_layer, strict=True)
        for variable in layer.trainable_variables
    }
    return [share_of[variable.path] for variable in model.trainable_variables]


class _StillNormalization(layers.BatchNormalization):
    """Answers in training as it does otherwise, by statistics that stay; scale and shift learn."""

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        """Normalise, whatever `training` says, as when it is False."""
        return super().call(inputs, training=False, mask=mask)


def _with_still_statistics(network: keras.Model) -> keras.Model:
    def cloned(layer: Any) -> Any:
        is_normalising = isinstance(layer, layers.BatchNormalization)
        kind = _StillNormalization if is_normalising else type(layer)
        return kind.from_config(layer.get_config())

    still = keras.models.clone_model(network, clone_function=cloned)
    still.set_weights(network.get_weights())
    return still


def _freeze(network: keras.Model, transfer: TransferConfig) -> None:
    weighted = [layer for layer in network.layers if layer.weights]
    for layer in weighted[: transfer.kept_layers(len(weighted))]:
        layer.trainable = False
