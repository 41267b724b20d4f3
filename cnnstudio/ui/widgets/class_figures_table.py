"""`ClassFiguresTable`: precision, recall, F1 and pictures of every class, as bars and numbers."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QResizeEvent
from PySide6.QtWidgets import QHeaderView, QStyleOptionViewItem, QWidget

from cnnstudio.core.evaluation.figure_words import interval_words
from cnnstudio.core.evaluation.figures import ClassFigures, Interval
from cnnstudio.ui.swatches import swatch
from cnnstudio.ui.theme import Theme
from cnnstudio.ui.widgets.bar_delegate import BarDelegate
from cnnstudio.ui.widgets.sorted_table import FigureCell, SortedTable
from cnnstudio.ui.words import NOT_KNOWN, count_words, percent, pictures

_AROUND_FIGURE_PX = 28
_SHARE_ROLE = Qt.ItemDataRole.UserRole
_TOO_WIDE = 0.4
_HEADS = (
    ("Class", "Sorts by name"),
    ("Recall", "Of the pictures of this class, so many were recognised"),
    ("Precision", "Of the pictures that were taken for this class, so many are"),
    ("F1", "Recall and precision in one figure: their harmonic mean"),
    ("Pictures", "Pictures of this class that it was asked about; ± where they are few"),
)
_PICTURES = 4
_PICTURES_PX = 76
_SMALLEST_FIGURE_PX = 100


class ClassFiguresTable(SortedTable):
    """A click on a head sorts. Where few pictures say little, their count is marked with ±."""

    def __init__(self, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        super().__init__(name, "Figures of each class", _HEADS, parent)
        self._theme = theme
        self.setItemDelegate(_BarDelegate(theme, _SHARE_ROLE, self))
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        theme.changed.connect(self._colour)

    def show_classes(
        self,
        classes: Sequence[ClassFigures],
        colours: Sequence[QColor],
        *,
        with_worth: bool = True,
    ) -> None:
        """Show the figures of other classes, in their order, with the colour of each.

        Without `with_worth`, they say nothing of new pictures: nothing is told of intervals.
        """
        rows = [_cells(each, colour) for each, colour in zip(classes, colours, strict=True)]
        if with_worth:
            for each, cells in zip(classes, rows, strict=True):
                _tell_worth(each, cells)
        self.show_rows(rows)
        self._colour()

    @property
    def marks_few(self) -> bool:
        """Whether the number of pictures of a class is marked with ±."""
        counts = (self.item(row, _PICTURES) for row in range(self.rowCount()))
        return any(each is not None and each.text().startswith("±") for each in counts)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the figures a fifth of the room each, and the names what is left."""
        super().resizeEvent(event)
        room = self.viewport().width()
        figure = max(_SMALLEST_FIGURE_PX, room // 5)
        for column in range(1, _PICTURES):
            self.setColumnWidth(column, figure)
        self.setColumnWidth(_PICTURES, _PICTURES_PX)
        names = room - _PICTURES_PX - figure * (_PICTURES - 1)
        self.setColumnWidth(0, max(names, _SMALLEST_FIGURE_PX))

    def _colour(self) -> None:
        for row in range(self.rowCount()):
            item = self.item(row, _PICTURES)
            if item is not None and item.text().startswith("±"):
                item.setForeground(QColor(self._theme.palette.warn_ink))


def _cells(each: ClassFigures, colour: QColor) -> list[FigureCell]:
    name = FigureCell(each.title, each.title)
    name.setIcon(swatch(colour))
    name.setToolTip(each.title)
    count = FigureCell(count_words(each.support), each.support)
    return [name, _figure(each.recall), _figure(each.precision), _figure(each.f1), count]


def _tell_worth(each: ClassFigures, cells: Sequence[FigureCell]) -> None:
    _, recall, precision, _, count = cells
    recall.setToolTip(_worth("of", each.title, each.support, each.recall_interval))
    precision.setToolTip(_worth("taken for", each.title, each.asked, each.precision_interval))
    low, high = each.recall_interval
    if high - low > _TOO_WIDE:
        count.setText(f"± {count.text()}")
        first, last = interval_words(each.recall_interval)
        count.setToolTip(
            f"Too few pictures to go by: the recall may be anything between {first} and {last}."
        )


def _worth(how: str, title: str, count: int, interval: Interval) -> str:
    if not count:
        return f"No picture {'is' if how == 'of' else 'was'} {how} {title}."
    low, high = interval_words(interval)
    return f"{pictures(count)} {how} {title}: the true figure lies between {low} and {high}."


def _figure(share: float | None) -> FigureCell:
    cell = FigureCell(NOT_KNOWN if share is None else percent(share), share)
    cell.setData(_SHARE_ROLE, share)
    return cell


class _BarDelegate(BarDelegate):
    """The bar lies left of the percentage."""

    def bar_rect(self, option: QStyleOptionViewItem) -> QRectF:
        """Return what room the figure leaves."""
        bar = super().bar_rect(option)
        figure = option.fontMetrics.horizontalAdvance("100.0 %") + _AROUND_FIGURE_PX
        return QRectF(bar.left() + 2, bar.top(), option.rect.width() - figure, bar.height())
