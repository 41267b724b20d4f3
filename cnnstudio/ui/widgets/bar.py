"""`Bar`: a thin rounded bar for progress and probabilities."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from cnnstudio.ui.theme import Theme

HEIGHT_PX = 6


def paint_bar(painter: QPainter, rect: QRectF, value: float, colour: QColor, track: QColor) -> None:
    """Draw a rounded bar that is filled from the left to `value` (0 to 1)."""
    radius = min(rect.height() / 2, 3.0)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(track)
    painter.drawRoundedRect(rect, radius, radius)
    width = rect.width() * min(max(value, 0.0), 1.0)
    if width > 0:
        # A sliver stays visible, so that little does not look like nothing.
        filled = QRectF(rect.topLeft(), rect.size())
        filled.setWidth(max(width, 2.0))
        painter.setBrush(colour)
        painter.drawRoundedRect(filled, radius, radius)


class Bar(QWidget):
    """A bar filled to a value from 0 to 1, in the accent or in a colour of its own."""

    def __init__(
        self, theme: Theme, parent: QWidget | None = None, height_px: int = HEIGHT_PX
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._value = 0.0
        self._colour: QColor | None = None
        self.setFixedHeight(height_px)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def value(self) -> float:
        """Return the value shown, 0 to 1."""
        return self._value

    def set_value(self, value: float) -> None:
        """Show a value; what lies outside 0 to 1 is shown as the nearer end."""
        value = min(max(value, 0.0), 1.0)
        if value != self._value:
            self._value = value
            self.setAccessibleDescription(f"{value:.0%}")
            self.update()

    def set_colour(self, colour: QColor | None) -> None:
        """Fill with a colour, such as a class's; None is the accent."""
        self._colour = colour
        self.update()

    def sizeHint(self) -> QSize:
        """Wide enough to be read."""
        return QSize(180, self.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw track and filling."""
        palette = self._theme.palette
        colour = self._colour or QColor(palette.accent)
        painter = QPainter(self)
        paint_bar(painter, QRectF(self.rect()), self._value, colour, QColor(palette.line))
