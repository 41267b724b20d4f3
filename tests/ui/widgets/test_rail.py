from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from cnnstudio.ui.icons import Icons
from cnnstudio.ui.widgets.rail import Rail, RailStep

STEPS = [
    RailStep("images", "Images", "images"),
    RailStep("augment", "Augment", "augment"),
    RailStep("train", "Train", "train"),
]


@pytest.fixture
def rail(qtbot: QtBot, icons: Icons) -> Iterator[Rail]:
    window = QWidget()
    qtbot.addWidget(window)
    rail = Rail(icons, STEPS)
    QVBoxLayout(window).addWidget(rail)
    window.show()
    qtbot.waitExposed(window)
    window.activateWindow()
    yield rail
    window.close()


def chosen(rail: Rail) -> list[str]:
    names: list[str] = []
    rail.step_chosen.connect(names.append)
    return names


def test_the_first_step_is_lit_at_the_start(rail: Rail) -> None:
    assert rail.current() == "images"


def test_a_click_chooses_a_step(rail: Rail, qtbot: QtBot) -> None:
    names = chosen(rail)
    qtbot.mouseClick(rail.button("train"), Qt.MouseButton.LeftButton)
    assert names == ["train"]
    assert rail.current() == "train"


def test_setting_the_step_says_nothing(rail: Rail) -> None:
    names = chosen(rail)
    rail.set_current("augment")
    assert rail.current() == "augment"
    assert names == []


def test_up_and_down_move_between_the_steps(rail: Rail, qtbot: QtBot) -> None:
    names = chosen(rail)
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Up):
        qtbot.keyClick(rail.button(rail.current()), key)
    assert names == ["augment", "train", "augment"]


def test_down_passes_over_a_step_that_is_not_enabled(rail: Rail, qtbot: QtBot) -> None:
    rail.set_enabled_steps({"images", "train"})
    names = chosen(rail)
    qtbot.keyClick(rail.button("images"), Qt.Key.Key_Down)
    assert names == ["train"]


def test_control_and_a_number_go_to_a_step_from_anywhere(rail: Rail, qtbot: QtBot) -> None:
    names = chosen(rail)
    qtbot.keyClick(rail.window(), Qt.Key.Key_3, Qt.KeyboardModifier.ControlModifier)
    assert names == ["train"]


def test_a_step_that_is_not_enabled_cannot_be_chosen(rail: Rail, qtbot: QtBot) -> None:
    rail.set_enabled_steps({"images"})
    names = chosen(rail)
    qtbot.mouseClick(rail.button("train"), Qt.MouseButton.LeftButton)
    qtbot.keyClick(rail.window(), Qt.Key.Key_3, Qt.KeyboardModifier.ControlModifier)
    assert names == []
    assert rail.current() == "images"


def test_the_rail_is_as_wide_as_designed_and_its_labels_fit(rail: Rail) -> None:
    assert rail.width() == 84
    for name in ("images", "augment", "train"):
        button = rail.button(name)
        assert button.fontMetrics().horizontalAdvance(button.text()) <= button.width()
