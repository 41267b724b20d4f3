"""`Card`: the framed surface on which everything of a panel lies."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

PADDING_PX = 14
SPACING_PX = 8


class Card(QFrame):
    """A frame with an optional title and, right of it, room for small buttons.

    Add what it holds to `body`, the buttons with `add_action`.
    """

    def __init__(self, title: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("class", "card")
        self._title = QLabel(title)
        self._title.setProperty("class", "heading")
        # Names of runs and classes may look like mark-up and must not act like it.
        self._title.setTextFormat(Qt.TextFormat.PlainText)
        self._header = QHBoxLayout()
        self._header.setSpacing(SPACING_PX)
        self._header.addWidget(self._title)
        self._header.addStretch(1)
        self.body = QVBoxLayout()
        self.body.setSpacing(SPACING_PX)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(PADDING_PX, PADDING_PX, PADDING_PX, PADDING_PX)
        outer.setSpacing(SPACING_PX)
        outer.addLayout(self._header)
        outer.addLayout(self.body, 1)
        self.set_title(title)

    def set_title(self, title: str) -> None:
        """Change the title; an empty one takes no room."""
        self._title.setText(title)
        self._title.setVisible(bool(title))

    def add_action(self, widget: QWidget) -> None:
        """Put a button, a chip or a badge at the right of the title."""
        self._header.addWidget(widget)
