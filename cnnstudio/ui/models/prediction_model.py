"""The answers of a prediction, as a table that may have a hundred thousand rows.

It sorts and filters itself: a `QSortFilterProxyModel` would ask for every cell through Python,
which takes seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    QSize,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import QColor, QIcon, QImage, QPixmap

from cnnstudio.core.natural_order import natural_text
from cnnstudio.ui.models.answer_rows import AnswerRows, Doubt, PredictionRow
from cnnstudio.ui.theme import Theme
from cnnstudio.ui.thumbnails import Thumbnails
from cnnstudio.ui.words import percent

_Index = QModelIndex | QPersistentModelIndex
_Places = npt.NDArray[np.int64]
_THUMBNAIL_PX = 68
_SWATCH_PX = 10
_MOST_ICONS = 2000
_ASCENDING = Qt.SortOrder.AscendingOrder
# Sorting more names than these would hold the window up: `names_wanted` asks for it elsewhere.
_MOST_NAMES = 3000


class PredictionModel(QAbstractTableModel):
    """Rows in the order they were asked until sorted; columns picture, class, probability.

    `names_wanted` asks for the order of many names: whoever hears it calls `set_name_order`.
    """

    COLUMNS: ClassVar = ("Picture", "Class", "Probability")

    names_wanted = Signal()

    def __init__(self, theme: Theme, thumbnails: Thumbnails) -> None:
        super().__init__()
        self._theme = theme
        self._thumbnails = thumbnails
        self._rows = AnswerRows()
        self._row_of: dict[str, int] = {}
        self._titles: Sequence[str] = ()
        self._colours: Sequence[QColor] = ()
        self._sorting: tuple[int, Qt.SortOrder] = (-1, _ASCENDING)
        self._class_shown: int | None = None
        self._doubt_shown: Doubt | None = None
        # The rows shown, in their order; and by name, as far as that is known.
        self._shown: _Places = np.empty(0, np.int64)
        self._by_name: _Places = np.empty(0, np.int64)
        # Cells are painted again and again; making an icon each time would take half of it.
        self._icons: dict[str, QIcon] = {}
        thumbnails.arrived.connect(self._on_arrived)

    @property
    def rows(self) -> AnswerRows:
        """All rows, in the order they were asked, whether they are shown or not."""
        return self._rows

    def row_at(self, index: _Index) -> PredictionRow:
        """Return the row that is shown at an index."""
        return self._rows.row(self.place_at(index))

    def clear(self, class_names: Sequence[str] = (), class_titles: Sequence[str] = ()) -> None:
        """Take all rows away; the next are of a run with these classes."""
        self.beginResetModel()
        self._rows, self._row_of, self._titles = AnswerRows(class_names), {}, class_titles
        self._shown = self._by_name = np.empty(0, np.int64)
        self._class_shown = self._doubt_shown = None
        self.endResetModel()

    def set_colours(self, colours: Sequence[QColor]) -> None:
        """Draw the classes of the run in these colours."""
        self._colours = colours
        if self.rowCount():
            first, last = self.index(0, 1), self.index(self.rowCount() - 1, 1)
            self.dataChanged.emit(first, last, [Qt.ItemDataRole.DecorationRole])

    def append(self, rows: Sequence[PredictionRow]) -> None:
        """Add answers, at the end or where they belong in the order."""
        first = len(self._rows)
        self._rows.append(rows)
        for place in range(first, len(self._rows)):
            file = self._rows.file(place)
            if file is not None:
                self._row_of[file] = place
        new = np.arange(first, len(self._rows))
        if self._class_shown is not None or self._doubt_shown is not None:
            new = new[self._is_shown()[first:]]
        if not len(new):
            return
        count = len(self._shown)
        self.beginInsertRows(QModelIndex(), count, count + len(new) - 1)
        self._shown = np.concatenate([self._shown, new])
        self.endInsertRows()
        if self._sorting[0] >= 0:
            self.arrange()

    def set_filter(self, class_shown: int | None, doubt_shown: Doubt | None) -> None:
        """Show only answers of one class, or to be taken in one way; None shows all."""
        if (class_shown, doubt_shown) == (self._class_shown, self._doubt_shown):
            return
        self.beginResetModel()
        self._class_shown, self._doubt_shown = class_shown, doubt_shown
        self._shown = self._ordered(self._is_shown().nonzero()[0])
        self.endResetModel()

    def sort(self, column: int, order: Qt.SortOrder = _ASCENDING) -> None:
        """Sort by a column; -1 is the order in which they were asked."""
        self._sorting = column, order
        self.arrange()

    def set_name_order(self, by_name: Sequence[int]) -> None:
        """Take the places of the first rows in the order of their names."""
        self._by_name = np.array(by_name, np.int64)
        self.arrange()

    @staticmethod
    def names(rows: AnswerRows) -> list[str]:
        """Return the name of each row's picture as texts to sort by."""
        return [natural_text(_file_name(rows, place)) for place in range(len(rows))]

    def place_at(self, index: _Index) -> int:
        """Return which of all rows is shown at an index."""
        return int(self._shown[index.row()])

    def index_of(self, place: int) -> QModelIndex:
        """Return where a row is shown; an invalid index where it is not."""
        found = (self._shown == place).nonzero()[0]
        return self.index(int(found[0]), 0) if len(found) else QModelIndex()

    def rowCount(self, parent: _Index | None = None) -> int:
        """The number of pictures shown."""
        return 0 if parent is not None and parent.isValid() else len(self._shown)

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
        place, column = self.place_at(index), index.column()
        problem = self._rows.problem(place)
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(place, problem, column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._rows.name(place) if problem is None else problem
        if role == Qt.ItemDataRole.ForegroundRole and problem is not None:
            return QColor(self._theme.palette.bad)
        if role == Qt.ItemDataRole.TextAlignmentRole and column == 2:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.DecorationRole:
            return self._decoration(place, problem, column)
        if role == Qt.ItemDataRole.SizeHintRole:
            return QSize(0, 44)
        return None

    def _text(self, place: int, problem: str | None, column: int) -> str:
        if column == 0:
            return _file_name(self._rows, place)
        if problem is not None:
            return problem if column == 1 else ""
        if column == 1:
            title = self._titles[self._rows.predicted[place]]
            return f"{title} (not sure)" if self._rows.doubts[place] == Doubt.NOT_SURE else title
        return percent(float(self._rows.probabilities[place]), 0)

    def _decoration(self, place: int, problem: str | None, column: int) -> Any:
        file = self._rows.file(place)
        if column == 0 and file is not None:
            return self._icon(file)
        if column == 1 and problem is None:
            swatch = QPixmap(_SWATCH_PX, _SWATCH_PX)
            swatch.fill(self._colours[self._rows.predicted[place]])
            return swatch
        return None

    # Order

    def _is_shown(self) -> npt.NDArray[np.bool_]:
        doubts = self._rows.doubts
        shown: npt.NDArray[np.bool_] = np.ones(len(self._rows), np.bool_)
        if self._class_shown is not None:
            shown &= (self._rows.predicted == self._class_shown) & (doubts != Doubt.PROBLEM)
        if self._doubt_shown is not None:
            shown &= doubts == self._doubt_shown
        return shown

    def arrange(self) -> None:
        """Bring the rows shown into their order; what is selected stays selected."""
        self.layoutAboutToBeChanged.emit()
        kept = self.persistentIndexList()
        places = [self.place_at(each) for each in kept]
        self._shown = self._ordered(np.sort(self._shown))
        for old, place in zip(kept, places, strict=True):
            now = int((self._shown == place).nonzero()[0][0])
            self.changePersistentIndex(old, self.index(now, old.column()))
        self.layoutChanged.emit()

    def _ordered(self, places: _Places) -> _Places:
        """Return rows, which are in the order they were asked, in the order that is wanted."""
        column, order = self._sorting
        if column < 0 or not len(places):
            return places
        keys: npt.NDArray[np.int64] | npt.NDArray[np.float32]
        if column == 0:
            keys = self._name_ranks()[places]
        elif column == 1:
            keys = self._class_ranks()[places]
        else:
            keys = self._rows.probabilities[places]
        # Equal ones keep their order in both directions.
        keys = keys if order == _ASCENDING else -keys
        return places[np.argsort(keys, kind="stable")]

    def _class_ranks(self) -> npt.NDArray[np.int64]:
        titles = [title.casefold() for title in self._titles]
        ranks = np.argsort(np.argsort(np.array(titles)))[self._rows.predicted]
        ranks[self._rows.doubts == Doubt.PROBLEM] = len(titles)
        return ranks

    def _name_ranks(self) -> npt.NDArray[np.int64]:
        count = len(self._rows)
        if len(self._by_name) < count and count <= _MOST_NAMES:
            names = self.names(self._rows)
            self._by_name = np.array(sorted(range(count), key=names.__getitem__), np.int64)
        # Those whose place is not known yet come last, as they were asked.
        ranks = np.arange(count)
        ranks[self._by_name] = np.arange(len(self._by_name))
        if len(self._by_name) < count:
            self.names_wanted.emit()
        return ranks

    # Thumbnails

    def _icon(self, file: str) -> QIcon | None:
        icon = self._icons.get(file)
        if icon is None:
            image = self._thumbnails.image(Path(file), _THUMBNAIL_PX)
            if image is not None:
                if len(self._icons) >= _MOST_ICONS:
                    self._icons.clear()
                icon = self._icons[file] = QIcon(_square(image))
        return icon

    @Slot(str)
    def _on_arrived(self, path: str) -> None:
        place = self._row_of.get(path)
        if place is not None:
            cell = self.index_of(place)
            if cell.isValid():
                self.dataChanged.emit(cell, cell, [Qt.ItemDataRole.DecorationRole])


def _file_name(rows: AnswerRows, place: int) -> str:
    return rows.name(place).replace("\\", "/").rpartition("/")[2]


def _square(image: QImage) -> QPixmap:
    """The middle of a picture, so that all rows look alike."""
    side = min(image.width(), image.height())
    left, top = (image.width() - side) // 2, (image.height() - side) // 2
    return QPixmap.fromImage(image.copy(left, top, side, side))
