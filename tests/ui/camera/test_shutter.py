from __future__ import annotations

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from cnnstudio.ui.camera.shutter import HANDS_FREE_S, Shutter, ShutterState


class Watched(QObject):
    """A shutter with short seconds, and all that it said."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self.shutter = Shutter(self, second_ms=5)
        self.shutter.counted.connect(lambda seconds: self.said.append(str(seconds)))
        self.shutter.began.connect(lambda: self.said.append("began"))
        self.shutter.ended.connect(lambda: self.said.append("ended"))
        self.shutter.abandoned.connect(lambda: self.said.append("abandoned"))


@pytest.fixture
def watched(qtbot: QtBot) -> Watched:
    return Watched()


def test_it_records_while_it_is_held(watched: Watched) -> None:
    watched.shutter.press()
    assert watched.said == ["began"]
    watched.shutter.release()
    assert watched.said == ["began", "ended"]


def test_with_a_countdown_it_can_be_held_until_the_end(qtbot: QtBot, watched: Watched) -> None:
    watched.shutter.countdown_s = 3
    watched.shutter.press()
    qtbot.waitUntil(lambda: "began" in watched.said)
    assert watched.said == ["3", "2", "1", "began"]
    watched.shutter.release()
    assert watched.said[-1] == "ended"


def test_let_go_during_the_countdown_it_goes_on_by_itself(qtbot: QtBot, watched: Watched) -> None:
    watched.shutter.countdown_s = 3
    watched.shutter.press()
    watched.shutter.release()
    qtbot.waitUntil(lambda: "ended" in watched.said)
    assert watched.said == ["3", "2", "1", "began", "ended"]
    assert watched.shutter.state is ShutterState.READY


def test_a_burst_by_itself_is_ended_sooner_by_another_press(qtbot: QtBot, watched: Watched) -> None:
    watched.shutter.countdown_s = 3
    watched.shutter.press()
    watched.shutter.release()
    qtbot.waitUntil(lambda: "began" in watched.said)
    watched.shutter.press()
    watched.shutter.release()
    assert watched.said[-1] == "ended"
    assert watched.said.count("began") == 1, "the press that ends begins no other"


def test_a_second_press_stops_the_countdown(watched: Watched) -> None:
    watched.shutter.countdown_s = 10
    watched.shutter.press()
    watched.shutter.release()
    watched.shutter.press()
    watched.shutter.release()
    assert watched.said == ["10", "abandoned"]


def test_cancelling_is_not_ending(watched: Watched) -> None:
    watched.shutter.press()
    watched.shutter.cancel()
    watched.shutter.release()
    assert watched.said == ["began", "abandoned"]


def test_an_interruption_keeps_what_was_recorded_and_stops_a_countdown(watched: Watched) -> None:
    watched.shutter.press()
    watched.shutter.interrupt()
    assert watched.said == ["began", "ended"]
    watched.said.clear()
    watched.shutter.countdown_s = 3
    watched.shutter.press()
    watched.shutter.interrupt()
    assert watched.said == ["3", "abandoned"]


def test_while_nothing_happens_there_is_nothing_to_end(watched: Watched) -> None:
    watched.shutter.release()
    watched.shutter.interrupt()
    watched.shutter.cancel()
    assert watched.said == []


def test_it_records_long_enough_by_itself() -> None:
    assert 3 <= HANDS_FREE_S <= 10
