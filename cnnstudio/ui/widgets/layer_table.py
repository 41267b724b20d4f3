"""`LayerTable`: the layers of a network with their output shapes and weights."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLabel,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from cnnstudio.core.network import LayerRow, parameter_count
from cnnstudio.ui.icons import Icons
from cnnstudio.ui.widgets.banner import Banner
from cnnstudio.ui.words import count_words, counted

_ROW_PX = 26


class LayerTable(QWidget):
    """Layer, output shape, weights; their total below, or the reason why it cannot work."""

    def __init__(self, icons: Icons, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._table = QTableWidget(0, 3)
        self._table.setObjectName(name)
        self._table.setAccessibleName("Layers of the network")
        for column, words in enumerate(("Layer", "Output", "Weights")):
            title = QTableWidgetItem(words)
            title.setTextAlignment(_side(column))
            self._table.setHorizontalHeaderItem(column, title)
        self._table.verticalHeader().hide()
        self._table.verticalHeader().setDefaultSectionSize(_ROW_PX)
        self._table.verticalHeader().setMinimumSectionSize(_ROW_PX)
        self._table.setShowGrid(False)
        # As far from the edge as the heads of the columns.
        self._table.setStyleSheet("QTableView::item { padding: 0 5px; }")
        self._table.setWordWrap(False)
        self._table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self._table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self._table.setTabKeyNavigation(False)
        self._table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        header = self._table.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self._problem = Banner(icons, "bad")
        self._problem.setObjectName(f"{name}_problem")
        self._problem.hide()
        self._total = QLabel()
        self._total.setObjectName(f"{name}_total")
        self._total.setProperty("class", "heading")
        self._total.setAlignment(Qt.AlignmentFlag.AlignRight)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self._table, 1)
        layout.addWidget(self._problem)
        layout.addWidget(self._total)

    def set_layers(self, rows: Sequence[LayerRow], problem: str = "") -> None:
        """Show layers; with a `problem` those before it, and the problem in the total's place."""
        self._table.setRowCount(len(rows))
        for row, layer in enumerate(rows):
            shape = " × ".join(count_words(side) for side in layer.output_shape)
            weights = count_words(layer.parameters) if layer.parameters else "–"
            for column, words in enumerate((layer.kind, shape, weights)):
                item = QTableWidgetItem(words)
                item.setTextAlignment(_side(column))
                item.setToolTip(f"{layer.kind}: {layer.detail}" if layer.detail else layer.kind)
                self._table.setItem(row, column, item)
        self._problem.setVisible(bool(problem))
        self._problem.set_finding("bad", problem)
        self._total.setVisible(not problem)
        self._total.setText(counted(parameter_count(list(rows)), "weight") + " in all")

    def problem(self) -> str:
        """Return the sentence shown in place of the total, "" for none."""
        return self._problem.sentence() if not self._problem.isHidden() else ""

    def rows(self) -> list[tuple[str, str, str]]:
        """Return what the table shows."""
        texts = []
        for row in range(self._table.rowCount()):
            items = [self._table.item(row, column) for column in range(3)]
            texts.append(tuple(item.text() for item in items if item is not None))
        return [(kind, shape, weights) for kind, shape, weights in texts]

    def total(self) -> str:
        """Return the line below the table."""
        return self._total.text()


def _side(column: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter
