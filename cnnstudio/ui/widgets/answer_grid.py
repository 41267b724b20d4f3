"""`AnswerGrid`: a grid of pictures with what networks answered below each."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter
from PySide6.QtWidgets import QStyleOptionViewItem, QWidget

from cnnstudio.ui.icons import Icons
from cnnstudio.ui.models.answered_model import CAPTION_ROLE, AnsweredModel, CaptionLine
from cnnstudio.ui.theme import FACTS_PX, Theme
from cnnstudio.ui.thumbnails import Thumbnails
from cnnstudio.ui.widgets.sample_view import SampleView
from cnnstudio.ui.widgets.thumbnail_delegate import Index, ThumbnailDelegate
from cnnstudio.ui.words import percent

_LINE_PX = 16
_ABOVE_PX = 3
_SIGN_PX = 12
_Fonts = tuple[tuple[QFont, QFontMetricsF], tuple[QFont, QFontMetricsF]]
_SIGNS = {"right": ("check", "good"), "wrong": ("close", "bad")}


class CaptionDelegate(ThumbnailDelegate):
    """Paints lines below the picture; a right answer has a tick, a wrong one a cross."""

    def __init__(self, theme: Theme, icons: Icons, thumbnails: Thumbnails, lines: int) -> None:
        super().__init__(theme, thumbnails)
        self._icons = icons
        self._fonts: _Fonts | None = None
        self.caption_px = _ABOVE_PX + lines * _LINE_PX

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw picture and caption."""
        super().paint(painter, option, index)
        square = self.square_in(option.rect)
        line = QRectF(square.left(), square.bottom() + _ABOVE_PX, square.width(), _LINE_PX)
        painter.save()
        for each in index.data(CAPTION_ROLE) or ():
            self._paint_line(painter, line, each)
            line.translate(0, _LINE_PX)
        painter.restore()

    def _paint_line(self, painter: QPainter, line: QRectF, words: CaptionLine) -> None:
        palette = self._theme.palette
        is_wrong = words.mark == "wrong"
        font, metrics = self._fonts_like(painter.font())[is_wrong]
        painter.setFont(font)
        room = QRectF(line)
        if words.mark:
            name, role = _SIGNS[words.mark]
            sign = self._icons.pixmap(name, _SIGN_PX, role, painter.device().devicePixelRatioF())
            top = line.top() + (_LINE_PX - _SIGN_PX) / 2
            painter.drawPixmap(round(line.left()), round(top), sign)
            room.setLeft(line.left() + _SIGN_PX + 3)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setPen(QColor(palette.bad if is_wrong else palette.text))
        if words.share is not None:
            figure = percent(words.share, 0)
            painter.drawText(room, middle | Qt.AlignmentFlag.AlignRight, figure)
            room.setRight(room.right() - metrics.horizontalAdvance(figure) - 4)
        if not words.mark:
            painter.setPen(QColor(palette.muted))
        shown = metrics.elidedText(words.text, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, middle | Qt.AlignmentFlag.AlignLeft, shown)

    def _fonts_like(self, font: QFont) -> _Fonts:
        """The fonts of what is not wrong and of what is, with their metrics; made once."""
        if self._fonts is None or self._fonts[0][0].family() != font.family():
            plain, bold = QFont(font), QFont(font)
            plain.setPixelSize(FACTS_PX)
            bold.setPixelSize(FACTS_PX)
            bold.setWeight(QFont.Weight.DemiBold)
            self._fonts = (plain, QFontMetricsF(plain)), (bold, QFontMetricsF(bold))
        return self._fonts


class AnswerGrid(SampleView):
    """`SampleView` for pictures from anywhere, which are looked at and not dragged."""

    def __init__(
        self,
        model: AnsweredModel,
        theme: Theme,
        icons: Icons,
        thumbnails: Thumbnails,
        *,
        lines: int,
        parent: QWidget | None = None,
    ) -> None:
        delegate = CaptionDelegate(theme, icons, thumbnails, lines)
        super().__init__(model, theme, thumbnails, parent, delegate)
        self.setAccessibleName("Pictures")

    def startDrag(self, supportedActions: Qt.DropAction) -> None:  # noqa: N803 - as in Qt
        """Nothing is dragged from here."""
