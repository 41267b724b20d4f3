"""A question in the place of undo: asked before something is deleted that has no bin."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from cnnstudio.ui.widgets.primary_button import styled_button
from cnnstudio.ui.words import counted, pictures


class ForGoodDialog(QDialog):
    """Keep it, which Return and Escape mean, too, or delete it for good: `confirmed`."""

    confirmed = Signal()

    def __init__(
        self,
        title: str,
        question: str,
        words: str,
        *,
        keep: str,
        delete: str,
        names: tuple[str, str, str],
        parent: QWidget | None = None,
    ) -> None:
        """Make the dialog.

        Args:
            title: of the window.
            question: what is asked.
            words: what will be lost, and what stays.
            keep: on the button that does nothing.
            delete: on the button that deletes.
            names: the object names of the dialog and of these two buttons.
            parent: the window it belongs to.
        """
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self.setObjectName(names[0])
        heading = QLabel(question)
        heading.setTextFormat(Qt.TextFormat.PlainText)
        heading.setProperty("class", "heading")
        lines = QLabel(words)
        lines.setProperty("class", "muted")
        lines.setWordWrap(True)
        keeping = styled_button(keep)
        keeping.setObjectName(names[1])
        keeping.setDefault(True)
        keeping.clicked.connect(self.reject)
        deleting = styled_button(delete, "destructive")
        deleting.setObjectName(names[2])
        deleting.setAutoDefault(False)
        deleting.clicked.connect(self.confirmed)
        deleting.clicked.connect(self.accept)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch(1)
        row.addWidget(deleting)
        row.addWidget(keeping)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 16)
        layout.setSpacing(12)
        layout.addWidget(heading)
        layout.addWidget(lines)
        layout.addLayout(row)


def discard_dialog(name: str, epochs: int, parent: QWidget | None = None) -> ForGoodDialog:
    """Ask before what is left of a training that was cut off is deleted."""
    learned = f"The {counted(epochs, 'epoch')} it has learned" if epochs else "What it has"
    return ForGoodDialog(
        "Discard a training",
        f"Discard {name} for good?",
        f"{learned} cannot be brought back; your pictures and runs stay.",
        keep="Keep it",
        delete="Discard for good",
        names=("discard_dialog", "discard_keep", "discard_confirm"),
        parent=parent,
    )


def empty_bin_dialog(count: int, parent: QWidget | None = None) -> ForGoodDialog:
    """Ask before the pictures in the bin are deleted."""
    return ForGoodDialog(
        "Empty the bin",
        f"Delete {pictures(count)} for good?",
        "They cannot be brought back, and steps that were made before can no longer be undone.",
        keep="Keep them",
        delete="Delete for good",
        names=("images_empty_bin_dialog", "images_keep_bin", "images_delete_bin"),
        parent=parent,
    )
