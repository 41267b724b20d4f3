"""`NumberStrip`: the part of a long row of numbers that lies around one of them."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QHelpEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from cnnstudio.core.inside.convolving import Grid
from cnnstudio.core.inside.stage_words import exact_number, short_number
from cnnstudio.ui.theme import FACTS_PX, Theme
from cnnstudio.ui.widgets.cell_numbers import fitting_font
from cnnstudio.ui.widgets.number_grid import CellColours
from cnnstudio.ui.words import count_words

# Wide enough for a number of six digits.
_CELL_PX = 48
_HEIGHT_PX = 44
_PLACE_PX = 18
_DOTS_PX = 24


class NumberStrip(QWidget):
    """Each number in a cell with its place below it; dots where there are more."""

    def __init__(self, theme: Theme, name: str, spoken: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._values: Grid = np.zeros(1)
        self._current = 0
        self.setObjectName(name)
        self.setAccessibleName(spoken)
        self.setFixedHeight(_HEIGHT_PX + _PLACE_PX)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def show_numbers(self, values: Grid, current: int) -> None:
        """Show numbers, of shape (count,), around the one at `current`, counted from 0."""
        self._values, self._current = values, current
        self.update()

    def places(self) -> range:
        """Return which numbers there is room for."""
        room = max(1, (self.width() - 2 * _DOTS_PX) // _CELL_PX)
        count = len(self._values)
        first = min(max(self._current - room // 2, 0), max(count - room, 0))
        return range(first, min(first + room, count))

    def words_at(self, x: int) -> str:
        """Return the number at `x` with all its digits, "" where there is none."""
        places = self.places()
        column = (x - (self.width() - len(places) * _CELL_PX) // 2) // _CELL_PX
        if not 0 <= column < len(places):
            return ""
        place = places[column]
        return f"{exact_number(float(self._values[place]))}, number {count_words(place + 1)}"

    def event(self, event: QEvent) -> bool:
        """Say which number is under the mouse."""
        if isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self.words_at(event.pos().x()), self)
            return True
        return super().event(event)

    def minimumSizeHint(self) -> QSize:
        """Room for a few numbers."""
        return QSize(3 * _CELL_PX + 2 * _DOTS_PX, _HEIGHT_PX + _PLACE_PX)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the cells."""
        painter = QPainter(self)
        palette = self._theme.palette
        places = self.places()
        left = (self.width() - len(places) * _CELL_PX) // 2
        colours = CellColours(palette, self._values[None], None)
        facts = QFont(self.font())
        facts.setPixelSize(FACTS_PX)
        for column, place in enumerate(places):
            rect = QRect(left + column * _CELL_PX, 0, _CELL_PX - 1, _HEIGHT_PX)
            painter.fillRect(rect, colours.fill(0, place))
            words = short_number(float(self._values[place]))
            painter.setFont(fitting_font(self.font(), (words,), rect.width()) or facts)
            painter.setPen(colours.ink(0, place))
            painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, words)
            below = QRect(rect.left(), _HEIGHT_PX, _CELL_PX, _PLACE_PX)
            painter.setFont(facts)
            painter.setPen(QColor(palette.muted))
            painter.drawText(below, Qt.AlignmentFlag.AlignCenter, count_words(place + 1))
            if place == self._current:
                painter.setPen(QPen(QColor(palette.accent), 3))
                painter.drawRect(rect.adjusted(1, 1, -1, -2))
        painter.setFont(self.font())
        painter.setPen(QColor(palette.muted))
        right = left + len(places) * _CELL_PX
        for is_more, x in (
            (places.start > 0, left - _DOTS_PX),
            (places.stop < len(self._values), right),
        ):
            if is_more:
                dots = QRect(x, 0, _DOTS_PX, _HEIGHT_PX)
                painter.drawText(dots, Qt.AlignmentFlag.AlignCenter, "…")
