"""Settings of a `RunConfig` by their dotted paths, such as "training.epochs". Pure: no Qt."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from cnnstudio.core.catalog.training_presets import training_preset
from cnnstudio.core.config import RunConfig
from cnnstudio.core.parameters import Parameter, parameters_of


def parameter_at(path: str) -> Parameter:
    """Return the parameter at a path "group.key".

    Raises:
        StopIteration: there is none.
    """
    group, _, key = path.partition(".")
    kind = type(getattr(RunConfig(), group))
    return next(each for each in parameters_of(kind) if each.key == key)


def value_at(config: RunConfig, path: str) -> Any:
    """Return the value at a path "group.key"."""
    group, _, key = path.partition(".")
    return getattr(getattr(config, group), key)


def with_value(config: RunConfig, path: str, value: Any) -> RunConfig:
    """Return the config with another value at a path "group.key"."""
    group, _, key = path.partition(".")
    changed: Any = replace(getattr(config, group), **{key: value})
    return replace(config, **{group: changed})


_ABOUT_THE_PICTURES = (
    "validation_share",
    "test_share",
    "seed",
    "resize_mode",
    "balance_classes",
    "is_deterministic",
    "write_tensorboard",
)


def changed_to_preset(config: RunConfig, key: str) -> RunConfig:
    """Return a preset's settings, keeping what was chosen about the pictures and the split.

    The backbone stays, and so does augmentation where it is not what the former preset came with.

    Raises:
        StudioError: there is no such preset.
    """
    before, after = training_preset(config.preset).config, training_preset(key).config
    kept = {name: getattr(config.training, name) for name in _ABOUT_THE_PICTURES}
    is_of_preset = config.augmentation == before.augmentation
    return replace(
        after,
        training=replace(after.training, **kept),
        transfer=replace(after.transfer, backbone=config.transfer.backbone),
        augmentation=after.augmentation if is_of_preset else config.augmentation,
    )
