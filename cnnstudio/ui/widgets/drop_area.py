"""`DropArea`: shows where pictures may be dropped."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from cnnstudio.ui.widgets.restyle import restyle


class DropArea(QFrame):
    """A dashed frame with a sentence. The window takes the drops; this only shows that it will."""

    def __init__(self, sentence: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("class", "drop_area")
        self._label = QLabel(sentence)
        self._label.setProperty("class", "muted")
        self._label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._label.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.addWidget(self._label)
        self.setMinimumHeight(74)

    def sentence(self) -> str:
        """Return the sentence shown."""
        return self._label.text()

    def set_sentence(self, sentence: str) -> None:
        """Say something else."""
        self._label.setText(sentence)

    def set_receiving(self, receiving: bool) -> None:
        """Light up while something that can be dropped is dragged over the window."""
        if receiving != bool(self.property("receiving")):
            self.setProperty("receiving", receiving)
            restyle(self)
