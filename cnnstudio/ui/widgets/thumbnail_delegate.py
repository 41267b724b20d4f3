"""`ThumbnailDelegate`: paints one picture of the grid."""

from __future__ import annotations

import math
from collections import OrderedDict
from pathlib import Path

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QImage,
    QPainter,
    QPainterPath,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from cnnstudio.core.project import Sample
from cnnstudio.ui.models.sample_model import COLOUR_ROLE, PROBLEM_ROLE, SAMPLE_ROLE
from cnnstudio.ui.theme import FACTS_PX, Theme
from cnnstudio.ui.thumbnails import Thumbnails
from cnnstudio.ui.widgets.image_view import CORNER_PX

GAP_PX = 8
"""Between two pictures; the frame of a selected one lies in it."""

_RING_PX = 3
_LINE_PX = 4
_BADGE_PX = 18
_BADGE_WORDS = "Cannot be read"
# The part of a picture that its middle square covers is at least this in photos (4:3).
_LONG_SIDE = 4 / 3
_MEMORY_BYTES = 64 * 1024 * 1024

Index = QModelIndex | QPersistentModelIndex


class ThumbnailDelegate(QStyledItemDelegate):
    """The middle square of a picture, its class's colour below, a frame when it is selected.

    What was scaled once is kept, so that scrolling only copies pixels.
    """

    def __init__(self, theme: Theme, thumbnails: Thumbnails, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.root = Path()
        self._theme = theme
        self._thumbnails = thumbnails
        self._slot_px = 128
        self._squares: OrderedDict[tuple[int, int, str], QPixmap] = OrderedDict()
        self._squares_bytes = 0

    def set_slot(self, slot_px: int) -> None:
        """Take another width and height, the gap around included."""
        self._slot_px = slot_px

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """The same for all."""
        return QSize(self._slot_px, self._slot_px)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw the sample; a picture that is not there yet is asked for."""
        sample = index.data(SAMPLE_ROLE)
        if not isinstance(sample, Sample):
            return
        inset = GAP_PX / 2
        square = QRectF(option.rect).adjusted(inset, inset, -inset, -inset)
        path = self.root / sample.path
        colour = index.data(COLOUR_ROLE)
        problem = index.data(PROBLEM_ROLE) or self._thumbnails.failure(path)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ratio = painter.device().devicePixelRatioF()
        image = self._image(path, math.ceil(square.width() * ratio * _LONG_SIDE))
        if image is None:
            self._paint_empty(painter, square, colour, problem or "")
        else:
            painter.drawPixmap(square.topLeft(), self._square(image, square.width(), ratio, colour))
        if problem:
            self._paint_badge(painter, square)
        self._paint_state(painter, square, option.state)
        painter.restore()

    def _image(self, path: Path, size_px: int) -> QImage | None:
        # While the right size is read, the one of before the zoom will do.
        return self._thumbnails.image(path, size_px) or self._thumbnails.any_image(path)

    def _square(self, image: QImage, side: float, ratio: float, colour: QColor | None) -> QPixmap:
        pixels = round(side * ratio)
        key = (image.cacheKey(), pixels, colour.name() if colour is not None else "")
        if key in self._squares:
            self._squares.move_to_end(key)
            return self._squares[key]
        square = _middle_square(image, pixels)
        pixmap = QPixmap(pixels, pixels)
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = QRectF(0, 0, pixels / ratio, pixels / ratio)
        painter.setClipPath(_rounded(frame))
        painter.drawImage(frame, square)
        _paint_line(painter, frame, colour)
        painter.end()
        self._squares[key] = pixmap
        self._squares_bytes += 4 * pixels * pixels
        while self._squares_bytes > _MEMORY_BYTES and len(self._squares) > 1:
            _, oldest = self._squares.popitem(last=False)
            self._squares_bytes -= 4 * oldest.width() * oldest.height()
        return pixmap

    def _paint_empty(
        self, painter: QPainter, square: QRectF, colour: QColor | None, problem: str
    ) -> None:
        palette = self._theme.palette
        corners = _rounded(square)
        painter.save()
        painter.fillPath(corners, QColor(palette.line))
        painter.setClipPath(corners, Qt.ClipOperation.IntersectClip)
        _paint_line(painter, square, colour)
        if problem:
            room = square.adjusted(8, _BADGE_PX + 10, -8, -_LINE_PX - 4)
            wrapped = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.setFont(_facts_font(painter.font()))
            painter.setPen(QColor(palette.muted))
            painter.drawText(room, wrapped, problem)
        painter.restore()

    def _paint_badge(self, painter: QPainter, square: QRectF) -> None:
        palette = self._theme.palette
        font = _facts_font(painter.font())
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        metrics = QFontMetricsF(font)
        room = square.width() - 20
        words = metrics.elidedText(_BADGE_WORDS, Qt.TextElideMode.ElideRight, room)
        badge = QRectF(0, square.top() + 5, metrics.horizontalAdvance(words) + 12, _BADGE_PX)
        badge.moveRight(square.right() - 5)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(palette.warn_soft))
        painter.drawRoundedRect(badge, 4, 4)
        painter.setPen(QColor(palette.warn_ink))
        painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, words)

    def _paint_state(self, painter: QPainter, square: QRectF, state: QStyle.StateFlag) -> None:
        palette = self._theme.palette
        is_selected = bool(state & QStyle.StateFlag.State_Selected)
        has_focus = bool(state & QStyle.StateFlag.State_HasFocus)
        if is_selected:
            colour, width = QColor(palette.accent), float(_RING_PX)
        elif has_focus:
            colour, width = QColor(palette.muted), 1.0
        else:
            return
        # The frame touches the outer edge of the gap and leaves a hair of ground inside.
        outset = GAP_PX / 2 - width / 2
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(colour, width))
        painter.drawRoundedRect(
            square.adjusted(-outset, -outset, outset, outset), CORNER_PX + 2, CORNER_PX + 2
        )


def _middle_square(image: QImage, side_px: int) -> QImage:
    length = min(image.width(), image.height())
    middle = image.copy(
        (image.width() - length) // 2, (image.height() - length) // 2, length, length
    )
    return middle.scaled(
        QSize(side_px, side_px),
        Qt.AspectRatioMode.IgnoreAspectRatio,
        Qt.TransformationMode.SmoothTransformation,
    )


def _facts_font(font: QFont) -> QFont:
    small = QFont(font)
    small.setPixelSize(FACTS_PX)
    return small


def _rounded(square: QRectF) -> QPainterPath:
    path = QPainterPath()
    path.addRoundedRect(square, CORNER_PX, CORNER_PX)
    return path


def _paint_line(painter: QPainter, square: QRectF, colour: QColor | None) -> None:
    if colour is not None:
        line = QRectF(square.left(), square.bottom() - _LINE_PX, square.width(), _LINE_PX)
        painter.fillRect(line, colour)
