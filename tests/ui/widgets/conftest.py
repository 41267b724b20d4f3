"""What the tests of widgets share: a theme in light colours and its icons."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication

from cnnstudio.ui.icons import Icons
from cnnstudio.ui.theme import Theme


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    return Theme(qapp, "light")


@pytest.fixture
def icons(theme: Theme) -> Icons:
    return Icons(theme)
