"""Builds the pretrained networks of `core.catalog.backbones` and gives them their weights.

EfficientNet-Lite0, which comes with the program, is in `lite_backbone.py`; the others are those of
`keras.applications`, without their own scaling and without the layers that name 1,000 classes.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
from keras import applications, layers

from cnnstudio.core.catalog.backbones import Backbone
from cnnstudio.core.storage.backbone_files import cannot_be_used, checked_weights
from cnnstudio.engine import lite_backbone

# Each takes scaled pictures. Where Keras scales by itself, that is switched off: ours is done in
# the same arithmetic for all, and consists of one layer that every saved model may hold.
_APPLICATIONS: dict[str, Callable[..., keras.Model]] = {
    "mobilenet-v2": applications.MobileNetV2,
    "mobilenet-v3-large": applications.MobileNetV3Large,
    "efficientnet-v2-b0": applications.EfficientNetV2B0,
    "resnet50-v2": applications.ResNet50V2,
    "convnext-tiny": applications.ConvNeXtTiny,
}
_SCALES_BY_ITSELF = ("mobilenet-v3-large", "efficientnet-v2-b0", "convnext-tiny")


def build_backbone(backbone: Backbone, weights_folder: Path | None = None) -> keras.Model:
    """Build a pretrained network in Keras' current dtype policy.

    It takes pictures of shape (n, size, size, 3) with values from 0 to 255, scales them itself, and
    gives features of shape (n, feature_length).

    Args:
        backbone: its row in the catalogue.
        weights_folder: where downloaded weights are; those that come with the program need none.

    Raises:
        StudioError: the weights are missing or damaged.
    """
    if backbone.is_bundled:
        model = untrained_backbone(backbone)
        lite_backbone.load_weights(model, backbone)
        return model
    weights_file = checked_weights(backbone, weights_folder)
    model = untrained_backbone(backbone)
    try:
        model.load_weights(weights_file)
    except Exception as error:
        # Keras raises whatever an unfitting file leads to: ValueError, KeyError, OSError.
        raise cannot_be_used(backbone, weights_file) from error
    return model


def untrained_backbone(backbone: Backbone) -> keras.Model:
    """Build the same network with random weights."""
    size = backbone.input_size_px
    pictures = keras.Input((size, size, 3), name="pictures")
    scaled = layers.Rescaling(
        [1 / each for each in backbone.scale],
        offset=[
            -offset / scale for offset, scale in zip(backbone.offset, backbone.scale, strict=True)
        ],
        name="scale",
    )(pictures)
    features = _features(backbone, scaled)
    return keras.Model(pictures, features, name="backbone")


def _features(backbone: Backbone, scaled: Any) -> Any:
    if backbone.is_bundled:
        return lite_backbone.features(scaled, backbone.feature_length)
    options = {"include_preprocessing": False} if backbone.key in _SCALES_BY_ITSELF else {}
    network = _APPLICATIONS[backbone.key](
        include_top=False, weights=None, input_tensor=scaled, pooling="avg", **options
    )
    # Whatever their last layer is, features are what comes out of one of that name.
    return layers.Activation("linear", name="features")(network.output)
