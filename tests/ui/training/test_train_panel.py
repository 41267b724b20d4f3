from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from cnnstudio.core.class_edits import switch_class
from cnnstudio.core.config import NetworkConfig
from cnnstudio.core.errors import StudioError
from cnnstudio.ui.session import Session
from cnnstudio.ui.widgets.parameter_form import ParameterForm
from tests.builders import coloured_folder
from tests.fakes import FakeEngine
from tests.robots.train_robot import TrainRobot
from tests.ui.training.conftest import SMALL, OpenProject

# Before a training


def test_a_new_project_shows_its_settings_and_what_will_be_trained(robot: TrainRobot) -> None:
    assert robot.headline() == "Ready to train"
    assert robot.facts() == "40 pictures in 2 classes"
    assert robot.advice() == "3 epochs · batch 8 · Adam 0.001 · 32 px"
    assert robot.is_shown("train_epochs")
    assert "weights" in robot.preset_facts()
    assert robot.runs() == []


def test_a_changed_setting_is_the_projects_at_once(robot: TrainRobot, session: Session) -> None:
    robot.set_number("train_epochs", 7)

    assert session.project is not None
    assert session.project.config.training.epochs == 7
    assert "7 epochs" in robot.advice()


def test_a_class_that_is_switched_off_is_not_counted(
    robot: TrainRobot, session: Session, open_project: OpenProject, tmp_path: Path
) -> None:
    coloured_folder(tmp_path / "three", {"red": 5, "green": 6, "blue": 7})
    open_project(tmp_path / "three")
    session.edit(switch_class("blue", is_on=False))
    robot.until(lambda: "switched off" in robot.facts())
    assert robot.facts().startswith("11 pictures in 2 classes · 1 class switched off")


def test_a_project_with_one_class_says_what_is_missing_and_cannot_be_started(
    robot: TrainRobot, open_project: OpenProject, tmp_path: Path
) -> None:
    coloured_folder(tmp_path / "lonely", {"red": 5})
    open_project(tmp_path / "lonely")

    assert robot.headline() == "Not ready to train"
    assert robot.facts().startswith("Only one class, red, has pictures")
    assert robot.advice() == "Add pictures to a second class."
    assert not robot.can_click("train_start_button")
    assert robot.tooltip_of("train_start_button").endswith(robot.advice())


def test_training_can_start_once_there_are_pictures_to_learn_from(
    robot: TrainRobot, session: Session, open_project: OpenProject, tmp_path: Path
) -> None:
    coloured_folder(tmp_path / "three", {"red": 5, "green": 5})
    open_project(tmp_path / "three")
    session.edit(switch_class("red", is_on=False))
    robot.until(lambda: robot.headline() == "Not ready to train")
    assert "or switch one on" in robot.advice()

    session.undo()

    robot.until(lambda: robot.headline() == "Ready to train")
    assert robot.can_click("train_start_button")
    assert robot.tooltip_of("train_start_button") == ""


# The network


def test_the_layer_table_shows_shapes_and_weights_of_the_classic_network(
    robot: TrainRobot,
) -> None:
    robot.set_number("train_image_size", 224)
    robot.open_network()

    assert ("Conv2D", "222 × 222 × 32", "896") in robot.layers()
    assert robot.layers()[-1] == ("Dense", "2", "514")
    assert robot.total() == "22,245,186 weights in all"


def test_each_change_of_a_block_changes_the_layers_at_once(
    robot: TrainRobot, session: Session
) -> None:
    robot.open_network()
    robot.type_into_block(1, "filters", 16)
    robot.choose_in_block(2, "padding", "same")
    robot.choose_in_block(3, "pooling", "none")

    assert session.project is not None
    first, second, third = session.project.config.network.blocks
    assert (first.filters, second.padding, third.pooling) == (16, "same", "none")
    assert robot.layers()[1] == ("Conv2D", "30 × 30 × 16", "448")
    assert robot.layers()[3][1] == "15 × 15 × 64"
    assert [kind for kind, _, _ in robot.layers()].count("MaxPooling2D") == 2
    assert robot.blocks()[2][-2] == "", "without a pooling there is no pool size"


def test_blocks_are_added_moved_and_removed(robot: TrainRobot, session: Session) -> None:
    robot.open_network()
    robot.select_block(3)
    robot.click("train_network_block_up")
    assert [cells[0] for cells in robot.blocks()] == ["32", "128", "64"]

    robot.click("train_network_remove_block")
    assert [cells[0] for cells in robot.blocks()] == ["32", "64"]

    robot.click("train_network_add_block")
    assert [cells[0] for cells in robot.blocks()] == ["32", "64", "64"]

    robot.click("train_reset_network")
    assert session.project is not None
    assert session.project.config.network == NetworkConfig()
    assert [cells[0] for cells in robot.blocks()] == ["32", "64", "128"]
    assert not robot.can_click("train_reset_network")


