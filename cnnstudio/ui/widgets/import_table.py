"""`ImportTable`: the classes of an import, new ones marked, with what each of them gets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from cnnstudio.ui.swatches import SWATCH_PX, swatch

_ROW_PX = 30
_MOST_ROWS = 9


@dataclass(frozen=True)
class ImportRow:
    """One line: a class (its colour None: pictures without one) and what it gets, in words."""

    name: str
    colour: QColor | None
    is_new: bool
    gets: str


class ImportTable(QTableWidget):
    """Rows of classes; scrolls where there are many."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(0, 3, parent)
        self.setObjectName("import_classes")
        self.setAccessibleName("Pictures for each class")
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setIconSize(QSize(SWATCH_PX, SWATCH_PX))
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(_ROW_PX)
        header = self.horizontalHeader()
        header.hide()
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column in (1, 2):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)

    def show_rows(self, rows: Sequence[ImportRow]) -> None:
        """Show these rows in place of those before."""
        self.setRowCount(len(rows))
        for number, row in enumerate(rows):
            name = QTableWidgetItem(row.name)
            name.setToolTip(row.name)
            if row.colour is not None:
                name.setIcon(swatch(row.colour))
            gets = QTableWidgetItem(row.gets)
            gets.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            self.setItem(number, 0, name)
            self.setItem(number, 1, QTableWidgetItem("new class" if row.is_new else ""))
            self.setItem(number, 2, gets)
        self.setFixedHeight(_ROW_PX * min(len(rows), _MOST_ROWS) + 2)
        # Only what can be scrolled is worth a stop of the Tab key.
        scrolls = len(rows) > _MOST_ROWS
        focus = Qt.FocusPolicy
        self.setFocusPolicy(focus.StrongFocus if scrolls else focus.NoFocus)
