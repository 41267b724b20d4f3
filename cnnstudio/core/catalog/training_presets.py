"""The ways of training offered, by name: one row is one card in the Train step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from cnnstudio.core.config import (
    AugmentationConfig,
    ConvBlock,
    NetworkConfig,
    RunConfig,
    TrainingConfig,
    TransferConfig,
)
from cnnstudio.core.errors import StudioError

Footing = Literal["features", "fine-tuning", "scratch"]
"""What a way of training stands on: cached features, a pretrained network, or nothing."""


@dataclass(frozen=True)
class TrainingPreset:
    """A way of training with its first settings and its words on screen.

    `settings` are the dotted paths of the settings that matter for it, in the order of the form.
    Presets on the same footing share a card in the window; `variant` tells them apart there.
    """

    key: str
    label: str
    help: str
    footing: Footing
    config: RunConfig
    settings: tuple[str, ...]
    variant: str = ""


_ALWAYS = (
    "training.validation_share",
    "training.test_share",
    "training.seed",
    "training.balance_classes",
    "training.is_deterministic",
    "training.write_tensorboard",
)
_LEARNING = (
    "training.epochs",
    "training.patience",
    "training.batch_size",
    "training.learning_rate",
    "training.schedule",
    "training.warmup_epochs",
    "training.optimizer",
    "training.weight_decay",
    "training.label_smoothing",
)
_PICTURES = (
    "training.average_weights",
    "training.image_size",
    "training.resize_mode",
    "training.precision",
)

_MODERN_NETWORK = NetworkConfig(
    blocks=(
        ConvBlock(32, stride=2, padding="same"),
        ConvBlock(64, padding="same", kind="residual"),
        ConvBlock(128, padding="same", kind="residual"),
        ConvBlock(256, padding="same", kind="residual", pooling="none"),
    ),
    normalises=True,
    summary="average",
    dense_units=0,
    dropout=0.2,
)

# The farther a network is from what it knew, the more pictures it takes: light changes only.
_LIGHT_AUGMENTATION = AugmentationConfig(
    rotation=15,
    width_shift=0.1,
    height_shift=0.1,
    zoom=0.15,
    brightness=0.1,
    contrast=0.2,
    horizontal_flip=True,
)

TRAINING_PRESETS = (
    TrainingPreset(
        "fast",
        "Fast start",
        "Uses a network that already knows pictures. A first model within seconds.",
        "features",
        RunConfig(
            preset="fast",
            training=TrainingConfig(
                epochs=40, batch_size=64, patience=10, learning_rate=0.002, schedule="cosine"
            ),
        ),
        (
            "transfer.backbone",
            "transfer.variants",
            "transfer.dropout",
            "training.epochs",
            "training.patience",
            "training.batch_size",
            "training.learning_rate",
            "training.schedule",
            "training.label_smoothing",
            "training.resize_mode",
            *_ALWAYS,
        ),
    ),
    TrainingPreset(
        "fine",
        "Fine-tune",
        "Adapts that network to your pictures. The best accuracy.",
        "fine-tuning",
        RunConfig(
            preset="fine",
            augmentation=_LIGHT_AUGMENTATION,
            training=TrainingConfig(
                epochs=10,
                optimizer="adamw",
                schedule="cosine",
                warmup_epochs=0.5,
                weight_decay=0.02,
                label_smoothing=0.1,
            ),
            transfer=TransferConfig(trained_share=0.8, earlier_rate=0.05),
        ),
        (
            "transfer.backbone",
            "transfer.trained_share",
            "transfer.earlier_rate",
            "transfer.dropout",
            *_LEARNING,
            *_PICTURES,
            *_ALWAYS,
        ),
    ),
    TrainingPreset(
        "classic",
        "From scratch",
        "The classic network, every layer yours to change.",
        "scratch",
        RunConfig(preset="classic"),
        (*_LEARNING, *_PICTURES, *_ALWAYS),
        variant="Classic",
    ),
    TrainingPreset(
        "modern",
        "From scratch, modern",
        "A leaner network that learns more from few pictures.",
        "scratch",
        RunConfig(
            preset="modern",
            network=_MODERN_NETWORK,
            augmentation=AugmentationConfig(
                rotation=15,
                width_shift=0.1,
                height_shift=0.1,
                zoom=0.2,
                shear=0.1,
                brightness=0.15,
                contrast=0.3,
                horizontal_flip=True,
            ),
            training=TrainingConfig(
                epochs=36,
                patience=0,
                batch_size=16,
                learning_rate=0.002,
                schedule="cosine",
                warmup_epochs=2,
                optimizer="adamw",
                weight_decay=0.05,
                label_smoothing=0.1,
                average_weights=True,
                image_size=128,
            ),
        ),
        (*_LEARNING, *_PICTURES, *_ALWAYS),
        variant="Modern",
    ),
)
"""In the order of the cards; the first is where everybody begins."""


IMPORTED = TrainingPreset(
    "imported",
    "Made elsewhere",
    "A model that somebody else has trained.",
    "features",  # nothing of it is learned from pictures here, and no network is drawn up
    RunConfig(preset="imported"),
    ("training.image_size", "training.resize_mode"),
)
"""No way of training and on no card: what the run of an imported model says it is."""


def training_preset(key: str) -> TrainingPreset:
    """Return the preset of that name.

    Raises:
        StudioError: there is none.
    """
    for preset in (*TRAINING_PRESETS, IMPORTED):
        if preset.key == key:
            return preset
    known = ", ".join(preset.key for preset in TRAINING_PRESETS)
    raise StudioError(f"There is no preset {key!r}.", f"Choose from: {known}.")
