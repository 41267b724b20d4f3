"""The class card, used with mouse and keys."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QTimer
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QTableWidget,
)
from pytestqt.qtbot import QtBot

from cnnstudio.core.project import ImageClass, Project, Sample
from cnnstudio.ui.dialogs.save_file_dialog import SaveFileDialog
from cnnstudio.ui.icons import Icons
from cnnstudio.ui.models.class_model import RowKind
from cnnstudio.ui.theme import CLASS_COLOUR_NAMES, class_colour
from cnnstudio.ui.widgets.class_card import ClassCard
from cnnstudio.ui.widgets.class_list import class_mime, dragged_class
from cnnstudio.ui.widgets.sample_view import is_of_samples, samples_mime
from tests.robots.class_robot import ClassRobot

CONTROL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
COUNTS = {"hat": 3, "coat": 1, "shoe": 4}


def project_of(**counts: int) -> Project:
    classes = tuple(ImageClass(name, name, place) for place, name in enumerate(counts))
    samples = tuple(
        Sample(f"{name}/{number}.jpg", name, 1, number)
        for name, count in counts.items()
        for number in range(count)
    )
    return Project(Path("/p"), classes, samples)


@pytest.fixture
def user(qtbot: QtBot, icons: Icons) -> ClassRobot:
    card = ClassCard(icons)
    qtbot.addWidget(card)
    card.resize(230, 600)
    card.show()
    card.activateWindow()
    card.set_binned_count(12)
    return ClassRobot(card, project_of(**COUNTS))


# The bin


def test_the_bin_is_chosen_like_a_class(user: ClassRobot) -> None:
    user.click("coat")
    user.click_bin()
    row = user.card.chosen_row()
    assert row is not None
    assert (row.kind, row.count) == (RowKind.BIN, 12)
    assert user.list.selectedIndexes() == []
    user.click("coat")
    assert [each.title for each in user.chosen] == ["coat", "Bin", "coat"]
    assert not user.bin.isChecked()


def test_the_bin_stays_chosen_while_classes_come_and_go(user: ClassRobot) -> None:
    user.click_bin()
    user.card.set_project(project_of(hat=3))
    row = user.card.chosen_row()
    assert row is not None
    assert row.kind is RowKind.BIN


def test_arrow_keys_lead_to_the_bin_and_back(user: ClassRobot) -> None:
    user.click("shoe")
    user.press(Qt.Key.Key_Down)
    assert user.bin.isChecked()
    QTest.keyClick(user.bin, Qt.Key.Key_Up)
    assert [each.title for each in user.chosen] == ["shoe", "Bin", "shoe"]


def test_samples_dropped_on_the_bin_are_to_be_removed(user: ClassRobot) -> None:
    user.drop(user.bin, user.bin.rect().center(), samples_mime())
    assert user.heard == [("samples_dropped", "Bin")]


# Letters


def test_a_letter_is_given_by_pressing_it(user: ClassRobot) -> None:
    user.take("coat", "Letter...")
    QTest.keyClick(user.letter_field(), "C")
    assert user.project.image_class("coat").key == "c"
    user.click("hat")
    user.press("c")
    user.press("1")
    assert user.heard == ["c", 1]


def test_a_letter_of_another_class_is_asked_for_twice(user: ClassRobot) -> None:
    user.take("coat", "Letter...")
    QTest.keyClick(user.letter_field(), "c")
    user.take("hat", "Letter...")
    field = user.letter_field()
    QTest.keyClick(field, "c")
    assert field.isVisible()
    assert "c is coat. Press it again to move it here." in field.accessibleDescription()
    QTest.keyClick(field, "c")
    assert [each.key for each in user.project.classes] == ["c", "", ""]


def test_backspace_takes_a_letter_away_and_escape_leaves_it(user: ClassRobot) -> None:
    user.take("coat", "Letter...")
    QTest.keyClick(user.letter_field(), "c")
    for key, left in ((Qt.Key.Key_Escape, "c"), (Qt.Key.Key_Backspace, "")):
        user.take("coat", "Letter...")
        field = user.letter_field()
        QTest.keyClick(field, key)
        assert not field.isVisible()
        assert user.project.image_class("coat").key == left


def test_a_number_is_no_letter(user: ClassRobot) -> None:
    user.take("coat", "Letter...")
    field = user.letter_field()
    QTest.keyClick(field, "7")
    assert "Press a letter" in field.accessibleDescription()
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert user.edits == []


def test_a_letter_that_no_class_has_goes_to_the_class_of_that_name(user: ClassRobot) -> None:
    user.click("hat")
    user.press("s")
    assert user.chosen[-1].title == "shoe"
    assert user.heard == []


# Colour, note, switching off


def test_the_colours_are_offered_by_name_and_change_at_once(user: ClassRobot) -> None:
    user.take("hat", "Colour", "Light green")
    assert user.project.image_class("hat").colour == CLASS_COLOUR_NAMES.index("Light green") == 10
    row = user.list.model().index(2, 0)
    assert user.card.chosen_row() is not None
    assert row.data(Qt.ItemDataRole.UserRole).colour == class_colour(10)
    menu = user.open_menu("hat")
    colours = next(each.menu() for each in menu.actions() if each.text() == "Colour")
    checked = [each.text() for each in colours.actions() if each.isChecked()]
    assert checked == ["Light green\t\N{CHECK MARK}"]
    user.close_menu()


def test_a_note_of_several_lines_is_kept_with_ctrl_enter(user: ClassRobot) -> None:
    user.take("hat", "Note...")
    field = user.dialog("class_note_dialog").findChild(QPlainTextEdit, "class_note_text")
    assert field is not None
    QTest.keyClicks(field, "Caps")
    QTest.keyClick(field, Qt.Key.Key_Return)
    QTest.keyClicks(field, "No hoods")
    QTest.keyClick(field, Qt.Key.Key_Return, CONTROL)
    assert user.project.image_class("hat").note == "Caps\nNo hoods"
    assert user.edits == ["Change the note of hat"]


def test_a_note_that_did_not_change_is_no_step(user: ClassRobot) -> None:
    user.take("hat", "Note...")
    user.dialog("class_note_dialog").accept()
    assert user.edits == []


def test_a_class_is_switched_off_and_on(user: ClassRobot) -> None:
    user.take("hat", "Switch off")
    assert not user.project.image_class("hat").is_switched_on
    user.take("hat", "Switch on")
    assert user.project.image_class("hat").is_switched_on


# Order, merging, removing


def test_ctrl_and_an_arrow_move_the_chosen_class(user: ClassRobot) -> None:
    user.click("coat")
    user.press(Qt.Key.Key_Down, CONTROL)
    assert user.order() == "hat shoe coat"
    row = user.card.chosen_row()
    assert row is not None
    assert row.name == "coat"
    user.press(Qt.Key.Key_Down, CONTROL)
    assert len(user.edits) == 1, "it is the last already"
    user.press(Qt.Key.Key_Up, CONTROL)
    user.press(Qt.Key.Key_Up, CONTROL)
    assert user.order() == "coat hat shoe"


def test_a_class_is_dragged_to_another_place(user: ClassRobot) -> None:
    user.drag_class("shoe", onto="hat")
    assert user.order() == "shoe hat coat"
    user.drag_class("shoe", onto="coat", below=True)
    assert user.order() == "hat coat shoe"


def test_a_class_dropped_where_it_was_is_no_step(user: ClassRobot) -> None:
    user.drag_class("coat", onto="coat", below=True)
    user.drag_class("coat", onto="hat", below=True)
    assert user.edits == []
    assert user.heard == []


def test_a_dragged_class_is_not_taken_for_pictures() -> None:
    assert dragged_class(class_mime("a b")) == "a b"
    assert not is_of_samples(class_mime("a"))
    assert dragged_class(samples_mime()) is None
    assert dragged_class(QMimeData()) is None


def test_rows_beyond_the_edge_come_while_something_is_dragged(
    user: ClassRobot, qtbot: QtBot
) -> None:
    user.card.set_project(project_of(**{f"c{number}": 1 for number in range(40)}))
    bar = user.list.verticalScrollBar()
    place = QPoint(40, user.list.viewport().height() - 5)
    user.begin_drag(user.list.viewport(), place, samples_mime())
    qtbot.waitUntil(lambda: bar.value() > 100)
    user.end_drag(user.list.viewport())
    assert not any(each.isActive() for each in user.list.findChildren(QTimer))


def test_a_class_is_merged_into_another(user: ClassRobot) -> None:
    user.take("coat", "Merge into", "hat")
    assert user.order() == "hat shoe"
    assert user.project.counts == {"hat": 4, "shoe": 4}


def test_the_menu_hands_on_what_it_cannot_do(user: ClassRobot) -> None:
    user.take("hat", "Add pictures...")
    user.take("hat", "Record with the webcam...")
    assert user.heard == [("add_pictures_wanted", "hat"), ("record_wanted", "hat")]
    user.take("hat", "Remove class and its pictures")
    assert user.order() == "coat shoe"


def test_the_menu_opens_by_key_on_the_chosen_class(user: ClassRobot) -> None:
    user.click("coat")
    user.press(Qt.Key.Key_F10, SHIFT)
    assert "Rename" in user.words(user.menu())
    user.close_menu()
    event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(), QPoint())
    QApplication.sendEvent(user.list, event)
    assert "Rename" in user.words(user.menu())
    user.close_menu()


def test_what_is_no_class_is_not_renamed_or_removed_by_menu(user: ClassRobot) -> None:
    user.card.choose(RowKind.WITHOUT_CLASS)
    user.press(Qt.Key.Key_F10, SHIFT)
    assert user.words(user.menu()) == ["Add pictures...", "Record with the webcam..."]
    user.close_menu()


def test_rename_in_the_menu_opens_the_field_in_the_row(user: ClassRobot) -> None:
    user.take("coat", "Rename")
    field = user.card.findChild(QLineEdit, "images_class_title")
    assert field is not None
    assert field.text() == "coat"
    QTest.keyClick(field, Qt.Key.Key_Escape)


# Counts


def test_the_counts_are_shown_sorted_copied_and_saved(user: ClassRobot, tmp_path: Path) -> None:
    QTest.mouseClick(button(user, "images_class_counts"), Qt.MouseButton.LeftButton)
    dialog = user.dialog("class_counts_dialog")
    table = dialog.findChild(QTableWidget, "class_counts_table")
    assert table is not None
    assert column(table, 2) == ["3", "1", "4"]
    header = table.horizontalHeader()
    header.sectionClicked.emit(2)
    assert column(table, 0) == ["shoe", "hat", "coat"]
    header.sectionClicked.emit(2)
    assert column(table, 0) == ["coat", "hat", "shoe"]
    QTest.mouseClick(button(user, "class_counts_copy"), Qt.MouseButton.LeftButton)
    assert QApplication.clipboard().text().splitlines()[1] == "hat\t3\tyes"
    QTest.mouseClick(button(user, "class_counts_save"), Qt.MouseButton.LeftButton)
    asked = dialog.findChild(SaveFileDialog)
    assert asked is not None
    asked.path_chosen.emit(tmp_path / "counts.csv")
    asked.close()
    assert user.saved == [
        (tmp_path / "counts.csv", "class,pictures,switched_on\nhat,3,yes\ncoat,1,yes\nshoe,4,yes\n")
    ]
    dialog.close()


def test_parts_have_a_column_each(user: ClassRobot) -> None:
    samples = tuple(
        Sample(f"{split}/a/{n}.jpg", "a", 1, 1, split)
        for split, n in (("train", 1), ("train", 2), ("test", 1))
    )
    classes = (ImageClass("a", "a"),)
    user.card.set_project(Project(Path("/q"), classes, samples, layout="splits"))
    QTest.mouseClick(button(user, "images_class_counts"), Qt.MouseButton.LeftButton)
    dialog = user.dialog("class_counts_dialog")
    table = dialog.findChild(QTableWidget, "class_counts_table")
    assert table is not None
    assert [column(table, each) for each in (2, 4, 5)] == [["3"], ["2"], ["1"]]
    labels = [each.text() for each in dialog.findChildren(QLabel)]
    assert {"train", "test"} < set(labels)
    dialog.close()


# What is seen


@pytest.mark.parametrize("width", [180, 230, 420])
def test_nothing_is_cut_off_at_any_width(user: ClassRobot, width: int) -> None:
    user.card.resize(width, 600)
    QApplication.processEvents()
    assert user.card.width() == width
    for name in ("images_new_class", "images_class_counts", "images_bin"):
        widget = button(user, name)
        assert widget.width() >= min(widget.sizeHint().width(), 80)
        assert user.card.rect().contains(
            widget.rect().translated(widget.mapTo(user.card, QPoint()))
        )


def test_a_new_class_is_scrolled_to(user: ClassRobot) -> None:
    many = project_of(**{f"c{number}": 1 for number in range(40)})
    user.card.set_project(many)
    QApplication.processEvents()
    more = project_of(**{f"c{number}": 1 for number in range(41)})
    user.card.set_project(more)
    room = user.list.viewport().rect()
    assert room.contains(user.list.rect_of(RowKind.CLASS, "c40").center())


def button(user: ClassRobot, name: str) -> QAbstractButton:
    found = user.card.findChild(QAbstractButton, name)
    assert found is not None
    return found


def column(table: QTableWidget, number: int) -> list[str]:
    return [table.item(row, number).text() for row in range(table.rowCount())]
