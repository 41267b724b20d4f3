"""Pinned pictures in the window: pinned by drop and by menu, followed, taken away."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from PySide6.QtWidgets import QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from cnnstudio.core.catalog.training_presets import training_preset
from cnnstudio.core.config import with_setting
from cnnstudio.core.errors import StudioError
from cnnstudio.ui.panels.images_panel import ImagesPanel
from cnnstudio.ui.widgets.pin_strip import PinStrip
from tests.builders import coloured_folder, coloured_picture
from tests.fakes import FakeEngine
from tests.robots.images_robot import ImagesRobot
from tests.robots.window_robot import WindowRobot

FAST = with_setting(training_preset("fast").config, "epochs", "2")


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    path = tmp_path / "elsewhere.png"
    coloured_picture(path, "red", seed="elsewhere")
    return path


@pytest.fixture
def root(user: WindowRobot, tmp_path: Path) -> Path:
    root = coloured_folder(tmp_path / "colours", {"red": 6, "green": 6, "blue": 6})
    user.open(root)
    user.session.set_config(FAST)
    return root


def lines(user: WindowRobot) -> list[list[str]]:
    """What stands beside each pinned picture; nothing where the strip takes no room."""
    strip = user.window.findChild(PinStrip)
    assert strip is not None
    return strip.lines() if strip.isVisible() else []


def test_pins_are_followed_from_epoch_to_epoch(
    user: WindowRobot, fake_engine: FakeEngine, root: Path, outside: Path, tmp_path: Path
) -> None:
    user.go_to("train")
    assert lines(user) == []
    user.drop([outside], on="rail_train")
    user.settle()
    assert lines(user) == [["elsewhere.png"]]
    fake_engine.may_end_epoch = threading.Event()
    user.session.train()
    fake_engine.may_end_epoch.set()
    user.until(lambda: user.text("train_pins_epoch") == "epoch 1")
    assert lines(user)[0][0].startswith("blue "), "the fake engine learns in epoch 2"
    fake_engine.may_end_epoch.set()
    user.until(lambda: user.text("train_pins_epoch") == "epoch 2")
    assert lines(user)[0][0].startswith("red ")
    fake_engine.may_end_epoch = None
    user.settle()
    kept = user.session.runs[0].best_epoch
    assert kept == 1, "the fake engine keeps the last epoch but one"
    assert user.text("train_pins_epoch") == "kept, epoch 1"
    assert lines(user)[0][0].startswith("red "), "the run that was kept is asked"
    user.drop([root / "green" / "1.png"], on="train_pins")
    user.settle()
    assert [each[0].split()[0] for each in lines(user)] == ["red", "green"]
    user.click("train_pins_remove_1")
    user.settle()
    assert [each[0].split()[0] for each in lines(user)] == ["green"]
    user.open(coloured_folder(tmp_path / "other", {"red": 3, "green": 3}))
    user.open(root)
    asked = len(fake_engine.predicted)
    user.go_to("train")
    user.settle()
    assert [each[0].split()[0] for each in lines(user)] == ["green"], "also another day"
    user.go_to("images")
    user.go_to("train")
    user.settle()
    assert len(fake_engine.predicted) == asked + 1, "once is enough"


def test_pins_come_back_with_the_project(
    user: WindowRobot, root: Path, outside: Path, tmp_path: Path
) -> None:
    user.drop([outside], on="rail_train")
    user.settle()
    user.open(coloured_folder(tmp_path / "other", {"red": 3, "green": 3}))
    user.go_to("train")
    assert lines(user) == []
    user.open(root)
    user.go_to("train")
    assert lines(user) == [["elsewhere.png"]]


def test_pictures_of_the_project_are_pinned_by_menu(
    user: WindowRobot, root: Path, qtbot: QtBot
) -> None:
    panel = user.window.panel("images")
    assert isinstance(panel, ImagesPanel)
    images = ImagesRobot(qtbot, user.session, panel)
    name = images.shown()[0]
    images.select(name)
    images.choose_in_menu(name, "Pin to the Train step")
    user.settle()
    assert user.message().startswith("Pinned.")
    user.go_to("train")
    assert lines(user) == [[name]]


def test_what_is_no_picture_is_refused_in_words(
    user: WindowRobot, root: Path, tmp_path: Path
) -> None:
    (tmp_path / "words.png").write_text("no picture")
    user.drop([tmp_path / "words.png"], on="rail_train")
    assert "words.png" in user.error()


def test_all_pins_and_a_note_fit_a_small_screen(
    user: WindowRobot, root: Path, fake_engine: FakeEngine
) -> None:
    user.window.resize(1366, 700)
    user.go_to("train")
    fake_engine.fail_with = StudioError("It failed.", "A hint that takes several lines. " * 12)
    user.session.train()
    user.drop(sorted((root / "red").iterdir()), on="rail_train")
    user.settle()
    assert len(lines(user)) == 6
    assert user.is_shown("train_problem")
    assert user.window.height() == 700
    curves, area = user.find(QWidget, "train_accuracy"), user.find(QScrollArea, "train_column")
    area.verticalScrollBar().setValue(area.verticalScrollBar().maximum())
    assert curves.visibleRegion().boundingRect() == curves.rect()
