"""Errors as people see them: what happened, what to do, and never a traceback in their face."""

from __future__ import annotations

import traceback

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from cnnstudio.core.errors import StudioError
from cnnstudio.ui.widgets.primary_button import primary_button, styled_button

UNEXPECTED = "Something unexpected went wrong"
_UNEXPECTED_HINT = (
    "Copy the details and send them to the makers of CNN Studio, so that it can be mended."
)
_WIDTH_PX = 380


class ErrorDialog(QDialog):
    """A sentence, a hint, *Close*, and *Copy details* for what nobody expected."""

    def __init__(self, error: Exception, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setObjectName("error_dialog")
        self.setWindowTitle("CNN Studio")
        expected = isinstance(error, StudioError)
        self.sentence = error.sentence if isinstance(error, StudioError) else f"{UNEXPECTED}."
        self.hint = error.hint if isinstance(error, StudioError) else _UNEXPECTED_HINT
        self.setAccessibleName(self.sentence)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 16)
        layout.setSpacing(8)
        layout.addWidget(_line(self.sentence, "heading"))
        if self.hint:
            layout.addWidget(_line(self.hint, "muted"))
        layout.addSpacing(8)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addStretch(1)
        if not expected:
            self._details = "".join(traceback.format_exception(error))
            buttons.addWidget(self._copy_button())
        close = primary_button("Close")
        close.setObjectName("error_close")
        close.setDefault(True)
        close.clicked.connect(self.close)
        buttons.addWidget(close)
        layout.addLayout(buttons)
        close.setFocus()

    def _copy_button(self) -> QPushButton:
        button = styled_button("Copy details")
        button.setObjectName("error_copy_details")
        button.clicked.connect(self._copy_details)
        return button

    def _copy_details(self) -> None:
        QGuiApplication.clipboard().setText(self._details)


def show_error(parent: QWidget | None, error: Exception) -> ErrorDialog:
    """Tell the user about an error without holding anything up, and return the open dialog.

    A `StudioError` is shown as it is; of anything else the traceback can be copied.
    """
    dialog = ErrorDialog(error, parent)
    dialog.open()
    return dialog


def _line(text: str, look: str) -> QLabel:
    label = QLabel(text)
    # Names of files may look like mark-up and must not act like it.
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setProperty("class", look)
    label.setWordWrap(True)
    label.setFixedWidth(_WIDTH_PX)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label
