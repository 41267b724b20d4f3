"""Runs laid over each other, with what is different about them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from cnnstudio.ui.session import Session
from tests.robots.train_robot import TrainRobot
from tests.ui.training.conftest import SMALL, OpenProject


@pytest.fixture
def two(
    robot: TrainRobot, session: Session, open_project: OpenProject, tmp_path: Path
) -> TrainRobot:
    """Two runs; before the second, epochs were changed and a picture got another class."""
    robot.train()
    robot.until(lambda: len(session.runs) == 1)
    (tmp_path / "fruit" / "red" / "2.png").rename(tmp_path / "fruit" / "green" / "moved.png")
    open_project(tmp_path / "fruit")
    session.set_config(replace(SMALL, training=replace(SMALL.training, epochs=5)))
    robot.train()
    robot.until(lambda: len(session.runs) == 2)
    return robot


def test_the_two_newest_runs_are_compared_at_first(two: TrainRobot) -> None:
    two.toggle_comparing()

    assert two.compared() == ["From scratch", "From scratch 2"]
    rows = two.differences()
    assert rows["Epochs"] == ["3", "5"]
    assert rows["Trained"] == ["3 epochs, best 2", "5 epochs, best 4"]
    assert "Seed" not in rows, "what is the same is left out"
    two.until(lambda: "re-labelled" in two.differences()["Pictures"][1])


def test_a_click_puts_a_run_among_them_or_takes_it_away(two: TrainRobot) -> None:
    two.toggle_comparing()
    two.select_run(1)
    assert two.compared() == ["From scratch"]
    assert two.differences() == {}

    two.select_run(1)
    assert two.compared() == ["From scratch", "From scratch 2"]
    colours = [row.mark for row in two.runs()]
    assert len(set(colours)) == 2


def test_comparing_ends_where_it_began(two: TrainRobot) -> None:
    two.select_run(2)
    two.toggle_comparing()
    two.toggle_comparing()

    assert two.compared() == []
    assert two.selected_run() == 2
    assert len(two.plot("loss").shown()["training"]) == 3
    assert all(not row.mark for row in two.runs())


def test_one_run_cannot_be_compared(robot: TrainRobot) -> None:
    robot.train()
    assert not robot.can_click("train_runs_compare")


def test_a_training_that_starts_is_followed_though_runs_were_compared(two: TrainRobot) -> None:
    two.toggle_comparing()
    two.start()

    two.until(lambda: two.compared() == [])
    two.wait_for_start()
