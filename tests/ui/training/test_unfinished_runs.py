"""Trainings that were cut off are offered to be gone on with."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from cnnstudio.core.dataset.scanning import scan
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.storage.unfinished_runs import list_unfinished
from cnnstudio.core.training import train_project
from cnnstudio.ui.session import Session
from tests.builders import coloured_folder
from tests.fakes import FakeEngine
from tests.robots.train_robot import TrainRobot
from tests.ui.training.conftest import SMALL, OpenProject


class Killed(BaseException):
    """Ends a training as a kill does."""


@pytest.fixture
def interrupted(robot: TrainRobot, open_project: OpenProject, tmp_path: Path) -> TrainRobot:
    """A project that is opened after a training of it was killed."""
    root = coloured_folder(tmp_path / "birds", {"owls": 20, "hawks": 20})
    cut_off(root, "Owls")
    open_project(root)
    robot.until(lambda: robot.interrupted() != "")
    return robot


def cut_off(root: Path, name: str) -> None:
    engine = FakeEngine(fail_with=Killed())  # type: ignore[arg-type]
    with pytest.raises(Killed):
        train_project(engine, replace(scan(root), config=SMALL), name=name)(TaskContext())


def test_it_is_said_what_was_cut_off_and_when_it_was_begun(interrupted: TrainRobot) -> None:
    words = interrupted.interrupted()
    assert words.startswith("Owls was interrupted before its first epoch had ended")
    assert "today" in words


def test_it_is_gone_on_with_and_becomes_the_run_it_would_have_been(
    interrupted: TrainRobot, session: Session
) -> None:
    interrupted.click("train_resume")
    interrupted.until(lambda: len(session.runs) == 1)
    interrupted.wait_for_start()

    assert session.runs[0].name == "Owls"
    assert interrupted.headline() == "Owls, finished after 3 epochs"
    assert interrupted.interrupted() == ""


def test_it_waits_in_line_where_another_runs(interrupted: TrainRobot, session: Session) -> None:
    interrupted.start()
    interrupted.click("train_resume")

    assert interrupted.run_names() == ["Owls", "Fast start"]
    interrupted.until(lambda: len(session.runs) == 2)
    interrupted.wait_for_start()
    assert interrupted.interrupted() == ""


def test_it_is_discarded_only_after_a_question(interrupted: TrainRobot, session: Session) -> None:
    interrupted.click("train_discard")
    interrupted.click("discard_keep")
    assert session.project is not None
    assert len(list_unfinished(session.project)) == 1
    assert interrupted.interrupted() != ""

    interrupted.click("train_discard")
    interrupted.click("discard_confirm")

    interrupted.until(lambda: interrupted.interrupted() == "")
    assert list_unfinished(session.project) == []
    assert session.runs == ()


def test_several_are_offered_one_after_the_other(
    robot: TrainRobot, session: Session, open_project: OpenProject, tmp_path: Path
) -> None:
    root = coloured_folder(tmp_path / "birds", {"owls": 20, "hawks": 20})
    cut_off(root, "Owls")
    cut_off(root, "Hawks")
    open_project(root)
    robot.until(lambda: "1 more after it" in robot.interrupted())

    robot.click("train_resume")
    robot.until(lambda: len(session.runs) == 1)

    robot.until(lambda: "was interrupted" in robot.interrupted())
    assert "more after it" not in robot.interrupted()


def test_nothing_is_offered_where_nothing_was_cut_off(robot: TrainRobot, session: Session) -> None:
    robot.train()
    robot.until(lambda: session.file_jobs.is_idle)
    assert robot.interrupted() == ""


def test_one_that_cannot_be_resumed_says_why_and_is_still_offered(
    interrupted: TrainRobot, session: Session, tmp_path: Path
) -> None:
    gone = next((tmp_path / "birds" / "owls").iterdir())
    kept = gone.read_bytes()
    gone.unlink()

    interrupted.click("train_resume")
    interrupted.until(lambda: "could not be resumed" in interrupted.interrupted())

    assert gone.name in interrupted.interrupted()
    assert interrupted.can_click("train_resume")
    assert interrupted.can_click("train_discard")
    assert interrupted.problem() == "", "it is said once"

    gone.write_bytes(kept)
    session.refresh()
    interrupted.until(
        lambda: session.file_jobs.is_idle and len(session.project.samples) == 40  # type: ignore[union-attr]
    )
    interrupted.click("train_resume")
    interrupted.until(lambda: len(session.runs) == 1)
    interrupted.wait_for_start()
    assert interrupted.interrupted() == ""
