"""Where Tab stops in a part of the window."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget


def tab_stops(part: QWidget) -> list[QWidget]:
    """Return the widgets within `part` at which Tab stops, in the order they were made."""
    return [
        each
        for each in part.findChildren(QWidget)
        if each.focusPolicy() & Qt.FocusPolicy.TabFocus
        # What only hands the keyboard on, as the field within a spin box, is no stop of its own.
        and each.focusProxy() is None
        and each.window() is part.window()
    ]
