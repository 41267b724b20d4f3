"""A backbone with its new head, layer by layer, and which weights a training leaves alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from cnnstudio.core.catalog.backbones import backbone_of
from cnnstudio.core.catalog.training_presets import IMPORTED, training_preset
from cnnstudio.core.config import RunConfig
from cnnstudio.core.inside.network_layers import NetworkLayer, multiplications


def backbone_size_px(config: RunConfig) -> int:
    """Return the width and height of the pictures that a training shows to its backbone.

    Raises:
        StudioError: there is no such preset or backbone.
    """
    if training_preset(config.preset).footing == "features":
        return backbone_of(config.transfer.backbone).input_size_px
    return config.training.image_size


def with_new_head(
    backbone: Sequence[NetworkLayer], config: RunConfig, class_count: int
) -> tuple[NetworkLayer, ...]:
    """Return the layers that a training with a backbone would begin with.

    `backbone` are its layers, the last of which gives the features, shape (length,).
    """
    (length,) = backbone[-1].output_shape
    dropout = config.transfer.dropout
    head = [NetworkLayer("dropout", "Dropout", f"{dropout:.0%}", (length,), 0, 0)]
    answers = f"{class_count} values, softmax"
    weights = (length + 1) * class_count
    kernel = multiplications(length * class_count, (class_count,))
    classes = NetworkLayer("classes", "Dense", answers, (class_count,), weights, kernel)
    return with_kept((*backbone, *(head if dropout else ()), classes), config)


def with_kept(layers: Sequence[NetworkLayer], config: RunConfig) -> tuple[NetworkLayer, ...]:
    """Return the layers of a network, of which each knows what a training with `config` keeps.

    *Fast start* trains the last layer alone. *Fine-tune* trains the last layers of the backbone,
    too, but of batch normalisation only scale and shift. From scratch everything is trained.

    Raises:
        StudioError: there is no such preset.
    """
    preset = training_preset(config.preset)
    if preset is IMPORTED or preset.footing == "scratch":
        return tuple(layers)
    weighted = [each.name for each in layers if each.parameters][:-1]
    is_tuned = preset.footing == "fine-tuning"
    count = config.transfer.kept_layers(len(weighted)) if is_tuned else len(weighted)
    kept = set(weighted[:count])
    return tuple(
        replace(each, kept=each.parameters if each.name in kept else _statistics(each))
        for each in layers
    )


def _statistics(layer: NetworkLayer) -> int:
    # Of each map mean and spread, beside scale and shift.
    return layer.parameters // 2 if layer.kind == "BatchNormalization" else 0
