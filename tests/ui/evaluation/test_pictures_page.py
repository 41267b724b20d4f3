"""The Pictures page in the whole window: find mistakes, look at them, correct what is wrong."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget

from cnnstudio.core.class_edits import rename_class
from cnnstudio.core.comparing import load_comparison
from cnnstudio.ui.widgets.sample_view import SampleView
from tests.builders import coloured_folder, coloured_picture
from tests.robots.evaluate_robot import EvaluateRobot
from tests.robots.pictures_robot import PicturesRobot
from tests.robots.window_robot import WindowRobot
from tests.ui.panels.test_predict_panel import SMALL, train

CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project with fixed parts; its test part has a red picture among the green ones."""
    root = coloured_folder(
        tmp_path / "colours",
        {
            **{f"train/{name}": 8 for name in ("red", "green", "blue")},
            **{f"validation/{name}": 2 for name in ("red", "green", "blue")},
            **{f"test/{name}": 4 for name in ("red", "green", "blue")},
        },
    )
    coloured_picture(root / "test" / "green" / "wrong.png", "red", seed="wrong")
    return root


@pytest.fixture
def robot(user: WindowRobot, root: Path) -> PicturesRobot:
    user.open(root)
    user.session.set_config(SMALL)
    train(user)
    user.go_to("evaluate")
    evaluate = EvaluateRobot(user)
    evaluate.wait()
    evaluate.open_page("pictures")
    return PicturesRobot(user)


# Finding


def test_the_worst_mistake_stands_first_and_is_shown_in_full(robot: PicturesRobot) -> None:
    assert robot.files()[0] == "wrong.png"
    assert robot.captions()[0] == ["wrong red", "is green"]
    assert all(lines[0].startswith("right") for lines in robot.captions()[1:])
    assert robot.words().startswith("Labelled green, but the network says red (")
    assert robot.bars()[0].startswith("red ")
    assert robot.user.text("predict_name") == "test/green/wrong.png"
    assert robot.facts() == "13 pictures"
    assert "wrong: red" in robot.spoken("wrong.png")


def test_classes_and_mistakes_can_be_picked_out(robot: PicturesRobot) -> None:
    robot.choose("true", "Is green (5)")
    assert len(robot.files()) == 5
    robot.choose("predicted", "Answered red (5)")
    assert robot.files() == ["wrong.png"]
    robot.choose("true", "Any true class")
    assert len(robot.files()) == 5
    robot.show_only_wrong()
    assert robot.files() == ["wrong.png"]
    assert robot.facts() == "1 of 13 pictures"
    robot.choose("true", "Is blue")
    assert robot.files() == []
    robot.user.click("evaluate_pictures_all")
    robot.user.settle()
    assert len(robot.files()) == 13


def test_another_page_can_ask_for_the_pictures_of_a_cell(robot: PicturesRobot) -> None:
    evaluate = EvaluateRobot(robot.user)
    evaluate.open_page("overview")
    robot.page.show_filter(1, 2)
    evaluate.open_page("pictures")
    assert robot.user.session.runs[0].class_names[1:] == ("green", "red")
    assert robot.files() == ["wrong.png"]


def test_what_a_page_asks_for_before_the_first_look_is_shown(robot: PicturesRobot) -> None:
    evaluate = EvaluateRobot(robot.user)
    evaluate.open_page("overview")
    evaluate.choose_part(2)
    robot.page.show_filter(0, None)
    evaluate.open_page("pictures")
    assert robot.facts() == "2 of 6 pictures"


def test_the_least_certain_answers_come_first_on_demand(robot: PicturesRobot) -> None:
    def shares() -> list[float]:
        tiles = [robot.model.tile(row) for row in range(len(robot.files()))]
        return [tile.lines[0].share or 0.0 for tile in tiles]

    robot.choose("order", "Least certain")
    assert shares() == sorted(shares())
    robot.choose("order", "Most certain")
    assert shares() == sorted(shares(), reverse=True)


def test_arrow_keys_lead_from_picture_to_picture(robot: PicturesRobot) -> None:
    robot.click("wrong.png")
    robot.press(Qt.Key.Key_Right)
    assert robot.selected() == [robot.files()[1]]
    assert "and the network says so" in robot.words()
    path = robot.model.samples[1].path
    assert path.endswith(robot.user.text("predict_name"))


def test_tab_leads_from_the_filters_to_the_grid_and_on_to_the_buttons(
    robot: PicturesRobot,
) -> None:
    robot.user.find(QWidget, "evaluate_pictures_order").setFocus()
    visited = []
    for _ in range(8):
        visited.append(QApplication.focusWidget().objectName().removeprefix("evaluate_pictures_"))
        robot.user.press("Tab")
    assert visited == [
        *("order", "true", "predicted", "wrong", "grid"),
        *("label", "exclude", "open"),
    ]


# Correcting


