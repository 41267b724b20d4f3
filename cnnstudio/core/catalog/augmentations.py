"""The augmentation presets offered, by name."""

from __future__ import annotations

from dataclasses import dataclass

from cnnstudio.core.config import TUTORIAL_AUGMENTATION, AugmentationConfig


@dataclass(frozen=True)
class AugmentationPreset:
    """A named set of augmentations with its words on screen."""

    key: str
    label: str
    help: str
    config: AugmentationConfig


AUGMENTATION_PRESETS = (
    AugmentationPreset("none", "None", "Pictures as they are.", AugmentationConfig()),
    AugmentationPreset(
        "tutorial",
        "Tutorial",
        "The standard first choice: small turns and shifts, mirrored.",
        TUTORIAL_AUGMENTATION,
    ),
    AugmentationPreset(
        "strong",
        "Strong",
        "For small sets: every change, within reason.",
        AugmentationConfig(
            rotation=30,
            width_shift=0.2,
            height_shift=0.2,
            zoom=0.25,
            shear=0.15,
            brightness=0.2,
            contrast=0.3,
            horizontal_flip=True,
            fill_mode="reflect",
        ),
    ),
)


def preset_of(config: AugmentationConfig) -> AugmentationPreset | None:
    """Return the preset that `config` equals, or None when it was changed by hand."""
    return next((preset for preset in AUGMENTATION_PRESETS if preset.config == config), None)
