"""`PathField`: a path to read and to copy."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFocusEvent, QResizeEvent
from PySide6.QtWidgets import QLineEdit, QWidget

# What a line edit keeps free beside its text.
_FREE_PX = 3


class PathField(QLineEdit):
    """Shows a path, shortened in the middle where it does not fit; whole while it has the focus."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._path = ""
        self.setReadOnly(True)
        self.setProperty("class", "plain")
        # In line with the words around it, which have no frame.
        self.setTextMargins(-_FREE_PX, 0, 0, 0)

    @property
    def path(self) -> str:
        """The whole path."""
        return self._path

    def set_path(self, path: str) -> None:
        """Show another path."""
        self._path = path
        self.setToolTip(path)
        self._show()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show all of it, so that all of it can be selected."""
        super().focusInEvent(event)
        self.setText(self._path)
        if event.reason() != Qt.FocusReason.MouseFocusReason:
            self.selectAll()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show what fits."""
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self._show()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show what fits."""
        super().resizeEvent(event)
        self._show()

    def _show(self) -> None:
        width = self.contentsRect().width() - _FREE_PX
        if not self.hasFocus():
            middle = Qt.TextElideMode.ElideMiddle
            self.setText(self.fontMetrics().elidedText(self._path, middle, width))
        elif self.text() != self._path:
            self.setText(self._path)
