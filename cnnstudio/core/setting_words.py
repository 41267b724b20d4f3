"""The settings of a run in words with units, as a table of what matters for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from cnnstudio.core.catalog.training_presets import training_preset
from cnnstudio.core.config import RunConfig
from cnnstudio.core.parameters import Parameter, parameters_of

BACKBONE = "transfer.backbone"


@dataclass(frozen=True)
class SettingWords:
    """One setting: its dotted path, its label, and its value in words ("20 %", "8 epochs")."""

    path: str
    label: str
    words: str


def settings_in_words(config: RunConfig) -> dict[str, SettingWords]:
    """Return the settings that matter for the preset of `config`, by path.

    The network stands among them where it is built from scratch, augmentation where it takes place.

    Raises:
        StudioError: there is no such preset.
    """
    preset = training_preset(config.preset)
    groups = {path.rpartition(".")[0] for path in preset.settings}
    known = {
        each.path: each
        for group in sorted(groups)
        for each in _rows(getattr(config, group), f"{group}.")
    }
    table = {path: known[path] for path in preset.settings if path in known}
    if preset.footing == "scratch":
        table |= {each.path: each for each in _rows(config.network, "network.")}
    if preset.footing != "features" or config.transfer.variants:
        table |= {each.path: each for each in _rows(config.augmentation, "augmentation.")}
    return table


def has_effect(config: RunConfig, path: str) -> bool:
    """Return whether a setting, or one of a group, matters for the preset of `config`.

    Raises:
        StudioError: there is no such preset.
    """
    return path == "preset" or any(
        f"{each}.".startswith(f"{path}.") or path.startswith(f"{each}.")
        for each in settings_in_words(config)
    )


def value_words(parameter: Parameter, value: Any) -> str:
    """Return a value of a parameter as people read it: "20 %", "224 px", "AdamW", "yes"."""
    if parameter.kind == "choice":
        return next((label for key, label in parameter.choices if key == value), str(value))
    if parameter.kind == "bool":
        return "yes" if value else "no"
    if parameter.scale == "percent":
        return f"{100 * value:.4g} %"
    number = f"{value:,}" if parameter.kind == "int" and parameter.key != "seed" else _digits(value)
    if not parameter.unit:
        return number
    if parameter.unit == "°":
        return f"{number}°"
    unit = parameter.unit.removesuffix("s") if value == 1 else parameter.unit
    return f"{number} {unit}"


def _rows(settings: Any, prefix: str, of_what: str = "") -> Iterator[SettingWords]:
    for parameter in parameters_of(type(settings)):
        label = parameter.label
        if of_what:
            label = f"{of_what}, {label[:1].lower()}{label[1:]}"
        words = value_words(parameter, getattr(settings, parameter.key))
        yield SettingWords(prefix + parameter.key, label, words)
    for field in fields(settings):
        value = getattr(settings, field.name)
        if isinstance(value, tuple) and all(map(is_dataclass, value)):
            path = prefix + field.name
            yield SettingWords(path, field.name.capitalize(), f"{len(value)}")
            for place, each in enumerate(value):
                yield from _rows(
                    each, f"{path}.{place}.", f"{field.name[:-1].capitalize()} {place + 1}"
                )


def _digits(value: float) -> str:
    """A number without an exponent: 0.00003."""
    if value == int(value):
        return str(int(value))
    return f"{value:.7f}".rstrip("0")
