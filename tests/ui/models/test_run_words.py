from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnstudio.core.catalog.training_presets import TRAINING_PRESETS, training_preset
from cnnstudio.ui.models.run_words import network_words, training_words, waiting_row
from cnnstudio.ui.models.setting_paths import (
    changed_to_preset,
    parameter_at,
    value_at,
    with_value,
)

FAST = training_preset("fast").config
FINE = training_preset("fine").config
KEYS = [preset.key for preset in TRAINING_PRESETS]


def test_a_run_on_features_names_its_backbone_and_variants_not_filters() -> None:
    config = replace(FAST, transfer=replace(FAST.transfer, variants=2, dropout=0.0))
    assert network_words(config).startswith("EfficientNet-Lite0 · 2 variants")
    assert "filters" not in network_words(config)
    assert "px" not in training_words(config), "the size is the backbone's choice"


def test_fine_tuning_says_how_much_of_the_backbone_is_trained() -> None:
    config = replace(FINE, transfer=replace(FINE.transfer, trained_share=0.4, dropout=0.2))
    assert network_words(config).startswith(
        "EfficientNet-Lite0 · last 40 % of its layers · dropout 20 %"
    )


def test_patience_makes_of_the_epochs_the_most_there_will_be() -> None:
    patient = replace(FAST, training=replace(FAST.training, epochs=60, patience=8))
    assert training_words(patient).startswith("60 epochs at most")
    stubborn = replace(FAST, training=replace(FAST.training, epochs=60, patience=0))
    assert training_words(stubborn).startswith("60 epochs ·")


@pytest.mark.parametrize(
    ("place", "words"),
    [(1, "waiting, next"), (2, "waiting, 2nd in line"), (11, "waiting, 11th in line")],
)
def test_a_training_that_waits_says_its_place(place: int, words: str) -> None:
    row = waiting_row("/1", "Fast start", place)
    assert row.details == words
    assert not row.has_ended


@pytest.mark.parametrize("preset", TRAINING_PRESETS, ids=KEYS)
def test_every_setting_of_every_preset_can_be_shown_and_changed(preset: object) -> None:
    for path in preset.settings:  # type: ignore[attr-defined]
        parameter = parameter_at(path)
        changed = with_value(FAST, path, parameter.default)
        assert value_at(changed, path) == parameter.default


@given(st.sampled_from(KEYS), st.sampled_from(KEYS))
def test_another_way_of_training_comes_with_its_own_recipe(before: str, after: str) -> None:
    config = changed_to_preset(training_preset(before).config, after)
    assert config == training_preset(after).config


def test_augmentation_of_ones_own_stays_with_another_way_of_training() -> None:
    mine = replace(FAST, augmentation=replace(FAST.augmentation, rotation=77))
    assert changed_to_preset(mine, "fine").augmentation.rotation == 77
