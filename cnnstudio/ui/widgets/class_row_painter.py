"""`ClassRowPainter`: draws one row of the class card."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen, QTextOption

from cnnstudio.ui.icons import Icons
from cnnstudio.ui.models.class_model import ClassRow, RowKind
from cnnstudio.ui.theme import FACTS_PX
from cnnstudio.ui.widgets.bar import paint_bar
from cnnstudio.ui.words import count_words

ROW_INSET_PX = 8
"""Between the edge of a row's ground and its words."""

PILL_PX = 34
"""The height of a row's ground; the bar of a class lies below it."""

_SWATCH_PX = 10
_KEY_PX = 18
_NOTE_PX = 13
_GAP_PX = 8
_LEAST_COUNT_PX = 34
_LEAST_TITLE_PX = 56
_BAR_PX = 3
_OFF = "off"

_MIDDLE = Qt.AlignmentFlag.AlignVCenter


class ClassRowPainter:
    """Swatch, title, what is to be known of it, keys and count, and a bar for the count.

    Where there is little room, the mark of a note goes first, then the keys: the tooltip has both.
    """

    def __init__(self, icons: Icons) -> None:
        self._icons = icons

    def paint(
        self,
        painter: QPainter,
        rect: QRect,
        row: ClassRow,
        *,
        is_chosen: bool = False,
        is_hovered: bool = False,
        is_framed: bool = False,
    ) -> None:
        """Draw a row into the upper part of `rect`, in the painter's font.

        A framed row has the keyboard's focus, or something is about to be dropped on it.
        """
        pill = QRect(rect.left(), rect.top(), rect.width(), PILL_PX)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter, pill, is_chosen, is_hovered, is_framed)
        line = pill.adjusted(ROW_INSET_PX, 0, -ROW_INSET_PX, 0)
        self._paint_line(painter, line, row)
        if row.kind is RowKind.CLASS and row.colour is not None:
            palette = self._icons.theme.palette
            bar = QRectF(line.left(), pill.bottom() + 3, line.width(), _BAR_PX)
            colour = row.colour if row.is_on else QColor(palette.faint)
            share = row.share if row.count else 0.0
            paint_bar(painter, bar, share, colour, QColor(palette.line))
        painter.restore()

    def title_left(self, rect: QRect, row: ClassRow) -> int:
        """Return where a row's title begins."""
        room = _SWATCH_PX + _GAP_PX if row.colour is not None else 0
        return rect.left() + ROW_INSET_PX + room

    def _paint_line(self, painter: QPainter, line: QRect, row: ClassRow) -> None:
        palette, font = self._icons.theme.palette, painter.font()
        metrics = QFontMetrics(font)
        left = self._paint_swatch(painter, line, row)
        count = count_words(row.count)
        painter.setPen(QColor(palette.muted))
        painter.drawText(line, _MIDDLE | Qt.AlignmentFlag.AlignRight, count)
        right = line.right() - max(_LEAST_COUNT_PX, metrics.horizontalAdvance(count)) - _GAP_PX
        facts = QFont(font)
        facts.setPixelSize(FACTS_PX)
        facts_metrics = QFontMetrics(facts)
        keys_px = max(_KEY_PX, facts_metrics.horizontalAdvance(row.keys) + 10) if row.keys else 0
        off_px = 0 if row.is_on else facts_metrics.horizontalAdvance(_OFF)
        wanted = min(_LEAST_TITLE_PX, metrics.horizontalAdvance(row.title))
        spare = right - left - wanted - (off_px + _GAP_PX if off_px else 0)
        painter.setFont(facts)
        if keys_px and spare >= keys_px + _GAP_PX:
            self._paint_keys(painter, QRectF(right - keys_px, line.top(), keys_px, PILL_PX), row)
            right -= keys_px + _GAP_PX
            spare -= keys_px + _GAP_PX
        if off_px:
            painter.setPen(QColor(palette.muted))
            room = QRect(right - off_px, line.top(), off_px + 1, PILL_PX)
            painter.drawText(room, _MIDDLE | Qt.AlignmentFlag.AlignLeft, _OFF)
            right -= off_px + _GAP_PX
        has_mark = bool(row.note) and spare >= _NOTE_PX + 4
        room_px = right - left - (_NOTE_PX + 4 if has_mark else 0)
        painter.setFont(font)
        painter.setPen(QColor(palette.text if self._is_plain(row) else palette.muted))
        words = metrics.elidedText(row.title, Qt.TextElideMode.ElideMiddle, room_px)
        paint_title(painter, QRectF(left, line.top(), room_px, PILL_PX), words)
        if has_mark:
            at = left + min(metrics.horizontalAdvance(words), room_px) + 4
            self._paint_note(painter, at, line)

    def _is_plain(self, row: ClassRow) -> bool:
        return row.is_on and row.kind is not RowKind.BIN

    def _paint_swatch(self, painter: QPainter, line: QRect, row: ClassRow) -> int:
        """Draw the colour, hollow when the class is switched off; return where the title begins."""
        if row.colour is None:
            return line.left()
        swatch = QRectF(line.left(), 0, _SWATCH_PX, _SWATCH_PX)
        swatch.moveTop(line.center().y() - _SWATCH_PX / 2 + 0.5)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(row.colour)
        if not row.is_on:
            painter.setPen(QPen(row.colour, 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            swatch.adjust(0.75, 0.75, -0.75, -0.75)
        painter.drawRoundedRect(swatch, 3, 3)
        return line.left() + _SWATCH_PX + _GAP_PX

    def _paint_ground(
        self, painter: QPainter, pill: QRect, is_chosen: bool, is_hovered: bool, is_framed: bool
    ) -> None:
        palette = self._icons.theme.palette
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if is_chosen or is_framed:
            painter.setBrush(QColor(palette.accent_soft))
        elif is_hovered:
            painter.setBrush(QColor(palette.hover))
        if is_framed:
            painter.setPen(QPen(QColor(palette.accent), 1))
        painter.drawRoundedRect(QRectF(pill).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)

    def _paint_keys(self, painter: QPainter, room: QRectF, row: ClassRow) -> None:
        palette = self._icons.theme.palette
        box = QRectF(room.left(), 0, room.width(), _KEY_PX)
        box.moveTop(room.center().y() - _KEY_PX / 2)
        painter.setPen(QPen(QColor(palette.line), 1))
        painter.setBrush(QColor(palette.ground))
        painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        painter.setPen(QColor(palette.muted))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, row.keys)

    def _paint_note(self, painter: QPainter, left: int, line: QRect) -> None:
        ratio = painter.device().devicePixelRatioF()
        mark = self._icons.pixmap("note", _NOTE_PX, "muted", ratio)
        painter.drawPixmap(left, line.center().y() - _NOTE_PX // 2, mark)


def paint_title(painter: QPainter, room: QRectF, words: str) -> None:
    """Draw a title at the left, also one whose script runs from right to left."""
    option = QTextOption(_MIDDLE | Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignAbsolute)
    option.setTextDirection(Qt.LayoutDirection.LayoutDirectionAuto)
    option.setWrapMode(QTextOption.WrapMode.NoWrap)
    painter.drawText(room, words, option)
