"""`PreviewPicture`: one large picture, with what the network will not see darkened."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QImage,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QWidget

from cnnstudio.core.config import ResizeMode
from cnnstudio.ui.theme import Theme
from cnnstudio.ui.widgets.image_view import CORNER_PX, ImageView

_DARKNESS = 150
_MIDDLE = QPointF(0.5, 0.5)


class PreviewPicture(ImageView):
    """A picture as large as there is room, or pixel by pixel, where it is dragged about.

    What the network's square leaves out is darkened when a mode is set. `full_size_wanted` follows
    a double click, which also says what is to be in the middle.
    """

    full_size_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._ground = theme
        self._mode: ResizeMode | None = None
        self._full = QImage()
        # What is in the middle, in shares of width and height.
        self._middle = QPointF(_MIDDLE)
        self._grip: QPointF | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def set_mode(self, mode: ResizeMode | None) -> None:
        """Show what becomes of the picture in this mode; None shows all of it alike."""
        self._mode = mode
        self.update()

    def set_full(self, image: QImage | None) -> None:
        """Show these pixels one by one, or the whole picture again."""
        self._full = QImage() if image is None else image
        if image is None:
            self._middle = QPointF(_MIDDLE)
        self.setCursor(
            Qt.CursorShape.ArrowCursor if image is None else Qt.CursorShape.OpenHandCursor
        )
        self.update()

    def kept_rect(self) -> QRectF:
        """Return where in the widget the part lies that the network sees."""
        whole = self.picture_rect() if self._full.isNull() else self.full_rect()
        if self._mode != "crop" or whole.isEmpty():
            return whole
        side = min(whole.width(), whole.height())
        kept = QRectF(0, 0, side, side)
        kept.moveCenter(whole.center())
        return kept

    def full_rect(self) -> QRectF:
        """Return where the picture lies at full size, larger than the widget; empty otherwise."""
        ratio = self.devicePixelRatioF()
        width, height = self._full.width() / ratio, self._full.height() / ratio
        left = _placed(self.width(), width, self._middle.x())
        return QRectF(left, _placed(self.height(), height, self._middle.y()), width, height)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the picture, and darken what is cut off."""
        if self._full.isNull():
            super().paintEvent(event)
            self._darken(self.picture_rect())
        else:
            self._paint_full()
            self._darken(self.full_rect())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of the picture at full size."""
        if not self._full.isNull():
            self._grip = event.position()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag it about."""
        if self._grip is None:
            return
        moved, rect = event.position() - self._grip, self.full_rect()
        self._grip = event.position()
        self._middle -= QPointF(moved.x() / rect.width(), moved.y() / rect.height())
        self._middle = QPointF(_share(self._middle.x()), _share(self._middle.y()))
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go of it."""
        self._grip = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Ask for full size, with this place in the middle."""
        whole = self.picture_rect()
        if self._full.isNull() and not whole.isEmpty():
            place = event.position() - whole.topLeft()
            self._middle = QPointF(
                _share(place.x() / whole.width()), _share(place.y() / whole.height())
            )
        self.full_size_wanted.emit()

    def _darken(self, whole: QRectF) -> None:
        kept = self.kept_rect()
        if kept == whole:
            return
        painter = QPainter(self)
        outside = QPainterPath()
        outside.addRect(whole)
        outside.addRect(kept)  # two rectangles fill what lies between them
        painter.fillPath(outside, QColor(0, 0, 0, _DARKNESS))
        painter.setPen(QPen(QColor(255, 255, 255), 1))
        painter.drawRect(kept.adjusted(0.5, 0.5, -0.5, -0.5))

    def _paint_full(self) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        corners = QPainterPath()
        corners.addRoundedRect(QRectF(self.rect()), CORNER_PX, CORNER_PX)
        painter.fillPath(corners, QColor(self._ground.palette.line))
        painter.setClipPath(corners)
        painter.drawImage(self.full_rect(), self._full)


def _placed(room: float, length: float, share: float) -> float:
    """Where something begins of which `share` is to be in the middle; its edges stay outside."""
    if length <= room:
        return round((room - length) / 2)
    return round(min(0.0, max(room - length, room / 2 - share * length)))


def _share(value: float) -> float:
    return min(max(value, 0.0), 1.0)
