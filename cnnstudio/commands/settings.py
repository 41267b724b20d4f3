"""Settings from options: a file, KEY=VALUE pairs, and the short options that stand for some."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from cnnstudio.core.catalog.training_presets import TRAINING_PRESETS, training_preset
from cnnstudio.core.config import RunConfig, from_dict, to_dict, with_setting
from cnnstudio.core.errors import StudioError
from cnnstudio.core.parameters import setting_path
from cnnstudio.core.setting_words import has_effect


def with_value(config: RunConfig, path: str, value: object, option: str) -> RunConfig:
    """Return `config` with the setting at a dotted path or of a bare name changed.

    Args:
        config: What to start from.
        path: As `core.parameters.with_setting` takes it.
        value: The new value, or its text.
        option: The option it was given by, for the message.

    Raises:
        click.BadParameter: there is no such setting, or its value is not allowed.
    """
    try:
        changed = with_setting(config, path, str(value))
        if changed.preset != config.preset:
            training_preset(changed.preset)
    except StudioError as error:
        raise click.BadParameter(str(error), param_hint=option) from error
    return changed


def with_assignments(config: RunConfig, assignments: Iterable[str]) -> RunConfig:
    """Return `config` changed by KEY=VALUE texts, in their order.

    Raises:
        click.BadParameter: there is no such setting, or its value is not allowed.
    """
    for assignment in assignments:
        key, equals, value = assignment.partition("=")
        if not equals or not key.strip():
            raise click.BadParameter(
                f"{assignment!r} is not of the form KEY=VALUE.", param_hint="--set"
            )
        config = with_value(config, key.strip(), value.strip(), "--set")
    return config


def refuse_idle(config: RunConfig, assignments: Iterable[str]) -> None:
    """Refuse KEY=VALUE texts that change nothing, as they belong to another way of training.

    Args:
        config: The settings with all assignments.
        assignments: What was given.

    Raises:
        click.BadParameter: a setting has no effect; the words say with which presets it has.
    """
    for assignment in assignments:
        path = setting_path(config, assignment.partition("=")[0].strip())
        if has_effect(config, path):
            continue
        others = [each.key for each in TRAINING_PRESETS if has_effect(each.config, path)]
        if path.startswith("augmentation") and has_effect(_with_variants(config), path):
            hint = "It changes augmented variants: add --set variants=2, or more."
        elif others:
            hint = f"It belongs to {' and '.join(others)}: choose one with --preset."
        else:
            hint = "Leave it away."
        raise click.BadParameter(
            f"{path} has no effect with the preset {config.preset}. {hint}", param_hint="--set"
        )


def _with_variants(config: RunConfig) -> RunConfig:
    return with_setting(config, "transfer.variants", "1")


def with_file(config: RunConfig, path: Path) -> RunConfig:
    """Return `config` changed by what a JSON file says: settings as in a run's config.json.

    What the file leaves out stays as it is.

    Raises:
        StudioError: the file cannot be read, or holds something else.
    """
    try:
        plain = json.loads(path.read_bytes())
    except OSError as error:
        raise StudioError(
            f"The settings file {path} cannot be read: {error.strerror or error}.",
            "Check the path.",
        ) from error
    except (ValueError, RecursionError) as error:
        raise StudioError(f"The settings file {path} is not JSON: {error}.") from error
    # A run's file has the settings in the middle of what else is known about the run.
    if isinstance(plain, dict) and isinstance(plain.get("config"), dict):
        plain = plain["config"]
    try:
        return from_dict(RunConfig, _overlaid(to_dict(config), plain))
    except StudioError as error:
        raise StudioError(
            f"The settings file {path} is not understood: {error.sentence}", error.hint
        ) from error


def _overlaid(below: Any, above: Any) -> Any:
    """Return JSON values with groups merged; lists and single values are those of `above`."""
    if isinstance(below, dict) and isinstance(above, dict):
        return {**below, **{key: _overlaid(below.get(key), above[key]) for key in above}}
    return above
