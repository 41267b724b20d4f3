"""The handful of settings that a search tries, and how each is different from the present ones."""

from __future__ import annotations

import json
from dataclasses import replace

from cnnstudio.core.catalog.training_presets import training_preset
from cnnstudio.core.config import RunConfig, to_dict
from cnnstudio.core.remedies import with_preset
from cnnstudio.core.setting_words import settings_in_words

MOST_VARIANTS = 12


def variants_to_try(
    config: RunConfig, limit: int = MOST_VARIANTS, known_variants: int = 0
) -> list[RunConfig]:
    """Return a handful of sensible settings, the present ones first; no two are the same.

    Args:
        config: the present settings; those of another way of training become Fast start's.
        limit: at most so many.
        known_variants: up to how many augmented variants of a picture there are features.
    """
    base = as_fast_start(config)
    training, transfer = base.training, base.transfer
    rate = training.learning_rate
    changes: list[tuple[dict[str, object], dict[str, object]]] = [
        ({"learning_rate": _rounded(rate * 3)}, {}),
        ({"learning_rate": _rounded(rate / 3)}, {}),
        ({}, {"dropout": 0.5}),
        ({}, {"dropout": 0.0}),
        ({"label_smoothing": 0.1}, {}),
        ({"balance_classes": not training.balance_classes}, {}),
        ({}, {"variants": 0}),
        ({}, {"variants": known_variants // 2}),
        ({}, {"variants": known_variants}),
        ({"learning_rate": _rounded(rate * 10)}, {}),
        ({"learning_rate": _rounded(rate * 3)}, {"dropout": 0.5}),
        ({"batch_size": max(8, training.batch_size // 2)}, {}),
        ({"label_smoothing": 0.1}, {"dropout": 0.5}),
        ({"label_smoothing": 0.0}, {}),
        ({"epochs": min(2 * training.epochs, 1000)}, {}),
        ({"schedule": "constant"}, {}),
        ({}, {"dropout": 0.2}),
    ]
    tried = [base]
    for of_training, of_transfer in changes:
        variant = replace(
            base,
            training=replace(training, **of_training),  # type: ignore[arg-type]
            transfer=replace(transfer, **of_transfer),  # type: ignore[arg-type]
        )
        if variant not in tried:
            tried.append(variant)
    return tried[: max(limit, 1)]


def as_fast_start(config: RunConfig) -> RunConfig:
    """Return the settings themselves where they train on features, else those of Fast start."""
    is_on_features = training_preset(config.preset).footing == "features"
    return config if is_on_features else with_preset(config, "fast")


def changed_words(config: RunConfig, present: RunConfig) -> str:
    """Return what is different from the present settings: "learning rate 0.003, dropout 50 %"."""
    before, after = settings_in_words(present), settings_in_words(config)
    parts = [
        f"{each.label} {each.words}"
        for path, each in after.items()
        if path in before and before[path].words != each.words
    ]
    return ", ".join(parts) or "As now"


def assignments_between(present: RunConfig, config: RunConfig) -> tuple[str, ...]:
    """Return what makes the present settings those of `config`: ("training.epochs=30",)."""
    before, after = to_dict(present), to_dict(config)
    return tuple(
        f"{group}.{key}={value if isinstance(value, str) else json.dumps(value)}"
        for group in ("training", "transfer", "augmentation")
        for key, value in after[group].items()
        if before[group][key] != value
    )


def _rounded(value: float) -> float:
    """A number of one digit, within what a learning rate or weight decay may be."""
    return min(max(float(f"{value:.0e}"), 1e-6), 0.5)
