"""The answers of a prediction, as a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    QSize,
    Qt,
    Slot,
)
from PySide6.QtGui import QColor, QIcon, QImage, QPixmap

from cnnstudio.core.predictions import PictureProblem, PictureSource, Prediction
from cnnstudio.ui.theme import Theme
from cnnstudio.ui.thumbnails import Thumbnails
from cnnstudio.ui.words import percent

_Index = QModelIndex | QPersistentModelIndex
_THUMBNAIL_PX = 68
_SWATCH_PX = 10
_MOST_ICONS = 2000
SORT_ROLE = Qt.ItemDataRole.UserRole


@dataclass(frozen=True)
class PredictionRow:
    """A picture that was asked about, and the answer once it is there."""

    source: PictureSource
    answer: Prediction | PictureProblem


class PredictionModel(QAbstractTableModel):
    """Rows in the order they were asked; columns picture, class, probability."""

    COLUMNS: ClassVar = ("Picture", "Class", "Probability")

    def __init__(self, theme: Theme, thumbnails: Thumbnails) -> None:
        super().__init__()
        self._theme = theme
        self._thumbnails = thumbnails
        self._rows: list[PredictionRow] = []
        self._row_of: dict[str, int] = {}
        self._titles: Sequence[str] = ()
        self._colours: Sequence[QColor] = ()
        # Cells are painted again and again; making an icon each time would take half of it.
        self._icons: dict[Path, QIcon] = {}
        thumbnails.arrived.connect(self._on_arrived)

    @property
    def rows(self) -> Sequence[PredictionRow]:
        """All rows, in the order they were asked."""
        return self._rows

    def clear(self, class_titles: Sequence[str] = ()) -> None:
        """Take all rows away; the next are of a run whose classes are called `class_titles`."""
        self.beginResetModel()
        self._rows, self._row_of, self._titles = [], {}, class_titles
        self.endResetModel()

    def set_colours(self, colours: Sequence[QColor]) -> None:
        """Draw the classes of the run in these colours."""
        self._colours = colours
        if self._rows:
            first, last = self.index(0, 1), self.index(len(self._rows) - 1, 1)
            self.dataChanged.emit(first, last, [Qt.ItemDataRole.DecorationRole])

    def append(self, rows: Sequence[PredictionRow]) -> None:
        """Add answers at the end."""
        first = len(self._rows)
        self.beginInsertRows(QModelIndex(), first, first + len(rows) - 1)
        for place, row in enumerate(rows, first):
            if isinstance(row.source, Path):
                self._row_of[str(row.source)] = place
        self._rows += rows
        self.endInsertRows()

    def rowCount(self, parent: _Index | None = None) -> int:
        """The number of pictures."""
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def columnCount(self, parent: _Index | None = None) -> int:
        """Picture, class, probability."""
        return 0 if parent is not None and parent.isValid() else len(self.COLUMNS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """The columns' names."""
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self.COLUMNS[section]
        if role == Qt.ItemDataRole.TextAlignmentRole and section == 2:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What one cell shows."""
        row, column = self._rows[index.row()], index.column()
        answer = row.answer
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(answer, column)
        if role == SORT_ROLE:
            if column == 2:
                return answer.probability if isinstance(answer, Prediction) else -1.0
            return self._text(answer, column).casefold()
        if role == Qt.ItemDataRole.ToolTipRole:
            if isinstance(answer, PictureProblem):
                return answer.reason
            return answer.reason(self._titles) if column and answer.is_unsure else answer.source
        if role == Qt.ItemDataRole.ForegroundRole and isinstance(answer, PictureProblem):
            return QColor(self._theme.palette.bad)
        if role == Qt.ItemDataRole.ForegroundRole and _is_unsure(answer) and column:
            return QColor(self._theme.palette.muted)
        if role == Qt.ItemDataRole.TextAlignmentRole and column == 2:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.DecorationRole:
            return self._decoration(row, column)
        if role == Qt.ItemDataRole.SizeHintRole:
            return QSize(0, 44)
        return None

    def _text(self, answer: Prediction | PictureProblem, column: int) -> str:
        if column == 0:
            return answer.source.replace("\\", "/").rpartition("/")[2]
        if isinstance(answer, PictureProblem):
            return answer.reason if column == 1 else ""
        if column == 1:
            likeliest = self._titles[answer.predicted_index]
            return f"Not sure: {likeliest}?" if answer.is_unsure else likeliest
        return percent(answer.probability, 0)

    def _decoration(self, row: PredictionRow, column: int) -> Any:
        if column == 0 and isinstance(row.source, Path):
            return self._icon(row.source)
        if column == 1 and isinstance(row.answer, Prediction):
            swatch = QPixmap(_SWATCH_PX, _SWATCH_PX)
            swatch.fill(self._colours[row.answer.predicted_index])
            return swatch
        return None

    def _icon(self, path: Path) -> QIcon | None:
        icon = self._icons.get(path)
        if icon is None:
            image = self._thumbnails.image(path, _THUMBNAIL_PX)
            if image is not None:
                if len(self._icons) >= _MOST_ICONS:
                    self._icons.clear()
                icon = self._icons[path] = QIcon(_square(image))
        return icon

    @Slot(str)
    def _on_arrived(self, path: str) -> None:
        place = self._row_of.get(path)
        if place is not None:
            cell = self.index(place, 0)
            self.dataChanged.emit(cell, cell, [Qt.ItemDataRole.DecorationRole])


def _is_unsure(answer: Prediction | PictureProblem) -> bool:
    return isinstance(answer, Prediction) and bool(answer.is_unsure)


def _square(image: QImage) -> QPixmap:
    """The middle of a picture, so that all rows look alike."""
    side = min(image.width(), image.height())
    left, top = (image.width() - side) // 2, (image.height() - side) // 2
    return QPixmap.fromImage(image.copy(left, top, side, side))
