"""`CountsDialog`: how many pictures each class has, as bars and numbers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QGuiApplication, QKeySequence, QPainter, QShortcut
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from cnnstudio.core.class_counts import ClassCount, ProjectCounts, counts_table
from cnnstudio.ui.dialogs.save_file_dialog import SaveFileDialog
from cnnstudio.ui.swatches import SWATCH_PX, swatch
from cnnstudio.ui.theme import Theme, class_colour
from cnnstudio.ui.widgets.primary_button import primary_button, styled_button
from cnnstudio.ui.widgets.sorted_table import FigureCell, SortedTable
from cnnstudio.ui.words import classes, count_words, percent, pictures

_WIDTH_PX = 620
_PART_PX = 70
_ROW_PX = 30
_HEADER_PX = 26
_MOST_ROWS = 14
_BAR_PX = 8
_STRENGTHS = (1.0, 0.6, 0.33)
_BAR_ROLE = Qt.ItemDataRole.UserRole
_BAR_COLUMN = 1


class CountsDialog(QDialog):
    """A table that can be sorted, copied and saved; `save_wanted` carries a path and a text.

    Where folders decide which part a picture belongs to, each bar is divided into its parts.
    """

    save_wanted = Signal(object, str)

    def __init__(self, counts: ProjectCounts, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._counts = counts
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setObjectName("class_counts_dialog")
        self.setWindowTitle("Pictures in each class")
        heading = QLabel(f"{pictures(counts.total)} in {classes(len(counts.classes))}")
        heading.setObjectName("class_counts_heading")
        heading.setProperty("class", "heading")
        facts = QLabel(_facts(counts))
        facts.setObjectName("class_counts_facts")
        facts.setTextFormat(Qt.TextFormat.PlainText)
        facts.setProperty("class", "muted")
        facts.setWordWrap(True)
        facts.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        facts.setVisible(bool(facts.text()))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 16)
        layout.setSpacing(8)
        layout.addWidget(heading)
        layout.addWidget(facts)
        if counts.splits:
            layout.addLayout(_legend(counts.splits, theme))
        layout.addWidget(_CountsTable(counts, theme), 100)
        layout.addStretch(1)
        layout.addLayout(self._buttons())
        self.setMinimumWidth(_WIDTH_PX + _PART_PX * len(counts.splits))
        QShortcut(QKeySequence(QKeySequence.StandardKey.Copy), self).activated.connect(self._copy)

    def _buttons(self) -> QHBoxLayout:
        self._copied = styled_button("Copy")
        self._copied.setObjectName("class_counts_copy")
        self._copied.setToolTip("As a table, for a spreadsheet (Ctrl+C)")
        self._copied.clicked.connect(self._copy)
        save = styled_button("Save as CSV...")
        save.setObjectName("class_counts_save")
        save.clicked.connect(self._ask_where_to_save)
        close = primary_button("Close")
        close.setObjectName("class_counts_close")
        close.setDefault(True)
        close.clicked.connect(self.accept)
        row = QHBoxLayout()
        row.setContentsMargins(0, 8, 0, 0)
        row.setSpacing(8)
        row.addWidget(self._copied)
        row.addWidget(save)
        row.addStretch(1)
        row.addWidget(close)
        return row

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(counts_table(self._counts, "\t"))
        self._copied.setText("Copied")

    def _ask_where_to_save(self) -> None:
        dialog = SaveFileDialog(self, "Save the counts", "class counts", "csv", "Tables")
        dialog.path_chosen.connect(self._save)
        dialog.open()

    def _save(self, path: Path) -> None:
        self.save_wanted.emit(path, counts_table(self._counts))


class _CountsTable(SortedTable):
    """Class, bar, pictures, share, and one column a part; a click on a heading sorts."""

    def __init__(self, counts: ProjectCounts, theme: Theme) -> None:
        titles = ["Class", "", "Pictures", "Share", *map(str.capitalize, counts.splits)]
        super().__init__(
            "class_counts_table",
            "Pictures in each class",
            [(title, "") for title in titles],
            begins_with_largest=True,
        )
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setItemDelegateForColumn(_BAR_COLUMN, _BarDelegate(theme, self))
        self.verticalHeader().setDefaultSectionSize(_ROW_PX)
        header = self.horizontalHeader()
        header.setFixedHeight(_HEADER_PX)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Interactive)
        header.setSectionResizeMode(_BAR_COLUMN, QHeaderView.ResizeMode.Stretch)
        self.setColumnWidth(0, 190)
        most = max((each.count for each in counts.classes), default=0)
        self.show_rows([_cells(each, most, counts.total) for each in counts.classes])
        rows = len(counts.classes)
        self.setMinimumHeight(_HEADER_PX + _ROW_PX * min(rows, _MOST_ROWS) + 2)
        self.setMaximumHeight(_HEADER_PX + _ROW_PX * rows + 2)


def _cells(each: ClassCount, most: int, total: int) -> list[FigureCell]:
    name = FigureCell(each.title if each.is_switched_on else f"{each.title} (off)", each.title)
    name.setIcon(swatch(class_colour(each.colour)))
    name.setToolTip(each.title)
    bar = FigureCell("", each.count)
    parts = each.parts or (each.count,)
    bar.setData(_BAR_ROLE, ([part / most if most else 0.0 for part in parts], each.colour))
    share = each.count / total if total else 0.0
    cells = [name, bar, _number(each.count), FigureCell(percent(share), share)]
    return [*cells, *map(_number, each.parts)]


class _BarDelegate(QStyledItemDelegate):
    """Paints a bar, divided into the parts of the class."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Draw the parts one after the other on a quiet track."""
        super().paint(painter, option, index)
        shares, place = index.data(_BAR_ROLE)
        rect = QRectF(option.rect).adjusted(4, 0, -4, 0)
        top = rect.center().y() - _BAR_PX / 2
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._theme.palette.line))
        painter.drawRoundedRect(QRectF(rect.left(), top, rect.width(), _BAR_PX), 3, 3)
        left = rect.left()
        for share, strength in zip(shares, _STRENGTHS, strict=False):
            width = max(share * rect.width(), 2.0) if share else 0.0
            painter.setBrush(QColor(self._theme.palette.surface))
            painter.drawRect(QRectF(left, top, width, _BAR_PX))
            painter.setBrush(_weaker(class_colour(place), strength))
            painter.drawRect(QRectF(left, top, width - (1 if len(shares) > 1 else 0), _BAR_PX))
            left += width
        painter.restore()


