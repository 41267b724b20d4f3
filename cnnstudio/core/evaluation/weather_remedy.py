"""What a training can do against a disturbance: the augmentation that matches, at one click."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from cnnstudio.core.catalog.training_presets import training_preset
from cnnstudio.core.config import AugmentationConfig, RunConfig, parameters_of
from cnnstudio.core.evaluation.weather import WeatherCurve
from cnnstudio.core.setting_words import has_effect, value_words

_GAMMA = 2.2
_VARIANTS = 4
_HIGHEST_SHARE = 0.8

_WITHOUT = {
    "blur": "No augmentation blurs. What helps: training pictures that are out of focus, too.",
    "small": "No augmentation makes pictures coarse. What helps: small training pictures, too.",
    "noise": "No augmentation adds grain. What helps: training pictures taken in poor light.",
    "jpeg": "No augmentation compresses. What helps: training pictures that were saved so, too.",
}


@dataclass(frozen=True)
class WeatherRemedy:
    """The settings that go against a disturbance: words for the button, and for afterwards."""

    label: str
    done: str
    config: RunConfig


def remedy(curve: WeatherCurve, config: RunConfig, learned: RunConfig) -> WeatherRemedy | str:
    """Return what sets the matching augmentation, or a sentence why there is none ("" if needless).

    Augmentation is set to reach as far as where accuracy has fallen, never to less than it is.

    Args:
        curve: what was found.
        config: the settings of the next training.
        learned: those that the run was trained with.
    """
    value = curve.fall
    if value is None:
        return ""
    key = curve.disturbance.key
    if key not in _MATCHING:
        return _WITHOUT[key]
    before = config.augmentation
    wanted = _MATCHING[key](value)
    if has_effect(learned, "augmentation") and _covers(learned.augmentation, wanted):
        return f"Learned with {_listed(learned.augmentation, wanted)} already, and still it falls."
    raised = {name: max(value, getattr(before, name)) for name, value in wanted.items()}
    augmentation = replace(before, **raised)
    is_fast = training_preset(config.preset).footing == "features"
    variants = max(config.transfer.variants, _VARIANTS if is_fast else 0)
    if augmentation == before and variants == config.transfer.variants:
        return f"The settings have it: {_listed(augmentation, wanted)}. Train again to use it."
    changed = replace(
        config,
        augmentation=augmentation,
        transfer=replace(config.transfer, variants=variants),
    )
    names = " and ".join(_labels()[name].lower() for name in wanted)
    done = f"Set: {_listed(augmentation, wanted)}"
    if variants != config.transfer.variants:
        done += f", and {variants} augmented variants, without which Fast start uses none"
    return WeatherRemedy(f"Set {names}", f"{done}. The next training uses it.", changed)


def _covers(augmentation: AugmentationConfig, wanted: dict[str, float]) -> bool:
    return all(getattr(augmentation, name) >= value for name, value in wanted.items())


def _against_tilt(degrees: float) -> dict[str, float]:
    return {"rotation": degrees}


def _against_dark(light: float) -> dict[str, float]:
    """Return the changes of brightness and contrast that together are the darkening.

    A value v becomes f * v = (v - m) * f + m - (1 - f) * m, with the middle m and for f the light
    to the power of 1 / 2.2: contrast falls by 1 - f and brightness by half of that.
    """
    lost = min(1 - light ** (1 / _GAMMA), _HIGHEST_SHARE)
    return {"brightness": math.ceil(lost * 50) / 100, "contrast": math.ceil(lost * 100) / 100}


_MATCHING: dict[str, Callable[[float], dict[str, float]]] = {
    "tilt": _against_tilt,
    "dark": _against_dark,
}


def _labels() -> dict[str, str]:
    return {each.key: each.label for each in parameters_of(AugmentationConfig)}


def _listed(augmentation: AugmentationConfig, keys: dict[str, float]) -> str:
    table = {each.key: each for each in parameters_of(AugmentationConfig)}
    parts = [
        f"{table[key].label.lower()} up to {value_words(table[key], getattr(augmentation, key))}"
        for key in keys
    ]
    return " and ".join(parts)
