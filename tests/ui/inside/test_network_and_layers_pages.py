"""Two pages of Look inside in the whole window: what a network is, and what each layer sees."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from cnnstudio.core.catalog.training_presets import training_preset
from cnnstudio.core.class_edits import switch_class
from cnnstudio.core.config import RunConfig, TrainingConfig, with_setting
from cnnstudio.core.edits import remove_run, remove_samples
from cnnstudio.core.inside.network_layers import NetworkLayer
from cnnstudio.core.runs import Run
from cnnstudio.core.storage.epoch_weights import EpochWeights, write_epoch
from cnnstudio.ui.inside.layer_list import LayerList
from cnnstudio.ui.widgets.chip_menu import ChipMenu
from tests.builders import coloured_folder
from tests.fakes import FakeEngine
from tests.robots.layers_robot import LayersRobot
from tests.robots.window_robot import WindowRobot
from tests.ui.panels.test_predict_panel import train

CLASSIC = RunConfig("classic", training=TrainingConfig(epochs=2, image_size=32))
FAST = with_setting(training_preset("fast").config, "epochs", "2")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return coloured_folder(tmp_path / "colours", {"red": 8, "green": 8, "blue": 8})


@pytest.fixture
def robot(user: WindowRobot, root: Path) -> LayersRobot:
    """In front of a window with a project and no run."""
    user.open(root)
    user.session.set_config(CLASSIC)
    return LayersRobot(user)


@pytest.fixture
def seeing(robot: LayersRobot) -> LayersRobot:
    """At What each layer sees, of a run from scratch."""
    train(robot.user)
    robot.open_page("layers")
    return robot


def keep_epochs(run: Run) -> None:
    """Write what the real engine would keep: all but the dense layer's weights."""
    for epoch in range(3):
        write_epoch(run.folder, epoch, EpochWeights({0: np.zeros((3, 3, 3, 3))}, 84))


# The network


def test_the_network_that_is_being_designed_is_shown_before_any_training(
    robot: LayersRobot,
) -> None:
    user = robot.user
    user.session.set_config(replace(CLASSIC, training=TrainingConfig(image_size=224)))
    robot.open_page("network")
    # Three classes, not the ten of the tutorial.
    assert robot.totals() == ("22,245,443", "14.4 MB", "483.1 M")
    assert robot.row("conv_1")[1:5] == ["Convolution", "222 × 222 × 32", "896", ""]
    assert robot.warning().startswith(
        "22,151,424 of 22,245,443 weights, 99.6 %, lie in one layer, dense."
    )
    assert robot.current_row() == "dense"
    user.session.set_config(training_preset("modern").config)
    user.settle()
    assert robot.warning() == ""
    assert robot.current_row() == "conv_1"
    robot.open_page("layers")
    assert robot.empty_words().startswith("There is no trained network yet.")
    user.click("inside_layers_to_train")
    assert user.step() == "train"


def test_beside_a_run_the_network_that_is_being_designed_can_be_seen(robot: LayersRobot) -> None:
    user = robot.user
    train(user)
    robot.open_page("network")
    user.session.set_config(with_setting(CLASSIC, "image_size", "96"))
    user.settle()
    assert robot.totals()[0] == "5,287"
    user.click("inside_network_other")
    assert robot.totals()[:2] == ("3,371,075", "2.5 MB")
    user.click("inside_network_other")
    user.settle()
    assert robot.totals()[0] == "5,287"
    user.session.set_config(with_setting(CLASSIC, "image_size", "8"))
    user.click("inside_network_other")
    assert robot.empty_words().startswith("The picture is only 1 × 1")
    assert user.is_shown("inside_network_to_train")
    user.click("inside_network_to_run")
    user.settle()
    assert robot.totals()[0] == "5,287"


def test_a_new_run_is_looked_into_unless_another_was_chosen(robot: LayersRobot) -> None:
    user = robot.user
    train(user)
    robot.open_page("network")
    user.go_to("train")
    train(user)
    user.go_to("look_inside")
    menu = user.find(ChipMenu, "inside_run")
    assert menu.value() == user.session.runs[0]
    menu.menu_of_choices.actions()[1].trigger()
    older = menu.value()
    user.go_to("train")
    user.go_to("look_inside")
    assert menu.value() == older


