"""`ClassDelegate`: how a row of the class list looks, and how its title is edited there."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import (
    QLineEdit,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from cnnstudio.ui.icons import Icons
from cnnstudio.ui.models.class_model import ROW_ROLE, ClassRow, Index, RowKind
from cnnstudio.ui.widgets.class_row_painter import PILL_PX, ROW_INSET_PX, ClassRowPainter

_ROW_PX = 36
_CLASS_ROW_PX = 45
_SEPARATOR_PX = 13


class ClassDelegate(QStyledItemDelegate):
    """Paints the rows; the one on which something would be dropped now is framed."""

    def __init__(self, icons: Icons, parent: QWidget) -> None:
        super().__init__(parent)
        self._icons = icons
        self._painter = ClassRowPainter(icons)
        self.drop_row = -1

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Classes are taller than the two rows above them, which a line sets apart."""
        row = index.data(ROW_ROLE)
        kind = row.kind if isinstance(row, ClassRow) else RowKind.CLASS
        heights = {RowKind.ALL: _ROW_PX, RowKind.WITHOUT_CLASS: _ROW_PX + _SEPARATOR_PX}
        return QSize(80, heights.get(kind, _CLASS_ROW_PX))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw the row."""
        row = index.data(ROW_ROLE)
        if not isinstance(row, ClassRow):
            return
        state, rect = option.state, QRect(option.rect)
        painter.save()
        painter.setFont(option.font)
        self._painter.paint(
            painter,
            rect,
            row,
            is_chosen=bool(state & QStyle.StateFlag.State_Selected),
            is_hovered=bool(state & QStyle.StateFlag.State_MouseOver),
            is_framed=index.row() == self.drop_row or _has_focus_by_key(option),
        )
        if row.kind is RowKind.WITHOUT_CLASS:
            y = rect.top() + PILL_PX + _SEPARATOR_PX // 2
            line = QRect(rect.left() + ROW_INSET_PX, y, rect.width() - 2 * ROW_INSET_PX, 1)
            painter.fillRect(line, QColor(self._icons.theme.palette.line))
        painter.restore()

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        """A plain field for the title."""
        field = QLineEdit(parent)
        field.setObjectName("images_class_title")
        field.setAccessibleName("Name of the class")
        return field

    def updateEditorGeometry(
        self, editor: QWidget, option: QStyleOptionViewItem, index: Index
    ) -> None:
        """Over the title, the swatch stays visible."""
        row, rect = index.data(ROW_ROLE), QRect(option.rect)
        left = rect.left()
        if isinstance(row, ClassRow):
            left = self._painter.title_left(rect, row) - 6
        editor.setGeometry(left, rect.top() + 1, rect.right() - left + 1, PILL_PX - 2)


def _has_focus_by_key(option: QStyleOptionViewItem) -> bool:
    """Whether the row has the keyboard's focus, and the user moves about by keys."""
    by_key = option.widget.window().testAttribute(Qt.WidgetAttribute.WA_KeyboardFocusChange)
    return by_key and bool(option.state & QStyle.StateFlag.State_HasFocus)