def test_dense_units_and_dropout_change_the_layers(robot: TrainRobot) -> None:
    robot.open_network()
    robot.set_number("train_network_dense_units", 10)
    robot.set_number("train_network_dropout", 0)

    kinds = [kind for kind, _, _ in robot.layers()]
    assert ("Dense", "10", "5,130") in robot.layers()
    assert "Dropout" not in kinds


def test_sizes_that_cannot_work_are_said_in_place_and_cannot_be_trained(
    robot: TrainRobot,
) -> None:
    robot.open_network()
    robot.click("train_network_add_block")

    assert robot.network_problem() == "The picture is only 2 × 2 after block 3: remove a pooling."
    assert robot.layers()[-1] == ("MaxPooling2D", "2 × 2 × 128", "–")
    assert not robot.can_click("train_start_button")
    assert "remove a pooling" in robot.facts()

    robot.choose_in_block(3, "pooling", "none")
    robot.choose_in_block(4, "pooling", "none")

    assert robot.network_problem() == ""
    assert robot.can_click("train_start_button")


# While a training runs


def test_a_training_shows_its_epoch_and_draws_curves(paused: TrainRobot) -> None:
    assert paused.headline() == "From scratch, epoch 2 of 3"
    assert paused.state() == "getting started"
    assert "1,000 pictures a second" in paused.facts()
    assert "best was epoch 1" in paused.facts()
    paused.until(lambda: len(paused.plot("accuracy").shown()["trace"]) > 4)
    assert paused.plot("loss").shown()["training"] == [2.0]
    assert paused.plot("loss").shown()["validation"] == [2.1]
    assert [row.details for row in paused.runs()] == ["running"]


def test_settings_can_be_looked_at_while_it_runs(paused: TrainRobot) -> None:
    assert not paused.is_shown("train_epochs")
    paused.toggle_settings()
    assert paused.is_shown("train_epochs")
    paused.toggle_settings()
    assert paused.is_shown("train_accuracy_plot")


def test_stop_is_answered_at_once_and_keeps_the_best_epoch(paused: TrainRobot) -> None:
    paused.stop_and_keep()
    assert "Stopping after this batch" in paused.facts()
    assert not paused.can_click("train_stop_button")

    paused.wait_for_start()

    assert paused.headline() == "From scratch, stopped after 2 of 3 epochs"
    assert len(paused.runs()) == 1
    assert len(paused.plot("accuracy").shown()["validation"]) == 2


def test_cancel_leaves_no_run(paused: TrainRobot, session: Session) -> None:
    paused.cancel()
    assert "Cancelling after this batch" in paused.facts()

    paused.wait_for_start()

    assert paused.headline() == "From scratch, cancelled"
    assert paused.runs() == []
    assert session.project is not None
    assert not list(session.project.runs_folder.glob("*"))
    assert paused.card("accuracy").is_empty


def test_a_failed_training_says_why_and_what_to_do_where_it_happened(
    paused: TrainRobot, engine: FakeEngine
) -> None:
    engine.fail_with = StudioError("The loss is no longer a number.", "Lower the learning rate.")
    assert engine.may_end_epoch is not None
    engine.may_end_epoch.set()

    paused.wait_for_start()

    assert paused.problem() == "The loss is no longer a number. Lower the learning rate."
    assert paused.runs() == []
    assert paused.plot("loss").shown()["training"] == [2.0], "the curves show how it failed"


def test_pictures_that_cannot_be_read_are_warned_about(
    robot: TrainRobot, session: Session, open_project: OpenProject, tmp_path: Path
) -> None:
    (tmp_path / "fruit" / "red" / "broken.jpg").write_bytes(b"no picture")
    open_project(tmp_path / "fruit")

    robot.train()

    assert "red/broken.jpg" in robot.warning()


# After a training


def test_after_a_training_its_accuracies_come_with_what_they_are_worth(
    robot: TrainRobot,
) -> None:
    robot.train()

    validation, test = robot.card("accuracy").words()
    assert validation.startswith("Validation 100.0 %, somewhere between ")
    assert test.startswith("Test 100.0 %, somewhere between ")
    assert robot.headline() == "From scratch, finished after 3 epochs"
    assert "Kept epoch 2" in robot.facts()
    network, training = robot.card("loss").words()
    assert network.startswith("32-64-128 filters · dense 256 · dropout 50 %")
    assert training == "3 epochs · batch 8 · Adam 0.001 · 32 px"


