"""`ComparisonView`: several runs in the same plots, and what is different about them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QIcon, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from cnnstudio.ui.models.comparison_table import ComparisonRow
from cnnstudio.ui.theme import Theme
from cnnstudio.ui.widgets.card import Card
from cnnstudio.ui.widgets.overlay_plot import Line, OverlayPlot

_ROW_PX = 24
_LABEL_PX = 150
_SWATCH_PX = 10


class ComparisonView(QWidget):
    """Above, validation accuracy and loss by epoch; below, a table with a column for each run.

    The heads of the columns name the colours of the lines.
    """

    def __init__(self, theme: Theme, prefix: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.accuracy = OverlayPlot(theme, "Validation accuracy", "share")
        self.accuracy.setObjectName(f"{prefix}_accuracy_plot")
        self.loss = OverlayPlot(theme, "Validation loss", "number")
        self.loss.setObjectName(f"{prefix}_loss_plot")
        self.table = _table(f"{prefix}_table")
        self.verdict = QLabel()  # what the difference is worth stands at its end: never cut
        self.verdict.setTextFormat(Qt.TextFormat.PlainText)
        self.verdict.setWordWrap(True)
        self.verdict.setObjectName(f"{prefix}_verdict")
        plots = QHBoxLayout()
        plots.setSpacing(12)
        for title, plot in (
            ("Accuracy, validation", self.accuracy),
            ("Loss, validation", self.loss),
        ):
            card = Card(title)
            card.body.addWidget(plot, 1)
            plots.addWidget(card, 1)
        below = Card()
        below.body.addWidget(self.verdict)
        below.body.addWidget(self.table, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        layout.addLayout(plots, 1)
        layout.addWidget(below, 1)

    def show_lines(self, accuracies: Sequence[Line], losses: Sequence[Line]) -> None:
        """Draw the curves of some runs; both sequences are of the same runs."""
        self.accuracy.show_lines(accuracies)
        self.loss.show_lines(losses)

    def show_rows(
        self, heads: Sequence[tuple[str, str]], rows: Sequence[ComparisonRow], verdict: str
    ) -> None:
        """Fill the table; `heads` are the names of the runs and their colours."""
        self.verdict.setText(verdict)
        self.table.setColumnCount(1 + len(heads))
        self.table.setRowCount(len(rows))
        self.table.setHorizontalHeaderItem(0, QTableWidgetItem(""))
        for column, (name, colour) in enumerate(heads, 1):
            head = QTableWidgetItem(_swatch(colour), name)
            head.setTextAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
            head.setToolTip(name)
            self.table.setHorizontalHeaderItem(column, head)
        for place, row in enumerate(rows):
            for column, words in enumerate((row.label, *row.cells)):
                item = QTableWidgetItem(words)
                item.setToolTip(words)
                if column and row.is_different:
                    font = item.font()
                    font.setBold(True)
                    item.setFont(font)
                self.table.setItem(place, column, item)
        self.table.setColumnWidth(0, _LABEL_PX)


def _table(name: str) -> QTableWidget:
    table = QTableWidget()
    table.setObjectName(name)
    table.setAccessibleName("What is different about the runs")
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
    table.setShowGrid(False)
    table.setWordWrap(False)
    table.verticalHeader().hide()
    table.verticalHeader().setDefaultSectionSize(_ROW_PX)
    header = table.horizontalHeader()
    header.setHighlightSections(False)
    header.setMinimumSectionSize(90)
    header.setTextElideMode(Qt.TextElideMode.ElideRight)
    header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
    return table


def _swatch(colour: str) -> QIcon:
    pixmap = QPixmap(_SWATCH_PX, _SWATCH_PX)
    pixmap.fill(QColor(colour))
    return QIcon(pixmap)
