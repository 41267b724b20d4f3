"""`ConfusionMatrix`: which classes are taken for which, and the way to the pictures behind it."""

from __future__ import annotations

from PySide6.QtCore import (
    QItemSelectionModel,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFont, QFontMetrics, QKeyEvent, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from cnnstudio.core.evaluation.figures import Figures
from cnnstudio.ui.models.confusion_model import SHARE_ROLE, AnyIndex, ConfusionModel, Scale
from cnnstudio.ui.theme import FACTS_PX, Theme
from cnnstudio.ui.widgets.turned_header import TurnedHeader

_SMALLEST_PX = (34, 24)
_LARGEST_PX = (128, 56)
_MOST_NAME_PX = 150
_AROUND_NAME_PX = 20
_AROUND_NUMBER_PX = 8
_GAP_PX = 1
# Not stronger, so that the number can be read on it.
_FAINTEST, _STRONGEST = 0.1, 0.6


class ConfusionMatrix(QTableView):
    """A row for each true class, a column for each answer, and their sums.

    The arrow keys move from cell to cell, Return opens one. `pictures_wanted` carries true class
    and answer, None for all, when a cell with pictures, a row's or a column's head is clicked;
    `cell_described` a sentence about the cell that the keyboard or the mouse is on.
    """

    pictures_wanted = Signal(object, object)
    cell_described = Signal(str)

    def __init__(self, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = ConfusionModel()
        self.setObjectName(name)
        self.setAccessibleName("Confusion matrix")
        self.setModel(self._model)
        self.setItemDelegate(_CellDelegate(theme, self))
        self._heads = TurnedHeader(theme, self)
        self.setHorizontalHeader(self._heads)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setCornerButtonEnabled(False)
        self.setTabKeyNavigation(False)
        self.setMouseTracking(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        for scroll in (self.setHorizontalScrollMode, self.setVerticalScrollMode):
            scroll(QAbstractItemView.ScrollMode.ScrollPerPixel)
        for header in (self.horizontalHeader(), self.verticalHeader()):
            header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
            header.setMinimumSectionSize(10)
        rows = self.verticalHeader()
        rows.setSectionsClickable(True)
        rows.setHighlightSections(True)
        rows.setMaximumWidth(_MOST_NAME_PX)
        rows.setTextElideMode(Qt.TextElideMode.ElideRight)
        rows.setDefaultAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        # Hairlines between the names would be a ladder.
        rows.setStyleSheet("QHeaderView::section { border: none; padding: 0 8px; }")
        self.clicked.connect(self._open)
        self.entered.connect(self._describe)
        rows.sectionClicked.connect(self._open_row)
        self.horizontalHeader().sectionClicked.connect(self._open_column)

    def show_figures(self, figures: Figures) -> None:
        """Show other figures; the keyboard begins in the first cell."""
        self._model.show(figures)
        self._heads.measure()
        self._share_out()
        first = self._model.index(0, 0)
        self.selectionModel().setCurrentIndex(
            first, QItemSelectionModel.SelectionFlag.ClearAndSelect
        )

    def set_scale(self, scale: Scale) -> None:
        """Show counts, or per cent of each row or column."""
        self._model.set_scale(scale)

    def words(self) -> list[list[str]]:
        """Return what the cells show, row by row, the sums last."""
        size = range(self._model.rowCount())
        return [[self._model.index(row, column).data() for column in size] for row in size]

    def currentChanged(self, current: AnyIndex, previous: AnyIndex) -> None:
        """Say what the cell means that the keyboard is on."""
        super().currentChanged(current, previous)
        self._describe(current)
        # The heads of the current row and column are bold.
        self.horizontalHeader().viewport().update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open the pictures of the current cell with Return."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._open(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the room out between the cells."""
        super().resizeEvent(event)
        self._share_out()

    def _open(self, index: AnyIndex) -> None:
        if index.isValid() and self._model.count_at(index):
            self.pictures_wanted.emit(*self._model.classes_at(index))

    def _open_row(self, row: int) -> None:
        self._open(self._model.index(row, self._model.size))

    def _open_column(self, column: int) -> None:
        self._open(self._model.index(self._model.size, column))

    def _describe(self, index: AnyIndex) -> None:
        if index.isValid():
            self.cell_described.emit(self._model.words_at(index))

    def _share_out(self) -> None:
        """Give all cells one size: as large as fits, but never too small to be read."""
        count = self._model.rowCount()
        if not count:
            return
        self.ensurePolished()  # before that, its letters are not those of the theme
        rows, columns = self.verticalHeader(), self.horizontalHeader()
        letters = rows.fontMetrics()
        names = [str(self._model.headerData(row, Qt.Orientation.Vertical)) for row in range(count)]
        widest = max(letters.horizontalAdvance(name) for name in names) + _AROUND_NAME_PX
        rows.setFixedWidth(min(widest, _MOST_NAME_PX))
        in_cell, in_sum = self._model.longest()
        cells, sums = QFontMetrics(self.font()), QFontMetrics(_sum_font(self.font()))
        least = max(
            _SMALLEST_PX[0],
            cells.horizontalAdvance(in_cell) + _AROUND_NUMBER_PX,
            sums.horizontalAdvance(in_sum) + _AROUND_NUMBER_PX,
        )
        bar = self.verticalScrollBar().sizeHint().width()
        room = self.width() - rows.width() - bar
        width = min(max(room // count, least), _LARGEST_PX[0])
        columns.setDefaultSectionSize(width)
        height = self.height() - columns.sizeHint().height()
        if width * count > room:
            height -= bar
        rows.setDefaultSectionSize(min(max(height // count, _SMALLEST_PX[1]), _LARGEST_PX[1]))
        self.updateGeometries()


def _sum_font(font: QFont) -> QFont:
    """Return the font of the sums: small, so that they fit where the cells do."""
    small = QFont(font)
    small.setPixelSize(FACTS_PX)
    return small


class _CellDelegate(QStyledItemDelegate):
    """Paints a number on its colour: right answers in the accent, mistakes in red."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: AnyIndex,
    ) -> None:
        """Draw a cell: many hundred may be in view, so that most must cost little."""
        palette = self._theme.palette
        rect = option.rect.adjusted(_GAP_PX, _GAP_PX, -_GAP_PX, -_GAP_PX)
        share = index.data(SHARE_ROLE)
        if share is not None:
            painter.fillRect(rect, QColor(palette.ground))
        if share:
            fill = QColor(palette.accent if index.row() == index.column() else palette.bad)
            fill.setAlphaF(_FAINTEST + (_STRONGEST - _FAINTEST) * share)
            painter.fillRect(rect, fill)
        if share != 0:
            painter.setPen(QColor(palette.muted if share is None else palette.text))
            painter.setFont(_sum_font(option.font) if share is None else option.font)
            painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, index.data())
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(QColor(palette.text), 2))
            painter.drawRect(rect.adjusted(0, 0, -1, -1))
