"""Trainings wait in line, each with the settings it was queued with."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt

from cnnstudio.core.errors import StudioError
from cnnstudio.ui.session import Session
from tests.builders import coloured_folder
from tests.fakes import FakeEngine
from tests.robots.train_robot import TrainRobot
from tests.ui.training.conftest import OpenProject, end_epochs


def set_epochs(session: Session, epochs: int) -> None:
    assert session.project is not None
    config = session.project.config
    session.set_config(replace(config, training=replace(config.training, epochs=epochs)))


def queue_two(robot: TrainRobot, session: Session) -> None:
    set_epochs(session, 4)
    robot.add_to_queue()
    set_epochs(session, 5)
    robot.add_to_queue()


def test_trainings_in_line_are_listed_with_their_place(
    paused: TrainRobot, session: Session
) -> None:
    queue_two(paused, session)

    assert paused.run_names() == ["From scratch 3", "From scratch 2", "From scratch"]
    assert [row.details for row in paused.runs()] == [
        "waiting, 2nd in line",
        "waiting, next",
        "running",
    ]
    assert paused.headline() == "From scratch, epoch 2 of 3", "the one that runs stays in view"


def test_they_start_by_themselves_each_with_its_own_settings(
    paused: TrainRobot, session: Session, engine: FakeEngine
) -> None:
    queue_two(paused, session)
    set_epochs(session, 9)
    end_epochs(engine)

    paused.until(lambda: len(session.runs) == 3)
    paused.wait_for_start()

    assert [config.training.epochs for _, config, _, _ in engine.trained] == [3, 4, 5]
    assert [run.epochs for run in reversed(session.runs)] == [3, 4, 5]
    assert paused.headline() == "From scratch 3, finished after 5 epochs"
    assert len(paused.plot("loss").shown()["training"]) == 5


def test_the_next_one_is_followed_when_its_turn_comes(
    paused: TrainRobot, session: Session, engine: FakeEngine
) -> None:
    queue_two(paused, session)
    paused.cancel()

    paused.wait_for_headline("From scratch 2, epoch 1 of 4")

    assert paused.run_names() == ["From scratch 3", "From scratch 2"]
    assert paused.plot("loss").shown()["training"] == []
    end_epochs(engine)
    paused.wait_for_start()


def test_one_that_waits_can_be_taken_out(paused: TrainRobot, session: Session) -> None:
    queue_two(paused, session)
    paused.select_run(2)
    paused.press_in_runs(Qt.Key.Key_Delete)

    assert paused.run_names() == ["From scratch 3", "From scratch"]
    assert paused.runs()[0].details == "waiting, next"
    session.cancel_all()
    paused.until(lambda: not session.training_is_running)
    assert session.runs == ()


def test_one_that_fails_does_not_hold_the_others_up(
    paused: TrainRobot, session: Session, engine: FakeEngine
) -> None:
    queue_two(paused, session)
    engine.fail_with = StudioError("Memory ran out.", "Take smaller batches.")
    assert engine.may_end_epoch is not None
    engine.may_end_epoch.set()
    paused.wait_for_headline("From scratch 2")
    engine.fail_with = None
    end_epochs(engine)

    paused.until(lambda: len(session.runs) == 2)
    paused.wait_for_start()


def test_those_in_line_are_trained_though_another_project_is_open_by_then(
    paused: TrainRobot,
    session: Session,
    engine: FakeEngine,
    open_project: OpenProject,
    tmp_path: Path,
) -> None:
    paused.add_to_queue()
    coloured_folder(tmp_path / "other", {"blue": 6, "white": 6})
    open_project(tmp_path / "other")
    end_epochs(engine)
    paused.until(lambda: not session.training_is_running)
    assert paused.runs() == []

    open_project(tmp_path / "fruit")

    paused.until(lambda: len(session.runs) == 2)
    assert {names for names, *_ in engine.trained} == {("green", "red")}


def test_predictions_come_before_the_trainings_that_wait(
    paused: TrainRobot, session: Session, engine: FakeEngine, tmp_path: Path
) -> None:
    end_epochs(engine)
    paused.until(lambda: len(session.runs) == 1)
    order: list[str] = []
    first = session.train()
    second = session.train()
    asked = session.predict([tmp_path / "fruit" / "red" / "1.png"], session.runs[0])
    for name, job in (("first", first), ("asked", asked), ("second", second)):
        job.finished.connect(lambda _result, name=name: order.append(name))

    paused.until(lambda: len(order) == 3)

    assert order == ["first", "asked", "second"]


def test_a_training_of_another_project_is_shown_with_its_projects_name(
    paused: TrainRobot,
    session: Session,
    engine: FakeEngine,
    open_project: OpenProject,
    tmp_path: Path,
) -> None:
    paused.add_to_queue()
    coloured_folder(tmp_path / "other", {"blue": 6, "white": 6})
    open_project(tmp_path / "other")

    assert paused.headline() == "fruit: From scratch, epoch 2 of 3"
    assert [row.details for row in paused.runs()] == ["waiting, next · fruit", "running · fruit"]
    assert paused.card("loss").is_empty, "its curves are not this project's"

    open_project(tmp_path / "fruit")

    assert paused.headline() == "From scratch, epoch 2 of 3"
    assert [row.details for row in paused.runs()] == ["waiting, next", "running"]
    assert paused.plot("loss").shown()["training"] == [2.0]
    end_epochs(engine)
    paused.until(lambda: len(session.runs) == 2)
    paused.wait_for_start()


def test_what_became_of_a_training_of_another_project_is_not_said_of_this_one(
    paused: TrainRobot,
    session: Session,
    engine: FakeEngine,
    open_project: OpenProject,
    tmp_path: Path,
) -> None:
    coloured_folder(tmp_path / "other", {"blue": 6, "white": 6})
    open_project(tmp_path / "other")
    engine.fail_with = StudioError("Memory ran out.", "Take smaller batches.")
    end_epochs(engine)
    paused.wait_for_start()

    assert paused.headline() == "Ready to train"
    assert paused.problem() == "fruit: From scratch: Memory ran out. Take smaller batches."
