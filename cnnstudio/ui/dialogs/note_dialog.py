"""`NoteDialog`: what belongs into a class, in the user's words."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QTextCursor
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPlainTextEdit, QVBoxLayout, QWidget

from cnnstudio.ui.widgets.fit_label import ElidedLabel
from cnnstudio.ui.widgets.primary_button import primary_button, styled_button

_WIDTH_PX = 420
_TEXT_PX = 120


class NoteDialog(QDialog):
    """A few lines; `note_accepted` carries them. Ctrl+Enter keeps them, Escape does not."""

    note_accepted = Signal(str)

    def __init__(self, title: str, note: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setObjectName("class_note_dialog")
        self.setWindowTitle("Note")
        self.setMinimumWidth(_WIDTH_PX)
        heading = ElidedLabel(f"Note on {title}")
        heading.setProperty("class", "heading")
        words = QLabel(
            "What belongs here, and what does not. Shown when the mouse is on the class."
            " Ctrl+Enter keeps it."
        )
        words.setProperty("class", "muted")
        words.setWordWrap(True)
        self._text = QPlainTextEdit(note)
        self._text.setObjectName("class_note_text")
        self._text.setAccessibleName(f"Note on {title}")
        self._text.setTabChangesFocus(True)
        self._text.setMinimumHeight(_TEXT_PX)
        self._text.moveCursor(QTextCursor.MoveOperation.End)
        cancel = styled_button("Cancel")
        cancel.setObjectName("class_note_cancel")
        cancel.clicked.connect(self.reject)
        keep = primary_button("Keep note")
        keep.setObjectName("class_note_keep")
        keep.setToolTip("Ctrl+Enter")
        keep.setDefault(True)
        keep.clicked.connect(self.accept)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch(1)
        row.addWidget(cancel)
        row.addWidget(keep)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 16)
        layout.setSpacing(12)
        for widget in (heading, words, self._text):
            layout.addWidget(widget)
        layout.addLayout(row)
        # Whoever writes and goes on with Tab means to keep it.
        self.setTabOrder(self._text, keep)
        self.setTabOrder(keep, cancel)
        self._text.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ctrl+Enter keeps the note: Enter alone begins a line."""
        is_enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if is_enter and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.accept()
        else:
            super().keyPressEvent(event)

    def accept(self) -> None:
        """Hand the note over and close."""
        self.note_accepted.emit(self._text.toPlainText().strip())
        super().accept()
