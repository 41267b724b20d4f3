"""`SortedTable`: rows of figures that a click on a head sorts."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QAbstractItemView, QTableWidget, QTableWidgetItem, QWidget

from cnnstudio.ui.swatches import SWATCH_PX

_ROW_PX = 28


class FigureCell(QTableWidgetItem):
    """A cell that is sorted by its value, not by how it is written; None comes last."""

    def __init__(self, words: str, value: str | float | None) -> None:
        super().__init__(words)
        self.nothing = math.inf
        self._value = value.casefold() if isinstance(value, str) else value
        if not isinstance(value, str):
            self.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)

    def __lt__(self, other: QTableWidgetItem) -> bool:
        if not isinstance(other, FigureCell):
            return False
        if isinstance(self._value, str) and isinstance(other._value, str):
            return self._value < other._value
        return self._number() < other._number()

    def _number(self) -> float:
        return self._value if isinstance(self._value, int | float) else self.nothing


class SortedTable(QTableWidget):
    """A table of `FigureCell`s to look at; `heads` are titles of columns with what they mean.

    A click on a head sorts names from A, and figures from the lowest, which need a look, unless
    they are to begin with the largest.
    """

    def __init__(
        self,
        name: str,
        accessible_name: str,
        heads: Sequence[tuple[str, str]],
        parent: QWidget | None = None,
        *,
        begins_with_largest: bool = False,
    ) -> None:
        super().__init__(0, len(heads), parent)
        self._begins_with_largest = begins_with_largest
        self._sorted_by = (-1, Qt.SortOrder.AscendingOrder)
        self.setObjectName(name)
        self.setAccessibleName(accessible_name)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setIconSize(QSize(SWATCH_PX, SWATCH_PX))
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(_ROW_PX)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionsClickable(True)
        header.setSortIndicatorShown(False)
        header.sectionClicked.connect(self.sort_by)
        for column, (title, words) in enumerate(heads):
            item = QTableWidgetItem(title)
            item.setToolTip(words)
            side = Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft
            item.setTextAlignment(side | Qt.AlignmentFlag.AlignVCenter)
            self.setHorizontalHeaderItem(column, item)

    def show_rows(self, rows: Sequence[Sequence[FigureCell]]) -> None:
        """Show other rows, in their order."""
        self._sorted_by = (-1, Qt.SortOrder.AscendingOrder)
        self.setRowCount(len(rows))
        for place, row in enumerate(rows):
            for column, cell in enumerate(row):
                self.setItem(place, column, cell)

    def row_words(self, row: int) -> list[str]:
        """Return what stands in a row, counted from 0."""
        items = (self.item(row, column) for column in range(self.columnCount()))
        return [item.text() for item in items if item is not None]

    def sort_by(self, column: int) -> None:
        """Sort by a column, as a click on its head does; a second time turns it round."""
        up, down = Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder
        first, second = (down, up) if column and self._begins_with_largest else (up, down)
        order = second if self._sorted_by == (column, first) else first
        self._sorted_by = (column, order)
        for row in range(self.rowCount()):
            item = self.item(row, column)
            if isinstance(item, FigureCell):
                item.nothing = math.inf if order == up else -math.inf
        self.sortItems(column, order)
