"""Pictures are answered as they arrive in a watched folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog

from tests.builders import coloured_picture
from tests.robots.predict_robot import PredictRobot


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    (tmp_path / "inbox").mkdir()
    coloured_picture(tmp_path / "inbox" / "there.png", "red", "new")
    return tmp_path / "inbox"


@pytest.fixture
def watched(robot: PredictRobot, inbox: Path, monkeypatch: pytest.MonkeyPatch) -> PredictRobot:
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(inbox))
    robot.click("watch")
    robot.user.until(lambda: robot.names() == ["there.png"])
    return robot


def test_what_lies_there_and_what_arrives_is_answered(watched: PredictRobot, inbox: Path) -> None:
    coloured_picture(inbox / "b.png", "blue", "new")
    watched.user.until(lambda: watched.classes() == {"there.png": "red", "b.png": "blue"})
    watched.user.until(lambda: watched.watching() == "Watching inbox: 2 pictures so far.")
    watched.click("watch_stop")
    assert watched.watching() == ""
    assert len(watched.rows()) == 2, "the answers stay"


def test_they_are_copied_into_folders_as_they_come(
    watched: PredictRobot, inbox: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(inbox / "x"))
    watched.click("watch_sort")
    assert "outside" in watched.watching()
    target = tmp_path / "sorted"
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(target))
    watched.click("watch_sort")
    coloured_picture(inbox / "b.png", "blue", "new")
    watched.user.until(lambda: (target / "blue" / "b.png").is_file())
    assert "copied into sorted" in watched.watching()


def test_a_drop_ends_the_watching(
    watched: PredictRobot, new: Callable[..., Path], inbox: Path
) -> None:
    watched.drop([new("plum.png", "blue")])
    assert watched.watching() == ""
    assert watched.names() == ["plum.png"]
