"""The Evaluate step in the whole window: what a run is judged by."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.builders import coloured_folder
from tests.robots.evaluate_robot import EvaluateRobot
from tests.robots.window_robot import WindowRobot
from tests.ui.panels.test_predict_panel import SMALL, train


@pytest.fixture
def robot(user: WindowRobot, tmp_path: Path) -> EvaluateRobot:
    """The Evaluate step of a project with two classes and one run."""
    user.open(coloured_folder(tmp_path / "colours", {"red": 20, "green": 20}))
    user.session.set_config(SMALL)
    train(user)
    user.go_to("evaluate")
    robot = EvaluateRobot(user)
    robot.wait()
    return robot


def test_the_last_run_is_judged_by_its_test_pictures(robot: EvaluateRobot) -> None:
    count = robot.user.session.runs[0].counts["test"]
    assert robot.part_shown().startswith(f"Test pictures ({count})")
    assert robot.headline().startswith(f"{count} of {count} right")
    assert robot.banner() == ""


def test_validation_pictures_come_with_a_warning(robot: EvaluateRobot) -> None:
    robot.choose_part(2)
    assert robot.part_shown().startswith("Validation pictures")
    assert "chosen by these pictures" in robot.banner()
    for page in ("enough", "moments"):
        robot.open_page(page)
        assert robot.banner() == "", "these are about other pictures"
        assert not robot.user.is_shown("evaluate_part")
    robot.open_page("overview")
    assert "chosen by these pictures" in robot.banner()
    assert robot.user.is_shown("evaluate_part")


def test_a_folder_never_seen_can_judge_it(robot: EvaluateRobot, tmp_path: Path) -> None:
    robot.panel.judge_by(coloured_folder(tmp_path / "other", {"red": 3, "green": 4}))
    robot.wait()
    assert robot.headline().startswith("7 of 7 right")


def test_a_folder_with_unknown_classes_says_so(robot: EvaluateRobot, tmp_path: Path) -> None:
    robot.panel.judge_by(coloured_folder(tmp_path / "other", {"red": 3, "horses": 4}))
    robot.wait()
    assert "horses" in robot.empty_words()


def test_without_a_run_it_says_what_to_do(user: WindowRobot, tmp_path: Path) -> None:
    user.open(coloured_folder(tmp_path / "colours", {"red": 3, "green": 3}))
    user.go_to("evaluate")
    assert "Train one" in EvaluateRobot(user).empty_words()


def test_the_report_is_saved_without_stopping_the_window(
    robot: EvaluateRobot, tmp_path: Path
) -> None:
    robot.panel.save_report(tmp_path / "mine")
    robot.wait()
    assert (tmp_path / "mine.pdf").read_bytes().startswith(b"%PDF-")
    assert robot.user.message() == "Saved mine.pdf"


def test_judging_another_run_does_not_change_which_one_answers(robot: EvaluateRobot) -> None:
    user = robot.user
    train(user)
    newest, older = user.session.runs
    assert robot.run_shown().startswith(f"{older.name}, "), "nothing moves while somebody looks"
    user.go_to("train")
    user.go_to("evaluate")
    robot.wait()
    assert robot.run_shown().startswith(f"{newest.name}, ")
    robot.choose_run(2)
    assert robot.headline()
    assert robot.run_shown().startswith(f"{older.name}, ")
    assert user.session.chosen_run == newest
    user.session.choose_run(older)
    robot.choose_run(1)
    user.session.choose_run(newest)
    user.session.choose_run(older)
    robot.wait()
    assert robot.run_shown().startswith(f"{newest.name}, ")
