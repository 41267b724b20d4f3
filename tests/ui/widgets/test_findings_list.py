"""What the health check found, folded into a line or one by one with its buttons."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtWidgets import QApplication, QPushButton, QScrollArea, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from cnnstudio.core.dataset.health.findings import Finding, Fix
from cnnstudio.ui.icons import Icons
from cnnstudio.ui.widgets.finding_row import ROW_PX, FindingRow
from cnnstudio.ui.widgets.findings_list import FindingsList

CONTRADICTION = Finding(
    "two classes",
    "The same picture is in cats and dogs.",
    "One of the labels is wrong.",
    ("c/1.jpg", "d/1.jpg"),
    (Fix.RELABEL, Fix.IGNORE),
    ("key",),
    class_names=("c", "d"),
)
BLURRED = Finding(
    "blurred",
    "14 pictures are blurred.",
    "Edges are lost.",
    tuple(f"c/{number}.jpg" for number in range(14)),
    (Fix.REMOVE, Fix.IGNORE),
    ("other",),
)
EMPTY = Finding("empty class", "birds has no pictures.", "It is left out.", fixes=(Fix.IGNORE,))
TITLES = {"c": "Cats & kittens", "d": "Dogs"}


@pytest.fixture
def shown(qtbot: QtBot, icons: Icons) -> FindingsList:
    page = QWidget()
    page.resize(900, 400)
    layout = QVBoxLayout(page)
    shown = FindingsList(icons)
    layout.addWidget(shown)
    layout.addStretch(1)
    qtbot.addWidget(page)
    page.show()
    shown.page = page  # keeps it alive
    return shown


def click(qtbot: QtBot, widget: QWidget, name: str) -> None:
    button = widget.findChild(QPushButton, name)
    assert isinstance(button, QPushButton)
    assert button.isVisible()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def rows(shown: FindingsList) -> list[FindingRow]:
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    return [each for each in shown.findChildren(FindingRow) if each.isVisible()]


def test_without_findings_it_takes_no_room(shown: FindingsList) -> None:
    assert not shown.isVisible()
    shown.set_findings([BLURRED], TITLES)
    assert shown.isVisible()
    shown.set_findings([], TITLES)
    assert not shown.isVisible()


def test_it_is_one_line_until_it_is_unfolded_and_can_be_folded_again(
    shown: FindingsList, qtbot: QtBot
) -> None:
    shown.set_findings([CONTRADICTION, BLURRED], TITLES)
    banner = shown.findChild(QWidget, "images_health")
    assert banner.accessibleName() == ("Health check: 1 picture is in two classes, 14 are blurred.")
    assert rows(shown) == []
    click(qtbot, shown, "images_health_show")
    assert [row.finding for row in rows(shown)] == [CONTRADICTION, BLURRED]
    click(qtbot, shown, "images_health_show")
    assert rows(shown) == []


def unfold(shown: FindingsList) -> None:
    button = shown.findChild(QPushButton, "images_health_show")
    assert button is not None
    button.click()


def test_each_finding_can_be_looked_at_and_fixed(shown: FindingsList, qtbot: QtBot) -> None:
    shown.set_findings([CONTRADICTION, BLURRED], TITLES)
    unfold(shown)
    with qtbot.waitSignal(shown.show_wanted) as look:
        click(qtbot, shown, "images_finding_look_1")
    assert look.args == [BLURRED]
    with qtbot.waitSignal(shown.fix_wanted) as remove:
        click(qtbot, shown, "images_finding_remove_1")
    assert remove.args == [BLURRED, Fix.REMOVE, ""]
    with qtbot.waitSignal(shown.fix_wanted) as ignore:
        click(qtbot, shown, "images_finding_ignore_0")
    assert ignore.args == [CONTRADICTION, Fix.IGNORE, ""]


def test_the_right_class_is_chosen_by_its_title(shown: FindingsList, qtbot: QtBot) -> None:
    shown.set_findings([CONTRADICTION], TITLES)
    unfold(shown)
    menu = shown.findChild(QPushButton, "images_finding_relabel_0").menu()
    assert [action.text() for action in menu.actions()] == ["Cats && kittens", "Dogs"]
    with qtbot.waitSignal(shown.fix_wanted) as wanted:
        menu.actions()[1].trigger()
    assert wanted.args == [CONTRADICTION, Fix.RELABEL, "d"]


def test_it_is_never_taller_than_three_findings(shown: FindingsList) -> None:
    shown.set_findings([BLURRED], TITLES)
    unfold(shown)
    area = shown.findChild(QScrollArea, "images_findings")
    assert ROW_PX <= area.height() < 2 * ROW_PX
    assert not area.verticalScrollBar().isVisible()
    many = [CONTRADICTION, BLURRED, EMPTY, *[BLURRED] * 5]
    shown.set_findings(many, TITLES)
    assert 3 * ROW_PX <= area.height() < 4 * ROW_PX
    assert len(rows(shown)) == len(many)


def test_of_very_many_the_first_are_shown_and_the_others_counted(shown: FindingsList) -> None:
    shown.set_findings([CONTRADICTION] * 500, TITLES)
    unfold(shown)
    assert len(rows(shown)) == 30
    shown.set_findings([CONTRADICTION] * 12, TITLES)
    assert len(rows(shown)) == 12


def test_the_keyboard_reaches_every_button(shown: FindingsList, qtbot: QtBot) -> None:
    shown.set_findings([CONTRADICTION, BLURRED], TITLES)
    unfold(shown)
    shown.findChild(QPushButton, "images_health_show").setFocus()
    reached = []
    for _ in range(6):
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        reached.append(QApplication.focusWidget().objectName())
    names = ("look_0", "relabel_0", "ignore_0", "look_1", "remove_1", "ignore_1")
    assert reached == [f"images_finding_{name}" for name in names]
    spoken = QApplication.focusWidget().accessibleName()
    assert spoken == "Ignore: 14 pictures are blurred."


def test_a_finding_without_pictures_has_nothing_to_look_at(shown: FindingsList) -> None:
    shown.set_findings([EMPTY], TITLES)
    unfold(shown)
    assert shown.findChild(QPushButton, "images_finding_look_0") is None


def test_after_a_fix_the_keyboard_is_at_the_finding_that_follows(
    shown: FindingsList, qtbot: QtBot
) -> None:
    shown.set_findings([CONTRADICTION, BLURRED, EMPTY], TITLES)
    unfold(shown)
    shown.findChild(QPushButton, "images_finding_ignore_1").setFocus()
    shown.set_findings([CONTRADICTION, EMPTY], TITLES)
    assert QApplication.focusWidget() in rows(shown)[1].findChildren(QPushButton)
    shown.set_findings([CONTRADICTION], TITLES)
    assert QApplication.focusWidget() in rows(shown)[0].findChildren(QPushButton)
