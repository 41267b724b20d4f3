"""`PictureStrip`: the last pictures taken, in a row, the newest at the left."""

from __future__ import annotations

from collections import deque

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from cnnstudio.ui.theme import Theme
from cnnstudio.ui.widgets.image_view import CORNER_PX
from cnnstudio.ui.words import pictures

_SIDE_PX = 64
_GAP_PX = 8
# More than the widest screen shows, so that the older ones come back when a burst is taken back.
_MOST_KEPT = 200


class PictureStrip(QWidget):
    """Paints square pictures as far as there is room; the oldest are forgotten in the end."""

    def __init__(self, theme: Theme, words: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._words = words
        self._squares: deque[QImage] = deque(maxlen=_MOST_KEPT)
        self._count = 0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)
        self._show()

    def count(self) -> int:
        """Return how many pictures there are, those that find no room included."""
        return self._count

    def add(self, square: QImage) -> None:
        """Put a picture in front of the others."""
        self._squares.appendleft(square)
        self._count += 1
        self._show()

    def remove_newest(self, count: int) -> None:
        """Take away the `count` pictures that came last."""
        for _ in range(min(count, len(self._squares))):
            self._squares.popleft()
        self._count = max(0, self._count - count)
        self._show()

    def sizeHint(self) -> QSize:
        """One row."""
        return QSize(8 * (_SIDE_PX + _GAP_PX), _SIDE_PX)

    def minimumSizeHint(self) -> QSize:
        """One picture."""
        return QSize(_SIDE_PX, _SIDE_PX)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw as many as fit, and quiet places where none is yet."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        places = (self.width() + _GAP_PX) // (_SIDE_PX + _GAP_PX)
        for place in range(places):
            square = QRectF(place * (_SIDE_PX + _GAP_PX), 0, _SIDE_PX, _SIDE_PX)
            corners = QPainterPath()
            corners.addRoundedRect(square, CORNER_PX, CORNER_PX)
            if place >= len(self._squares):
                painter.fillPath(corners, QColor(self._theme.palette.line))
                continue
            painter.save()
            painter.setClipPath(corners, Qt.ClipOperation.IntersectClip)
            painter.drawImage(square, self._squares[place])
            painter.restore()

    def _show(self) -> None:
        self.setAccessibleName(f"{self._words}: {pictures(self._count)}")
        self.update()
