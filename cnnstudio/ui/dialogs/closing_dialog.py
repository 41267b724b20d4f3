"""Asks what becomes of a running training when the window is closed."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from cnnstudio.ui.widgets.primary_button import primary_button, styled_button


class ClosingDialog(QDialog):
    """Keep the best so far, throw the training away, or go on with it, which Escape means, too.

    `waiting` trainings in line after it are given up by closing.
    """

    keep_wanted = Signal()
    discard_wanted = Signal()

    def __init__(self, waiting: int = 0, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Training is running")
        self.setObjectName("closing_dialog")
        heading = QLabel("A training is running.")
        heading.setProperty("class", "heading")
        question = "Keep the best it has learned so far as a run, or throw it away?"
        if waiting:
            these = (
                "One that waits in line is" if waiting == 1 else f"{waiting} that wait in line are"
            )
            question += f"\n{these} not trained."
        words = QLabel(question)
        words.setProperty("class", "muted")
        discard = styled_button("Throw away and close", "destructive")
        discard.setObjectName("closing_discard")
        discard.clicked.connect(self.discard_wanted)
        go_on = styled_button("Go on training")
        go_on.setObjectName("closing_go_on")
        keep = primary_button("Keep the best and close")
        keep.setObjectName("closing_keep")
        keep.setDefault(True)
        keep.clicked.connect(self.keep_wanted)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch(1)
        for button in (discard, go_on, keep):
            button.clicked.connect(self.accept)
            row.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 16)
        layout.setSpacing(8)
        layout.addWidget(heading)
        layout.addWidget(words)
        layout.addSpacing(8)
        layout.addLayout(row)
