"""What more pictures would bring: forecasts against what more pictures brought."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cnnstudio.core.config import with_setting
from cnnstudio.core.dataset.scanning import scan
from cnnstudio.core.errors import Cancelled, StudioError
from cnnstudio.core.evaluation.asking_enough import look_for_enough
from cnnstudio.core.evaluation.enough_words import best_first, class_words, whole_words
from cnnstudio.core.evaluation.learning_curve import (
    SHARES,
    ClassOutlook,
    Expectation,
    LearningCurve,
    learning_curve,
)
from cnnstudio.core.evaluation.power_law import SLOPES, extrapolate
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.training import train_project
from tests.builders import coloured_folder
from tests.fakes import FakeEngine

LENGTH = 40


def drawn(count: int, seed: int = 0, spread: float = 2.2) -> tuple[np.ndarray, np.ndarray]:
    """Features of three classes: the first is told apart easily, the others are hard to."""
    random = np.random.default_rng(seed)
    centres = np.random.default_rng(3).normal(0, 0.6, (3, LENGTH))
    centres[0] += 3
    labels = np.arange(count) % 3
    return (centres[labels] + random.normal(0, spread, (count, LENGTH))).astype(np.float32), labels


def curve_of(count: int, seed: int = 0) -> LearningCurve:
    features, labels = drawn(count, seed)
    groups = np.arange(count)
    return learning_curve(features, labels, groups, ["easy", "hard", "harder"], 0, TaskContext())


def test_a_law_is_found_again() -> None:
    sizes, wanted = np.array([100.0, 200, 300, 400]), np.array([800.0, 1600])
    for slope in (0.2, 0.5):
        errors = 0.05 + 0.9 * sizes**-slope
        told = extrapolate(sizes, errors[None], wanted)
        assert told.shape == (len(SLOPES), 1, 2)
        place = int(np.abs(SLOPES - slope).argmin())
        np.testing.assert_allclose(told[place, 0], 0.05 + 0.9 * wanted**-slope, rtol=1e-6)
    level = extrapolate(sizes, np.array([[0.2, 0.21, 0.2, 0.22]]), wanted)
    assert np.ptp(level) < 0.01


def test_more_never_makes_it_worse_and_no_share_leaves_its_range() -> None:
    random = np.random.default_rng(0)
    sizes, wanted = np.array([10.0, 20, 30, 40]), np.geomspace(40, 120, 9)
    told = extrapolate(sizes, random.random((50, 4)), wanted)
    assert (np.diff(told, axis=2) <= 1e-9).all()
    assert told.min() >= 0
    assert told.max() <= 1


def test_forecasts_from_a_half_hold_the_whole() -> None:
    inside, off = 0, []
    for seed in range(6):
        half, whole = curve_of(150, seed), curve_of(300, seed + 100)
        told, came = half.expected_at(whole.sizes[-1]), whole.errors[-1]
        inside += told.low <= came <= told.high
        off.append(told.value - came)
    assert inside >= 4
    assert abs(np.mean(off)) < 0.04


def test_what_is_learned_already_is_not_asked_for() -> None:
    curve = curve_of(300)
    assert len(curve.sizes) == len(SHARES)
    easy = curve.classes[0]
    assert easy.recalls[-1] == 1
    assert "hardly help" in class_words(easy)
    assert best_first(curve)[-1] is easy
    assert "twice as many pictures, 600" in whole_words(curve)


def test_look_alikes_are_never_asked_about_by_who_learned_them() -> None:
    # Labels by chance, each picture there ten times: whoever learned one knows its copies.
    random = np.random.default_rng(0)
    groups = np.repeat(np.arange(30), 10)
    features = random.normal(0, 1, (30, LENGTH))[groups].astype(np.float32)
    labels = random.integers(0, 2, 30)[groups]
    curve = learning_curve(features, labels, groups, ["a", "b"], 0, TaskContext())
    assert curve.errors[-1] > 0.3


def test_few_pictures_are_told_so() -> None:
    with pytest.raises(StudioError, match="too few to tell"):
        curve_of(30)
    features, labels = drawn(60)
    labels[labels == 2] = 1
    labels[:4] = 2
    titles = ["a", "b", "rare"]
    curve = learning_curve(features, labels, np.arange(60), titles, 0, TaskContext())
    assert class_words(curve.classes[2]).startswith("rare: 4 pictures are too few to tell")


def test_words_say_no_more_than_is_known() -> None:
    def said(low: float, value: float, high: float) -> str:
        return class_words(ClassOutlook("tulip", 50, (), 40, Expectation(value, low, high)))

    assert said(0.011, 0.031, 0.052) == ("40 more of tulip should give about 3 points (1.1 to 5).")
    assert said(0, 0.004, 0.009).startswith("More of tulip will hardly help")
    assert said(0, 0.02, 0.04) == "40 more of tulip: unclear, from nothing to 4 points."


def test_it_can_be_cancelled() -> None:
    context = TaskContext()
    context.cancel()
    features, labels = drawn(60)
    with pytest.raises(Cancelled):
        learning_curve(features, labels, np.arange(60), ["a", "b", "c"], 0, context)


@pytest.mark.parametrize("preset", ["fast", "classic"])
def test_a_run_of_any_kind_is_asked_without_its_test_part(tmp_path: Path, preset: str) -> None:
    project = scan(coloured_folder(tmp_path / "p", {"red": 40, "green": 40}))
    config = with_setting(with_setting(project.config, "preset", preset), "image_size", "32")
    project = project.with_config(with_setting(config, "epochs", "1"))
    run = train_project(FakeEngine(), project)(TaskContext())
    engine = FakeEngine()
    learn = look_for_enough(engine, run, project)(TaskContext())
    curve = learn(TaskContext())
    assert curve.pictures == run.counts["train"] + run.counts["validation"]
    assert engine.trained == []
    gone = replace(project, samples=())
    with pytest.raises(StudioError, match="None of the pictures"):
        look_for_enough(engine, run, gone)(TaskContext())
