"""Asks what becomes of a running training when the window is closed."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from cnnstudio.ui.widgets.primary_button import Look, styled_button


class ClosingDialog(QDialog):
    """Go on later, keep the best so far, throw all away, or go on now, which Escape means, too.

    `waiting` trainings in line after it are given up by closing.
    """

    later_wanted = Signal()
    keep_wanted = Signal()
    discard_wanted = Signal()

    def __init__(
        self, waiting: int = 0, *, can_go_on_later: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Training is running")
        self.setObjectName("closing_dialog")
        heading = QLabel("A training is running.")
        heading.setProperty("class", "heading")
        words = QLabel(_question(waiting, can_go_on_later))
        words.setProperty("class", "muted")
        discard = self._button("closing_discard", "Throw away and close", "destructive")
        discard.clicked.connect(self.discard_wanted)
        go_on = self._button("closing_go_on", "Go on training")
        keep = self._button(
            "closing_keep", "Keep the best and close", "plain" if can_go_on_later else "primary"
        )
        keep.clicked.connect(self.keep_wanted)
        later = self._button("closing_later", "Close and go on later", "primary")
        later.clicked.connect(self.later_wanted)
        later.setVisible(can_go_on_later)
        (later if can_go_on_later else keep).setDefault(True)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch(1)
        for button in (discard, go_on, keep, later):
            button.clicked.connect(self.accept)
            row.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 16)
        layout.setSpacing(8)
        layout.addWidget(heading)
        layout.addWidget(words)
        layout.addSpacing(8)
        layout.addLayout(row)

    def _button(self, name: str, words: str, look: Look = "plain") -> QPushButton:
        button = styled_button(words, look, parent=self)
        button.setObjectName(name)
        return button


def _question(waiting: int, can_go_on_later: bool) -> str:
    lines = ["Keep the best it has learned so far as a run, or throw it away?"]
    if can_go_on_later:
        lines.insert(0, "It is saved as it stands and can be continued another time.")
    if waiting:
        these = "One that waits in line is" if waiting == 1 else f"{waiting} that wait in line are"
        lines.append(f"{these} not trained.")
    return "\n".join(lines)
