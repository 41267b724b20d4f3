"""A small search over settings: what is tried, what judges it, and what its figures are worth."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnnstudio.core.catalog.training_presets import TRAINING_PRESETS, training_preset
from cnnstudio.core.config import RunConfig, with_setting
from cnnstudio.core.dataset.scanning import scan
from cnnstudio.core.engine_api import HeadWeights, LabelledFeatures, TrainingOutcome
from cnnstudio.core.errors import Cancelled, StudioError
from cnnstudio.core.events import EpochEnded, Progress
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.search_variants import assignments_between, changed_words, variants_to_try
from cnnstudio.core.searching import (
    SearchMaterial,
    SearchResult,
    VariantTried,
    expected_luck,
    search_settings,
    try_variants,
)
from cnnstudio.core.training import train_project
from tests.builders import coloured_folder
from tests.fakes import FakeEngine

FAST = training_preset("fast").config


def heads(known_variants: int = 0, training: int = 40, validation: int = 30) -> SearchMaterial:
    """Features of two classes that lie apart, in which augmented rows count as well."""
    random = np.random.default_rng(1)

    def part(count: int, variants: int) -> LabelledFeatures:
        labels = np.arange(count) % 2
        rows = random.normal(0, 60, (count, 1 + variants, 3)) + 100 * labels[:, None, None]
        return LabelledFeatures(rows.astype(np.float32), labels)

    return SearchMaterial(part(training, known_variants), part(validation, 0), ("a", "b"))


@dataclass(frozen=True)
class RiggedHead(HeadWeights):
    answers: Any

    def classes_of(self, features: Any) -> Any:
        return self.answers


@dataclass
class RiggedEngine(FakeEngine):
    """Answers as many validation pictures rightly as a test says of the settings."""

    rightly: Callable[[RunConfig], int] = lambda config: 20
    rows: list[tuple[int, ...]] = field(default_factory=list)
    files: list[Path | None] = field(default_factory=list)
    on_head: Callable[[int], None] = lambda number: None

    def train_head(
        self,
        training: LabelledFeatures,
        validation: LabelledFeatures,
        config: RunConfig,
        class_names: tuple[str, ...],
        model_file: Path | None,
        context: TaskContext,
    ) -> TrainingOutcome:
        self.rows.append(training.features.shape)
        self.files.append(model_file)
        self.on_head(len(self.rows))
        context.report(EpochEnded(1, 1, 0.5, 1, 0.5, 1000, 0.1, True))
        context.checkpoint()
        answers = validation.labels.copy()
        answers[self.rightly(config) :] = 1 - answers[self.rightly(config) :]
        ended = EpochEnded(1, 0.5, 0.9, 0.6, 0.5, 1000, 0.1, True)
        head = RiggedHead(np.zeros((3, 2), np.float32), np.zeros(2, np.float32), answers)
        return TrainingOutcome((ended,), 1, "finished", 1000, 0.1, "CPU", "float32", head)


def searched(engine: RiggedEngine, configs: list[RunConfig]) -> SearchResult:
    return try_variants(engine, heads(), configs, TaskContext())


@settings(deadline=None)  # of the machine, not of the code
@given(
    st.sampled_from([preset.key for preset in TRAINING_PRESETS]),
    st.floats(1e-5, 1),
    st.integers(1, 16),
    st.integers(0, 8),
)
def test_what_is_tried_is_allowed_different_and_no_more_than_asked_for(
    preset: str, rate: float, limit: int, known: int
) -> None:
    config = training_preset(preset).config
    config = replace(config, training=replace(config.training, learning_rate=rate))
    variants = variants_to_try(config, limit, known)
    assert 1 <= len(variants) <= limit
    assert len(set(variants)) == len(variants)
    for variant in variants:
        assert training_preset(variant.preset).footing == "features"
        assert 0 <= variant.transfer.variants <= max(known, config.transfer.variants)
        # The split and the backbone are those of the project: the features stay as they are.
        assert variant.training.validation_share == config.training.validation_share
        assert variant.transfer.backbone == config.transfer.backbone
        words = changed_words(variant, variants[0])
        assert (words == "As now") == (variant == variants[0])
        # What `--set` is told leads to the very same settings.
        rebuilt = variants[0]
        for assignment in assignments_between(variants[0], variant):
            rebuilt = with_setting(rebuilt, *assignment.split("=", 1))
        assert rebuilt == variant


def test_the_present_settings_come_first() -> None:
    config = replace(FAST, training=replace(FAST.training, epochs=7))
    assert variants_to_try(config)[0] == config


def test_the_best_is_named_with_what_it_is_worth_and_a_warning() -> None:
    engine = RiggedEngine(rightly=lambda config: 27 if config.transfer.dropout == 0.5 else 18)
    result = searched(engine, variants_to_try(FAST, 6))
    best = result.trials[0]
    assert best.label == "Dropout 50 %"
    assert best.assignments == ("transfer.dropout=0.5",)
    assert (best.accuracy, best.gain) == (0.9, pytest.approx(0.3))
    # Nine pictures of thirty change sides: sqrt(0.3 * 0.7 / 30).
    assert best.gain_error == pytest.approx(0.0837, abs=0.001)
    assert result.present.label == "As now"
    assert result.words == (
        "Dropout 50 %: 90.0 % of 30 validation pictures right, +30.0 points against now, somewhere"
        " between +13.3 and +46.7."
    )
    assert result.warning.startswith("The best of 6 looks better than it is")
    assert result.is_complete
    assert result.is_any_better


def test_a_gain_of_one_picture_is_called_luck() -> None:
    engine = RiggedEngine(rightly=lambda config: 19 if config.transfer.dropout == 0.5 else 18)
    assert "Luck alone would bring so much" in searched(engine, variants_to_try(FAST, 12)).words


def test_nothing_better_is_said_plainly() -> None:
    engine = RiggedEngine(rightly=lambda config: 18)
    result = searched(engine, variants_to_try(FAST, 4))
    assert result.words == (
        "None of the other 3 that were tried does better on 30 validation pictures than the present"
        " settings, 60.0 % right: keep those."
    )
    assert not result.is_any_better
    assert result.trials[0] is result.present


def test_variants_of_pictures_are_taken_as_far_as_they_are_known() -> None:
    engine = RiggedEngine()
    config = replace(FAST, transfer=replace(FAST.transfer, variants=4))
    material = heads(known_variants=4)
    try_variants(engine, material, variants_to_try(config, 16, material.variants), TaskContext())
    assert {shape[1] for shape in engine.rows} == {1, 3, 5}


def test_no_model_is_left_behind() -> None:
    engine = RiggedEngine()
    searched(engine, variants_to_try(FAST, 3))
    assert engine.files == [None] * 3


def test_time_left_is_known_from_the_first_on_and_epochs_are_not_reported() -> None:
    events: list[object] = []
    try_variants(RiggedEngine(), heads(), variants_to_try(FAST, 4), TaskContext(events.append))
    assert [each.done for each in events if isinstance(each, VariantTried)] == [1, 2, 3, 4]
    assert not any(isinstance(each, EpochEnded) for each in events)
    first = next(each for each in events if isinstance(each, Progress))
    assert (first.words, first.done, first.total) == ("Trying settings: as now", 0, 4)


def test_stopped_it_keeps_what_was_tried() -> None:
    context = TaskContext()
    engine = RiggedEngine(on_head=lambda number: context.stop() if number == 3 else None)
    result = try_variants(engine, heads(), variants_to_try(FAST, 6), context)
    assert len(result.trials) == 2
    assert not result.is_complete
    assert result.words.startswith("Stopped after 2 of ")


def test_stopped_after_the_present_settings_it_does_not_say_that_none_is_better() -> None:
    context = TaskContext()
    engine = RiggedEngine(on_head=lambda number: context.stop() if number == 2 else None)
    result = try_variants(engine, heads(), variants_to_try(FAST, 12), context)
    assert result.words.startswith("Stopped after 1 of 12. Only the present settings were tried")


@pytest.mark.parametrize("how", [TaskContext.cancel, TaskContext.stop])
def test_cancelled_or_stopped_at_once_it_keeps_nothing(how: Callable[[TaskContext], None]) -> None:
    context = TaskContext()
    number = 3 if how is TaskContext.cancel else 1
    engine = RiggedEngine(on_head=lambda each: how(context) if each == number else None)
    with pytest.raises(Cancelled):
        try_variants(engine, heads(), variants_to_try(FAST, 6), context)
    assert len(engine.rows) == number


def test_paused_it_waits() -> None:
    context = TaskContext()
    context.pause()
    engine, waited = FakeEngine(), threading.Event()
    thread = threading.Thread(
        target=lambda: (
            try_variants(engine, heads(), variants_to_try(FAST, 2), context),
            waited.set(),
        )
    )
    thread.start()
    while not engine.trained:  # it has begun with the first
        time.sleep(0.001)
    assert not waited.is_set()
    context.resume()
    thread.join(20)
    assert waited.is_set()
    assert len(engine.trained) == 2


def test_a_project_is_searched_on_its_split_without_a_look_at_the_test_part(tmp_path: Path) -> None:
    folder = coloured_folder(tmp_path / "pictures", {"red": 30, "green": 30, "blue": 30})
    project = scan(folder, is_read_only=True)
    before = set(folder.rglob("*"))
    engine = FakeEngine()
    result = search_settings(engine, project, 3, write_project=False)(TaskContext())
    assert len(result.trials) == 3
    _, config, training, validation = engine.trained[0]
    assert config.preset == "fast"
    assert (training, validation) == (60, 15)
    assert set(folder.rglob("*")) == before


def test_features_are_computed_once_for_the_search_and_the_training_after_it(
    tmp_path: Path,
) -> None:
    folder = coloured_folder(tmp_path / "pictures", {"red": 30, "green": 30})
    project = replace(scan(folder), config=FAST)
    engine = FakeEngine()
    search_settings(engine, project, 2)(TaskContext())
    assert sum(engine.described) == 60
    search_settings(engine, project, 2)(TaskContext())
    train_project(engine, project)(TaskContext())
    assert sum(engine.described) == 60


def test_one_class_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    project = scan(coloured_folder(tmp_path / "pictures", {"red": 30}), is_read_only=True)
    engine = FakeEngine()
    with pytest.raises(StudioError):
        search_settings(engine, project)(TaskContext())
    assert not engine.described


def test_the_luckiest_of_twelve_equals_seems_better_by_what_simulation_says() -> None:
    drawn = np.random.default_rng(0).normal(size=(20_000, 12)).max(axis=1).mean()
    assert expected_luck(12) == pytest.approx(drawn, abs=0.03)
    assert expected_luck(1) == 0