def test_before_a_fast_start_the_pretrained_network_is_shown_with_its_new_last_layer(
    robot: LayersRobot, fake_engine: FakeEngine
) -> None:
    user = robot.user
    user.session.set_config(with_setting(FAST, "image_size", "96"))
    robot.open_page("network")
    # Three classes, each with a weight for the three features and one more; always of 224 px.
    assert robot.totals()[0] == "198"
    assert robot.rows()[-4:] == ["Answer", "features", "dropout", "classes"]
    assert robot.parts() == "Kept as it came: 186 weights, Trained on your pictures: 12 weights"
    assert robot.row("Block 1")[1] == "2 layers, kept"
    assert robot.current_row() == "classes", "that is what is learned"
    assert "Trained on your pictures" in robot.explanation()
    robot.click_row("blocks_1_conv")
    assert "Kept as they came" in robot.explanation()
    assert robot.row("blocks_1_conv")[2] == "112 × 112 × 3"
    # What the head is follows at once; nothing is asked again.
    user.session.set_config(with_setting(FAST, "transfer.dropout", "0"))
    user.session.edit(switch_class("blue", is_on=False))
    user.settle()
    assert robot.rows()[-3:] == ["Answer", "features", "classes"]
    assert robot.totals()[0] == "194"
    assert fake_engine.drawn == [("efficientnet-lite0", 224)]


def test_before_a_fine_tuning_the_first_layers_are_seen_to_stay_as_they_came(
    robot: LayersRobot, fake_engine: FakeEngine
) -> None:
    user = robot.user
    fine = with_setting(training_preset("fine").config, "image_size", "96")
    user.session.set_config(with_setting(fine, "trained_share", "0.5"))
    robot.open_page("network")
    assert robot.row("blocks_0_conv")[2] == "48 × 48 × 3"
    # Of the normalisation that is trained, mean and spread stay.
    assert robot.parts() == "Kept as it came: 99 weights, Trained on your pictures: 99 weights"
    assert robot.current_row() == "blocks_1_conv"
    assert robot.row("Block 1")[1] == "2 layers, kept"
    assert robot.row("Block 2")[1] == "2 layers"
    robot.click_row("blocks_1_bn")
    assert "6 of them trained on your pictures, the others kept" in robot.explanation()
    user.session.set_config(with_setting(fine, "trained_share", "0.75"))
    user.settle()
    assert robot.row("Block 1")[1] == "2 layers, some kept"
    assert fake_engine.drawn == [("efficientnet-lite0", 96)]


def test_a_pretrained_network_that_is_not_there_says_what_to_do_and_leads_back_to_the_run(
    robot: LayersRobot, fake_engine: FakeEngine
) -> None:
    user = robot.user
    train(user)
    fake_engine.missing.add("resnet50-v2")
    user.session.set_config(with_setting(FAST, "backbone", "resnet50-v2"))
    robot.open_page("network")
    user.click("inside_network_other")
    user.settle()
    assert robot.empty_words() == "resnet50-v2 is not on this computer. Download it."
    user.click("inside_network_to_run")
    user.settle()
    assert robot.totals()[0] == "5,287"
    # Once it is there it is shown.
    fake_engine.missing.clear()
    user.click("inside_network_other")
    user.settle()
    assert robot.totals()[0] == "198"
    user.session.set_config(with_setting(FAST, "backbone", "resnet50-v2"))


def test_while_a_training_runs_a_pretrained_network_waits_and_its_job_can_be_cancelled(
    robot: LayersRobot, fake_engine: FakeEngine
) -> None:
    user = robot.user
    user.session.set_config(FAST)
    fake_engine.may_end_epoch = threading.Event()
    user.go_to("train")
    user.click("train_start_button")
    user.until(lambda: bool(fake_engine.trained))
    robot.open_page("network", waits=False)
    assert robot.empty_words() == "Waits until the engine is free"
    user.session.cancel_all()
    fake_engine.may_end_epoch = None
    user.settle()
    assert robot.empty_words().startswith("Cancelled.")
    user.click("inside_next")
    user.settle()
    assert robot.totals()[0] == "198"