def test_a_label_is_fixed_on_the_spot_and_undo_takes_it_back(robot: PicturesRobot) -> None:
    before = robot.captions()
    robot.click("wrong.png")
    assert robot.ticked_class() == "green"
    robot.fix_label("red")
    assert (robot.user.project.root / "test" / "red" / "wrong.png").is_file()
    assert robot.badge("wrong.png") == "now red"
    assert "label changed since: now red" in robot.spoken("wrong.png")
    assert robot.standing() == "Label changed since: now red."
    assert "1 label changed since this run" in robot.changes()
    assert "would flatter it" in robot.changes()
    assert robot.captions() == before, "figures stay as measured"
    assert robot.selected() == ["wrong.png"]
    assert robot.ticked_class() == "red"
    robot.user.press("Ctrl+Z")
    robot.user.settle()
    assert (robot.user.project.root / "test" / "green" / "wrong.png").is_file()
    assert (robot.badge("wrong.png"), robot.standing(), robot.changes()) == ("", "", "")


def test_a_number_key_gives_a_class_to_all_that_are_selected(robot: PicturesRobot) -> None:
    robot.click("wrong.png")
    robot.click(robot.captions().index(["right blue", "is blue"]), CONTROL)
    assert robot.facts() == "13 pictures, 2 selected"
    assert robot.ticked_class() == ""
    robot.press("3")
    assert robot.ticked_class() == "red"
    assert robot.user.project.classes[2].name == "red"
    folder = robot.user.project.root / "test" / "red"
    assert (folder / "wrong.png").is_file()
    assert robot.badge("wrong.png") == "now red"


def test_an_excluded_picture_stays_in_the_figures_and_says_so(robot: PicturesRobot) -> None:
    robot.click("wrong.png")
    robot.press(Qt.Key.Key_Delete)
    assert not (robot.user.project.root / "test" / "green" / "wrong.png").exists()
    assert robot.badge("wrong.png") == "removed"
    assert robot.standing() == "No longer in the project: it was removed since."
    assert "1 picture left the project since" in robot.changes()
    assert not robot.can_edit()
    robot.user.press("Ctrl+Z")
    robot.user.settle()
    assert robot.badge("wrong.png") == ""
    assert robot.can_edit()


def test_the_button_excludes_too(robot: PicturesRobot) -> None:
    robot.click("wrong.png")
    robot.user.click("evaluate_pictures_exclude")
    robot.user.settle()
    assert robot.badge("wrong.png") == "removed"


def test_a_picture_is_opened_in_the_images_step(robot: PicturesRobot) -> None:
    robot.click("wrong.png")
    robot.user.click("evaluate_pictures_open")
    robot.user.settle()
    assert robot.user.step() == "images"
    grid = robot.user.find(SampleView, "images_grid")
    assert [each.path for each in grid.selected_samples()] == ["test/green/wrong.png"]
    assert grid.currentIndex().row() in grid.visible_rows()


def test_what_other_steps_change_is_seen_on_coming_back(robot: PicturesRobot) -> None:
    robot.user.go_to("images")
    robot.user.session.edit(rename_class("green", "leaf green"))
    robot.user.settle()
    robot.user.go_to("evaluate")
    robot.user.settle()
    assert robot.changes() == "", "a class with another name is no other label"
    assert robot.captions()[0] == ["wrong red", "is green"]
    assert robot.can_edit()


def test_pictures_of_another_folder_are_only_looked_at(
    robot: PicturesRobot, tmp_path: Path
) -> None:
    evaluate = EvaluateRobot(robot.user)
    evaluate.panel.judge_by(coloured_folder(tmp_path / "other", {"red": 3, "green": 4}))
    evaluate.wait()
    assert robot.facts() == "7 pictures"
    assert "not in the open project" in robot.standing()
    assert not robot.can_edit()
    robot.press("1")
    assert "not in the open project" in robot.user.message()


def test_a_file_that_is_gone_leaves_a_tile_with_a_sentence(robot: PicturesRobot) -> None:
    gone = robot.user.project.root / "test" / "green" / "wrong.png"
    robot.click(robot.files()[1])
    gone.unlink()
    robot.user.session.refresh()
    robot.user.settle()
    assert robot.badge("wrong.png") == "removed"
    robot.click("wrong.png")
    assert "cannot be read" in robot.user.text("predict_sentence")


def test_another_picture_in_its_place_is_not_taken_for_it(robot: PicturesRobot) -> None:
    place = robot.user.project.root / "test" / "green" / "wrong.png"
    shutil.copy(place.with_name("1.png"), place.with_name("new.png"))
    coloured_picture(place, "green", seed="another")
    robot.user.session.refresh()
    robot.user.settle()
    assert robot.badge("wrong.png") == "replaced"
    robot.click("wrong.png")
    assert not robot.can_edit()


def test_the_next_run_names_the_pictures_that_were_relabelled(robot: PicturesRobot) -> None:
    robot.click("wrong.png")
    robot.fix_label("red")
    train(robot.user)
    newer, older = robot.user.session.runs
    pictures = load_comparison(older, newer).pictures
    assert (pictures.relabelled, pictures.examples) == (1, ("test/red/wrong.png",))


def test_another_project_begins_afresh(robot: PicturesRobot, tmp_path: Path) -> None:
    robot.user.open(coloured_folder(tmp_path / "empty", {"red": 3, "green": 3}))
    assert robot.files() == []
