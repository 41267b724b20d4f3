"""What the tests of the Images step share: the panel by itself, with the fake engine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from cnnstudio.ui.icons import Icons
from cnnstudio.ui.panels.images_panel import ImagesPanel
from cnnstudio.ui.session import Session
from cnnstudio.ui.theme import Theme
from cnnstudio.ui.thumbnails import Thumbnails
from tests.camera_fakes import FakeCamera
from tests.fakes import FakeEngine
from tests.robots.images_robot import ImagesRobot


@pytest.fixture
def images_robot(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> Iterator[ImagesRobot]:
    theme = Theme(qapp, "light")
    session = Session(FakeEngine(), tmp_path / "settings")
    thumbnails = Thumbnails()
    with theme.unstyled():
        panel = ImagesPanel(session, theme, Icons(theme), thumbnails, FakeCamera)
    panel.resize(1196, 722)
    qtbot.addWidget(panel)
    panel.show()
    yield ImagesRobot(qtbot, session, panel)
    thumbnails.close()
    session.close()
