from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLabel, QPushButton, QToolButton
from pytestqt.qtbot import QtBot

from cnnstudio.ui.theme import Theme
from cnnstudio.ui.widgets.bar import Bar
from cnnstudio.ui.widgets.fit_label import ElidedLabel
from cnnstudio.ui.widgets.status_strip import StatusStrip
from cnnstudio.ui.widgets.top_strip import TopStrip


@pytest.fixture
def strip(qtbot: QtBot, theme: Theme) -> StatusStrip:
    strip = StatusStrip(theme)
    qtbot.addWidget(strip)
    strip.resize(1280, 34)
    strip.show()
    return strip


def words(strip: StatusStrip) -> str:
    return strip.findChild(QLabel, "status_message").text()


def visible_buttons(strip: StatusStrip) -> list[str]:
    return [button.text() for button in strip.findChildren(QPushButton) if button.isVisible()]


def test_a_quiet_strip_shows_its_message_and_no_button(strip: StatusStrip) -> None:
    strip.show_message("Answered in 24 ms")
    assert words(strip) == "Answered in 24 ms"
    assert visible_buttons(strip) == []
    assert not strip.findChild(Bar, "status_bar").isVisible()


def test_a_job_shows_its_name_bar_time_left_and_buttons(strip: StatusStrip) -> None:
    strip.show_job("Training: Classic CNN", can_stop=True)
    strip.set_progress(0.72, seconds_left=430)
    assert words(strip) == "Training: Classic CNN"
    assert strip.findChild(Bar, "status_bar").value() == 0.72
    assert strip.findChild(QLabel, "status_time_left").text() == "about 7 min left"
    assert visible_buttons(strip) == ["Stop and keep", "Cancel"]


def test_a_job_that_cannot_be_stopped_offers_no_stop(strip: StatusStrip) -> None:
    strip.show_job("Adding pictures")
    assert visible_buttons(strip) == ["Cancel"]
    strip.show_job("Saving", can_cancel=False)
    assert visible_buttons(strip) == []


def test_a_new_job_starts_with_an_empty_bar(strip: StatusStrip) -> None:
    strip.show_job("One")
    strip.set_progress(1.0, 3)
    strip.show_job("Two")
    assert strip.findChild(Bar, "status_bar").value() == 0.0
    assert strip.findChild(QLabel, "status_time_left").text() == ""


def test_a_message_waits_until_the_job_is_over(strip: StatusStrip) -> None:
    strip.show_job("Training")
    strip.show_message("4 pictures selected")
    assert words(strip) == "Training"
    strip.clear_job()
    assert words(strip) == "4 pictures selected"
    assert visible_buttons(strip) == []


def test_stop_and_cancel_are_asked_for_and_greyed_while_the_job_ends(
    strip: StatusStrip, qtbot: QtBot
) -> None:
    strip.show_job("Training", can_stop=True)
    stop = strip.findChild(QPushButton, "status_stop")
    cancel = strip.findChild(QPushButton, "status_cancel")
    with qtbot.waitSignal(strip.stop_requested):
        qtbot.mouseClick(stop, Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(strip.cancel_requested):
        qtbot.mouseClick(cancel, Qt.MouseButton.LeftButton)
    strip.show_ending("Stopping")
    assert words(strip) == "Stopping"
    assert not stop.isEnabled()
    assert not cancel.isEnabled()
    strip.show_job("Training again", can_stop=True)
    assert stop.isEnabled()
    assert cancel.isEnabled()


def test_the_device_tells_its_reason_only_where_there_is_one(
    strip: StatusStrip, qtbot: QtBot
) -> None:
    strip.set_device("GPU: NVIDIA RTX 4070")
    assert visible_buttons(strip) == []
    strip.set_device("CPU, 2 cores · no GPU found", has_reason=True)
    assert strip.findChild(QLabel, "status_device").text() == "CPU, 2 cores · no GPU found"
    with qtbot.waitSignal(strip.device_clicked):
        qtbot.mouseClick(strip.findChild(QPushButton, "status_why"), Qt.MouseButton.LeftButton)


def test_nothing_moves_in_the_strip_when_the_time_left_changes(
    strip: StatusStrip, qtbot: QtBot
) -> None:
    strip.show_job("Training", can_stop=True)
    strip.set_progress(0.1, 7)
    strip.layout().activate()
    before = strip.findChild(QPushButton, "status_cancel").geometry()
    strip.set_progress(0.2, 4 * 3600 + 50 * 60)
    strip.layout().activate()
    assert strip.findChild(QPushButton, "status_cancel").geometry() == before


def test_the_top_strip_shows_the_project_and_a_button_for_each_action(qtbot: QtBot) -> None:
    undo, help_action = QAction("Undo"), QAction("Help")
    undo.setObjectName("undo")
    help_action.setObjectName("help")
    strip = TopStrip([undo, help_action])
    qtbot.addWidget(strip)
    strip.resize(800, 44)
    strip.show()
    strip.set_project("Clothes in my shop", "3,068 pictures · 10 classes")
    assert strip.findChild(QLabel, "project_name").text() == "Clothes in my shop"
    assert strip.findChild(QLabel, "project_facts").text() == "3,068 pictures · 10 classes"
    undo.setEnabled(False)
    assert not strip.findChild(QToolButton, "top_undo").isEnabled()
    button = strip.findChild(QToolButton, "top_help")
    assert button.accessibleName() == "Help"
    with qtbot.waitSignal(help_action.triggered):
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_a_long_name_is_shortened_in_the_middle_and_told_in_the_tooltip(qtbot: QtBot) -> None:
    label = ElidedLabel("a very long name of a picture from a phone IMG_2041.jpg")
    qtbot.addWidget(label)
    label.resize(160, 20)
    label.grab()
    assert "…" in label.shown_text()
    assert label.shown_text().endswith("2041.jpg")
    assert label.toolTip() == label.text()
    label.resize(900, 20)
    label.grab()
    assert label.shown_text() == label.text()
    assert label.toolTip() == ""
