"""Drives the Images step with mouse and keys, and tells what is to be seen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QEvent, QMimeData, QModelIndex, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import (
    QAction,
    QDragEnterEvent,
    QDragMoveEvent,
    QDropEvent,
    QHelpEvent,
    QWheelEvent,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QFileDialog,
    QLabel,
    QLineEdit,
    QMenu,
    QPushButton,
    QTableWidget,
    QToolTip,
    QWidget,
)
from pytestqt.qtbot import QtBot

from cnnstudio.core.project import Sample
from cnnstudio.ui.messages import ErrorDialog
from cnnstudio.ui.models.class_model import ROW_ROLE, ClassRow
from cnnstudio.ui.models.sample_model import PROBLEM_ROLE, SAMPLE_ROLE
from cnnstudio.ui.panels.images_panel import ImagesPanel
from cnnstudio.ui.session import Session
from cnnstudio.ui.widgets.class_list import ClassList
from cnnstudio.ui.widgets.image_view import ImageView
from cnnstudio.ui.widgets.path_field import PathField
from cnnstudio.ui.widgets.preview_picture import PreviewPicture
from cnnstudio.ui.widgets.sample_view import SampleView, samples_mime

Widget = TypeVar("Widget", bound=QWidget)

_NO_MODIFIER = Qt.KeyboardModifier.NoModifier
_LEFT = Qt.MouseButton.LeftButton


class ImagesRobot:
    """A user in front of the Images step."""

    def __init__(self, qtbot: QtBot, session: Session, panel: ImagesPanel) -> None:
        self.session = session
        self.panel = panel
        self._qtbot = qtbot
        self.grid = self._child(SampleView, "images_grid")
        self.class_list = self._child(ClassList, "images_classes")

    # Waiting

    def settle(self) -> None:
        """Wait until no files move and the grid shows what the project says."""
        session = self.session
        self._qtbot.waitUntil(
            lambda: session.file_jobs.is_idle and session.view_jobs.is_idle, timeout=20_000
        )

    def be_inspected(self) -> None:
        """Wait until all pictures were looked at."""
        self._qtbot.waitUntil(lambda: not self.session.inspection.is_running, timeout=20_000)
        self.settle()

    def wait_until(self, condition: Callable[[], bool]) -> None:
        self._qtbot.waitUntil(condition, timeout=20_000)

    def open(self, root: Path) -> None:
        self.session.open(root)
        self.settle()
        self.be_inspected()

    # Classes

    def classes(self) -> dict[str, int]:
        """Titles and counts in the list, without the two rows above the classes."""
        return {row.title: row.count for row in self._rows() if row.name is not None}

    def all_counts(self) -> tuple[int, int]:
        """The counts of all pictures and of those without a class."""
        rows = self._rows()
        return rows[0].count, rows[1].count

    def choose_class(self, title: str) -> None:
        place = self._place_of(title)
        QTest.mouseClick(self.class_list.viewport(), _LEFT, _NO_MODIFIER, place)
        self.settle()

    def create_class(self, title: str) -> None:
        self.click("images_new_class")
        field = self._child(QLineEdit, "images_new_class_name")
        self._type(field, title)
        QTest.keyClick(field, Qt.Key.Key_Return)
        self.settle()
        QTest.keyClick(field, Qt.Key.Key_Escape)

    def rename_class(self, title: str, new_title: str) -> None:
        self.choose_class(title)
        QTest.keyClick(self.class_list, Qt.Key.Key_F2)
        self._finish_rename(new_title)

    def rename_class_by_double_click(self, title: str, new_title: str) -> None:
        place = self._place_of(title)
        viewport = self.class_list.viewport()
        QTest.mouseClick(viewport, _LEFT, _NO_MODIFIER, place)
        QTest.mouseDClick(viewport, _LEFT, _NO_MODIFIER, place)
        self._finish_rename(new_title)

    def remove_class(self, title: str) -> None:
        self.choose_class(title)
        QTest.keyClick(self.class_list, Qt.Key.Key_Delete)
        self.settle()

    def begin_class_and_escape(self, title: str) -> None:
        self.click("images_new_class")
        field = self._child(QLineEdit, "images_new_class_name")
        self._type(field, title)
        QTest.keyClick(field, Qt.Key.Key_Escape)
        self.settle()

    # Pictures

    def title(self) -> str:
        return self._child(QLabel, "images_title").text()

    def facts(self) -> str:
        return self._child(QLabel, "images_facts").text()

    def shown(self) -> list[str]:
        """File names in the grid."""
        return [sample.file_name for sample in self._samples()]

    def shown_paths(self) -> list[str]:
        return [sample.path for sample in self._samples()]

    def selected(self) -> list[str]:
        return [sample.file_name for sample in self.grid.selected_samples()]

    def select(self, *names: str) -> None:
        """Click the first, Ctrl+click the others."""
        for number, name in enumerate(names):
            modifier = Qt.KeyboardModifier.ControlModifier if number else _NO_MODIFIER
            QTest.mouseClick(self.grid.viewport(), _LEFT, modifier, self.place_of_picture(name))

    def select_up_to(self, name: str) -> None:
        """Shift+click."""
        place = self.place_of_picture(name)
        modifier = Qt.KeyboardModifier.ShiftModifier
        QTest.mouseClick(self.grid.viewport(), _LEFT, modifier, place)

    def press(self, key: str | Qt.Key, modifier: Qt.KeyboardModifier = _NO_MODIFIER) -> None:
        """Press a key in the grid without waiting for what follows."""
        QTest.keyClick(self.grid, key, modifier)

    def press_and_wait(
        self, key: str | Qt.Key, modifier: Qt.KeyboardModifier = _NO_MODIFIER
    ) -> None:
        self.press(key, modifier)
        self.settle()

    def click_beside_the_pictures(self) -> None:
        viewport = self.grid.viewport()
        QTest.mouseClick(viewport, _LEFT, _NO_MODIFIER, viewport.rect().bottomRight())

    def stretch_rubber_band_to(self, name: str) -> None:
        """Press beside the pictures and pull up to one of them."""
        viewport, place = self.grid.viewport(), self.place_of_picture(name)
        start = viewport.rect().bottomRight()
        QTest.mousePress(viewport, _LEFT, _NO_MODIFIER, start)
        QTest.mouseMove(viewport, start - QPoint(20, 20))
        QTest.mouseMove(viewport, place)
        QTest.mouseRelease(viewport, _LEFT, _NO_MODIFIER, place)

    def zoom_with_the_wheel(self, notches: int) -> None:
        """Turn the wheel over the grid while Ctrl is held."""
        viewport = self.grid.viewport()
        place = QPointF(viewport.rect().center())
        event = QWheelEvent(
            place,
            viewport.mapToGlobal(place),
            QPoint(),
            QPoint(0, 120 * notches),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.ControlModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(viewport, event)

    def pictures_in_a_row(self) -> int:
        tops = [
            self.grid.visualRect(self.grid.model().index(row, 0)).top()
            for row in range(self.grid.model().rowCount())
        ]
        return tops.count(tops[0])

    # The preview

    def preview(self) -> QDialog | None:
        found = self.panel.findChildren(QDialog, "images_preview")
        return next((each for each in found if each.isVisible()), None)

    def preview_words(self) -> tuple[str, str]:
        """Name and facts below the large picture."""
        name = self._child(QLabel, "images_preview_name").text()
        return name, self._child(QLabel, "images_preview_facts").text()

    def preview_size(self) -> tuple[int, int]:
        """Width and height of the picture shown, in pixels of the screen."""
        rect = self._child(ImageView, "images_preview_picture").picture_rect()
        return round(rect.width()), round(rect.height())

    def preview_path(self) -> str:
        return self._child(PathField, "images_preview_path").path

    def preview_problem(self) -> str:
        return self._child(QLabel, "images_preview_problem").text()

    def see_as_the_network(self) -> None:
        self.click("images_preview_seen")
        self.wait_until(lambda: self.session.preview_jobs.is_idle)

    def seen_words(self) -> str:
        return self._child(QLabel, "images_preview_seen_words").text()

    def seen_size(self) -> tuple[int, int]:
        """Width and height of the picture as the network sees it, on the screen."""
        rect = self._child(ImageView, "images_preview_seen_picture").picture_rect()
        return round(rect.width()), round(rect.height())

    def kept_size(self) -> tuple[int, int]:
        """Width and height of what is not darkened in the large picture."""
        rect = self._preview_picture().kept_rect()
        return round(rect.width()), round(rect.height())

    def full_size(self) -> tuple[int, int]:
        """Width and height of the picture at full size, nothing while it is shown whole."""
        rect = self._preview_picture().full_rect()
        return round(rect.width()), round(rect.height())

    def full_left(self) -> int:
        """Where the left edge of the picture at full size lies in its frame."""
        return round(self._preview_picture().full_rect().left())

    def drag_preview(self, across_px: int) -> None:
        picture = self._preview_picture()
        start = picture.rect().center()
        QTest.mousePress(picture, _LEFT, _NO_MODIFIER, start)
        QTest.mouseMove(picture, start + QPoint(across_px, 0))
        QTest.mouseRelease(picture, _LEFT, _NO_MODIFIER, start + QPoint(across_px, 0))

    def double_click_preview(self) -> None:
        QTest.mouseDClick(self._preview_picture(), _LEFT)

    def _preview_picture(self) -> PreviewPicture:
        return self._child(PreviewPicture, "images_preview_picture")

    def press_in_preview(self, key: str | Qt.Key) -> None:
        dialog = self.preview()
        assert dialog is not None
        QTest.keyClick(dialog, key)
        self.settle()

    def search(self, text: str) -> None:
        field = self._child(QLineEdit, "images_search")
        field.clear()
        self._type(field, text)
        self.settle()

    def undo(self) -> None:
        self.session.undo()
        self.settle()

    def redo(self) -> None:
        self.session.redo()
        self.settle()

    def reason_of(self, name: str) -> str | None:
        """What the badge of a picture says, None without one."""
        reason = self._index(name).data(PROBLEM_ROLE)
        return str(reason).partition(": ")[2] if reason else None

    def tooltip_of(self, name: str) -> str:
        place = self.place_of_picture(name)
        viewport = self.grid.viewport()
        event = QHelpEvent(QEvent.Type.ToolTip, place, viewport.mapToGlobal(place))
        QApplication.sendEvent(viewport, event)
        text = QToolTip.text()
        QToolTip.hideText()
        return text

    def choose_in_menu(self, name: str, *words: str) -> None:
        """Right click a picture and choose in its menu and sub-menus."""
        self.grid.customContextMenuRequested.emit(self.place_of_picture(name))
        menu = self.panel.findChild(QMenu, "images_sample_menu")
        assert menu is not None
        for word in words[:-1]:
            menu = self._action(menu, word).menu()
        self._action(menu, words[-1]).trigger()
        for each in self.panel.findChildren(QMenu, "images_sample_menu"):
            each.close()
        self.settle()

    # Drops

    def drop_on_grid(self, *paths: Path) -> None:
        self.drop_mime_on_grid(_files(paths))

    def drop_mime_on_grid(self, mime: QMimeData) -> None:
        target = self.grid.parentWidget()
        assert target is not None
        self._drop(target, QPoint(20, 20), mime)

    def drop_on_class(self, title: str, *paths: Path) -> None:
        self._drop(self.class_list.viewport(), self._place_of(title), _files(paths))

    def drag_selection_to_class(self, title: str) -> None:
        self._drop(self.class_list.viewport(), self._place_of(title), samples_mime())

    def _drop(self, target: QWidget, place: QPoint, mime: QMimeData) -> None:
        actions = Qt.DropAction.CopyAction | Qt.DropAction.MoveAction
        entered = QDragEnterEvent(place, actions, mime, _LEFT, _NO_MODIFIER)
        QApplication.sendEvent(target, entered)
        assert entered.isAccepted(), "the drop is refused"
        QApplication.sendEvent(target, QDragMoveEvent(place, actions, mime, _LEFT, _NO_MODIFIER))
        dropped = QDropEvent(QPointF(place), actions, mime, _LEFT, _NO_MODIFIER)
        QApplication.sendEvent(target, dropped)
        QTest.qWait(0)
        self.settle()

    # The preview of an import

    def import_dialog(self) -> QDialog | None:
        return self.panel.findChild(QDialog, "import_dialog")

    def import_rows(self) -> list[tuple[str, str, str]]:
        table = self.panel.findChild(QTableWidget, "import_classes")
        assert table is not None
        return [
            (table.item(row, 0).text(), table.item(row, 1).text(), table.item(row, 2).text())
            for row in range(table.rowCount())
        ]

    def import_lines(self) -> list[str]:
        dialog = self.import_dialog()
        assert dialog is not None
        return [label.text() for label in dialog.findChildren(QLabel)]

    def accept_import(self) -> None:
        self.click("import_add")
        self.settle()

    def choose_files(self, *paths: Path) -> None:
        """Take *Add pictures*, *Pictures...* and choose."""
        self.click("images_add")
        menu = self.panel.findChild(QMenu, "images_add_menu")
        assert menu is not None
        self._action(menu, "Pictures, archives, videos, tables...").trigger()
        menu.close()
        dialog = self.panel.findChild(QFileDialog, "images_file_dialog")
        assert dialog is not None
        dialog.filesSelected.emit([str(path) for path in paths])
        dialog.close()
        self.settle()

    def error(self) -> str:
        """The sentence and hint of the error that is shown."""
        dialog = self.panel.findChild(ErrorDialog)
        assert dialog is not None
        words = f"{dialog.sentence} {dialog.hint}"
        dialog.close()
        return words

    # Anything

    def click(self, name: str) -> None:
        QTest.mouseClick(self._child(QPushButton, name), _LEFT)

    def is_shown(self, name: str) -> bool:
        widget = self.panel.findChild(QWidget, name)
        return widget is not None and widget.isVisible()

    def sentence_of_empty_grid(self) -> str:
        return " ".join(
            label.text()
            for label in self._child(QWidget, "images_empty").findChildren(QLabel)
            if label.isVisible()
        )

    def banner(self) -> str:
        return self._child(QWidget, "images_health").accessibleName()

    def place_of_picture(self, name: str) -> QPoint:
        index = self._index(name)
        self.grid.scrollTo(index)
        return self.grid.visualRect(index).center()

    def _samples(self) -> list[Sample]:
        model = self.grid.model()
        return [model.index(row, 0).data(SAMPLE_ROLE) for row in range(model.rowCount())]

    def _index(self, name: str) -> QModelIndex:
        return self.grid.model().index(self.shown().index(name), 0)

    def _rows(self) -> list[ClassRow]:
        model = self.class_list.model()
        return [model.index(row, 0).data(ROW_ROLE) for row in range(model.rowCount())]

    def _place_of(self, title: str) -> QPoint:
        at = [row.title for row in self._rows()].index(title)
        index = self.class_list.model().index(at, 0)
        self.class_list.scrollTo(index)
        return self.class_list.visualRect(index).topLeft() + QPoint(40, 12)

    def _finish_rename(self, new_title: str) -> None:
        field = self._child(QLineEdit, "images_class_title")
        field.selectAll()
        self._type(field, new_title)
        QTest.keyClick(field, Qt.Key.Key_Return)
        # Qt takes the text over once it has handled the key.
        self.wait_until(lambda: self.panel.findChild(QLineEdit, "images_class_title") is None)
        self.settle()

    def _type(self, field: QLineEdit, text: str) -> None:
        # Keyboards have no key for an emoji: such characters come from an input method.
        if text.isascii():
            QTest.keyClicks(field, text)
        else:
            field.insert(text)

    def _action(self, menu: QMenu, words: str) -> QAction:
        for action in menu.actions():
            if action.text().partition("\t")[0] == words:
                return action
        raise AssertionError(f"{words} is not among {[a.text() for a in menu.actions()]}")

    def _child(self, kind: type[Widget], name: str) -> Widget:
        child = self.panel.findChild(kind, name)
        assert child is not None, f"there is no {name}"
        return child


def _files(paths: Sequence[Path]) -> QMimeData:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return mime
