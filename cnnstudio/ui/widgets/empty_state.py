"""`EmptyState`: what to do where there is nothing yet."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from cnnstudio.ui.icons import Icons
from cnnstudio.ui.widgets.icon_view import IconView
from cnnstudio.ui.widgets.primary_button import styled_button

_MOST_WIDTH_PX = 420


class EmptyState(QWidget):
    """An icon and a sentence in the middle of the room there is, with up to two buttons."""

    def __init__(
        self, icons: Icons, icon: str, sentence: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._sentence = QLabel(sentence)
        self._sentence.setProperty("class", "muted")
        self._sentence.setTextFormat(Qt.TextFormat.PlainText)
        self._sentence.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._sentence.setWordWrap(True)
        self._sentence.setMaximumWidth(_MOST_WIDTH_PX)
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(8)
        line = QHBoxLayout()
        line.addStretch(1)
        line.addWidget(self._sentence, 100)
        line.addStretch(1)
        middle = Qt.AlignmentFlag.AlignHCenter
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 24)
        layout.setSpacing(12)
        layout.addStretch(1)
        layout.addWidget(IconView(icons, icon, 40, "muted"), 0, middle)
        layout.addLayout(line)
        layout.addLayout(self._buttons)
        layout.setAlignment(self._buttons, middle)
        layout.addStretch(1)

    def sentence(self) -> str:
        """Return the sentence shown."""
        return self._sentence.text()

    def set_sentence(self, sentence: str) -> None:
        """Say something else."""
        self._sentence.setText(sentence)

    def add_button(self, text: str, *, primary: bool = False) -> QPushButton:
        """Offer something to do; connect to the button's `clicked`."""
        button = styled_button(text, "primary" if primary else "plain")
        self._buttons.addWidget(button)
        return button
