"""Push buttons in the looks of the window: plain, primary, quiet, destructive, small."""

from __future__ import annotations

from typing import Literal

from PySide6.QtWidgets import QPushButton, QWidget

Look = Literal["plain", "primary", "quiet", "destructive", "link"]


def primary_button(text: str, parent: QWidget | None = None) -> QPushButton:
    """Return the one button of a panel that does its main work."""
    return styled_button(text, "primary", parent=parent)


def styled_button(
    text: str, look: Look = "plain", *, small: bool = False, parent: QWidget | None = None
) -> QPushButton:
    """Return a button in one of the looks; `small` ones stand in the header of a card."""
    button = QPushButton(text, parent)
    button.setProperty("class", f"{look} small" if small else look)
    return button
