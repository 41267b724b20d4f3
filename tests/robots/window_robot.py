"""Drives the whole window with mouse, keys and drops, and tells what is to be seen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QCoreApplication, QEvent, QMimeData, QPoint, QPointF, Qt, QTimer, QUrl
from PySide6.QtGui import (
    QAction,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QKeySequence,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from cnnstudio.core.project import Project
from cnnstudio.ui.main_window import MainWindow
from cnnstudio.ui.messages import ErrorDialog

Widget = TypeVar("Widget", bound=QWidget)

LONGEST_MS = 60_000
_LEFT = Qt.MouseButton.LeftButton
_NO_MODIFIER = Qt.KeyboardModifier.NoModifier
_COPY_OR_MOVE = Qt.DropAction.CopyAction | Qt.DropAction.MoveAction


class WindowRobot:
    """User verbs first, then what the user waits for and sees."""

    def __init__(self, qtbot: QtBot, window: MainWindow) -> None:
        self.window = window
        self.session = window.session
        self._qtbot = qtbot

    # What the user does

    def show(self, *, resized: bool = True) -> None:
        if resized:
            self.window.resize(1280, 800)
        self.window.show()
        self.window.activateWindow()
        self._qtbot.waitExposed(self.window)

    def open(self, root: Path) -> None:
        """Open a folder and wait until it and its pictures were looked at."""
        self.window.open(root)
        self.until(lambda: self.session.project is not None and self.project.root == root)
        self.settle()

    def go_to(self, step: str) -> None:
        self.click(f"rail_{step}")
        assert self.step() == step

    def click(self, name: str) -> None:
        button = self.find(QAbstractButton, name)
        assert button.isVisible(), f"{name} cannot be seen"
        assert button.isEnabled(), f"{name} is greyed"
        QTest.mouseClick(button, _LEFT)

    def type_into(self, name: str, text: str) -> None:
        field = self.find(QLineEdit, name)
        assert field.isVisible(), f"{name} cannot be seen"
        field.setFocus()
        field.selectAll()
        QTest.keyClick(field, Qt.Key.Key_Delete)
        QTest.keyClicks(field, text)

    def press(self, keys: str) -> None:
        """Press keys such as "Ctrl+2", wherever the keyboard is."""
        if QApplication.activeModalWidget() is None:
            # Where there is no desktop nobody gives a window the keyboard back after a dialog.
            self.window.activateWindow()
            self.until(self.window.isActiveWindow)
        QTest.keySequence(QApplication.focusWidget() or self.window, QKeySequence(keys))

    def choose_in_menu(self, name: str) -> None:
        """Choose an action of the project menu, by its object name."""
        action = self.window.findChild(QAction, name)
        assert action is not None, f"there is no {name}"
        assert action.isEnabled(), f"{name} is greyed"
        action.trigger()

    def drop(self, what: Sequence[Path] | QMimeData, on: str | None = None) -> None:
        """Drag files, or what a program offers, onto the middle of the window or of a widget."""
        mime = what if isinstance(what, QMimeData) else files(what)
        target = self.window if on is None else self.find(QWidget, on)
        assert target.isVisible(), f"{on} cannot be seen"
        place = target.mapTo(self.window, target.rect().center())
        assert self._drag(mime, place), "the drop is refused"
        drop = QDropEvent(QPointF(place), _COPY_OR_MOVE, mime, _LEFT, _NO_MODIFIER)
        QApplication.sendEvent(self.window.windowHandle(), drop)
        assert drop.dropAction() == Qt.DropAction.CopyAction, "files must stay where they were"
        # What follows begins when the drag's own event loop has ended.
        ended: list[bool] = []
        QTimer.singleShot(0, lambda: ended.append(True))
        self.until(lambda: bool(ended))

    def hover(self, what: QMimeData, meanwhile: Callable[[], None] | None = None) -> bool:
        """Drag over the middle of the window and away; whether it could have been dropped."""
        may_drop = self._drag(what, self.window.rect().center())
        if meanwhile is not None:
            meanwhile()
        QApplication.sendEvent(self.window.windowHandle(), QDragLeaveEvent())
        return may_drop

    def copy_and_paste(self, mime: QMimeData) -> None:
        QApplication.clipboard().setMimeData(mime)
        self.press("Ctrl+V")

    def close(self) -> None:
        """Click the cross in the window's frame."""
        self.window.close()

    # What the user waits for

    def until(self, seen: Callable[[], bool]) -> None:
        self._qtbot.waitUntil(seen, timeout=LONGEST_MS)

    def settle(self) -> None:
        """Wait until nothing runs any more."""
        session = self.session
        queues = (
            session.file_jobs,
            session.engine_jobs,
            session.background_jobs,
            session.preview_jobs,
            session.view_jobs,
            session.map_jobs,
        )
        self.until(
            lambda: all(queue.is_idle for queue in queues) and not session.inspection.is_running
        )

    # What the user sees

    @property
    def project(self) -> Project:
        assert self.session.project is not None, "no project is open"
        return self.session.project

    def step(self) -> str:
        """The step that is lit in the rail and shown beside it; "" on the start page."""
        lit = self.window.current_step
        return lit if self.window.panel(lit).isVisible() else ""

    def title(self) -> str:
        return self.window.windowTitle()

    def facts(self) -> str:
        return self.text("project_facts")

    def message(self) -> str:
        return self.text("status_message")

    def text(self, name: str) -> str:
        return self.find(QLabel, name).text()

    def words_in(self, name: str) -> str:
        """All that is written in a widget."""
        labels = self.find(QWidget, name).findChildren(QLabel)
        return " ".join(label.text() for label in labels if label.isVisible())

    def is_shown(self, name: str) -> bool:
        return any(each.isVisible() for each in self.window.findChildren(QWidget, name))

    def can_click(self, name: str) -> bool:
        found = self.window.findChildren(QWidget, name)
        return any(each.isVisible() and each.isEnabled() for each in found)

    def errors(self) -> list[str]:
        """Sentence and hint of every error that is shown."""
        dialogs = self.window.findChildren(ErrorDialog)
        return [f"{each.sentence} {each.hint}" for each in dialogs if each.isVisible()]

    def error(self) -> str:
        """Wait for one error, read it and close it."""
        self.until(lambda: len(self.errors()) == 1)
        (words,) = self.errors()
        self.click("error_close")
        self.until(lambda: not self.errors())
        return words

    def find(self, kind: type[Widget], name: str) -> Widget:
        found = [each for each in self.window.findChildren(kind, name) if each.isVisible()]
        found = found or self.window.findChildren(kind, name)
        assert found, f"there is no {name}"
        return found[0]

    # The end

    def put_away(self) -> None:
        """Close the window whatever it does, and see that nothing of it goes on."""
        if self.window.isVisible():
            self.session.cancel_all()
            self.until(lambda: not self.session.is_busy)
            self.window.close()
            self.until(lambda: not self.window.isVisible())
        # What Python made must not be left on the clipboard: it would outlive Python.
        QApplication.clipboard().clear()
        timers = [
            timer
            for owner in (self.window, self.session)
            for timer in owner.findChildren(QTimer)
            # Those that fire only once end by themselves.
            if timer.isActive() and not timer.isSingleShot()
        ]
        names = [f"{timer.parent()}, {timer.interval()} ms" for timer in timers]
        assert not names, "timers still run after the window was closed"
        for each in (self.window, self.session):
            each.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)

    # How it is done

    def _drag(self, mime: QMimeData, place: QPoint) -> bool:
        """As the desktop does it: through the window, which looks for the widget at the place."""
        handle = self.window.windowHandle()
        enter = QDragEnterEvent(place, _COPY_OR_MOVE, mime, _LEFT, _NO_MODIFIER)
        QApplication.sendEvent(handle, enter)
        move = QDragMoveEvent(place, _COPY_OR_MOVE, mime, _LEFT, _NO_MODIFIER)
        if enter.isAccepted():
            move.setDropAction(enter.dropAction())
            move.accept()
        QApplication.sendEvent(handle, move)
        return move.isAccepted()


def files(paths: Sequence[Path]) -> QMimeData:
    """What a file manager offers."""
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return mime


def browser_picture(data: bytes, address: str = "https://example.org/cat.png") -> QMimeData:
    """What a browser offers for a picture of a page: its address and its bytes."""
    mime = QMimeData()
    mime.setUrls([QUrl(address)])
    mime.setData("image/png", data)
    return mime


def link(address: str) -> QMimeData:
    """What a browser offers for a link."""
    mime = QMimeData()
    mime.setUrls([QUrl(address)])
    mime.setText(address)
    return mime