def test_a_run_with_a_pretrained_network_has_no_random_filters(robot: LayersRobot) -> None:
    robot.user.session.set_config(FAST)
    train(robot.user)
    robot.open_page("network")
    assert robot.rows()[:4] == ["Input", "scale", "Block 1", "conv_1"]
    assert robot.parts().endswith("Trained on your pictures: 303 weights")
    robot.open_page("layers")
    robot.choose_layer("First filters")
    assert len(robot.spoken_tiles("trained")) == 3
    assert robot.spoken_tiles("fresh") == []
    assert robot.filters_title() == "Filters of the pretrained network"
    assert robot.line("epoch_note").startswith("The pretrained network is not trained by Fast")


def test_every_layer_of_a_run_is_drawn_and_explained(robot: LayersRobot) -> None:
    train(robot.user)
    robot.open_page("network")
    assert robot.totals()[0] == "5,287"
    assert robot.warning().startswith("4,900 of 5,287 weights, 92.7 %, lie in one layer, dense.")
    robot.click_row("conv_1")
    assert robot.explanation().startswith("conv_1: 3 filters 3 × 3\nSlides small filters")
    assert "84 weights, 1.6 % of all" in robot.explanation()
    assert "5,184 multiplications" in robot.explanation()
    robot.press_in_tree(Qt.Key.Key_Down)
    assert robot.current_row() == "pool_1"
    assert "Nothing to learn" in robot.explanation()
    robot.click_row("Block 1")
    assert robot.explanation().startswith("2 layers\nLayers that work together.")
    # The drawing and the list point at the same layer.
    robot.click_drawing(0)
    assert robot.current_row() == "conv_1"
    robot.press_in_drawing(Qt.Key.Key_Right)
    assert robot.current_row() == "pool_1"
    robot.press_in_drawing(Qt.Key.Key_End)
    assert robot.current_row() == "classes"
    # A word on each kind is also where the mouse rests.
    assert "one long row of numbers" in robot.hint("flatten")
    robot.click_row("flatten")
    assert robot.drawing.accessibleName().endswith("at flatten, Flatten, 48")


# What each layer sees


def test_the_channels_of_a_layer_come_strongest_first(seeing: LayersRobot) -> None:
    assert seeing.layers() == [
        "First filters",
        *("Early", "conv_1"),
        *("Middle", "pool_1"),
        *("Answer", "flatten", "dense", "classes"),
    ]
    assert seeing.layer() == "conv_1"
    # The first picture is a blue one.
    assert [each.split(" ")[0] for each in seeing.tiles("maps")] == ["2", "1", "0"]
    assert seeing.words().startswith(
        "Early layer: edges, colours, simple textures. 3 channels. Below each map: its channel"
    )
    assert seeing.current_tile("maps") == 0
    assert seeing.picture("over").startswith("The map over the picture: Highest 0.89")


def test_the_same_channel_is_looked_at_in_the_next_picture(
    seeing: LayersRobot, fake_engine: FakeEngine
) -> None:
    seeing.click_tile("maps", 1)
    seeing.user.click("inside_previous")
    seeing.user.settle()
    # The last picture is a red one: its strongest channel is another.
    assert seeing.tiles("maps")[0].startswith("0 ")
    place = seeing.current_tile("maps")
    assert seeing.tiles("maps")[place].startswith("1 ")
    assert fake_engine.looked == ["conv_1", "conv_1"]


def test_the_first_filters_stand_beside_the_random_ones_and_the_last_layer_has_classes(
    robot: LayersRobot,
) -> None:
    seeing = robot
    train(robot.user)
    keep_epochs(robot.user.session.runs[0])
    robot.open_page("layers")
    seeing.choose_layer("First filters")
    assert seeing.filters_title() == "As kept (epoch 1)"
    assert seeing.words().startswith("3 filters of 1 × 3 pixels in conv_1.")
    assert seeing.spoken_tiles("trained") == ["Filter 0", "Filter 1", "Filter 2"]
    assert len(seeing.spoken_tiles("fresh")) == 3
    seed = CLASSIC.training.seed
    assert seeing.line("fresh_words").endswith(
        f"the seed {seed}. It has moved them by 191.5 % of their length."
    )
    seeing.user.click("inside_layers_before")
    seeing.user.settle()
    assert seeing.filters_title() == "Before the training"
    assert seeing.line("fresh_words").endswith("It has not changed them.")
    seeing.click_tile("fresh", 2)
    assert seeing.current_tile("trained") == 2
    seeing.choose_layer("pool_1")
    assert len(seeing.tiles("maps")) == 3
    seeing.choose_layer("classes")
    assert seeing.words() == "The answer: how likely each class is. 3 classes."
    assert seeing.tiles("maps")[0] == "blue · >99.9 %"
    assert "no place in the picture any more" in seeing.line("over_words")
    assert "bars instead" in seeing.line("over_words")
    assert seeing.line("over_title") == "The picture", "there is no map over it"
    seeing.user.click("inside_layers_make")
    seeing.user.settle()
    assert "to excite this class" in seeing.line("made_words")
    seeing.choose_layer("flatten")
    assert "of 48 values. Below each bar" in seeing.words(), "these are no maps"