def test_runs_say_which_accuracy_they_show_and_which_one_is_used(robot: TrainRobot) -> None:
    (row,) = robot.train().runs()

    assert (row.measure, row.figure) == ("test", "100.0 %")
    assert "40 pictures" in row.details
    assert "today" in row.details
    assert row.is_used


def test_selecting_a_run_opens_its_curves_again(robot: TrainRobot, session: Session) -> None:
    robot.train()
    session.set_config(replace(SMALL, training=replace(SMALL.training, epochs=5)))
    robot.train()
    assert len(robot.plot("loss").shown()["training"]) == 5

    robot.select_run(2)

    assert robot.plot("loss").shown()["training"] == pytest.approx([2.0, 1.0, 2 / 3])
    assert robot.card("loss").words()[1].startswith("3 epochs")


def test_an_older_run_can_be_used_for_predictions(robot: TrainRobot, session: Session) -> None:
    robot.train(times=2)
    robot.until(lambda: len(session.runs) == 2)
    robot.select_run(2)

    robot.click("train_runs_use")

    assert [row.is_used for row in robot.runs()] == [False, True]
    assert session.chosen_run == session.runs[1]


def test_a_run_is_renamed_in_its_row(robot: TrainRobot, session: Session) -> None:
    robot.train()
    robot.until(lambda: len(session.runs) == 1)
    robot.press_in_runs(Qt.Key.Key_F2)
    robot.type_name("Summer <b>apples</b>")

    robot.until(lambda: robot.run_names() == ["Summer <b>apples</b>"])
    assert session.runs[0].name == "Summer <b>apples</b>"


def test_deleting_a_run_can_be_undone(robot: TrainRobot, session: Session) -> None:
    robot.train()
    robot.until(lambda: len(session.runs) == 1)
    robot.press_in_runs(Qt.Key.Key_Delete)
    robot.until(lambda: robot.runs() == [])
    assert robot.card("loss").is_empty

    session.undo()

    robot.until(lambda: len(robot.runs()) == 1)
    assert not robot.card("loss").is_empty


def test_runs_are_there_again_when_the_project_is_opened_again(
    robot: TrainRobot, session: Session, open_project: OpenProject, tmp_path: Path
) -> None:
    robot.train()
    coloured_folder(tmp_path / "other", {"red": 3, "blue": 3})
    open_project(tmp_path / "other")
    assert robot.runs() == []
    assert robot.is_shown("train_epochs")

    open_project(tmp_path / "fruit")

    assert len(robot.runs()) == 1
    assert len(robot.plot("accuracy").shown()["training"]) == 3
    assert robot.selected_run() == 1


# Saving


def test_the_curves_are_saved_as_a_table(robot: TrainRobot, tmp_path: Path) -> None:
    robot.train()

    file = robot.save_table("accuracy", tmp_path)

    assert file.name == "From scratch curves.csv"
    with file.open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["epoch"] for row in rows] == ["1", "2", "3"]
    assert [row["is_best"] for row in rows] == ["False", "True", "False"]
    assert float(rows[0]["validation_loss"]) == pytest.approx(2.1)


def test_the_curves_are_saved_as_a_picture(robot: TrainRobot, tmp_path: Path) -> None:
    robot.train()

    file = robot.save_picture("loss", tmp_path)

    assert file.name == "From scratch loss.png"
    with Image.open(file) as picture:
        assert picture.width == robot.card("loss").width() * 2
        assert len(picture.getcolors(1 << 20) or []) > 20, "an empty card has fewer colours"


def test_the_second_half_of_a_double_click_on_start_does_not_cancel(paused: TrainRobot) -> None:
    paused.double_click("train_cancel_button")
    assert paused.is_shown("train_stop_button")
    assert paused.headline() == "From scratch, epoch 2 of 3"


# With the keys


def test_tab_goes_through_the_settings_where_they_are_seen(robot: TrainRobot) -> None:
    for preset in ("fast", "modern", "fast"):
        robot.choose_preset(preset)
    robot.until(lambda: robot.is_shown("train_epochs"))

    stops = robot.tab_stops("train_preset_fast")

    in_order = ["train_settings", "train_search", "train_choose_backbone", "train_epochs"]
    in_order += ["train_seed", "train_write_tensorboard", "train_runs_use"]
    places = [stops.index(name) for name in in_order if name in stops]
    assert len(places) >= 6
    assert places == sorted(places)
    assert "" not in stops, "Tab stops at nothing that has no name"


def test_a_form_that_is_drawn_anew_leaves_no_window_behind(robot: TrainRobot) -> None:
    for preset in ("fast", "modern"):
        robot.choose_preset(preset)
        assert not [each for each in robot.panel.findChildren(ParameterForm) if each.isWindow()]
        assert not [each for each in QApplication.topLevelWidgets() if type(each) is ParameterForm]
