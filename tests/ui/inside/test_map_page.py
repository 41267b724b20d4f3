"""The map of Look inside, in the whole window."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt

from cnnstudio.core.config import RunConfig, TrainingConfig
from cnnstudio.ui.widgets.chip_menu import ChipMenu
from cnnstudio.ui.widgets.class_list import ClassList
from tests.builders import coloured_folder
from tests.robots.map_robot import MapRobot
from tests.robots.window_robot import WindowRobot


@pytest.fixture
def robot(user: WindowRobot, tmp_path: Path) -> MapRobot:
    user.open(coloured_folder(tmp_path / "fruit", {"red": 6, "green": 6}))
    robot = MapRobot(user)
    robot.open()
    assert "12 of 12 pictures" in user.words_in("map_nothing")
    robot.look_at_pictures()
    return robot


def test_what_is_surrounded_is_selected_and_opens_in_images(robot: MapRobot) -> None:
    user = robot.user
    red = [row for row, each in enumerate(user.project.samples) if each.class_name == "red"]
    assert not user.can_click("map_open")
    robot.surround(red)
    assert robot.selected() == [f"red/{number}.png" for number in range(1, 7)]
    assert robot.count() == "6 pictures selected"
    user.click("map_open")
    user.settle()
    assert user.step() == "images"
    assert user.text("images_title") == "Selected on the map"
    assert user.text("images_facts").startswith("6 pictures")
    classes = user.find(ClassList, "images_classes")
    assert classes.chosen_row() is None, "what is shown is no row of the list"
    user.click("images_leave_list")
    user.settle()
    assert user.text("images_facts").startswith("12 pictures")
    assert classes.chosen_row() is not None


def test_a_group_is_selected_by_its_name(robot: MapRobot) -> None:
    assert robot.legend() == ["green (6)", "red (6)"]
    robot.click_group("green")
    assert robot.selected() == [f"green/{number}.png" for number in range(1, 7)]
    robot.press(Qt.Key.Key_Escape)
    assert robot.selected() == []
    robot.click_group("red")
    robot.user.click("map_clear")
    assert robot.selected() == []
    assert not robot.user.is_shown("map_clear")
    robot.click_group("red")
    robot.user.click("map_move")
    robot.drag([(3, 3)])
    assert robot.selected() == [], "a click beside the points, whatever dragging does"


def test_colours_say_how_the_run_answered(robot: MapRobot) -> None:
    user = robot.user
    user.session.train(RunConfig(training=TrainingConfig(epochs=1, image_size=32)))
    user.settle()
    robot.colour_by("part")
    counts = user.session.runs[0].counts
    assert robot.legend()[0] == f"Training ({counts['train']})"
    robot.colour_by("right or wrong")
    asked = counts["validation"] + counts.get("test", 0)
    assert robot.legend() == [f"Right ({asked})", f"Not asked ({12 - asked})"]


def test_the_map_is_zoomed_and_moved_by_keys_and_wheel(robot: MapRobot) -> None:
    before = robot.places()
    robot.press(Qt.Key.Key_Plus)
    assert np.ptp(robot.places(), axis=0).max() > 1.2 * np.ptp(before, axis=0).max()
    zoomed = robot.places()
    robot.press(Qt.Key.Key_Right)
    assert (robot.places()[:, 0] < zoomed[:, 0]).all()
    robot.view.zoom_by(2, QPointF(*robot.places()[0]))
    robot.press(Qt.Key.Key_0)
    assert np.allclose(robot.places(), before)
    for _ in range(40):
        robot.view.zoom_by(1.5, QPointF(5, 5))
    size = (robot.view.width(), robot.view.height())
    assert ((robot.places() >= 0) & (robot.places() <= size)).all(axis=1).sum() >= 3
    robot.press(Qt.Key.Key_0)


def test_dragging_moves_the_map_where_that_is_chosen(robot: MapRobot) -> None:
    robot.press(Qt.Key.Key_Plus)
    robot.user.click("map_move")
    before = robot.places()
    robot.drag([(200, 200), (180, 190)])
    assert np.allclose(robot.places() - before, (-20, -10))
    assert robot.selected() == []


def test_tsne_lays_the_points_out_anew_and_can_be_left(robot: MapRobot) -> None:
    user = robot.user
    before = robot.places()
    user.click("map_tsne")
    user.click("map_cancel")
    user.settle()
    assert np.allclose(robot.places(), before), "what was cancelled is PCA again"
    user.click("map_tsne")
    user.settle()
    assert not np.allclose(robot.places(), before)
    assert not user.is_shown("map_cancel")
    user.click("map_pca")
    assert np.allclose(robot.places(), before)


def test_the_map_of_a_run_is_what_its_network_sees(robot: MapRobot) -> None:
    user = robot.user
    assert robot.sights() == ["what a pretrained network sees"]
    assert not user.can_click("map_sight")
    training = TrainingConfig(epochs=1, image_size=32)
    user.session.train(RunConfig(preset="classic", training=training))
    user.settle()
    run = user.session.runs[0].name
    pretrained = robot.places()
    robot.compare_by(run)
    assert f"the network of {run} sees" in user.words_in("map_nothing")
    robot.look_at_pictures()
    assert not np.allclose(robot.places(), pretrained)
    assert (user.session.runs[0].folder / "inside" / "map.npz").is_file()
    robot.compare_by("pretrained")
    assert np.allclose(robot.places(), pretrained), "known: nothing is asked for"
    user.session.train(RunConfig(preset="fast", training=training))
    user.settle()
    runs = user.find(ChipMenu, "inside_run").menu_of_choices.actions()
    next(each for each in runs if each.text().startswith("Fast start")).trigger()
    user.settle()
    assert robot.sights() == ["what a pretrained network sees"]
    assert "no map of its own" in user.text("map_sight_words")


def test_what_cannot_be_read_is_told_and_shown(user: WindowRobot, tmp_path: Path) -> None:
    root = coloured_folder(tmp_path / "fruit", {"red": 3, "green": 3})
    (root / "red" / "broken.png").write_bytes(b"no picture")
    user.open(root)
    robot = MapRobot(user)
    robot.open()
    robot.look_at_pictures()
    assert user.text("map_left_out") == "1 picture could not be read and is not on the map."
    assert user.is_shown("map_ring"), "the ring is explained"
    user.click("map_show_left_out")
    user.settle()
    assert user.text("images_title") == "Not on the map"
    assert user.text("images_facts").startswith("1 picture")
