"""`ConfusionModel`: pictures by true class and answer, with their sums, as a table."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from cnnstudio.core.evaluation.figures import Figures
from cnnstudio.ui.words import count_words, percent, pictures

AnyIndex = QModelIndex | QPersistentModelIndex
Scale = Literal["counts", "row", "column"]

SHARE_ROLE = Qt.ItemDataRole.UserRole
"""How strongly a cell is coloured, 0 to 1; None for the sums."""

ALL = "all"


class ConfusionModel(QAbstractTableModel):
    """Rows are true classes, columns answers; the last of both are sums.

    Cells hold counts, or whole per cent of their row or column.
    """

    def __init__(self) -> None:
        super().__init__()
        self._figures: Figures | None = None
        self._scale: Scale = "counts"
        self._counts = np.zeros((0, 0), int)
        self._rows = self._columns = np.zeros((0, 0))

    def show(self, figures: Figures) -> None:
        """Show other figures."""
        self.beginResetModel()
        self._figures = figures
        counts = np.array(figures.confusion)
        self._counts = np.pad(counts, (0, 1))
        self._counts[:-1, -1] = counts.sum(axis=1)
        self._counts[-1, :-1] = counts.sum(axis=0)
        self._counts[-1, -1] = counts.sum()
        self._rows, self._columns = (
            np.nan_to_num(shares) for shares in (figures.by_row(), figures.by_column())
        )
        self.endResetModel()

    def set_scale(self, scale: Scale) -> None:
        """Show counts, or shares of the rows or of the columns."""
        self._scale = scale
        if self._figures is not None:
            size = self.size
            self.dataChanged.emit(self.index(0, 0), self.index(size, size))

    @property
    def size(self) -> int:
        """How many classes there are."""
        return max(len(self._counts) - 1, 0)

    def longest(self) -> tuple[str, str]:
        """Return the longest words of a cell and of a sum, whatever is shown."""
        most = int(self._counts[:-1, :-1].max(initial=0))
        return max(count_words(most), "100", key=len), count_words(int(self._counts[-1, -1]))

    def count_at(self, index: AnyIndex) -> int:
        """Return the pictures of a cell."""
        return int(self._counts[index.row(), index.column()])

    def classes_at(self, index: AnyIndex) -> tuple[int | None, int | None]:
        """Return true class and answer of a cell, None in the sums."""
        row, column, size = index.row(), index.column(), self.size
        return (row if row < size else None, column if column < size else None)

    def words_at(self, index: AnyIndex) -> str:
        """Return a cell as a sentence."""
        if self._figures is None:
            return ""
        true, predicted = self.classes_at(index)
        names = [each.title for each in self._figures.classes]
        count = self.count_at(index)
        are = "is" if count == 1 else "are"
        were = "was" if count == 1 else "were"
        if true is None and predicted is None:
            return f"{pictures(count)} in all."
        if true is None and predicted is not None:
            return f"{pictures(count)} {were} taken for {names[predicted]}."
        assert true is not None
        if predicted is None:
            return f"{pictures(count)} {are} {names[true]}."
        words = f"{pictures(count)} of {names[true]} taken for {names[predicted]}"
        if true == predicted:
            words = f"{pictures(count)} of {names[true]} recognised"
        shares = []
        if self._counts[true, -1]:
            shares.append(f"{percent(self._rows[true, predicted])} of {names[true]}")
        if self._counts[-1, predicted]:
            share = percent(self._columns[true, predicted])
            shares.append(f"{share} of the answers {names[predicted]}")
        return f"{words}: {', '.join(shares)}." if shares else f"{words}."

    def rowCount(self, parent: AnyIndex | None = None) -> int:
        """One row a class, and the sums."""
        return 0 if parent is not None and parent.isValid() else len(self._counts)

    def columnCount(self, parent: AnyIndex | None = None) -> int:
        """One column a class, and the sums."""
        return self.rowCount(parent)

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a cell shows and says."""
        if not index.isValid() or self._figures is None:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._shown(index)
        if role == SHARE_ROLE:
            return self._strength(index)
        if role in (
            Qt.ItemDataRole.ToolTipRole,
            Qt.ItemDataRole.AccessibleTextRole,
        ):
            return self.words_at(index)
        return None

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:
        """Return the name of a class."""
        if self._figures is None:
            return None
        name = self._figures.classes[section].title if section < self.size else ALL
        if role == Qt.ItemDataRole.DisplayRole:
            return name
        if role == Qt.ItemDataRole.ToolTipRole:
            is_row = orientation == Qt.Orientation.Vertical
            return f"True class: {name}" if is_row else f"Taken for: {name}"
        return None

    def _shown(self, index: AnyIndex) -> str:
        row, column = index.row(), index.column()
        count = self.count_at(index)
        is_sum = self.size in (row, column)
        if self._scale == "counts" or is_sum:
            return count_words(count) if count or is_sum else ""
        shares = self._rows if self._scale == "row" else self._columns
        # The heading says that these are per cent: the sign would take the room of the number.
        return percent(float(shares[row, column]), 0).removesuffix(" %") if count else ""

    def _strength(self, index: AnyIndex) -> float | None:
        row, column = index.row(), index.column()
        if self.size in (row, column):
            return None
        shares = self._columns if self._scale == "column" else self._rows
        return float(shares[row, column])
