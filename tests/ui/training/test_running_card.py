"""The card of a running training: pause, advice, what ends it."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

from cnnstudio.core.engine_api import DeviceReport
from cnnstudio.ui.session import Session
from tests.builders import coloured_folder
from tests.fakes import FakeEngine
from tests.robots.train_robot import TrainRobot
from tests.ui.training.conftest import SMALL, OpenProject, end_epochs


def test_a_paused_training_says_so_and_goes_on_when_told_to(
    paused: TrainRobot, session: Session, engine: FakeEngine
) -> None:
    paused.pause_or_continue()

    assert paused.state() == "paused"
    assert paused.words_on("train_pause_button") == "Continue"
    assert paused.facts().startswith("Waits between two batches until you continue")
    end_epochs(engine)
    paused.until(lambda: "epoch 3" in paused.headline())
    assert paused.state() == "paused"
    assert session.training_is_running

    paused.pause_or_continue()
    paused.wait_for_start()

    assert paused.headline() == "From scratch, finished after 3 epochs"


def test_a_paused_training_can_be_stopped_and_its_best_is_kept(
    paused: TrainRobot, session: Session
) -> None:
    paused.pause_or_continue()
    paused.stop_and_keep()
    paused.until(lambda: len(session.runs) == 1)

    assert session.runs[0].status == "stopped"


def test_the_card_is_as_high_in_every_state(paused: TrainRobot) -> None:
    card = paused.panel.findChild(type(paused.panel._card), "train_card")
    assert card is not None
    heights = [card.height()]
    paused.pause_or_continue()
    heights.append(card.height())
    paused.stop_and_keep()
    heights.append(card.height())
    paused.wait_for_start()
    heights.append(card.height())
    assert len(set(heights)) == 1


def test_the_coach_speaks_of_the_run_that_is_shown(robot: TrainRobot, session: Session) -> None:
    robot.train()

    assert robot.advice().startswith("From scratch: ")
    assert not robot.is_shown("train_pause_button")


def test_advice_is_followed_by_a_click_and_the_settings_say_what_is_trained(
    robot: TrainRobot,
    session: Session,
    engine: FakeEngine,
    open_project: OpenProject,
    tmp_path: Path,
) -> None:
    coloured_folder(tmp_path / "more", {"red": 40, "green": 40})
    open_project(tmp_path / "more")
    session.set_config(
        replace(SMALL, training=replace(SMALL.training, epochs=6, validation_share=0.4))
    )
    robot.train()
    offered = robot.offered()
    assert offered, "the coach offers nothing"

    robot.follow_advice()
    robot.until(lambda: len(session.runs) == 2)
    robot.wait_for_start()

    assert session.project is not None
    first, second = (config for _, config, _, _ in engine.trained)
    assert first != second
    assert session.project.config.training.epochs == second.training.epochs
    assert session.project.config.preset == second.preset


def test_looking_at_another_way_of_training_loses_no_settings(
    robot: TrainRobot, session: Session
) -> None:
    assert session.project is not None
    mine = session.project.config
    robot.choose_preset("fast")
    robot.choose_preset("modern")
    assert session.project.config.preset == "modern"

    robot.choose_preset("classic")

    assert session.project.config == mine


def test_what_was_set_for_the_pictures_stays_with_another_way_of_training(
    robot: TrainRobot, session: Session
) -> None:
    assert session.project is not None
    config = session.project.config
    session.set_config(
        replace(config, training=replace(config.training, test_share=0.3, seed=7, epochs=99))
    )

    robot.choose_preset("fast")

    chosen = session.project.config
    assert (chosen.training.test_share, chosen.training.seed) == (0.3, 7)
    assert chosen.training.epochs != 99


def test_only_what_matters_for_a_way_of_training_is_asked_for(robot: TrainRobot) -> None:
    assert robot.is_shown("train_tab_network")
    assert robot.is_shown("train_find_rate")
    assert not robot.is_shown("train_search")
    assert not robot.is_shown("train_choose_backbone")

    robot.choose_preset("fast")

    robot.until(lambda: robot.is_shown("train_variants"))
    assert not robot.is_shown("train_tab_network")
    assert robot.is_shown("train_search")
    assert robot.is_shown("train_choose_backbone")
    assert "EfficientNet-Lite0" in robot.preset_facts("fast")


def test_stopped_while_pictures_are_read_it_promises_nothing_that_is_not_there(
    robot: TrainRobot, session: Session, engine: FakeEngine
) -> None:
    may_go_on = threading.Event()

    def devices() -> DeviceReport:
        assert may_go_on.wait(30)
        return FakeEngine.devices(engine)

    engine.devices = devices  # type: ignore[method-assign]
    robot.start()
    robot.until(lambda: robot.state() == "getting ready")
    assert robot.words_on("train_stop_button") == "Stop"

    robot.stop_and_keep()

    assert "there is no run to keep" in robot.facts()
    may_go_on.set()
    robot.wait_for_start()
    assert robot.headline() == "From scratch, stopped before anything was learned"
    assert session.runs == ()


def test_once_something_is_learned_the_button_says_that_it_is_kept(paused: TrainRobot) -> None:
    assert paused.words_on("train_stop_button") == "Stop and keep best"
