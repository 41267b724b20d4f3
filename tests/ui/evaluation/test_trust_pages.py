"""The pages "Not sure" and "Enough pictures?" in the whole window."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from cnnstudio.core.evaluation.caution import CAUTION_FILE, load_caution
from tests.builders import coloured_folder, coloured_picture
from tests.robots.predict_robot import PredictRobot
from tests.robots.trust_robot import TrustRobot
from tests.robots.window_robot import WindowRobot
from tests.ui.panels.test_predict_panel import SMALL, train


@pytest.fixture
def robot(user: WindowRobot, tmp_path: Path) -> TrustRobot:
    """The Evaluate step of a project with two classes and a run that is always right."""
    user.open(coloured_folder(tmp_path / "colours", {"red": 90, "green": 90}))
    user.session.set_config(SMALL)
    train(user)
    user.go_to("evaluate")
    robot = TrustRobot(user)
    robot.evaluate.wait()
    return robot


def allowed_error(robot: TrustRobot) -> float | None:
    caution = load_caution(robot.user.session.runs[0].folder)
    assert caution is not None
    return caution.allowed_error


def test_the_slider_says_at_once_what_it_costs_and_is_kept(robot: TrustRobot) -> None:
    robot.open("caution")
    assert robot.wish() == "however often"
    robot.press_on_slider(Qt.Key.Key_Left)
    assert robot.wish() == "at most 20 %"
    assert "No more than 20 %" in robot.promise()
    assert " 0 of " in robot.on_test_pictures() or "handed back" in robot.on_test_pictures()
    robot.user.until(lambda: allowed_error(robot) == 0.2)
    robot.click_left_end()
    assert robot.wish() == "at most 0.5 %"
    assert "cannot promise 0.5 %" in robot.promise()
    assert robot.plot_words() == "answers 0 %"
    # 27 validation pictures cannot promise one mistake in 200: that is said, not that the
    # answers are uncertain.
    too_few = "too few validation pictures to promise so few mistakes"
    assert too_few in robot.reasons()
    assert set(robot.reasons()) <= {too_few, "unlike the training pictures"}
    robot.user.until(lambda: allowed_error(robot) == 0.005)
    robot.open("overview")
    robot.evaluate.choose_part(2)
    robot.open("caution")
    assert robot.wish() == "at most 0.5 %"


def test_predict_hands_back_what_the_slider_says(robot: TrustRobot, tmp_path: Path) -> None:
    robot.open("caution")
    strange = coloured_picture(tmp_path / "strange.png", "blue")
    usual = coloured_picture(tmp_path / "usual.png", "red", "more")
    user = robot.user
    user.go_to("predict")
    predict = PredictRobot(user)
    predict.drop([strange, usual])
    assert [row[1].startswith("Not sure: ") for row in predict.rows()] == [True, False]
    predict.choose("strange.png")
    assert user.text("predict_sentence") == "Not sure: unlike the training pictures."
    user.go_to("evaluate")
    robot.toggle_unfamiliar()
    robot.press_on_slider(Qt.Key.Key_Home)
    user.until(lambda: allowed_error(robot) == 0.005)
    user.go_to("predict")
    predict.drop([strange, usual])
    assert [row[1].startswith("Not sure: ") for row in predict.rows()] == [True, True]


def test_a_run_from_before_is_looked_at_when_its_page_is_opened(robot: TrustRobot) -> None:
    (robot.user.session.runs[0].folder / CAUTION_FILE).unlink()
    robot.open("caution")
    robot.user.until(lambda: robot.user.is_shown("caution_slider"))
    assert robot.wish() == "however often"
    assert allowed_error(robot) is None


def test_more_pictures_are_asked_for_where_they_help(robot: TrustRobot) -> None:
    robot.open("enough")
    assert "25, 50, 75 and 100 %" in robot.user.text("enough_words")
    robot.user.click("enough_start")
    robot.user.until(lambda: robot.user.is_shown("enough_classes"))
    assert robot.sentences() == [
        "More of green will hardly help (40 more: under 1 point).",
        "More of red will hardly help (40 more: under 1 point).",
    ]
    assert "not of this network" in robot.user.text("enough_note")
    robot.open("caution")
    robot.open("enough")
    assert robot.user.is_shown("enough_classes")


def test_looking_for_enough_can_be_cancelled(robot: TrustRobot) -> None:
    robot.open("enough")
    robot.user.click("enough_start")
    robot.user.click("enough_cancel")
    robot.user.until(lambda: robot.user.can_click("enough_start"))
    assert not robot.user.is_shown("enough_classes")
