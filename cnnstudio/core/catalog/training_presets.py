"""The ways of training offered, by name: one row is one card in the Train step."""

from __future__ import annotations

from dataclasses import dataclass

from cnnstudio.core.config import RunConfig
from cnnstudio.core.errors import StudioError


@dataclass(frozen=True)
class TrainingPreset:
    """A way of training with its first settings and its words on screen."""

    key: str
    label: str
    help: str
    config: RunConfig


TRAINING_PRESETS = (
    TrainingPreset(
        "classic",
        "From scratch",
        "The classic network, every layer yours to change.",
        RunConfig(preset="classic"),
    ),
)


def training_preset(key: str) -> TrainingPreset:
    """Return the preset of that name.

    Raises:
        StudioError: there is none.
    """
    for preset in TRAINING_PRESETS:
        if preset.key == key:
            return preset
    known = ", ".join(preset.key for preset in TRAINING_PRESETS)
    raise StudioError(f"There is no preset {key!r}.", f"Choose from: {known}.")
