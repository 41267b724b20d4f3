"""Where a run's accuracy falls when its pictures are disturbed, and what to do about it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cnnstudio.core.catalog.training_presets import training_preset
from cnnstudio.core.config import RunConfig, with_setting
from cnnstudio.core.dataset.scanning import scan
from cnnstudio.core.errors import Cancelled, StudioError
from cnnstudio.core.evaluation.disturbances import disturbances
from cnnstudio.core.evaluation.evaluation import Evaluation, kept_evaluation
from cnnstudio.core.evaluation.weather import (
    WeatherCurve,
    WeatherSample,
    spread_places,
    try_weather,
)
from cnnstudio.core.evaluation.weather_remedy import WeatherRemedy, remedy
from cnnstudio.core.evaluation.weather_words import curve_words, sample_words
from cnnstudio.core.events import Progress
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.project import Project
from cnnstudio.core.runs import Run
from cnnstudio.core.training import train_project
from tests.builders import coloured_folder
from tests.fakes import FakeEngine

BASE = training_preset("fine").config
PLAIN = RunConfig(preset="fast")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """White and yellow things and black ones: who looks at the mean colour fails in the dark."""
    classes = {"white": 20, "yellow": 20, "black": 20}
    project = scan(coloured_folder(tmp_path / "project", classes))
    config = with_setting(with_setting(project.config, "image_size", "32"), "epochs", "1")
    return replace(project, config=config)


@pytest.fixture
def run(project: Project) -> Run:
    return train_project(FakeEngine(), project)(TaskContext())


@pytest.fixture
def evaluation(run: Run) -> Evaluation:
    return kept_evaluation(run, "test")


def curve(key: str, right: tuple[int, ...], undisturbed: int = 100) -> WeatherCurve:
    kind = next(each for each in disturbances(224) if each.key == key)
    return WeatherCurve(kind, 100, undisturbed, right, tuple(undisturbed - each for each in right))


def test_each_disturbance_is_reported_with_its_fall(
    run: Run, evaluation: Evaluation, project: Project
) -> None:
    events: list[object] = []
    engine = FakeEngine()
    task = try_weather(engine, run, evaluation, project.root)
    curves = task(TaskContext(events.append))
    count = len(evaluation)
    (sample,) = (each for each in events if isinstance(each, WeatherSample))
    assert sample == WeatherSample(count, count, count)
    assert [each for each in events if isinstance(each, WeatherCurve)] == list(curves)
    assert {each.disturbance.key for each in curves} == {
        "tilt",
        "dark",
        "blur",
        "small",
        "noise",
        "jpeg",
    }
    found = {each.disturbance.key: each for each in curves}
    assert found["dark"].fall is not None
    assert found["dark"].right[-1] == count / 3, "in the dark everything looks black"
    assert found["blur"].fall is None, "a blur does not change the mean colour"
    assert sum(engine.predicted) == count * (1 + sum(len(each.right) for each in curves))
    last = [each for each in events if isinstance(each, Progress)][-1]
    assert last.done == last.total


def test_it_can_be_cancelled_between_pictures(
    run: Run, evaluation: Evaluation, project: Project
) -> None:
    def cancel(event: object) -> None:
        if isinstance(event, WeatherCurve):
            context.cancel()

    context = TaskContext(cancel)
    engine = FakeEngine()
    with pytest.raises(Cancelled):
        try_weather(engine, run, evaluation, project.root)(context)
    assert sum(engine.predicted) == len(evaluation) * 6


def test_pictures_that_are_gone_are_counted(
    run: Run, evaluation: Evaluation, project: Project
) -> None:
    (project.root / evaluation.pictures[0].path).unlink()
    events: list[object] = []
    try_weather(FakeEngine(), run, evaluation, project.root)(TaskContext(events.append))
    (sample,) = (each for each in events if isinstance(each, WeatherSample))
    assert (sample.count, sample.missing) == (len(evaluation) - 1, 1)
    assert "1 more could not be read" in sample_words(sample)


def test_without_any_picture_it_says_so(run: Run, evaluation: Evaluation, tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="None of the pictures"):
        try_weather(FakeEngine(), run, evaluation, tmp_path / "gone")(TaskContext())


def test_many_pictures_are_drawn_from_every_class_in_proportion() -> None:
    labels = np.repeat([2, 0, 1], [600, 300, 100])
    places = spread_places(labels, 100)
    assert len(set(places.tolist())) == 100
    assert np.bincount(labels[places]).tolist() == [30, 10, 60]
    assert np.array_equal(places, spread_places(labels, 100))
    assert spread_places(labels, 5000).tolist() == list(range(1000))


def test_the_words_say_how_far_it_holds() -> None:
    assert curve_words(curve("dark", (95, 61, 40, 30, 10))) == (
        "Holds down to half the light; at a quarter of the light only 61 % are right."
    )
    assert curve_words(curve("tilt", (50, 40, 30, 20, 10))) == (
        "Falls at the first step: at a tilt of 5° only 50 % are right."
    )
    assert curve_words(curve("noise", (99, 99, 98, 95, 90))) == (
        "Holds up to the last step tried, noise of 80 gray levels."
    )
    assert "Nothing can fall" in curve_words(curve("blur", (0, 0, 0, 0, 0), undisturbed=0))


def test_a_fall_is_below_nine_tenths_of_the_undisturbed() -> None:
    assert curve("blur", (72, 72, 72, 71, 0), undisturbed=80).falls_at == 3
    low, high = curve("blur", (72, 72, 72, 71, 0), undisturbed=80).intervals[0]
    assert low < 0.8 < high


def test_what_was_asked_about_is_said() -> None:
    words = sample_words(WeatherSample(200, 1234, 180))
    assert words.startswith("Asked about 200 of the 1,234 pictures, drawn from every class")
    assert "uncertain" not in words
    assert "uncertain" in sample_words(WeatherSample(15, 15, 14))


def test_a_fall_that_may_be_chance_is_called_so() -> None:
    """Of 10 pictures that changed, 8 lost or more come in 5.5 % of cases, 9 or more in 1.1 %."""
    kind = disturbances(224)[0]
    unsure = WeatherCurve(kind, 40, 30, (24,), (8,))
    assert unsure.falls_at == 0
    assert curve_words(unsure).endswith("only 60 % are right, which may be chance.")
    sure = WeatherCurve(kind, 40, 30, (22,), (9,))
    assert curve_words(sure).endswith("only 55 % are right.")
    assert WeatherCurve(kind, 40, 30, (30,), (0,)).may_be_chance(0)


def test_against_tilt_pictures_are_turned_as_far_as_it_falls() -> None:
    found = remedy(curve("tilt", (95, 95, 60, 30, 20)), BASE, PLAIN)
    assert isinstance(found, WeatherRemedy)
    assert found.label == "Set rotation"
    assert found.config.augmentation == replace(BASE.augmentation, rotation=20)
    assert found.done == "Set: rotation up to 20°. The next training uses it."


def test_against_dark_brightness_and_contrast_reach_as_low() -> None:
    found = remedy(curve("dark", (95, 60, 40, 30, 20)), BASE, PLAIN)
    assert isinstance(found, WeatherRemedy)
    changed = found.config.augmentation
    # A quarter of the light leaves 0.53 of the values.
    assert changed.contrast == pytest.approx(1 - 0.25 ** (1 / 2.2), abs=0.011)
    assert changed.brightness == pytest.approx(changed.contrast / 2, abs=0.011)
    assert found.label == "Set brightness and contrast"


def test_fast_start_also_needs_variants() -> None:
    fast = RunConfig(preset="fast")
    found = remedy(curve("tilt", (60, 50, 40, 30, 20)), fast, PLAIN)
    assert isinstance(found, WeatherRemedy)
    assert found.config.transfer.variants == 4
    assert "Fast start" in found.done


def test_augmentation_is_never_made_less() -> None:
    strong = replace(BASE, augmentation=replace(BASE.augmentation, rotation=90))
    words = remedy(curve("tilt", (60, 50, 40, 30, 20)), strong, PLAIN)
    assert words == "The settings have it: rotation up to 90°. Train again to use it."


def test_what_was_learned_already_is_not_offered_again() -> None:
    learned = replace(BASE, augmentation=replace(BASE.augmentation, rotation=45))
    words = remedy(curve("tilt", (95, 60, 40, 30, 20)), BASE, learned)
    assert words == "Learned with rotation up to 45° already, and still it falls."


@pytest.mark.parametrize("key", ["blur", "small", "noise", "jpeg"])
def test_where_no_augmentation_matches_that_is_said(key: str) -> None:
    words = remedy(curve(key, (60, 50, 40, 30, 20)), BASE, PLAIN)
    assert isinstance(words, str)
    assert words.startswith("No augmentation")
    assert remedy(curve(key, (99, 99, 99, 99, 99)), BASE, PLAIN) == ""
