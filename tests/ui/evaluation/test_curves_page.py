"""The page of curves, by mouse and keyboard in the whole window."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from cnnstudio.ui.widgets.calibration_plots import CalibrationPlot, ConfidencePlot
from tests.builders import coloured_folder
from tests.robots.evaluate_robot import EvaluateRobot
from tests.robots.window_robot import WindowRobot
from tests.ui.evaluation.test_overview_page import robot as overview  # noqa: F401


@pytest.fixture
def robot(overview: EvaluateRobot) -> EvaluateRobot:  # noqa: F811
    overview.open_page("curves")
    return overview


def test_every_class_has_its_areas_and_its_curve(robot: EvaluateRobot) -> None:
    assert [row[0] for row in robot.areas()] == ["blue", "green", "red"]
    assert robot.areas()[0] == ["blue", "1.000", "1.000"]
    assert robot.lines() == ["blue", "green", "red"]
    assert "False alarms" in robot.user.text("evaluate_roc_words")


def test_a_click_on_a_class_brings_its_curves_to_the_front(robot: EvaluateRobot) -> None:
    robot.choose_class("red")
    assert robot.lines() == ["red"]
    assert robot.user.text("evaluate_roc_words").startswith("red: area ")
    assert "guessing gives 23.1 %" in robot.user.text("evaluate_recall_words")
    robot.user.click("evaluate_curves_all")
    assert robot.lines() == ["blue", "green", "red"]


def test_the_keyboard_chooses_a_class(robot: EvaluateRobot) -> None:
    robot.choose_class("blue")
    robot.user.press("Down")
    assert robot.lines() == ["green"]


def test_sorted_classes_keep_their_curves(robot: EvaluateRobot) -> None:
    robot.sort_by("Class", "evaluate_areas")
    robot.sort_by("Class", "evaluate_areas")
    assert robot.areas()[0][0] == "red"
    robot.choose_class("red")
    assert robot.lines() == ["red"]


def test_a_class_without_pictures_has_no_curve(robot: EvaluateRobot, tmp_path: Path) -> None:
    robot.panel.judge_by(coloured_folder(tmp_path / "two", {"red": 5, "green": 4}))
    robot.wait()
    assert robot.areas()[0] == ["blue", "–", "–"]
    robot.choose_class("blue")
    assert robot.lines() == []
    assert "need pictures of the class" in robot.user.text("evaluate_roc_words")


def test_bins_are_said_as_sentences(robot: EvaluateRobot) -> None:
    plot = robot.user.find(CalibrationPlot, "evaluate_calibration_plot")
    before = robot.user.text("evaluate_calibration_words")
    assert "calibration error" in before
    QTest.keyClick(plot, Qt.Key.Key_End)
    last = robot.user.text("evaluate_calibration_words")
    assert last.startswith("When it says")
    assert "of the time (" in last
    QTest.keyClick(plot, Qt.Key.Key_Escape)
    assert robot.user.text("evaluate_calibration_words") == before
    QTest.mouseMove(plot.viewport(), QPoint(plot.width() - 30, plot.height() // 2))
    QTest.mouseMove(plot.viewport(), QPoint(plot.width() - 32, plot.height() // 2))
    robot.user.until(lambda: robot.user.text("evaluate_calibration_words") == last)
    counts = robot.panel.findChild(ConfidencePlot).shown()
    assert sum(counts) == 13


def test_both_themes_draw_them(robot: EvaluateRobot, user: WindowRobot) -> None:
    for choice in ("dark", "light"):
        user.window.theme.set_choice(choice)
        assert robot.lines() == ["blue", "green", "red"]
