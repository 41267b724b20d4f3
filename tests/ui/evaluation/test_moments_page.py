"""The Time machine in the whole window: go back to an epoch, see what it said, make a run of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from cnnstudio.core.catalog.training_presets import training_preset
from cnnstudio.core.config import RunConfig, TrainingConfig, with_setting
from cnnstudio.core.evaluation.moments import MOMENTS_FILE
from tests.builders import coloured_folder
from tests.robots.evaluate_robot import EvaluateRobot
from tests.robots.moments_robot import MomentsRobot
from tests.robots.window_robot import WindowRobot
from tests.ui.panels.test_predict_panel import train

FAST = with_setting(training_preset("fast").config, "epochs", "4")
CLASSIC = RunConfig("classic", training=TrainingConfig(epochs=2, image_size=32))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return coloured_folder(
        tmp_path / "colours",
        {
            f"{part}/{name}": count
            for part, count in (("train", 6), ("validation", 2), ("test", 2))
            for name in ("red", "green", "blue")
        },
    )


@pytest.fixture
def robot(user: WindowRobot, root: Path) -> MomentsRobot:
    """The page of a run that took each class for the next in epoch 1; epoch 3 is kept."""
    user.open(root)
    user.session.set_config(FAST)
    train(user)
    return at_the_page(user)


def at_the_page(user: WindowRobot) -> MomentsRobot:
    user.go_to("evaluate")
    evaluate = EvaluateRobot(user)
    evaluate.wait()
    evaluate.open_page("moments")
    return MomentsRobot(user)


def test_it_begins_with_the_kept_epoch(robot: MomentsRobot) -> None:
    assert robot.headline().startswith("Epoch 3: 6 of 6 right: the true figure lies")
    assert robot.words() == "Epoch 3 is the one that is kept."
    assert robot.crosshair() == 3
    assert len(robot.captions()) == 6
    assert robot.captions()[0] == ("right blue", "is blue", "")
    assert not robot.can_use()


def test_the_slider_goes_back(robot: MomentsRobot) -> None:
    robot.press(Qt.Key.Key_Home)
    assert robot.headline().startswith("Epoch 1: 0 of 6 right")
    assert robot.crosshair() == 1
    assert robot.captions()[0] == ("wrong green", "is blue", "later: blue")
    assert [row[:3] for row in robot.matrix.words()[:3]] == [
        ["", "2", ""],
        ["", "", "2"],
        ["2", "", ""],
    ]
    assert robot.words().splitlines()[0] == (
        "At epoch 1 it still took 2 pictures of blue for green; none at epoch 3."
    )
    robot.press(Qt.Key.Key_Right)
    assert robot.words() == "Every picture is answered as at epoch 3, which is kept."


def test_a_click_on_the_curve_goes_there(robot: MomentsRobot) -> None:
    robot.click_curve(1)
    assert robot.headline().startswith("Epoch 1:")
    assert robot.slider.value() == 0


def test_pictures_can_be_picked_out(robot: MomentsRobot) -> None:
    robot.press(Qt.Key.Key_Home)
    robot.click_cell(1, 2)
    assert robot.captions() == [("wrong red", "is green", "later: green")] * 2
    assert robot.facts() == "2 of 6 validation pictures"
    robot.choose("pair")
    robot.choose("changed")
    assert robot.facts() == "6 of 6 validation pictures"
    robot.press(Qt.Key.Key_End)
    assert robot.empty_words() == "No picture is like this at this epoch."
    robot.choose("all")
    assert robot.facts() == "6 of 6 validation pictures"


def test_a_moment_becomes_a_run(robot: MomentsRobot) -> None:
    robot.press(Qt.Key.Key_Home)
    robot.use()
    session = robot.user.session
    made, first = session.runs
    assert made.name == f"{first.name}, epoch 1"
    assert session.chosen_run == made
    assert (made.best_epoch, made.validation_accuracy, made.test_accuracy) == (1, 0.0, 0.0)
    assert robot.headline().startswith("Epoch 1"), "the page stays where it is"
    assert robot.can_use()


def test_runs_without_moments_say_why(user: WindowRobot, root: Path) -> None:
    user.open(root)
    user.session.set_config(CLASSIC)
    train(user)
    robot = at_the_page(user)
    assert robot.empty_words().startswith("The time machine goes back in runs of Fast start")
    assert "train one in the Train step" in robot.empty_words()


def test_damaged_moments_say_so(user: WindowRobot, root: Path) -> None:
    user.open(root)
    user.session.set_config(FAST)
    train(user)
    (user.session.runs[0].folder / MOMENTS_FILE).write_bytes(b"nothing")
    robot = at_the_page(user)
    assert "cannot be read" in robot.empty_words()
