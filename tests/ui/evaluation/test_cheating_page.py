"""The background test in the window: a button, progress, a verdict in words."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from cnnstudio.core.config import with_setting
from cnnstudio.core.evaluation.cheating import CheatingReport, RightAnswers
from cnnstudio.ui.evaluation.cheating_words import explanation, figure, headline
from cnnstudio.ui.widgets.chip_menu import ChipMenu
from tests.core.evaluation.scenes import scenes
from tests.fakes import FakeEngine
from tests.robots.evaluate_robot import EvaluateRobot
from tests.robots.window_robot import WindowRobot
from tests.ui.panels.test_predict_panel import SMALL, train


@pytest.fixture
def robot(user: WindowRobot, tmp_path: Path) -> EvaluateRobot:
    """The page about a run whose classes stand on tables of their own."""
    user.open(scenes(tmp_path / "tables", 30, leaks=True))
    user.session.set_config(with_setting(SMALL, "test_share", "0.3"))
    train(user)
    user.go_to("evaluate")
    robot = EvaluateRobot(user)
    robot.wait()
    robot.open_page("cheating")
    return robot


def test_a_run_that_learned_the_table_is_told_so(robot: EvaluateRobot) -> None:
    verdict, words = robot.cheating_words()
    assert verdict == ""
    assert "table" in words
    assert not robot.user.is_shown("evaluate_cheating_examples")
    robot.user.click("evaluate_cheating_start")
    robot.wait()
    verdict, words = robot.cheating_words()
    assert verdict.endswith("right without seeing the middle: it may have learned the background")
    assert "several backgrounds" in words
    assert robot.user.is_shown("evaluate_cheating_examples")
    count = robot.user.session.runs[0].counts["test"]
    assert f"of {count}, true figure" in robot.user.text("evaluate_cheating_border")


def test_other_pictures_begin_anew(robot: EvaluateRobot) -> None:
    robot.user.click("evaluate_cheating_start")
    robot.wait()
    robot.choose_part(2)
    assert robot.cheating_words()[0] == ""


def test_what_is_stopped_by_a_choice_above_is_said(
    robot: EvaluateRobot, fake_engine: FakeEngine
) -> None:
    fake_engine.may_end_epoch = threading.Event()
    job = robot.user.session.train()
    robot.user.click("evaluate_cheating_start")
    robot.user.find(ChipMenu, "evaluate_part").menu_of_choices.actions()[1].trigger()
    robot.user.until(lambda: robot.user.can_click("evaluate_cheating_start"))
    job.cancel()
    robot.wait()
    robot.user.until(lambda: robot.user.message().startswith("Background test: stopped"))


def test_it_can_be_cancelled(robot: EvaluateRobot, fake_engine: FakeEngine) -> None:
    fake_engine.may_end_epoch = threading.Event()
    job = robot.user.session.train()
    robot.user.click("evaluate_cheating_start")
    assert robot.user.text("evaluate_cheating_progress") == "Waits until the engine is free"
    robot.user.click("evaluate_cheating_cancel")
    job.cancel()
    robot.wait()
    assert robot.cheating_words()[0] == ""
    assert robot.user.can_click("evaluate_cheating_start")


def test_the_words_keep_to_what_the_figures_say() -> None:
    def report(border: int) -> CheatingReport:
        whole = RightAnswers(95, 100)
        return CheatingReport(whole, whole, RightAnswers(border, 100), 0.5, ())

    assert headline(report(88)).startswith("88 % right without seeing the middle: it may have")
    assert headline(report(70)).endswith("the background tells it something")
    assert "no sign of a shortcut" in headline(report(52))
    assert "as far as 100 pictures can tell" in explanation(report(52))
    assert "right in 50 %" in explanation(report(88))
    assert figure(RightAnswers(88, 100)) == "88 % · 88 of 100, true figure 80 % to 93 %"
