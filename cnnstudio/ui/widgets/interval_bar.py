"""`IntervalBar`: a share and the interval that the true figure lies in, from 0 to 100 %."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from cnnstudio.ui.theme import FACTS_PX, Theme
from cnnstudio.ui.words import percent

_TRACK_PX = 8
_BAND_PX = 16
_SCALE_PX = 16
_SIDE_PX = 20


class IntervalBar(QWidget):
    """A track with the interval as a band on it, the share as a line, and a scale below."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._share = 0.0
        self._interval: tuple[float, float] | None = None
        self.setAccessibleName("Interval of the accuracy")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_share(self, share: float, interval: tuple[float, float] | None) -> None:
        """Show a share and its interval, all 0 to 1; None where it has none."""
        self._share, self._interval = share, interval
        words = percent(share)
        if interval is not None:
            words += f", between {percent(interval[0])} and {percent(interval[1])}"
        self.setAccessibleDescription(words)
        self.setToolTip(f"{words} (95 % interval)" if interval is not None else words)
        self.update()

    def shown(self) -> tuple[float, tuple[float, float] | None]:
        """Return the share and its interval."""
        return self._share, self._interval

    def sizeHint(self) -> QSize:
        """As high as the band and the scale."""
        return QSize(320, _BAND_PX + _SCALE_PX + 4)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw track, band, share and scale."""
        palette = self._theme.palette
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        width = self.width() - 2 * _SIDE_PX
        middle = 1 + _BAND_PX / 2

        def at(share: float) -> float:
            return _SIDE_PX + share * width

        painter.setBrush(QColor(palette.line))
        painter.drawRoundedRect(QRectF(at(0), middle - _TRACK_PX / 2, width, _TRACK_PX), 4, 4)
        if self._interval is not None:
            low, high = self._interval
            band = QColor(palette.accent)
            band.setAlpha(90)
            painter.setBrush(band)
            extent = max(at(high) - at(low), 4.0)
            painter.drawRoundedRect(QRectF(at(low), 1, extent, _BAND_PX), 4, 4)
        painter.setPen(QPen(QColor(palette.accent), 3))
        place = at(self._share)
        painter.drawLine(QPointF(place, 2), QPointF(place, _BAND_PX))
        font = QFont(self.font())
        font.setPixelSize(FACTS_PX)
        painter.setFont(font)
        painter.setPen(QColor(palette.muted))
        for share in (0.0, 0.25, 0.5, 0.75, 1.0):
            box = QRectF(at(share) - 24, _BAND_PX + 4, 48, _SCALE_PX)
            painter.drawText(box, Qt.AlignmentFlag.AlignHCenter, f"{share:.0%}".replace("%", " %"))
