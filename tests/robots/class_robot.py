"""Drives the class card with mouse and keys, and tells what it asks for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QCoreApplication, QEvent, QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import (
    QAction,
    QContextMenuEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QMenu, QWidget

from cnnstudio.core.edits import NamedEdit
from cnnstudio.core.project import Project
from cnnstudio.ui.models.class_model import ClassRow, RowKind
from cnnstudio.ui.widgets.bin_row import BinRow
from cnnstudio.ui.widgets.class_card import ClassCard
from cnnstudio.ui.widgets.class_list import ClassList, class_mime
from cnnstudio.ui.widgets.class_menu import ClassMenu
from cnnstudio.ui.widgets.key_field import KeyField

Widget = TypeVar("Widget", bound=QWidget)

NO_MODIFIER = Qt.KeyboardModifier.NoModifier
_LEFT = Qt.MouseButton.LeftButton
_MOVE = Qt.DropAction.MoveAction


class ClassRobot:
    """A user in front of the class card; edits that it asks for are made at once, in memory."""

    def __init__(self, card: ClassCard, project: Project) -> None:
        self.card = card
        self.project = project
        self.edits: list[str] = []
        self.chosen: list[ClassRow] = []
        self.heard: list[object] = []
        self.saved: list[tuple[Path, str]] = []
        card.set_project(project)
        card.edit_wanted.connect(self._make)
        card.row_chosen.connect(self.chosen.append)
        card.save_wanted.connect(lambda path, text: self.saved.append((path, text)))
        for signal in (card.number_pressed, card.letter_pressed):
            signal.connect(self.heard.append)
        for name in ("samples_dropped", "add_pictures_wanted", "record_wanted"):
            getattr(card, name).connect(self._hear(name))
        self.list = self._child(ClassList, "images_classes")
        self.bin = self._child(BinRow, "images_bin")

    def _make(self, edit: NamedEdit) -> None:
        self.edits.append(edit.words)
        self.project = edit(self.project).project
        self.card.set_project(self.project)

    def _hear(self, name: str) -> Callable[[ClassRow], None]:
        return lambda row: self.heard.append((name, row.title))

    # Choosing

    def click(self, name: str) -> None:
        place = self.place_of(name)
        QTest.mouseClick(self.list.viewport(), _LEFT, NO_MODIFIER, place)

    def click_bin(self) -> None:
        QTest.mouseClick(self.bin, _LEFT)

    def press(self, key: str | Qt.Key, modifier: Qt.KeyboardModifier = NO_MODIFIER) -> None:
        QTest.keyClick(self.list, key, modifier)

    def order(self) -> str:
        return " ".join(each.name for each in self.project.classes)

    # The menu

    def open_menu(self, name: str) -> ClassMenu:
        place = self.place_of(name)
        event = QContextMenuEvent(
            QContextMenuEvent.Reason.Mouse, place, self.list.viewport().mapToGlobal(place)
        )
        QApplication.sendEvent(self.list.viewport(), event)
        return self.menu()

    def menu(self) -> ClassMenu:
        menu = self.card.findChild(ClassMenu)
        assert menu is not None, "there is no menu"
        assert menu.isVisible()
        return menu

    def take(self, name: str, *words: str) -> None:
        """Choose in the menu of a class, and in its sub-menus."""
        menu: QMenu = self.open_menu(name)
        for word in words[:-1]:
            inner = _action(menu, word).menu()
            assert isinstance(inner, QMenu)
            menu = inner
        _action(menu, words[-1]).trigger()
        self.close_menu()

    def close_menu(self) -> None:
        # A dialog that opens has closed it already.
        for menu in self.card.findChildren(ClassMenu):
            menu.close()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)

    def words(self, menu: QMenu) -> list[str]:
        return [each.text().partition("\t")[0] for each in menu.actions() if each.text()]

    def letter_field(self) -> KeyField:
        field = self._child(KeyField, "images_class_key")
        assert field.isVisible(), "no letter is asked for"
        return field

    def dialog(self, name: str) -> QDialog:
        dialog = self._child(QDialog, name)
        assert dialog.isVisible()
        return dialog

    # Dragging

    def drag_class(self, name: str, onto: str, *, below: bool = False) -> None:
        rect = self.list.rect_of(RowKind.CLASS, onto)
        place = rect.center() + QPoint(0, rect.height() // 4 * (1 if below else -1))
        self.drop(self.list.viewport(), place, class_mime(name))

    def begin_drag(self, target: QWidget, place: QPoint, mime: QMimeData) -> None:
        entered = QDragEnterEvent(place, _MOVE, mime, _LEFT, NO_MODIFIER)
        QApplication.sendEvent(target, entered)
        assert entered.isAccepted(), "the drop is refused"
        QApplication.sendEvent(target, QDragMoveEvent(place, _MOVE, mime, _LEFT, NO_MODIFIER))

    def end_drag(self, target: QWidget) -> None:
        QApplication.sendEvent(target, QDragLeaveEvent())

    def drop(self, target: QWidget, place: QPoint, mime: QMimeData) -> None:
        self.begin_drag(target, place, mime)
        dropped = QDropEvent(QPointF(place), _MOVE, mime, _LEFT, NO_MODIFIER)
        QApplication.sendEvent(target, dropped)

    def place_of(self, name: str) -> QPoint:
        rect = self.list.rect_of(RowKind.CLASS, name)
        assert rect.isValid(), f"{name} is not shown"
        return rect.topLeft() + QPoint(40, 12)

    def _child(self, kind: type[Widget], name: str) -> Widget:
        child = self.card.findChild(kind, name)
        assert child is not None, f"there is no {name}"
        return child


def _action(menu: QMenu, words: str) -> QAction:
    for action in menu.actions():
        if action.text().partition("\t")[0] == words:
            return action
    raise AssertionError(f"{words} is not among {[each.text() for each in menu.actions()]}")
