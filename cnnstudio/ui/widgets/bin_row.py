"""`BinRow`: the removed pictures, at the foot of the class card."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QKeyEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from cnnstudio.ui.icons import Icons
from cnnstudio.ui.models.class_model import ClassRow, RowKind
from cnnstudio.ui.widgets.class_row_painter import PILL_PX, ClassRowPainter
from cnnstudio.ui.widgets.sample_view import is_of_samples
from cnnstudio.ui.words import pictures

_WORDS = "Drop pictures here to remove them. They can be restored from here."


class BinRow(QAbstractButton):
    """Looks like a row of the list above it; samples that are dropped on it are to be removed.

    `left_upwards` says that the Up key leads back to the classes.
    """

    samples_dropped = Signal(object)
    left_upwards = Signal()

    def __init__(self, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._painter = ClassRowPainter(icons)
        self._count = 0
        self._is_receiving = False
        self.setCheckable(True)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setAcceptDrops(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setToolTip(_WORDS)
        self.set_count(0)
        icons.theme.changed.connect(self.update)

    @property
    def row(self) -> ClassRow:
        """What is shown."""
        return ClassRow(RowKind.BIN, "Bin", self._count)

    def set_count(self, count: int) -> None:
        """Show how many pictures can be restored."""
        self._count = count
        self.setAccessibleName(f"Bin, {pictures(count)}")
        self.update()

    def sizeHint(self) -> QSize:
        """A row."""
        return QSize(80, PILL_PX)

    def nextCheckState(self) -> None:
        """Clicking again does not let go of it: something is always chosen."""
        self.setChecked(True)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up goes back to the classes."""
        if event.key() == Qt.Key.Key_Up:
            self.left_upwards.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the row."""
        by_key = self.window().testAttribute(Qt.WidgetAttribute.WA_KeyboardFocusChange)
        painter = QPainter(self)
        painter.setFont(self.font())
        self._painter.paint(
            painter,
            self.rect(),
            self.row,
            is_chosen=self.isChecked(),
            is_hovered=self.underMouse(),
            is_framed=self._is_receiving or (by_key and self.hasFocus()),
        )

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take samples of the grid."""
        if is_of_samples(event.mimeData()):
            event.setDropAction(Qt.DropAction.MoveAction)
            event.accept()
            self._receive(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Put the light out."""
        self._receive(False)

    def dropEvent(self, event: QDropEvent) -> None:
        """Say that the samples are to be removed."""
        event.setDropAction(Qt.DropAction.MoveAction)
        event.accept()
        self._receive(False)
        self.samples_dropped.emit(self.row)

    def _receive(self, is_receiving: bool) -> None:
        self._is_receiving = is_receiving
        self.update()
