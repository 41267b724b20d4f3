"""The row of filters, the class field, the bar of advice and the menu of checks."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from cnnstudio.core.arranging import SampleOrder
from cnnstudio.ui.dialogs.days_dialog import DaysDialog
from cnnstudio.ui.icons import Icons
from cnnstudio.ui.theme import Theme
from cnnstudio.ui.widgets.advice_bar import AdviceBar, AdviceKind
from cnnstudio.ui.widgets.check_menu import CheckMenu
from cnnstudio.ui.widgets.chip_menu import ChipMenu
from cnnstudio.ui.widgets.class_field import ClassField
from cnnstudio.ui.widgets.filter_row import ANY_PROBLEM, Days, FilterRow, Narrowing


@pytest.fixture
def row(qtbot: QtBot) -> FilterRow:
    row = FilterRow()
    qtbot.addWidget(row)
    row.show()
    return row


def choose(row: QWidget, name: str, label: str) -> None:
    chip = row.findChild(ChipMenu, name)
    assert chip is not None
    labels = {action.iconText(): action for action in chip.menu_of_choices.actions()}
    labels[label].trigger()


def test_nothing_is_left_out_until_something_is_chosen(row: FilterRow) -> None:
    assert row.narrowing == Narrowing()
    assert not row.is_narrowed
    assert row.order == SampleOrder("class")


def test_each_pill_narrows_by_itself(row: FilterRow, qtbot: QtBot) -> None:
    row.set_problems([("blurred", 3), ("dark", 1)])
    row.set_batches([("b1", "shoes.zip, today 09:41")])
    with qtbot.waitSignals([row.changed] * 4):
        choose(row, "images_problem", "Blurred (3)")
        choose(row, "images_split", "Test")
        choose(row, "images_date", "Today")
        choose(row, "images_batch", "shoes.zip, today 09:41")
    assert row.narrowing == Narrowing("blurred", "test", Days(date.today()), "b1")
    assert row.is_narrowed
    row.reset()
    assert not row.is_narrowed


def test_pictures_are_sorted_as_asked_and_the_order_outlives_a_reset(row: FilterRow) -> None:
    choose(row, "images_order", "Newest first")
    row.reset()
    assert row.order == SampleOrder("date", descending=True)


def test_a_problem_that_was_mended_is_no_longer_asked_for(row: FilterRow, qtbot: QtBot) -> None:
    row.set_problems([("blurred", 3)])
    choose(row, "images_problem", "Blurred (3)")
    with qtbot.waitSignal(row.changed):
        row.set_problems([])
    assert row.narrowing.problem is None
    row.set_problems([("dark", 2)])
    choose(row, "images_problem", "With a problem")
    assert row.narrowing.problem == ANY_PROBLEM


def test_pictures_between_two_days_are_asked_for_in_a_dialog(row: FilterRow, qtbot: QtBot) -> None:
    choose(row, "images_date", "Between two days...")
    dialog = row.findChild(DaysDialog)
    assert dialog is not None
    with qtbot.waitSignal(row.changed):
        dialog.accept()
    today = date.today()
    assert row.narrowing.days == Days(today.replace(day=1), today)


def test_leaving_that_dialog_asks_for_any_day(row: FilterRow, qtbot: QtBot) -> None:
    choose(row, "images_date", "Between two days...")
    dialog = row.findChild(DaysDialog)
    assert dialog is not None
    with qtbot.waitSignal(row.changed):
        dialog.reject()
    assert not row.is_narrowed


def test_days_come_in_order_whichever_was_given_first(qtbot: QtBot) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    today = date.today()
    dialog = DaysDialog(today, today - timedelta(days=3), parent)
    with qtbot.waitSignal(dialog.days_chosen) as chosen:
        dialog.accept()
    assert chosen.args == [today - timedelta(days=3), today]


# A class by its name


@pytest.fixture
def class_field(qtbot: QtBot) -> ClassField:
    field = ClassField()
    qtbot.addWidget(field)
    return field


def typed(class_field: ClassField, text: str) -> QLineEdit:
    field = class_field.findChild(QLineEdit, "images_class_field")
    assert field is not None
    QTest.keyClicks(field, text)
    return field


def test_what_fits_is_listed_and_enter_gives_what_is_marked(
    class_field: ClassField, qtbot: QtBot
) -> None:
    class_field.ask(["shorts", "shirts", "shoes"], 3, QPoint(10, 10))
    field = typed(class_field, "sh")
    assert class_field.marked_title() == "shorts"
    QTest.keyClick(field, Qt.Key.Key_Down)
    QTest.keyClick(field, Qt.Key.Key_Down)
    assert class_field.marked_title() == "shoes"
    with qtbot.waitSignal(class_field.title_chosen) as chosen:
        QTest.keyClick(field, Qt.Key.Key_Return)
    assert chosen.args == ["shoes"]
    assert not class_field.isVisible()


def test_what_was_typed_in_the_grid_is_the_beginning_of_the_name(
    class_field: ClassField, qtbot: QtBot
) -> None:
    class_field.ask(["shirts"], 1, QPoint(10, 10), "h")
    field = typed(class_field, "ats")
    with qtbot.waitSignal(class_field.title_chosen) as chosen:
        QTest.keyClick(field, Qt.Key.Key_Return)
    assert chosen.args == ["hats"]


def test_a_new_class_may_be_called_as_another_one_begins(
    class_field: ClassField, qtbot: QtBot
) -> None:
    class_field.ask(["shorts"], 1, QPoint(10, 10))
    field = typed(class_field, "short")
    QTest.keyClick(field, Qt.Key.Key_Down)
    with qtbot.waitSignal(class_field.title_chosen) as chosen:
        QTest.keyClick(field, Qt.Key.Key_Return)
    assert chosen.args == ["short"]


def test_enter_without_a_word_gives_no_class(class_field: ClassField, qtbot: QtBot) -> None:
    class_field.ask(["shorts"], 1, QPoint(10, 10))
    with qtbot.assertNotEmitted(class_field.title_chosen):
        QTest.keyClick(typed(class_field, ""), Qt.Key.Key_Return)


def test_escape_gives_no_class(class_field: ClassField, qtbot: QtBot) -> None:
    class_field.ask(["shirts"], 1, QPoint(10, 10))
    field = typed(class_field, "x")
    with qtbot.assertNotEmitted(class_field.title_chosen):
        QTest.keyClick(field, Qt.Key.Key_Escape)
    assert not class_field.isVisible()


# Advice


@pytest.fixture
def icons(qapp: QApplication) -> Icons:
    return Icons(Theme(qapp, "light"))


def test_advice_says_what_there_is_and_offers_what_can_be_done(icons: Icons, qtbot: QtBot) -> None:
    bar = AdviceBar(icons)
    qtbot.addWidget(bar)
    bar.show_advice(AdviceKind.SUGGESTIONS, 31, 24, "Most certain first.")
    words = {button.text() for button in bar.findChildren(QWidget) if hasattr(button, "text")}
    assert {"31 suggestions", "Accept 24 above 95%", "Accept selected"} <= words
    bar.show_advice(AdviceKind.DOUBTS, 1, 1, "")
    shown = {b.objectName() for b in bar.findChildren(QWidget) if b.isVisibleTo(bar)}
    assert "images_keep_label" in shown
    assert "images_accept_certain" not in shown
    bar.show_advice(AdviceKind.NONE, 0, 0, "")
    assert not bar.isVisibleTo(bar.parentWidget())


def test_a_check_that_is_not_possible_says_why(qtbot: QtBot) -> None:
    menu = CheckMenu()
    qtbot.addWidget(menu)
    menu.set_state(None, 5, can_doubt=False)
    texts = [action.text() for action in menu._menu.actions()]
    assert "train a network first" in texts[2]
    assert "needs two classes" in texts[1]
    menu.set_state("Classic 2", 5, can_doubt=True)
    assert menu._menu.actions()[2].text() == (
        "Suggest classes for 5 pictures without one, by Classic 2"
    )
    assert all(action.isEnabled() for action in menu._menu.actions())
