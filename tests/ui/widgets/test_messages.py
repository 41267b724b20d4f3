from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from cnnstudio.core.errors import StudioError
from cnnstudio.ui.messages import ErrorDialog, show_error
from cnnstudio.ui.theme import Theme


@pytest.fixture
def window(qtbot: QtBot, theme: Theme) -> QWidget:
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    return window


def words(dialog: ErrorDialog) -> list[str]:
    return [label.text() for label in dialog.findChildren(QLabel)]


def test_an_error_shows_its_sentence_and_its_hint_and_no_traceback(window: QWidget) -> None:
    dialog = show_error(window, StudioError("The folder <b>is</b> gone.", "Choose another one."))
    assert dialog.isVisible()
    assert words(dialog) == ["The folder <b>is</b> gone.", "Choose another one."]
    assert all(
        label.textFormat() == Qt.TextFormat.PlainText for label in dialog.findChildren(QLabel)
    )
    assert dialog.findChild(QPushButton, "error_copy_details") is None


def test_an_error_without_a_hint_shows_only_its_sentence(window: QWidget) -> None:
    assert words(show_error(window, StudioError("The folder is gone."))) == ["The folder is gone."]


def failing() -> Exception:
    try:
        raise ZeroDivisionError("by zero")
    except ZeroDivisionError as error:
        return error


def test_what_nobody_expected_is_named_so_and_its_details_can_be_copied(
    window: QWidget, qtbot: QtBot
) -> None:
    dialog = show_error(window, failing())
    assert words(dialog)[0] == "Something unexpected went wrong."
    assert not any("ZeroDivisionError" in line for line in words(dialog))
    button = dialog.findChild(QPushButton, "error_copy_details")
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    copied = QGuiApplication.clipboard().text()
    assert "ZeroDivisionError: by zero" in copied
    assert "Traceback" in copied
    assert "failing" in copied


def test_closing_the_message_destroys_it(window: QWidget, qtbot: QtBot) -> None:
    dialog = show_error(window, StudioError("The folder is gone."))
    close = dialog.findChild(QPushButton, "error_close")
    with qtbot.waitSignal(dialog.destroyed):
        qtbot.mouseClick(close, Qt.MouseButton.LeftButton)
