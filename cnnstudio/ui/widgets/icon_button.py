"""`icon_button`: a small button that is only an icon, with words for those who ask for them."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QToolButton

from cnnstudio.ui.icons import Icons


def icon_button(icons: Icons, icon: str, words: str, name: str) -> QToolButton:
    """Return a button with an icon that follows the theme; `name` is its object name."""
    button = QToolButton()
    button.setObjectName(name)
    button.setAccessibleName(words)
    button.setToolTip(words)
    button.setIconSize(QSize(16, 16))
    icons.bind(button, icon, "muted")
    return button
