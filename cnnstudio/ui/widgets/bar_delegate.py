"""`BarDelegate`: cells of a table or tree, some of which have a bar."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem, QWidget

from cnnstudio.ui.theme import Theme
from cnnstudio.ui.widgets.bar import HEIGHT_PX, paint_bar


class BarDelegate(QStyledItemDelegate):
    """Draws a cell as ever, and on it the bar of the share, 0 to 1, that its `role` holds."""

    def __init__(self, theme: Theme, role: int, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._role = role

    def bar_rect(self, option: QStyleOptionViewItem) -> QRectF:
        """Return where in a cell the bar lies, centred from top to bottom."""
        rect = QRectF(option.rect).adjusted(8, 0, -8, 0)
        bar = QRectF(0, 0, rect.width(), HEIGHT_PX)
        bar.moveCenter(rect.center())
        return bar

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Draw the cell, and its bar where it has a share."""
        super().paint(painter, option, index)
        share, bar = index.data(self._role), self.bar_rect(option)
        if not isinstance(share, float) or bar.width() < 2 * HEIGHT_PX:
            return
        palette = self._theme.palette
        painter.save()
        paint_bar(painter, bar, share, QColor(palette.accent), QColor(palette.line))
        painter.restore()
