"""Asks before the pictures in the bin are deleted for good."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from cnnstudio.ui.widgets.primary_button import styled_button
from cnnstudio.ui.words import pictures


class EmptyBinDialog(QDialog):
    """The one question that is asked instead of offering undo: there is none afterwards."""

    empty_wanted = Signal()

    def __init__(self, count: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Empty the bin")
        self.setObjectName("images_empty_bin_dialog")
        heading = QLabel(f"Delete {pictures(count)} for good?")
        heading.setProperty("class", "heading")
        words = QLabel(
            "They cannot be brought back, and steps that were made before can no longer be undone."
        )
        words.setProperty("class", "muted")
        words.setWordWrap(True)
        keep = styled_button("Keep them")
        keep.setObjectName("images_keep_bin")
        keep.setDefault(True)
        keep.clicked.connect(self.reject)
        delete = styled_button("Delete for good", "destructive")
        delete.setObjectName("images_delete_bin")
        delete.setAutoDefault(False)
        delete.clicked.connect(self.empty_wanted)
        delete.clicked.connect(self.accept)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch(1)
        row.addWidget(delete)
        row.addWidget(keep)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 16)
        layout.setSpacing(12)
        layout.addWidget(heading)
        layout.addWidget(words)
        layout.addLayout(row)
