from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QToolButton, QWidget
from pytestqt.qtbot import QtBot

from cnnstudio.ui.icons import Icons
from cnnstudio.ui.widgets.banner import Banner
from cnnstudio.ui.widgets.banner_stack import BannerStack


@pytest.fixture
def panel(qtbot: QtBot) -> QWidget:
    panel = QWidget()
    qtbot.addWidget(panel)
    panel.show()
    return panel


@pytest.fixture
def banners(panel: QWidget, icons: Icons) -> tuple[BannerStack, Banner, Banner]:
    """A grave banner and one that can wait."""
    grave, light = Banner(icons, "bad", closable=True), Banner(icons, "info", closable=True)
    stack = BannerStack((grave, light), panel)
    return stack, grave, light


def test_the_gravest_is_shown_and_the_next_when_it_is_closed(
    banners: tuple[BannerStack, Banner, Banner], qtbot: QtBot
) -> None:
    stack, grave, light = banners
    stack.tell(light, "info", "Pictures look alike.")
    assert light.isVisible()

    stack.tell(grave, "bad", "Memory ran out.")
    assert (grave.isVisible(), light.isVisible()) == (True, False)

    qtbot.mouseClick(grave.findChild(QToolButton), Qt.MouseButton.LeftButton)
    assert (grave.isVisible(), light.isVisible()) == (False, True)


def test_without_anything_to_say_it_takes_no_room(
    banners: tuple[BannerStack, Banner, Banner],
) -> None:
    stack, grave, light = banners
    assert not stack.isVisible()
    stack.tell(light, "info", "Pictures look alike.")
    assert stack.isVisible()

    stack.hush(grave, light)

    assert not stack.isVisible()
