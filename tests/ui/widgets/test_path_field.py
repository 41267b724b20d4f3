"""A path that is read, and copied whole."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from cnnstudio.ui.widgets.path_field import PathField

PATH = "/home/somebody/pictures/2024/the long way home/a rather long name of a picture 0001.jpg"


def test_a_long_path_is_shortened_in_the_middle_and_copied_whole(
    qtbot: QtBot, qapp: QApplication
) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    other, field = QPushButton("Other", window), PathField(window)
    field.setGeometry(0, 40, 200, 24)
    window.show()
    other.setFocus()
    field.set_path(PATH)
    assert "…" in field.text()
    assert field.text().startswith("/home")
    assert field.text().endswith(".jpg")
    QTest.keyClick(other, Qt.Key.Key_Tab)
    qtbot.waitUntil(lambda: field.selectedText() == PATH)
    QTest.keyClick(field, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert qapp.clipboard().text() == PATH
    other.setFocus()
    assert "…" in field.text()
    field.setGeometry(0, 40, 900, 24)
    assert field.text() == PATH
