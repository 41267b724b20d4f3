"""`ClassBars`: the probabilities of one picture, a bar for each class."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from cnnstudio.ui.theme import FACTS_PX, Theme
from cnnstudio.ui.widgets.bar import paint_bar
from cnnstudio.ui.words import count_words, percent

ClassProbability = tuple[str, QColor, float]

_ROW_PX = 39
_BAR_TOP_PX = 22
_BAR_PX = 8
_MORE_PX = 20


class ClassBars(QWidget):
    """Rows of name, percentage and bar, the most probable class first and bold.

    At most `most_shown` classes have a row; a line below counts the others. The height follows from
    the number of rows alone, so that the next picture moves nothing.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None, most_shown: int = 5) -> None:
        super().__init__(parent)
        self._theme = theme
        self._most_shown = most_shown
        self._ranked: list[ClassProbability] = []
        self.setAccessibleName("Class probabilities")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_probabilities(self, probabilities: Sequence[ClassProbability]) -> None:
        """Show the classes given as (name, colour, probability from 0 to 1), in any order."""
        before = self.sizeHint()
        self._ranked = sorted(probabilities, key=lambda row: row[2], reverse=True)
        self.setAccessibleDescription("; ".join(self.lines()))
        if self.sizeHint() != before:
            self.updateGeometry()
        self.update()

    def set_most_shown(self, count: int) -> None:
        """Give at most so many classes a row."""
        self._most_shown = count
        self.updateGeometry()
        self.update()

    def lines(self) -> list[str]:
        """Return what is shown, line by line: "coat 88.4 %", last "and 5 more"."""
        lines = [f"{name} {percent(value)}" for name, _, value in self._shown()]
        return [*lines, self._more()] if self._more() else lines

    def sizeHint(self) -> QSize:
        """Room for every row shown."""
        height = len(self._shown()) * _ROW_PX + (_MORE_PX if self._more() else 0)
        return QSize(240, height)

    def minimumSizeHint(self) -> QSize:
        """Narrower names are shortened; no row is left out."""
        return QSize(120, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the rows."""
        painter = QPainter(self)
        bold = QFont(self.font())
        bold.setWeight(QFont.Weight.DemiBold)
        for row, (name, colour, value) in enumerate(self._shown()):
            self._paint_row(painter, row * _ROW_PX, name, colour, value, bold if not row else None)
        if self._more():
            facts = QFont(self.font())
            facts.setPixelSize(FACTS_PX)
            painter.setFont(facts)
            painter.setPen(QColor(self._theme.palette.muted))
            top = len(self._shown()) * _ROW_PX
            painter.drawText(
                QRectF(0, top, self.width(), _MORE_PX), Qt.AlignmentFlag.AlignLeft, self._more()
            )

    def _paint_row(
        self,
        painter: QPainter,
        top: int,
        name: str,
        colour: QColor,
        value: float,
        name_font: QFont | None,
    ) -> None:
        palette = self._theme.palette
        middle = Qt.AlignmentFlag.AlignVCenter
        line = QRectF(0, top, self.width(), _BAR_TOP_PX)
        figure = percent(value)
        figure_width = QFontMetrics(self.font()).horizontalAdvance(figure)
        painter.setPen(QColor(palette.text))
        painter.setFont(self.font())
        painter.drawText(line, middle | Qt.AlignmentFlag.AlignRight, figure)
        font = name_font or self.font()
        painter.setFont(font)
        room = self.width() - figure_width - 12
        fitting = QFontMetrics(font).elidedText(name, Qt.TextElideMode.ElideRight, room)
        painter.drawText(line, middle | Qt.AlignmentFlag.AlignLeft, fitting)
        bar = QRectF(0, top + _BAR_TOP_PX, self.width(), _BAR_PX)
        paint_bar(painter, bar, value, colour, QColor(palette.line))

    def _shown(self) -> list[ClassProbability]:
        # A line "and 1 more" would take the room of the row itself.
        most = self._most_shown
        return self._ranked if len(self._ranked) == most + 1 else self._ranked[:most]

    def _more(self) -> str:
        more = len(self._ranked) - len(self._shown())
        return f"and {count_words(more)} more" if more else ""
