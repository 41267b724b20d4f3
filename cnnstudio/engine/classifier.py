"""A pretrained network with a classifier on top: one model from pictures to probabilities."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import layers

from cnnstudio.core.catalog.backbones import Backbone
from cnnstudio.core.engine_api import HeadWeights
from cnnstudio.engine.backbones import build_backbone

FEATURES = "features"
"""The layer whose output the backbone's features are."""

CLASSES = "classes"
"""The layer that turns features into probabilities."""

_FROZEN = "frozen-"


def build_classifier(
    backbone: Backbone,
    head: HeadWeights,
    dropout: float = 0.0,
    weights_folder: Path | None = None,
    *,
    is_frozen: bool = False,
) -> keras.Model:
    """Build a backbone and the classifier on its features, in Keras' current dtype policy.

    It takes pictures of shape (n, size, size, 3) with values from 0 to 255, scales them itself, and
    gives probabilities of shape (n, classes) in float32.

    Args:
        backbone: its row in the catalogue.
        head: the classifier's weights.
        dropout: share of the features that is switched off at random in training.
        weights_folder: that of downloaded weights.
        is_frozen: note in the model that its backbone stays as it came, for `frozen_backbone`.

    Raises:
        StudioError: the weights of the backbone are missing or damaged.
    """
    model = build_backbone(backbone, weights_folder)
    features: Any = model.output
    if dropout:
        features = layers.Dropout(dropout, name="dropout")(features)
    # 16 bits are too few for probabilities: they would not add up to 1.
    answering = layers.Dense(len(head.bias), activation="softmax", dtype="float32", name=CLASSES)
    name = f"{_FROZEN}{backbone.key}" if is_frozen else "classifier"
    classifier = keras.Model(model.input, answering(features), name=name)
    answering.set_weights([head.kernel, head.bias])
    return classifier


def head_of(model: keras.Model) -> HeadWeights | None:
    """Return the classifier on top of a model's features; None where a model has none."""
    names = {layer.name for layer in model.layers}
    if not {FEATURES, CLASSES} <= names:
        return None
    kernel, bias = model.get_layer(CLASSES).get_weights()
    return HeadWeights(kernel, bias)


def frozen_backbone(model: keras.Model) -> str | None:
    """Return the key of the backbone that a model says it has unchanged; None where it has not."""
    name = str(model.name)
    return name.removeprefix(_FROZEN) if name.startswith(_FROZEN) else None


def answers_of(head: HeadWeights, features: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return probabilities, shape (n, classes), of features, shape (n, length)."""
    scores = features.astype(np.float32) @ head.kernel + head.bias
    scores = np.exp(scores - scores.max(axis=1, keepdims=True))
    return scores / scores.sum(axis=1, keepdims=True)
