"""`RunDelegate`: how a run looks in the list, and how its name is edited there."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import (
    QLineEdit,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from cnnstudio.ui.icons import Icons
from cnnstudio.ui.models.run_rows import ROW_ROLE, UNMARKED, AnyIndex, RunRow
from cnnstudio.ui.theme import FACTS_PX, Theme

INSET_PX = 8
_ROW_PX = 54
_ICON_PX = 16
_EDITOR_PX = 34
_MARK_PX = 12


class RunDelegate(QStyledItemDelegate):
    """Draws a run in two lines: name and figure, then when, how long, how many pictures."""

    def __init__(self, theme: Theme, icons: Icons, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._icons = icons

    def sizeHint(self, option: QStyleOptionViewItem, index: AnyIndex) -> QSize:
        """Return the size of every row."""
        return QSize(180, _ROW_PX)

    def createEditor(
        self, parent: QWidget, option: QStyleOptionViewItem, index: AnyIndex
    ) -> QWidget:
        """Return a field for the name."""
        editor = QLineEdit(parent)
        editor.setObjectName("run_name_editor")
        editor.setAccessibleName("Name of the run")
        editor.setMaxLength(80)
        return editor

    def updateEditorGeometry(
        self, editor: QWidget, option: QStyleOptionViewItem, index: AnyIndex
    ) -> None:
        """Lay the field over the first line."""
        rect = option.rect
        editor.setGeometry(rect.left(), rect.top() + 2, rect.width(), _EDITOR_PX)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        """Draw the row."""
        row = index.data(ROW_ROLE)
        rect = QRect(option.rect)
        palette = self._theme.palette
        state = option.state
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = rect.adjusted(0, 2, 0, -3)
        if state & (QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_MouseOver):
            selected = bool(state & QStyle.StateFlag.State_Selected)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(palette.accent_soft if selected else palette.hover))
            painter.drawRoundedRect(ground, 6, 6)
        inner = rect.adjusted(INSET_PX, 0, -INSET_PX, -1)
        painter.setPen(QColor(palette.line))
        painter.drawLine(inner.bottomLeft(), inner.bottomRight())
        self._paint_words(painter, option.font, inner, row)
        painter.restore()

    def _paint_words(self, painter: QPainter, font: QFont, inner: QRect, row: RunRow) -> None:
        palette = self._theme.palette
        middle = Qt.AlignmentFlag.AlignVCenter
        bold, facts = QFont(font), QFont(font)
        bold.setWeight(QFont.Weight.DemiBold)
        facts.setPixelSize(FACTS_PX)
        first = QRect(inner.left(), inner.top() + 8, inner.width(), 18)
        second = QRect(inner.left(), inner.top() + 28, inner.width(), 16)
        right = first.right()
        painter.setPen(QColor(palette.text))
        painter.setFont(bold)
        painter.drawText(first, middle | Qt.AlignmentFlag.AlignRight, row.figure)
        right -= QFontMetrics(bold).horizontalAdvance(row.figure) + 6
        painter.setPen(QColor(palette.muted))
        painter.setFont(facts)
        measure = QRect(first.left(), first.top(), right - first.left(), first.height())
        painter.drawText(measure, middle | Qt.AlignmentFlag.AlignRight, row.measure)
        right -= QFontMetrics(facts).horizontalAdvance(row.measure) + 8
        details = QFontMetrics(facts).elidedText(
            row.details, Qt.TextElideMode.ElideRight, second.width()
        )
        painter.drawText(second, middle | Qt.AlignmentFlag.AlignLeft, details)
        left = first.left()
        if row.mark:
            self._paint_mark(painter, QRect(left, first.top() + 3, _MARK_PX, _MARK_PX), row.mark)
            left += _MARK_PX + 8
        if row.is_used:
            ratio = painter.device().devicePixelRatioF()
            pixmap = self._icons.pixmap("check", _ICON_PX, "accent", ratio)
            painter.drawPixmap(left - 2, first.top() + 1, pixmap)
            left += _ICON_PX + 2
        painter.setPen(QColor(palette.text))
        painter.setFont(bold)
        name = QFontMetrics(bold).elidedText(row.name, Qt.TextElideMode.ElideRight, right - left)
        painter.drawText(QRect(left, first.top(), right - left, 18), middle, name)

    def _paint_mark(self, painter: QPainter, box: QRect, mark: str) -> None:
        """A box, filled with the colour in which the run's curves are drawn."""
        palette = self._theme.palette
        is_marked = mark != UNMARKED
        painter.setPen(QColor(mark if is_marked else palette.muted))
        painter.setBrush(QColor(mark if is_marked else palette.surface))
        painter.drawRoundedRect(box, 3, 3)