def _number(count: int) -> FigureCell:
    return FigureCell(count_words(count), count)


def _weaker(colour: QColor, strength: float) -> QColor:
    return QColor(colour.red(), colour.green(), colour.blue(), round(255 * strength))


def _legend(splits: Sequence[str], theme: Theme) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(6)
    for split, strength in zip(splits, _STRENGTHS, strict=False):
        square = QLabel()
        colour = _weaker(QColor(theme.palette.text), strength)
        square.setPixmap(swatch(colour).pixmap(SWATCH_PX, SWATCH_PX))
        words = QLabel(split)
        words.setProperty("class", "facts")
        row.addWidget(square)
        row.addWidget(words)
        row.addSpacing(8)
    row.addStretch(1)
    return row


def _facts(counts: ProjectCounts) -> str:
    sentences = []
    filled = sorted((each for each in counts.classes if each.count), key=lambda each: each.count)
    if len(filled) > 1:
        least, most = filled[0], filled[-1]
        sentences.append(
            f"Most: {most.title} ({count_words(most.count)})."
            f" Fewest: {least.title} ({count_words(least.count)})."
        )
    empty = len(counts.classes) - len(filled)
    if empty:
        sentences.append(f"{classes(empty)} {'is' if empty == 1 else 'are'} empty.")
    if counts.without_class:
        sentences.append(f"{pictures(counts.without_class)} without a class.")
    return " ".join(sentences)
