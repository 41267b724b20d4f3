"""`TurnedHeader`: heads of columns written from below upwards, where these are narrow."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QWidget

from cnnstudio.ui.theme import FACTS_PX, Theme

_MOST_PX = 120
_LINE_PX = 26
_PADDING_PX = 8


class TurnedHeader(QHeaderView):
    """Words lie where they fit into the columns, and stand upright where they do not."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._theme = theme
        self._widest = 0
        self.setSectionsClickable(True)
        self.setHighlightSections(False)
        theme.changed.connect(self.viewport().update)

    @property
    def is_upright(self) -> bool:
        """Whether the words stand upright."""
        return self._widest > self.defaultSectionSize() - _PADDING_PX

    def measure(self) -> None:
        """Look how wide the words are; to be called when they have changed."""
        font = self._font()
        font.setBold(True)
        letters = QFontMetrics(font)
        widths = (letters.horizontalAdvance(self._words(each)) for each in range(self.count()))
        self._widest = max(widths, default=0)

    def sizeHint(self) -> QSize:
        """As high as the longest words, within reason."""
        height = min(self._widest, _MOST_PX) + _PADDING_PX if self.is_upright else _LINE_PX
        return QSize(super().sizeHint().width(), height)

    def paintSection(self, painter: QPainter, rect: QRect, logicalIndex: int) -> None:  # noqa: N803
        """Draw the words of a column."""
        palette = self._theme.palette
        view = self.parentWidget()
        is_current = (
            isinstance(view, QAbstractItemView) and view.currentIndex().column() == logicalIndex
        )
        painter.save()
        painter.fillRect(rect, QColor(palette.surface))
        font = self._font()
        font.setBold(is_current)
        painter.setFont(font)
        painter.setPen(QColor(palette.text if is_current else palette.muted))
        words = self._words(logicalIndex)
        metrics = painter.fontMetrics()
        if self.is_upright:
            room = rect.height() - _PADDING_PX
            painter.translate(rect.left(), rect.bottom())
            painter.rotate(-90)
            shown = metrics.elidedText(words, Qt.TextElideMode.ElideRight, room)
            box = QRect(_PADDING_PX // 2, 0, room, rect.width())
            painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)
        else:
            painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, words)
        painter.restore()

    def _words(self, section: int) -> str:
        return str(self.model().headerData(section, Qt.Orientation.Horizontal) or "")

    def _font(self) -> QFont:
        font = QFont(self.font())
        font.setPixelSize(FACTS_PX)
        return font
