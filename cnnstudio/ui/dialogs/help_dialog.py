"""Short help: for the step that is shown, and in general, with the keys."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import (
    QButtonGroup,
    QDialog,
    QHBoxLayout,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from cnnstudio.core.resources import resource_path
from cnnstudio.ui.widgets.chip import Chip
from cnnstudio.ui.widgets.primary_button import styled_button

_PARAGRAPH_PX = 8
_MARGIN_PX = 12


class HelpDialog(QDialog):
    """Shows a text of `resources/help`, beside the window, for as long as it is wanted.

    `tour_wanted` asks for the guided tour.
    """

    tour_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Help")
        self.setObjectName("help_dialog")
        self.resize(560, 620)
        self._step = ""
        self._this, self._general = Chip("This step"), Chip("In general")
        group = QButtonGroup(self)
        tour = styled_button("Guided tour")
        self._text = QTextBrowser()
        self._text.setAccessibleName("Help")
        self._text.setOpenLinks(False)
        self._text.document().setDocumentMargin(_MARGIN_PX)
        for widget, name in (
            (self._this, "step"),
            (self._general, "general"),
            (tour, "tour"),
            (self._text, "text"),
        ):
            widget.setObjectName(f"help_{name}")
        for chip in (self._this, self._general):
            group.addButton(chip)
            chip.clicked.connect(self._show)
        tour.setToolTip("A first project in five minutes")
        tour.clicked.connect(self.tour_wanted)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self._this)
        row.addWidget(self._general)
        row.addStretch(1)
        row.addWidget(tour)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(12)
        layout.addLayout(row)
        layout.addWidget(self._text, 1)
        self.show_step("")

    def show_step(self, step: str) -> None:
        """Be about a step of the window; "" is the start page, where there is only the general."""
        self._step = step
        self._this.setVisible(bool(step))
        (self._this if step else self._general).setChecked(True)
        self._show()

    @Slot()
    def _show(self) -> None:
        name = self._step if self._this.isChecked() and self._step else "help"
        self._text.setMarkdown(resource_path("help", f"{name}.md").read_text("utf-8"))
        # Markdown brings no room between paragraphs.
        block = self._text.document().begin()
        while block.isValid():
            shape = block.blockFormat()
            if QTextCursor(block).currentTable() is None:
                shape.setBottomMargin(_PARAGRAPH_PX)
                QTextCursor(block).setBlockFormat(shape)
            block = block.next()
        self._text.moveCursor(QTextCursor.MoveOperation.Start)