def test_a_layer_is_seen_as_it_was_before_the_training_and_after_each_epoch(
    robot: LayersRobot, fake_engine: FakeEngine
) -> None:
    train(robot.user)
    keep_epochs(robot.user.session.runs[0])
    robot.open_page("layers")
    assert robot.line("epoch_words") == "As kept (epoch 1)"
    assert not robot.can_click("inside_layers_after")
    robot.user.click("inside_layers_before")
    assert robot.line("epoch_words") == "Before the training"
    robot.user.settle()
    robot.press_in_epochs(Qt.Key.Key_Right)
    assert robot.line("epoch_words") == "After epoch 1 of 2"
    assert fake_engine.looked_at == [None, "epoch-0", "epoch-1"]
    robot.user.click("inside_layers_after")
    robot.user.settle()
    assert len(fake_engine.looked_at) == 3, "what was just seen is seen at once"
    assert robot.line("epoch_words") == "As kept (epoch 1)"
    # A made picture belongs to its epoch.
    robot.user.click("inside_layers_before")
    robot.user.click("inside_layers_make")
    robot.user.settle()
    assert robot.line("made_words").startswith("A picture made from noise to excite this channel")
    robot.user.click("inside_layers_after")
    robot.user.settle()
    assert robot.line("made_words") == "Not made yet"
    # Too many weights to be kept of every epoch.
    robot.user.click("inside_layers_before")
    robot.choose_layer("dense")
    assert fake_engine.looked_at[-1] is None
    assert "as the network was kept (epoch 1)" in robot.line("epoch_note")
    robot.choose_layer("pool_1")
    assert fake_engine.looked_at[-1] == "epoch-0"
    assert robot.line("epoch_note") == ""


def test_a_run_that_kept_no_epochs_says_so(seeing: LayersRobot) -> None:
    assert seeing.line("epoch_note").startswith("Of this run no epochs were kept")


def test_the_pictures_that_excite_a_channel_are_found_once_for_the_layer(
    seeing: LayersRobot,
) -> None:
    assert seeing.line("found_words") == "Not looked for yet"
    seeing.user.click("inside_layers_find")
    seeing.user.settle()
    assert seeing.tiles("found") == ["blue"] * 8
    assert seeing.line("found_words").startswith("Of 24 pictures")
    seeing.click_tile("maps", 2)
    assert seeing.tiles("found") == ["red"] * 8
    seeing.choose_layer("pool_1")
    assert seeing.tiles("found") == []
    seeing.choose_layer("conv_1")
    assert seeing.tiles("found") == ["blue"] * 8, "it was kept with the run"
    user = seeing.user
    sample = next(each for each in user.project.samples if each.class_name == "red")
    user.session.edit(remove_samples([sample.path]))
    user.settle()
    assert seeing.line("found_words").startswith("Of 23 pictures"), "one is gone"
    seeing.click_tile("found", 1)
    seeing.press_in_tiles("found", Qt.Key.Key_Return)
    assert seeing.user.step() == "images"


def test_a_picture_that_is_made_grows_and_is_kept_and_stays_with_its_channel(
    seeing: LayersRobot, fake_engine: FakeEngine
) -> None:
    fake_engine.may_grow = threading.Event()
    seeing.user.click("inside_layers_make")
    seeing.user.until(lambda: seeing.line("made_words") == "Step 24 of 96")
    assert seeing.picture("made") == "The picture so far"
    seeing.user.click("inside_layers_make_cancel")
    assert seeing.line("made_words") == "Cancelling"
    assert not seeing.can_click("inside_layers_make_cancel"), "once is enough"
    seeing.user.settle()
    assert seeing.line("made_words") == "Not made yet"
    fake_engine.may_grow = None
    seeing.user.click("inside_layers_make")
    seeing.user.settle()
    assert seeing.picture("made") == "Made to excite conv_1, channel 2"
    seeing.click_tile("maps", 1)
    assert seeing.line("made_words") == "Not made yet"
    fake_engine.may_grow = threading.Event()
    seeing.user.click("inside_layers_make")
    seeing.user.until(lambda: seeing.line("made_words") == "Step 24 of 96")
    seeing.click_tile("maps", 0)
    assert seeing.picture("made") == "Made to excite conv_1, channel 2", "not what was begun"


