"""`Chip`: a pill that filters or switches."""

from __future__ import annotations

from PySide6.QtWidgets import QPushButton, QWidget


class Chip(QPushButton):
    """A checkable pill; several with one `QButtonGroup` switch between views."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setProperty("class", "chip")
        self.setCheckable(True)
