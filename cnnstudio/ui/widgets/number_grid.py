"""`NumberGrid`: a grid of numbers as coloured cells, with a window that slides over it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from cnnstudio.core.inside.convolving import Grid
from cnnstudio.core.inside.stage_words import exact_number
from cnnstudio.ui.theme import Palette, Theme
from cnnstudio.ui.widgets.array_image import image_of_array
from cnnstudio.ui.widgets.cell_numbers import CellNumbers, numbers_for_cells
from cnnstudio.ui.widgets.image_view import scaled_image

_LARGEST_CELL_PX = 80
# Smaller cells lie edge to edge: gaps would take most of them.
_GAPS_FROM_PX = 14
_WIDE_FRAME_FROM_PX = 40
FRAME_PX = 3
# As in the confusion matrix: not stronger, so that the number can be read on it.
_STRONGEST = 0.6
_STEPS = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}
_EDGE = ((0, 0), (0, 0))


@dataclass(frozen=True, eq=False)
class ShownGrid:
    """What a `NumberGrid` shows.

    Gray levels between the two numbers of `grays`, or, without them, blue above and red below 0.
    `padded` are rows above and below, columns left and right, that hold 0. `rows` and `columns` are
    what the window covers; they may lie in the padding. `chosen` is one cell of it. Numbers that
    are not `seen` are left blank; those that are `same` have a dot.
    """

    values: Grid
    grays: tuple[float, float] | None = None
    padded: tuple[tuple[int, int], tuple[int, int]] = _EDGE
    rows: tuple[int, ...] = ()
    columns: tuple[int, ...] = ()
    chosen: tuple[int, int] | None = None
    seen: NDArray[np.bool_] | None = None
    same: NDArray[np.bool_] | None = None


class NumberGrid(QWidget):
    """Cells as large as there is room, and their numbers where these fit.

    `pointed` carries the row and column under the mouse while a button is down, also beyond the
    numbers, where the padding is. With `takes_keys`, Tab stops here and `moved` carries by how many
    rows and columns the arrow keys move. `fitted`: the numbers are written otherwise; see `unit`.
    """

    pointed = Signal(int, int)
    moved = Signal(int, int)
    fitted = Signal()

    def __init__(
        self,
        theme: Theme,
        name: str,
        spoken: str,
        *,
        takes_keys: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._shown = ShownGrid(np.zeros((1, 1)))
        self._numbers = CellNumbers()
        self.setObjectName(name)
        self.setAccessibleName(spoken)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        if takes_keys:
            self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        theme.changed.connect(self.update)

    @property
    def shown(self) -> ShownGrid:
        """What is shown."""
        return self._shown

    def show_grid(self, shown: ShownGrid) -> None:
        """Show other numbers, or another window."""
        self._shown = shown
        self._fit()
        self.update()

    @property
    def unit(self) -> int:
        """What the written numbers are counted in, 1 or 1,000; 0 where there is no room for any."""
        return self._numbers.unit if self._numbers.font is not None else 0

    def words_at(self, at: QPoint) -> str:
        """Return the number at a place in the widget with all its digits, "" where none is seen."""
        if not self._place_and_cell()[0].contains(at):
            return ""
        rows, columns = self._shown.values.shape
        row, column = self._cell_at(at)
        if not (0 <= row < rows and 0 <= column < columns):
            return "0, padding"
        if not self._seen()[row, column]:
            return "Not calculated yet"
        value = exact_number(float(self._shown.values[row, column]))
        return f"{value} in row {row + 1}, column {column + 1}"

    def _cell_at(self, at: QPoint) -> tuple[int, int]:
        """Return row and column; those of the padding lie before the first or after the last."""
        (top, _), (left, _) = self._shown.padded
        place, cell = self._place_and_cell()
        return (at.y() - place.top()) // cell - top, (at.x() - place.left()) // cell - left

    def _fit(self) -> None:
        before = self.unit
        _, cell = self._place_and_cell()
        self._numbers = numbers_for_cells(self._shown.values, self.font(), cell)
        if self.unit != before:
            self.fitted.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Write the numbers anew."""
        super().resizeEvent(event)
        self._fit()

    def event(self, event: QEvent) -> bool:
        """Say which number is under the mouse."""
        if isinstance(event, QHelpEvent):
            # It goes as soon as the mouse is on another number.
            cell = self.cell_rect(*self._cell_at(event.pos()))
            QToolTip.showText(event.globalPos(), self.words_at(event.pos()), self, cell)
            return True
        return super().event(event)

    def cell_rect(self, row: int, column: int) -> QRect:
        """Return where a cell lies; those before the first row or column are padding."""
        (top, _), (left, _) = self._shown.padded
        place, cell = self._place_and_cell()
        return QRect(
            place.left() + (column + left) * cell, place.top() + (row + top) * cell, cell, cell
        )

    def sizeHint(self) -> QSize:
        """A comfortable size."""
        return QSize(300, 300)

    def minimumSizeHint(self) -> QSize:
        """Small, so that narrow windows still hold it."""
        return QSize(60, 60)

    # Mouse and keys

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Point at a cell."""
        self._point(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag over the cells."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._point(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move by the arrow keys."""
        step = _STEPS.get(Qt.Key(event.key()))
        if step is None or self.focusPolicy() == Qt.FocusPolicy.NoFocus:
            super().keyPressEvent(event)
        else:
            self.moved.emit(*step)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show that the keyboard is here."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show it no longer."""
        super().focusOutEvent(event)
        self.update()

    def _point(self, event: QMouseEvent) -> None:
        (top, bottom), (left, right) = self._shown.padded
        rows, columns = self._shown.values.shape
        row, column = self._cell_at(event.position().toPoint())
        row = min(max(row, -top), rows + bottom - 1)
        self.pointed.emit(row, min(max(column, -left), columns + right - 1))

    def _place_and_cell(self) -> tuple[QRect, int]:
        """Where all cells with the padding lie, and the side of one, in whole pixels."""
        (top, bottom), (left, right) = self._shown.padded
        rows, columns = self._shown.values.shape
        rows, columns = rows + top + bottom, columns + left + right
        room = self.rect().adjusted(FRAME_PX, FRAME_PX, -FRAME_PX, -FRAME_PX)
        cell = max(1, min(room.width() // columns, room.height() // rows, _LARGEST_CELL_PX))
        place = QRect(0, 0, columns * cell, rows * cell)
        # Beneath its caption, whatever room is left.
        place.moveCenter(room.center())
        place.moveTop(room.top())
        return place, cell

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the cells, the window over them, and where the keyboard is."""
        painter = QPainter(self)
        palette = self._theme.palette
        place, cell = self._place_and_cell()
        shown = self._shown
        words, font = self._numbers.words, self._numbers.font
        if font is not None:
            painter.setFont(font)
        self._paint_padding(painter, font is not None)
        colours = CellColours(palette, shown.values, shown.grays)
        self._paint_cells(painter, colours, cell)
        for row, column in zip(*np.nonzero(self._seen()), strict=True):
            ink = colours.ink(row, column)
            if font is not None:
                painter.setPen(ink)
                # Without the gap at its right and below it.
                rect = self.cell_rect(row, column).adjusted(0, 0, -1, -1)
                painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, words[row][column])
            if shown.same is not None and shown.same[row, column]:
                self._paint_dot(painter, self.cell_rect(row, column), ink)
        if shown.grays is not None:
            # White cells would vanish on a white card, black ones on a dark one.
            painter.setPen(QColor(palette.line))
            last = self.cell_rect(shown.values.shape[0] - 1, shown.values.shape[1] - 1)
            painter.drawRect(self.cell_rect(0, 0).united(last).adjusted(-1, -1, 0, 0))
        self._paint_window(painter)
        if self.hasFocus():
            painter.setPen(QPen(QColor(palette.accent), 1))
            painter.drawRect(place.adjusted(-FRAME_PX, -FRAME_PX, 1, 1))

    def _seen(self) -> NDArray[np.bool_]:
        seen = self._shown.seen
        return np.ones(self._shown.values.shape, bool) if seen is None else seen

    def _paint_cells(self, painter: QPainter, colours: CellColours, cell: int) -> None:
        """Draw all fills as one picture: a thousand rectangles would take too long."""
        palette = self._theme.palette
        rows, columns = self._shown.values.shape
        place = self.cell_rect(0, 0).united(self.cell_rect(rows - 1, columns - 1))
        image = image_of_array(colours.fills)
        painter.drawImage(place, scaled_image(image, place.size(), smooth=False))
        for row, column in zip(*np.nonzero(~self._seen()), strict=True):
            rect = self.cell_rect(row, column)
            painter.fillRect(rect, QColor(palette.surface))
            painter.setPen(QColor(palette.line))
            painter.drawRect(rect.adjusted(0, 0, -2, -2))
        if cell >= _GAPS_FROM_PX:
            painter.setPen(QColor(palette.surface))
            for row in range(1, rows + 1):
                y = place.top() + row * cell - 1
                painter.drawLine(place.left(), y, place.right(), y)
            for column in range(1, columns + 1):
                x = place.left() + column * cell - 1
                painter.drawLine(x, place.top(), x, place.bottom())

    def _paint_padding(self, painter: QPainter, has_numbers: bool) -> None:
        (top, bottom), (left, right) = self._shown.padded
        rows, columns = self._shown.values.shape
        palette = self._theme.palette
        place, cell = self._place_and_cell()
        if cell < _GAPS_FROM_PX:
            painter.fillRect(place, QColor(palette.hover))
            return
        for row in range(-top, rows + bottom):
            for column in range(-left, columns + right):
                if 0 <= row < rows and 0 <= column < columns:
                    continue
                rect = self.cell_rect(row, column)
                painter.setPen(QPen(QColor(palette.faint), 1, Qt.PenStyle.DotLine))
                painter.drawRect(rect.adjusted(1, 1, -3, -3))
                if has_numbers:
                    painter.setPen(QColor(palette.muted))
                    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, "0")

    def _paint_dot(self, painter: QPainter, rect: QRect, ink: QColor) -> None:
        side = min(4, max(2, rect.width() // 9))
        corner = QRect(rect.right() - side - 2, rect.top() + 2, side, side)
        painter.fillRect(corner, ink)

    def _paint_window(self, painter: QPainter) -> None:
        shown, palette = self._shown, self._theme.palette
        if not shown.rows or not shown.columns:
            return
        is_whole = all(axis[-1] - axis[0] == len(axis) - 1 for axis in (shown.rows, shown.columns))
        if is_whole:
            first = self.cell_rect(shown.rows[0], shown.columns[0])
            rects = [first.united(self.cell_rect(shown.rows[-1], shown.columns[-1]))]
        else:
            rects = [self.cell_rect(row, column) for row in shown.rows for column in shown.columns]
        for rect in rects:
            self._paint_frame(painter, rect, palette.accent)
        if shown.chosen is not None:
            self._paint_frame(painter, self.cell_rect(*shown.chosen), palette.good)

    def _paint_frame(self, painter: QPainter, rect: QRect, colour: str) -> None:
        # On the gaps around the cells, so that it cuts no number; with a line of the surface on
        # both sides, so that it stands out on every gray.
        cell = self._place_and_cell()[1]
        width = 3 if cell >= _WIDE_FRAME_FROM_PX else 2 if cell > _GAPS_FROM_PX else 1
        around = rect.adjusted(-1, -1, -1, -1)
        for line, line_px in ((self._theme.palette.surface, width + 2), (colour, width)):
            pen = QPen(QColor(line), line_px)
            pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
            painter.setPen(pen)
            painter.drawRect(around)


class CellColours:
    """The fills of cells, uint8 of shape (rows, columns, 3), and the colours of their numbers."""

    def __init__(self, palette: Palette, values: Grid, grays: tuple[float, float] | None) -> None:
        self._text = QColor(palette.text)
        self._is_gray = grays is not None
        if grays is not None:
            low, high = grays
            shares = np.clip((values - low) / ((high - low) or 1.0), 0, 1)[..., None]
            fills = np.repeat(shares * 255, 3, axis=2)
        else:
            strength = _STRONGEST * np.abs(values) / (np.abs(values).max() or 1.0)
            ground, above, below = map(_rgb, (palette.ground, palette.accent, palette.bad))
            colours = np.where((values >= 0)[..., None], above, below)
            fills = ground + (colours - ground) * strength[..., None]
        self.fills: NDArray[np.uint8] = np.round(fills).astype(np.uint8)

    def fill(self, row: int, column: int) -> QColor:
        """Return the fill of one cell."""
        return QColor(*self.fills[row, column].tolist())

    def ink(self, row: int, column: int) -> QColor:
        """Return the colour of the number on it."""
        if not self._is_gray:
            return self._text
        # Black on middle gray has more contrast than white has.
        return QColor("#000000" if self.fills[row, column, 0] > 117 else "#ffffff")


def _rgb(colour: str) -> NDArray[np.float64]:
    rgb = QColor(colour)
    return np.array((rgb.red(), rgb.green(), rgb.blue()), np.float64)
