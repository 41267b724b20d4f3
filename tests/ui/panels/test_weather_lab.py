"""The Weather lab in the whole window: one picture disturbed, then all of them."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from cnnstudio.core.engine_api import Pictures
from tests.builders import coloured_folder
from tests.fakes import FakeEngine
from tests.robots.weather_robot import WeatherRobot
from tests.robots.window_robot import WindowRobot
from tests.ui.panels.test_predict_panel import SMALL, train


@pytest.fixture
def robot(user: WindowRobot, tmp_path: Path) -> WeatherRobot:
    """White and black things: who looks at the mean colour takes all for black in the dark."""
    user.open(coloured_folder(tmp_path / "things", {"white": 20, "black": 20}))
    user.session.set_config(SMALL)
    train(user)
    user.go_to("evaluate")
    user.settle()
    user.click("evaluate_tab_weather")
    user.settle()
    robot = WeatherRobot(user)
    while "white" not in robot.answer():
        user.click("weather_next")
        user.settle()
    return robot


def test_the_answer_follows_the_sliders(robot: WeatherRobot) -> None:
    assert robot.answer() == "Right: it is white."
    assert robot.bars()[0].startswith("white")
    light = robot.picture_brightness()
    robot.type_strength("dark", "2")
    assert robot.picture_brightness() < light / 3
    assert robot.answer().startswith("Wrong: it is white, which gets")
    assert robot.bars()[0].startswith("black")
    robot.user.click("weather_reset")
    robot.user.settle()
    assert robot.picture_brightness() == pytest.approx(light, abs=1)
    assert robot.answer() == "Right: it is white."


def test_a_slider_moved_fast_ends_with_its_last_answer(robot: WeatherRobot) -> None:
    robot.slide("dark", -98)
    assert robot.answer().startswith("Wrong")
    robot.slide("dark", 98)
    assert robot.answer().startswith("Right")


def test_all_pictures_are_tested_and_the_fall_is_shown(robot: WeatherRobot) -> None:
    assert not robot.user.is_shown("weather_words_dark")
    robot.test_all()
    count = robot.user.session.runs[0].counts["test"]
    assert robot.user.text("weather_words").startswith(f"Asked about {count} pictures: {count}")
    assert "test figure" in robot.user.text("weather_words")
    assert len(robot.chart("dark")) == 6
    assert robot.chart("dark")[0].startswith("100: 100.0 %")
    assert robot.chart("dark")[-1].startswith("3: 50.0 %")
    assert "only 50 % are right" in robot.words("dark")
    assert robot.words("blur").startswith("Holds up to the last step tried")
    assert robot.start_button() == "Test again"


def test_a_click_sets_the_augmentation_that_matches(robot: WeatherRobot) -> None:
    before = robot.user.project.config.augmentation
    robot.test_all()
    assert robot.button("dark") == "Set brightness and contrast"
    assert robot.button("blur") == ""
    robot.user.click("weather_set_dark")
    after = robot.user.project.config.augmentation
    assert after.brightness > before.brightness
    assert after.contrast > before.contrast
    assert after.rotation == before.rotation
    assert "The next training uses it" in robot.user.message()
    assert robot.button("dark") == ""
    assert robot.hint("dark").startswith("The settings have it: brightness up to")


class _Slow(FakeEngine):
    """Answers the test of all pictures only when it may."""

    def __init__(self) -> None:
        super().__init__()
        self.may_answer = threading.Event()
        self.may_answer.set()

    def predict(self, model_file: Path, pictures: Pictures) -> npt.NDArray[np.float32]:
        self.may_answer.wait(10)
        return super().predict(model_file, pictures)


@pytest.fixture
def fake_engine() -> FakeEngine:
    return _Slow()


def test_a_test_can_be_cancelled(robot: WeatherRobot, fake_engine: _Slow) -> None:
    fake_engine.may_answer.clear()
    robot.user.click("weather_start")
    robot.user.until(lambda: robot.user.is_shown("weather_progress"))
    assert robot.start_button() == "Cancel"
    robot.user.click("weather_start")
    fake_engine.may_answer.set()
    robot.user.settle()
    assert robot.start_button() == "Test in bad weather"
    assert not robot.user.is_shown("weather_progress")


def test_pictures_that_are_gone_are_said(robot: WeatherRobot) -> None:
    for path in robot.user.project.root.glob("*/*.png"):
        path.unlink()
    robot.user.click("weather_start")
    robot.user.settle()
    assert "None of the pictures can be read any more" in robot.user.text("weather_words")
