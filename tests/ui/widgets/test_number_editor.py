"""Numbers are taken as people type them."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDoubleSpinBox
from pytestqt.qtbot import QtBot

from cnnstudio.core.config import TrainingConfig
from cnnstudio.core.parameters import parameters_of
from cnnstudio.ui.widgets.number_editor import NumberEditor

PARAMETERS = {each.key: each for each in parameters_of(TrainingConfig)}


@pytest.mark.parametrize(
    ("key", "typed", "becomes"),
    [
        ("learning_rate", "1e-4", 0.0001),
        ("learning_rate", "0,0003", 0.0003),
        ("label_smoothing", "7.5", 0.075),
        ("epochs", "12", 12),
        ("validation_share", "90", 0.45),
        ("image_size", "99999", 1024),
        ("epochs", "-5", 1),
        ("epochs", "abc", 20),
    ],
)
def test_what_is_typed_is_read_whole_and_kept_within_the_limits(
    qtbot: QtBot, key: str, typed: str, becomes: Any
) -> None:
    editor = NumberEditor(PARAMETERS[key], "number")
    qtbot.addWidget(editor)
    editor.show()
    box = editor.findChild(QDoubleSpinBox)
    assert box is not None
    box.selectAll()
    QTest.keyClicks(box, typed)
    QTest.keyClick(box, Qt.Key.Key_Return)
    assert editor.value() == pytest.approx(becomes)
