"""The overview of an evaluation, by mouse and keyboard in the whole window."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QTableWidget

from cnnstudio.ui.evaluation.overview_page import OverviewPage
from cnnstudio.ui.widgets.interval_bar import IntervalBar
from tests.builders import coloured_folder, coloured_picture
from tests.robots.evaluate_robot import EvaluateRobot
from tests.robots.pictures_robot import PicturesRobot
from tests.robots.window_robot import WindowRobot
from tests.ui.panels.test_predict_panel import SMALL, train

BLUE, GREEN, RED, ALL = range(4)


@pytest.fixture
def robot(user: WindowRobot, tmp_path: Path) -> EvaluateRobot:
    """Judged by 4 blue, 6 green and 3 red pictures; one that is called green is red."""
    user.open(coloured_folder(tmp_path / "colours", {"red": 12, "green": 12, "blue": 12}))
    user.session.set_config(SMALL)
    train(user)
    exam = coloured_folder(tmp_path / "exam", {"red": 3, "green": 5, "blue": 4})
    coloured_picture(exam / "green" / "wrong.png", "red")
    user.go_to("evaluate")
    robot = EvaluateRobot(user)
    robot.wait()
    robot.panel.judge_by(exam)
    robot.wait()
    return robot


@pytest.fixture
def wanted(robot: EvaluateRobot) -> list[tuple[int | None, int | None]]:
    """What pictures were asked for."""
    seen: list[tuple[int | None, int | None]] = []
    page = robot.panel.findChild(OverviewPage)
    page.pictures_wanted.connect(lambda true, predicted: seen.append((true, predicted)))
    return seen


def test_the_headline_says_what_the_accuracy_is_worth_and_draws_it(robot: EvaluateRobot) -> None:
    assert robot.headline().startswith(
        "12 of 13 right: the true figure lies somewhere between 67 % and 99 %;"
    )
    assert "more pictures like these would narrow it" in robot.headline()
    share, interval = robot.panel.findChild(IntervalBar).shown()
    assert share == 12 / 13
    assert interval == pytest.approx((0.667, 0.986), abs=0.001)
    assert "Balanced accuracy" in robot.user.text("evaluate_facts")
    assert "among its first 2: " in robot.user.text("evaluate_facts")
    assert "Expected calibration error: " in robot.user.text("evaluate_calibration")


def test_the_table_is_sorted_by_the_head_that_is_clicked(robot: EvaluateRobot) -> None:
    assert robot.classes() == [
        ["blue", "100.0 %", "100.0 %", "100.0 %", "± 4"],
        ["green", "83.3 %", "100.0 %", "90.9 %", "± 6"],
        ["red", "100.0 %", "75.0 %", "85.7 %", "± 3"],
    ]
    robot.sort_by("Recall")
    assert robot.classes()[0][0] == "green"
    robot.sort_by("Precision")
    assert robot.classes()[0][0] == "red"
    robot.sort_by("Class")
    robot.sort_by("Class")
    assert [row[0] for row in robot.classes()] == ["red", "green", "blue"]


def test_few_pictures_are_owned_up_to(robot: EvaluateRobot) -> None:
    table = robot.user.find(QTableWidget, "evaluate_classes")
    assert "known only roughly" in robot.user.text("evaluate_few")
    few, recall = table.item(2, 4), table.item(1, 1)
    assert few is not None
    assert recall is not None
    assert "anything between 44 % and 100 %" in few.toolTip()
    assert recall.toolTip().startswith("6 pictures of green: the true figure lies")


def test_the_matrix_counts_or_shares(robot: EvaluateRobot) -> None:
    assert robot.matrix.words() == [
        ["4", "", "", "4"],
        ["", "5", "1", "6"],
        ["", "", "3", "3"],
        ["4", "5", "4", "13"],
    ]
    robot.choose_scale("row")
    assert robot.matrix.words()[GREEN] == ["", "83", "17", "6"]
    robot.choose_scale("column")
    assert robot.matrix.words()[GREEN] == ["", "100", "25", "6"]
    robot.choose_scale("counts")
    assert robot.matrix.words()[GREEN] == ["", "5", "1", "6"]


def test_cells_rows_and_columns_ask_for_their_pictures(
    robot: EvaluateRobot, wanted: list[tuple[int | None, int | None]]
) -> None:
    robot.click_cell(GREEN, RED)
    robot.click_row(BLUE)
    robot.click_column(RED)
    robot.click_cell(ALL, ALL)
    assert wanted == [(GREEN, RED), (BLUE, None), (None, RED), (None, None)]


def test_a_cell_without_pictures_asks_for_none(
    robot: EvaluateRobot, wanted: list[tuple[int | None, int | None]]
) -> None:
    robot.click_cell(BLUE, RED)
    assert wanted == []
    assert robot.user.text("evaluate_cell").startswith("0 pictures of blue taken for red")


def test_arrows_and_return_do_the_same(
    robot: EvaluateRobot, wanted: list[tuple[int | None, int | None]]
) -> None:
    key = Qt.Key
    robot.press(key.Key_Down, key.Key_Right, key.Key_Right)
    assert robot.user.text("evaluate_cell") == (
        "1 picture of green taken for red: 16.7 % of green, 25.0 % of the answers red."
    )
    robot.press(key.Key_Return, key.Key_Right, key.Key_Enter)
    robot.press(key.Key_Down, key.Key_Down, key.Key_Left, key.Key_Return)
    assert wanted == [(GREEN, RED), (GREEN, None), (None, RED)]


def test_the_next_evaluation_replaces_all_of_it(robot: EvaluateRobot, tmp_path: Path) -> None:
    robot.panel.judge_by(coloured_folder(tmp_path / "reds", {"red": 5}))
    robot.wait()
    assert robot.matrix.words()[ALL] == ["0", "0", "5", "5"]
    assert robot.classes()[0] == ["blue", "–", "–", "–", "± 0"]
    robot.sort_by("Recall")
    assert robot.classes()[0][0] == "red"
    robot.sort_by("Recall")
    assert robot.classes()[0][0] == "red"


def test_a_click_on_a_cell_shows_the_pictures_behind_it(robot: EvaluateRobot) -> None:
    robot.click_cell(GREEN, RED)
    robot.user.settle()
    pictures = PicturesRobot(robot.user)
    assert pictures.page.isVisible()
    assert pictures.files() == ["wrong.png"]


def test_nothing_is_foretold_from_pictures_that_were_learned(robot: EvaluateRobot) -> None:
    user, go_on = robot.user, threading.Event()
    user.session.view_jobs.start("Waiting", lambda _: go_on.wait(20))
    robot.panel.judge_by(user.project.root)
    user.until(lambda: robot.headline().startswith("36 of 36 right"))
    assert "nobody can tell from these how often" in robot.headline(), (
        "before the figures are there"
    )
    assert user.text("evaluate_facts").startswith("Working out")
    go_on.set()
    robot.wait()
    assert "nobody can tell from these how often" in robot.headline()
    assert robot.panel.findChild(IntervalBar).shown() == (1.0, None)
    assert "class counts the same: 100.0 %." in user.text("evaluate_facts")
    recall = user.find(QTableWidget, "evaluate_classes").item(0, 1)
    assert recall is not None
    assert recall.toolTip() == ""
    assert not user.is_shown("evaluate_few")
