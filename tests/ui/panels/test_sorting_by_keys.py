"""Letters, names typed, lists of their own, the bin, and a model's advice in the Images step."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from cnnstudio.core.class_edits import set_class_key
from cnnstudio.ui.models.class_model import RowKind
from cnnstudio.ui.models.sample_model import SUGGESTION_ROLE
from tests.builders import coloured_folder
from tests.robots.images_robot import ImagesRobot


@pytest.fixture
def robot(images_robot: ImagesRobot) -> ImagesRobot:
    return images_robot


@pytest.fixture
def opened(robot: ImagesRobot, tmp_path: Path) -> ImagesRobot:
    root = coloured_folder(tmp_path / "project", {"blue": 12, "green": 12, "_unlabelled": 4})
    robot.open(root)
    return robot


def counts(robot: ImagesRobot) -> dict[str | None, int]:
    assert robot.session.project is not None
    return robot.session.project.counts


def type_a_class(robot: ImagesRobot, rest: str) -> None:
    field = robot.panel._class_field.findChild(QLineEdit, "images_class_field")
    assert field is not None
    robot.wait_until(field.isVisible)
    QTest.keyClicks(field, rest)
    QTest.keyClick(field, Qt.Key.Key_Return)
    robot.settle()


# Letters and names


def test_a_letter_of_ones_own_gives_its_class(opened: ImagesRobot) -> None:
    opened.session.edit(set_class_key("green", "g"))
    opened.settle()
    opened.panel._class_card.choose(RowKind.WITHOUT_CLASS)
    opened.settle()
    opened.select(*opened.shown()[:2])
    opened.press_and_wait("g")
    assert counts(opened)["green"] == 14
    assert opened.session.undo_words == "Move 2 pictures to green"


def test_typing_the_name_of_a_class_that_is_not_there_makes_it(opened: ImagesRobot) -> None:
    opened.select(opened.shown()[0])
    opened.press("y")
    type_a_class(opened, "ellow")
    assert counts(opened)["yellow"] == 1
    opened.undo()
    assert "yellow" not in opened.classes()


def test_typing_the_name_of_a_class_that_is_there_gives_it(opened: ImagesRobot) -> None:
    opened.panel._class_card.choose(RowKind.WITHOUT_CLASS)
    opened.settle()
    opened.select(opened.shown()[0])
    opened.press("b")
    type_a_class(opened, "l")
    assert opened.classes() == {"blue": 13, "green": 12}


def test_a_letter_without_a_selection_says_what_to_do(opened: ImagesRobot, qtbot: QtBot) -> None:
    with qtbot.waitSignal(opened.session.said) as said:
        opened.press("x")
    assert "Select pictures first" in said.args[0]


def test_f3_goes_from_one_picture_without_a_class_to_the_next(opened: ImagesRobot) -> None:
    opened.select(opened.shown()[0])
    seen = []
    for _ in range(5):
        opened.press(Qt.Key.Key_F3)
        seen += [sample.path for sample in opened.grid.selected_samples()]
    names = [f"_unlabelled/{number}.png" for number in (1, 2, 3, 4, 1)]
    assert seen == names


def test_f4_goes_to_the_next_problem(opened: ImagesRobot) -> None:
    assert opened.session.project is not None
    broken = opened.session.project.root / "green" / "broken.png"
    broken.write_text("words")
    opened.session.refresh()
    opened.settle()
    opened.be_inspected()
    opened.select(opened.shown()[0])
    opened.press(Qt.Key.Key_F4)
    assert opened.selected() == ["broken.png"]


def test_another_project_opens_while_pictures_are_selected(
    opened: ImagesRobot, tmp_path: Path
) -> None:
    opened.select(*opened.shown()[5:9])
    other = coloured_folder(tmp_path / "other", {"red": 2})
    opened.open(other)
    assert opened.shown_paths() == ["red/1.png", "red/2.png"]
    assert opened.selected() == []


def test_undo_goes_on_beside_a_class_that_another_program_made(opened: ImagesRobot) -> None:
    opened.session.edit(set_class_key("green", "g"))
    opened.settle()
    assert opened.session.project is not None
    (opened.session.project.root / "other").mkdir()
    opened.session.refresh()
    opened.settle()
    opened.undo()
    assert opened.session.undo_words is None
    assert opened.classes().keys() == {"blue", "green", "other"}


# The bin


def test_removed_pictures_are_restored_from_the_bin_one_by_one_or_all(opened: ImagesRobot) -> None:
    opened.choose_class("blue")
    opened.select(*opened.shown()[:3])
    opened.press_and_wait(Qt.Key.Key_Delete)
    opened.panel._class_card.choose(RowKind.BIN)
    opened.settle()
    assert len(opened.shown()) == 3
    opened.select(opened.shown()[0])
    opened.press_and_wait(Qt.Key.Key_Return)
    assert counts(opened)["blue"] == 10
    opened.click("images_restore_all")
    opened.settle()
    assert counts(opened)["blue"] == 12
    assert "The bin is empty" in opened.sentence_of_empty_grid()
    opened.undo()
    assert counts(opened)["blue"] == 10


def test_a_number_key_in_the_bin_moves_nothing(opened: ImagesRobot, qtbot: QtBot) -> None:
    opened.select(opened.shown()[0])
    opened.press_and_wait(Qt.Key.Key_Delete)
    opened.panel._class_card.choose(RowKind.BIN)
    opened.settle()
    opened.select(opened.shown()[0])
    with qtbot.waitSignal(opened.session.said) as said:
        opened.press("1")
    assert "in the bin" in said.args[0]


def test_the_bin_is_emptied_only_after_a_question(opened: ImagesRobot) -> None:
    assert opened.session.project is not None
    folder = opened.session.project.bin_folder
    opened.select(opened.shown()[0])
    opened.press_and_wait(Qt.Key.Key_Delete)
    opened.panel._class_card.choose(RowKind.BIN)
    opened.settle()
    opened.wait_until(lambda: opened.panel._side_facts.binned_count == 1)
    opened.click("images_empty_bin")
    opened.click("images_keep_bin")
    opened.settle()
    assert len(list(folder.rglob("*.png"))) == 1
    opened.click("images_empty_bin")
    opened.click("images_delete_bin")
    opened.settle()
    assert list(folder.rglob("*.png")) == []
    assert "The bin is empty" in opened.sentence_of_empty_grid()
    assert opened.session.undo_words is None


# Filters


def test_a_new_project_is_not_greeted_with_a_warning(robot: ImagesRobot, tmp_path: Path) -> None:
    robot.session.create(tmp_path / "new")
    robot.settle()
    robot.be_inspected()
    assert robot.session.inspection.findings
    assert not robot.is_shown("images_health")
    assert "No pictures yet" in robot.sentence_of_empty_grid()


def test_pictures_of_one_import_are_found_again(opened: ImagesRobot, tmp_path: Path) -> None:
    more = coloured_folder(tmp_path / "more", {"yellow": 2})
    opened.drop_on_grid(more)
    opened.accept_import()
    opened.be_inspected()
    batch = opened.panel._filters._batch
    opened.wait_until(lambda: len(batch.menu_of_choices.actions()) == 2)
    batch.menu_of_choices.actions()[1].trigger()
    opened.settle()
    assert opened.shown_paths() == ["yellow/1.png", "yellow/2.png"]


def test_the_largest_come_first_when_asked(opened: ImagesRobot) -> None:
    assert opened.session.project is not None
    root = opened.session.project.root
    coloured_folder(root.parent / "large", {"green": 1}, size=64)
    shutil.copy(root.parent / "large" / "green" / "1.png", root / "green" / "large.png")
    opened.session.refresh()
    opened.settle()
    opened.be_inspected()
    order = opened.panel._filters._order
    actions = {each.iconText(): each for each in order.menu_of_choices.actions()}
    actions["Largest first"].trigger()
    opened.settle()
    assert opened.shown()[0] == "large.png"


# Advice


def a_run(robot: ImagesRobot) -> None:
    """Train, so that there is somebody to ask."""
    project = robot.session.project
    assert project is not None
    training = replace(project.config.training, epochs=2, image_size=32)
    robot.session.set_config(replace(project.config, training=training))
    robot.session.train()
    robot.wait_until(lambda: robot.session.chosen_run is not None)
    robot.settle()


def test_suggested_classes_are_accepted_one_by_one(robot: ImagesRobot, tmp_path: Path) -> None:
    root = coloured_folder(tmp_path / "p", {"blue": 12, "green": 12})
    extra = coloured_folder(tmp_path / "q", {"blue": 2, "green": 2})
    (root / "_unlabelled").mkdir()
    for path in sorted(extra.glob("*/*.png")):
        shutil.copy(path, root / "_unlabelled" / f"{path.parent.name} {path.name}")
    robot.open(root)
    a_run(robot)
    robot.panel._check._suggest.trigger()
    robot.wait_until(lambda: robot.is_shown("images_advice"))
    robot.settle()
    assert robot.title() == "Suggestions"
    model = robot.grid.model()
    for row, name in enumerate(robot.shown()):
        title, probability = model.index(row, 0).data(SUGGESTION_ROLE)
        assert name.startswith(title)
        assert 0.5 < probability <= 1
    first = robot.shown()[0]
    robot.select(first)
    robot.press_and_wait(Qt.Key.Key_Return)
    assert len(robot.shown()) == 3
    assert robot.session.undo_words == "Accept 1 suggestion"
    robot.click("images_accept_advice")
    robot.settle()
    assert len(robot.shown()) == 2
    robot.undo()
    robot.undo()
    assert counts(robot)[None] == 4


def test_labels_that_are_probably_wrong_are_shown_and_mended_or_kept(
    robot: ImagesRobot, tmp_path: Path
) -> None:
    root = coloured_folder(tmp_path / "p", {"blue": 20, "green": 20, "red": 20})
    (root / "blue" / "1.png").rename(root / "green" / "wrong 1.png")
    (root / "red" / "2.png").rename(root / "green" / "wrong 2.png")
    robot.open(root)
    robot.panel._check._doubts.trigger()
    robot.wait_until(lambda: robot.is_shown("images_advice"))
    robot.settle()
    assert sorted(robot.shown()) == ["wrong 1.png", "wrong 2.png"]
    robot.select("wrong 1.png")
    robot.click("images_accept_advice")
    robot.settle()
    assert counts(robot)["blue"] == 20
    robot.undo()
    assert sorted(robot.shown()) == ["wrong 1.png", "wrong 2.png"]
    robot.redo()
    robot.select("wrong 2.png")
    robot.click("images_keep_label")
    robot.settle()
    assert robot.shown() == []
    robot.click("images_leave_list")
    robot.settle()
    assert len(robot.shown()) == 60
    robot.panel._check._doubts.trigger()
    robot.wait_until(lambda: not robot.panel._advice.is_running)
    robot.settle()
    assert robot.shown() == []
