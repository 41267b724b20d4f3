"""Asks before what is left of a training that was cut off is deleted for good."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from cnnstudio.ui.widgets.primary_button import styled_button
from cnnstudio.ui.words import counted


class DiscardDialog(QDialog):
    """A question in the place of undo: what is deleted is large, and there is no bin for it."""

    discard_wanted = Signal()

    def __init__(self, name: str, epochs: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Discard a training")
        self.setObjectName("discard_dialog")
        heading = QLabel(f"Discard {name} for good?")
        heading.setTextFormat(Qt.TextFormat.PlainText)
        heading.setProperty("class", "heading")
        learned = f"The {counted(epochs, 'epoch')} it has learned" if epochs else "What it has"
        words = QLabel(f"{learned} cannot be brought back; your pictures and runs stay.")
        words.setProperty("class", "muted")
        words.setWordWrap(True)
        keep = styled_button("Keep it")
        keep.setObjectName("discard_keep")
        keep.setDefault(True)
        keep.clicked.connect(self.reject)
        discard = styled_button("Discard for good", "destructive")
        discard.setObjectName("discard_confirm")
        discard.setAutoDefault(False)
        discard.clicked.connect(self.discard_wanted)
        discard.clicked.connect(self.accept)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch(1)
        row.addWidget(discard)
        row.addWidget(keep)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 16)
        layout.setSpacing(12)
        layout.addWidget(heading)
        layout.addWidget(words)
        layout.addLayout(row)
