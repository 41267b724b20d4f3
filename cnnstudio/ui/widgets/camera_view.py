"""`CameraView`: the live picture, with what the person in front of it has to see from afar."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from cnnstudio.ui.theme import BODY_PX, DARK, Theme
from cnnstudio.ui.widgets.image_view import CORNER_PX, fitted_rect

# Read from three metres away.
_COUNTDOWN_PX = 120
_DISC_PX = 180
_FRAME_PX = 4
_BADGE_PX = 28
_SHADE = 120
_DISC_SHADE = 170


class CameraView(QWidget):
    """Paints the newest picture, mirrored where that is wanted.

    Over it lie the square that the network sees, a countdown, and what is being recorded.
    What lies on the picture has the dark colours in both themes: pictures have no theme.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._image = QImage()
        self._is_mirrored = True
        self._shows_square = True
        self._seconds: int | None = None
        self._recording = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._name()

    def set_image(self, image: QImage) -> None:
        """Show the newest picture; a null one shows none."""
        self._image = image
        self.update()

    def set_mirrored(self, mirrored: bool) -> None:
        """Show pictures as in a mirror, or as they are."""
        self._is_mirrored = mirrored
        self.update()

    def set_square(self, shown: bool) -> None:
        """Mark the square in the middle, or nothing."""
        self._shows_square = shown
        self.update()

    def set_countdown(self, seconds: int | None) -> None:
        """Show how many seconds are left, or no number."""
        self._seconds = seconds
        self._name()

    def set_recording(self, words: str) -> None:
        """Show that it records, and in words what; "" while it does not."""
        self._recording = words
        self._name()

    def sizeHint(self) -> QSize:
        """As wide as most cameras see."""
        return QSize(640, 360)

    def minimumSizeHint(self) -> QSize:
        """Small, so that narrow windows still hold it."""
        return QSize(240, 160)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw ground, picture and what lies on it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        corners = QPainterPath()
        corners.addRoundedRect(QRectF(self.rect()), CORNER_PX, CORNER_PX)
        painter.fillPath(corners, QColor(self._theme.palette.line))
        target = fitted_rect(self._image, QRectF(self.rect()))
        if target.isEmpty():
            return
        edge = QPainterPath()
        edge.addRoundedRect(target, CORNER_PX, CORNER_PX)
        painter.setClipPath(edge)
        self._paint_picture(painter, target)
        if self._shows_square:
            _paint_square(painter, target)
        if self._seconds is not None:
            self._paint_countdown(painter, target, str(self._seconds))
        if self._recording:
            self._paint_recording(painter, target)

    def _paint_picture(self, painter: QPainter, target: QRectF) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        if self._is_mirrored:
            painter.translate(2 * target.center().x(), 0)
            painter.scale(-1, 1)
        painter.drawImage(target, self._image)
        painter.restore()

    def _paint_countdown(self, painter: QPainter, target: QRectF, words: str) -> None:
        side = min(_DISC_PX, target.height() * 0.8)
        disc = QRectF(0, 0, side, side)
        disc.moveCenter(target.center())
        ground = QColor(DARK.ground)
        ground.setAlpha(_DISC_SHADE)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawEllipse(disc)
        painter.setFont(_bold(self.font(), round(side * _COUNTDOWN_PX / _DISC_PX)))
        painter.setPen(QColor(DARK.text))
        painter.drawText(disc, Qt.AlignmentFlag.AlignCenter, words)

    def _paint_recording(self, painter: QPainter, target: QRectF) -> None:
        red = QColor(DARK.bad)
        inset = _FRAME_PX / 2
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(red, _FRAME_PX))
        painter.drawRoundedRect(target.adjusted(inset, inset, -inset, -inset), CORNER_PX, CORNER_PX)
        painter.setFont(_bold(self.font(), BODY_PX))
        metrics, room = painter.fontMetrics(), round(target.width()) - 72
        words = metrics.elidedText(self._recording, Qt.TextElideMode.ElideMiddle, room)
        width = metrics.horizontalAdvance(words) + 40
        badge = QRectF(target.left() + 16, target.top() + 16, width, _BADGE_PX)
        ground = QColor(DARK.ground)
        ground.setAlpha(_DISC_SHADE)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawRoundedRect(badge, _BADGE_PX / 2, _BADGE_PX / 2)
        painter.setBrush(red)
        painter.drawEllipse(QRectF(badge.left() + 11, badge.center().y() - 5, 10, 10))
        painter.setPen(QColor(DARK.text))
        painter.drawText(
            badge.adjusted(28, 0, -8, 0),
            Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft,
            words,
        )

    def _name(self) -> None:
        words = "Live picture"
        if self._seconds is not None:
            words += f", recording begins in {self._seconds} s"
        if self._recording:
            words += f". {self._recording}"
        self.setAccessibleName(words)
        self.update()


def _paint_square(painter: QPainter, target: QRectF) -> None:
    """Darken what the network does not see."""
    side = min(target.width(), target.height())
    square = QRectF(0, 0, side, side)
    square.moveCenter(target.center())
    outside = QPainterPath()
    outside.addRect(target)
    inside = QPainterPath()
    inside.addRect(square)
    shade = QColor(DARK.ground)
    shade.setAlpha(_SHADE)
    painter.fillPath(outside.subtracted(inside), shade)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(DARK.text), 1, Qt.PenStyle.DashLine))
    painter.drawRect(square.adjusted(0.5, 0.5, -0.5, -0.5))


def _bold(font: QFont, size_px: int) -> QFont:
    bold = QFont(font)
    bold.setPixelSize(size_px)
    bold.setWeight(QFont.Weight.DemiBold)
    return bold