def test_a_picture_that_cannot_be_read_says_so(seeing: LayersRobot, tmp_path: Path) -> None:
    project = seeing.user.project
    project.absolute(project.samples[1]).write_bytes(b"no picture")
    seeing.user.click("inside_next")
    seeing.user.settle()
    assert "picture" in seeing.words()
    assert seeing.tiles("maps") == []
    seeing.user.click("inside_next")
    seeing.user.settle()
    assert len(seeing.tiles("maps")) == 3
    shown = seeing.user.text("inside_picture")
    elsewhere = tmp_path / "elsewhere.jpg"
    elsewhere.write_text("These are only words.")
    seeing.look_at(elsewhere)
    assert "begins like text" in seeing.words()
    assert "Choose another picture." in seeing.words()
    assert "Remove" not in seeing.words(), "it is not in the project"
    seeing.user.click("inside_next")
    seeing.user.settle()
    assert seeing.user.text("inside_picture") not in ("elsewhere.jpg", shown)


def test_what_is_marked_is_what_the_heading_says_also_where_nothing_is_seen(
    seeing: LayersRobot,
) -> None:
    project = seeing.user.project
    project.absolute(project.samples[0]).write_bytes(b"no picture")
    seeing.choose_layer("pool_1")
    assert seeing.layer() == seeing.heading() == "pool_1"
    assert seeing.tiles("maps") == []


def test_a_long_network_is_folded_into_blocks_that_stand_for_what_they_give(
    qtbot: QtBot,
) -> None:
    listed = LayerList()
    qtbot.addWidget(listed)
    layers = [
        NetworkLayer(f"blocks_{block}_{kind}", kind, "", (4, 4, 3), 0, 0)
        for block in range(15)
        for kind in ("Conv2D", "BatchNormalization", "ReLU")
    ]
    listed.show_layers(layers, "blocks_2_Conv2D")
    assert listed.title == "Block 3: Convolution"
    assert listed.topLevelItemCount() == 1 + 15, "with the first filters"
    with qtbot.waitSignal(listed.chosen) as chosen:
        listed.setCurrentItem(listed.topLevelItem(5))
    assert chosen.args == ["blocks_4_ReLU"]
    assert listed.title == "Block 5: what it gives"


def test_another_run_is_looked_into(seeing: LayersRobot) -> None:
    seeing.choose_layer("dense")
    seeing.user.session.set_config(FAST)
    train(seeing.user)
    seeing.user.settle()
    menu = seeing.user.find(ChipMenu, "inside_run").menu_of_choices
    menu.actions()[0].trigger()
    seeing.user.settle()
    assert seeing.layer() == "dense"
    assert len(seeing.tiles("maps")) == 3
    # A run that was looked into and comes back from the bin is looked into again.
    user, chip = seeing.user, seeing.user.find(ChipMenu, "inside_run")
    newest, older = user.session.runs
    chip.menu_of_choices.actions()[1].trigger()
    user.settle()
    older_words = chip.text()
    user.session.edit(remove_run(older.folder.name))
    user.until(lambda: user.session.runs == (newest,))
    assert chip.text() != older_words
    user.session.undo()
    user.until(lambda: len(user.session.runs) == 2)
    assert chip.text() == older_words


def test_a_layer_waits_for_a_training_and_can_be_cancelled(
    seeing: LayersRobot, fake_engine: FakeEngine
) -> None:
    fake_engine.may_end_epoch = threading.Event()
    seeing.user.session.train(CLASSIC)
    seeing.choose_layer("pool_1", waits=False)
    assert seeing.words() == "Waits until the engine is free"
    seeing.user.session.cancel_all()
    seeing.user.settle()
    assert seeing.words() == "Cancelled. A click on the layer looks through it."
    seeing.choose_layer("pool_1")
    assert len(seeing.tiles("maps")) == 3
