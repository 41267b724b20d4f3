"""`ThumbnailDelegate`: paints one picture of the grid."""

from __future__ import annotations

import math
import os
import time
from collections import OrderedDict

from PySide6.QtCore import (
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
)
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
from cnnstudio.ui.models.sample_model import (
    BADGE_ROLE,
    COLOUR_ROLE,
    SAMPLE_ROLE,
    SUGGESTION_ROLE,
)
from cnnstudio.ui.problem_words import badge_word
from cnnstudio.ui.theme import FACTS_PX, Theme
from cnnstudio.ui.thumbnails import Thumbnails
from cnnstudio.ui.widgets.image_view import CORNER_PX
from cnnstudio.ui.words import percent

GAP_PX = 8
"""Between two pictures; the frame of a selected one lies in it."""

_RING_PX = 3
_FOCUS_PX = 2
_LINE_PX = 4
_BADGE_PX = 18
_CHIP_INSET_PX = 5
_CHIP_PADDING_PX = 6
# The part of a picture that its middle square covers is at least this in photos (4:3).
_LONG_SIDE = 4 / 3
_MEMORY_BYTES = 64 * 1024 * 1024
_PASS_S = 0.01

Index = QModelIndex | QPersistentModelIndex


class ThumbnailDelegate(QStyledItemDelegate):
    """The middle square of a picture, its class's colour below, a frame when it is selected.

    What was scaled once is kept, so that scrolling only copies pixels. A delegate that paints a
    caption below the square sets `caption_px` to its height.
    """

    caption_px = 0

    def __init__(self, theme: Theme, thumbnails: Thumbnails, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.root = ""
        self._theme = theme
        self._thumbnails = thumbnails
        self._slot_px = 128
        self._deadline = math.inf
        self.has_hurried = False
        self._squares: OrderedDict[tuple[int, int, str], QPixmap] = OrderedDict()
        self._squares_bytes = 0

    def set_slot(self, slot_px: int) -> None:
        """Take another width and height, the gap around included."""
        self._slot_px = slot_px

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """The same for all."""
        return QSize(self._slot_px, self._slot_px + self.caption_px)

    def wanted_px(self, ratio: float) -> int:
        """Return how long the long side of a picture should be on a screen of the given ratio."""
        return math.ceil((self._slot_px - GAP_PX) * ratio * _LONG_SIDE)

    def square_in(self, slot: QRect) -> QRectF:
        """Return where in a slot the picture lies."""
        inset = GAP_PX / 2
        return QRectF(slot).adjusted(inset, inset, -inset, -inset - self.caption_px)

    def begin_pass(self) -> None:
        """Begin to paint what is on screen.

        Scaling takes its time: after a few milliseconds of it pictures are only sketched, which
        `has_hurried` tells, and are to be painted once more in a pass of their own.
        """
        self._deadline = time.perf_counter() + _PASS_S
        self.has_hurried = False

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw the sample, or a ground for it while its picture is not there yet."""
        sample = index.data(SAMPLE_ROLE)
        if not isinstance(sample, Sample):
            return
        square = self.square_in(option.rect)
        key = f"{self.root}{sample.path.replace('/', os.sep)}"
        failure = self._thumbnails.failure(key, sample.modified_ns)
        colour = index.data(COLOUR_ROLE)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        # While the right size is read, the one of before the zoom will do.
        size_px = self.wanted_px(painter.device().devicePixelRatioF())
        image = self._thumbnails.find(key, size_px, sample.modified_ns)
        if image is None:
            self._paint_empty(painter, square, colour, failure or "")
        else:
            self._paint_picture(painter, square, image, colour)
        word = index.data(BADGE_ROLE) or (failure and badge_word("unreadable"))
        if word:
            self._paint_badge(painter, square, word)
        suggestion = index.data(SUGGESTION_ROLE)
        if suggestion is not None:
            self._paint_suggestion(painter, square, *suggestion)
        self._paint_state(painter, square, option.state)
        painter.restore()

    def _paint_picture(
        self, painter: QPainter, square: QRectF, image: QImage, colour: QColor | None
    ) -> None:
        ratio = painter.device().devicePixelRatioF()
        pixels = round(square.width() * ratio)
        key = (image.cacheKey(), pixels, colour.name() if colour is not None else "")
        pixmap = self._squares.get(key)
        if pixmap is None and time.perf_counter() > self._deadline:
            self.has_hurried = True
            painter.drawImage(square, image, QRectF(_middle_of(image)))
            _paint_line(painter, square, colour)
            return
        if pixmap is None:
            pixmap = _scaled_square(image, pixels, ratio, colour)
            self._squares[key] = pixmap
            self._squares_bytes += 4 * pixels * pixels
            while self._squares_bytes > _MEMORY_BYTES and len(self._squares) > 1:
                _, oldest = self._squares.popitem(last=False)
                self._squares_bytes -= 4 * oldest.width() * oldest.height()
        self._squares.move_to_end(key)
        painter.drawPixmap(square.topLeft(), pixmap)

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

    def _paint_badge(self, painter: QPainter, square: QRectF, word: str) -> None:
        palette = self._theme.palette
        room = _chip_room(painter, square, word)
        room.moveTopRight(square.topRight() + QPointF(-_CHIP_INSET_PX, _CHIP_INSET_PX))
        _paint_chip(painter, room, word, palette.warn_soft, palette.warn_ink)

    def _paint_suggestion(
        self, painter: QPainter, square: QRectF, title: str, probability: float
    ) -> None:
        palette = self._theme.palette
        share = f" {percent(probability, 0)}"
        room = _chip_room(painter, square, f"{title}{share}")
        corner = QPointF(_CHIP_INSET_PX, -_CHIP_INSET_PX - _LINE_PX)
        room.moveBottomLeft(square.bottomLeft() + corner)
        _paint_chip(painter, room, title, palette.accent_soft, palette.accent_ink, share)

    def _paint_state(self, painter: QPainter, square: QRectF, state: QStyle.StateFlag) -> None:
        palette = self._theme.palette
        is_selected = bool(state & QStyle.StateFlag.State_Selected)
        has_focus = bool(state & QStyle.StateFlag.State_HasFocus)
        # A frame touches the outer edge of the gap and leaves a hair of ground inside.
        outer = GAP_PX / 2
        if is_selected:
            _paint_frame(painter, square, outer, _RING_PX, palette.accent)
        if is_selected and has_focus:
            # A second frame tells the one that keys act from from the others selected.
            _paint_frame(painter, square, 0, _FOCUS_PX, palette.surface)
            _paint_frame(painter, square, -_FOCUS_PX, 1, palette.accent)
        elif has_focus:
            _paint_frame(painter, square, outer, _FOCUS_PX, palette.muted)


def _paint_frame(
    painter: QPainter, square: QRectF, outset: float, width: float, colour: str
) -> None:
    """Draw a frame whose outer edge lies so far outside of a picture."""
    middle = outset - width / 2
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(colour), width))
    corner = max(CORNER_PX + middle, 1)
    painter.drawRoundedRect(square.adjusted(-middle, -middle, middle, middle), corner, corner)


def _middle_of(image: QImage) -> QRect:
    length = min(image.width(), image.height())
    return QRect((image.width() - length) // 2, (image.height() - length) // 2, length, length)


def _scaled_square(image: QImage, pixels: int, ratio: float, colour: QColor | None) -> QPixmap:
    """The middle square of a picture with round corners and the line of its class."""
    square = image.copy(_middle_of(image)).scaled(
        QSize(pixels, pixels),
        Qt.AspectRatioMode.IgnoreAspectRatio,
        Qt.TransformationMode.SmoothTransformation,
    )
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
    return pixmap


def _facts_font(font: QFont) -> QFont:
    small = QFont(font)
    small.setPixelSize(FACTS_PX)
    return small


def _chip_room(painter: QPainter, square: QRectF, words: str) -> QRectF:
    """How large a chip with these words is; sets its font."""
    font = _facts_font(painter.font())
    font.setWeight(QFont.Weight.DemiBold)
    painter.setFont(font)
    width = QFontMetricsF(font).horizontalAdvance(words) + 2 * _CHIP_PADDING_PX
    return QRectF(0, 0, min(width, square.width() - 2 * _CHIP_INSET_PX), _BADGE_PX)


def _paint_chip(
    painter: QPainter, room: QRectF, words: str, ground: str, ink: str, ending: str = ""
) -> None:
    """Draw words on a small ground; where there is no room they give way, never the ending."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(ground))
    painter.drawRoundedRect(room, 4, 4)
    painter.setPen(QColor(ink))
    metrics = QFontMetricsF(painter.font())
    # A hair more than the room: rounding must not take the last letter away.
    width = room.width() - 2 * _CHIP_PADDING_PX + 1 - metrics.horizontalAdvance(ending)
    shown = metrics.elidedText(words, Qt.TextElideMode.ElideRight, width)
    painter.drawText(room, Qt.AlignmentFlag.AlignCenter, f"{shown}{ending}")


def _rounded(square: QRectF) -> QPainterPath:
    path = QPainterPath()
    path.addRoundedRect(square, CORNER_PX, CORNER_PX)
    return path


def _paint_line(painter: QPainter, square: QRectF, colour: QColor | None) -> None:
    if colour is not None:
        line = QRectF(square.left(), square.bottom() - _LINE_PX, square.width(), _LINE_PX)
        painter.fillRect(line, colour)
