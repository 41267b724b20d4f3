"""The Train step by itself, on a project of two classes and with an engine that learns at once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from cnnstudio.core.config import RunConfig, TrainingConfig
from cnnstudio.ui.icons import Icons
from cnnstudio.ui.panels.train_panel import TrainPanel
from cnnstudio.ui.session import Session
from cnnstudio.ui.theme import Theme
from tests.builders import coloured_folder
from tests.fakes import FakeEngine
from tests.robots.train_robot import TrainRobot

OpenProject = Callable[[Path], None]

SMALL = RunConfig(training=TrainingConfig(epochs=3, batch_size=8, image_size=32, patience=0))


class OpenGate(threading.Event):
    """Set, and stays so."""

    def __init__(self) -> None:
        super().__init__()
        self.set()

    def clear(self) -> None:
        """Stay open."""


def end_epochs(engine: FakeEngine) -> None:
    """Let every epoch end from now on."""
    engine.may_end_epoch = OpenGate()


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
def session(
    qapp: QApplication, qtbot: QtBot, engine: FakeEngine, tmp_path: Path
) -> Iterator[Session]:
    session = Session(engine, tmp_path / "settings")
    yield session
    session.close()


@pytest.fixture
def open_project(qtbot: QtBot, session: Session) -> OpenProject:
    """Opens a folder and waits for it."""

    def open_it(root: Path) -> None:
        with qtbot.waitSignal(session.project_changed, timeout=10_000):
            session.open(root)

    return open_it


@pytest.fixture
def robot(
    qtbot: QtBot,
    qapp: QApplication,
    session: Session,
    open_project: OpenProject,
    tmp_path: Path,
) -> TrainRobot:
    """The Train step of a project with two classes of 20 pictures, set to three short epochs."""
    coloured_folder(tmp_path / "fruit", {"red": 20, "green": 20})
    theme = Theme(qapp, "light")
    with theme.unstyled():
        panel = TrainPanel(session, theme, Icons(theme), tmp_path / "backbones")
    qtbot.addWidget(panel)
    panel.resize(1196, 722)
    panel.show()
    open_project(tmp_path / "fruit")
    session.set_config(SMALL)
    return TrainRobot(qtbot, panel)


@pytest.fixture
def paused(robot: TrainRobot, engine: FakeEngine) -> TrainRobot:
    """A training that stands in the middle of epoch 2."""
    engine.may_end_epoch = threading.Event()
    robot.start()
    robot.wait_for_headline("epoch 1")
    engine.may_end_epoch.set()
    robot.wait_for_headline("epoch 2")
    return robot
