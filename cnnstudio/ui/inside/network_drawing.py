"""`NetworkDrawing`: a network as a row of blocks, as textbooks draw it."""

from __future__ import annotations

import html
import math
from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from cnnstudio.core.inside.layer_words import words_of
from cnnstudio.core.inside.network_layers import NetworkLayer
from cnnstudio.ui.theme import FACTS_PX, Theme
from cnnstudio.ui.words import count_words, counted

_HEIGHT_PX = 92
_PARTS_PX = 24
_GAP_PX = 4
_LOWEST_PX = 10
_NARROWEST_PX = 5.0
_WIDEST_PX = 34.0
# Neither shape nor content changes much in these; they would make the drawing unreadable.
_DRAWN = {
    "Conv2D",
    "DepthwiseConv2D",
    "MaxPooling2D",
    "AveragePooling2D",
    "Add",
    "GlobalAveragePooling2D",
    "Flatten",
    "Dense",
}


class NetworkDrawing(QWidget):
    """A block for each layer that matters: as high as its maps, the wider the more it has.

    Below a pretrained network two lines say which part is kept as it came and which is trained.
    `pointed` carries the name of the layer clicked, or reached with the arrow keys.
    """

    pointed = Signal(str)

    def __init__(self, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._layers: tuple[NetworkLayer, ...] = ()
        self._current = -1
        self._parts = ("", "")
        self.setObjectName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)
        self._describe()

    def show_layers(self, layers: Sequence[NetworkLayer]) -> None:
        """Draw other layers."""
        self._layers = tuple(each for each in layers if each.kind in _DRAWN)
        self._current = -1
        self._parts = _part_words(layers)
        self.updateGeometry()
        self._describe()

    def point_at(self, name: str) -> None:
        """Light up the layer of that name, if it is drawn."""
        names = [each.name for each in self._layers]
        self._current = names.index(name) if name in names else -1
        self._describe()

    def layer_rect(self, place: int) -> QRectF:
        """Return where in the widget the layer at a place, counted from 0, is drawn."""
        return self._rects()[place]

    def sizeHint(self) -> QSize:
        """A low row."""
        return QSize(400, _HEIGHT_PX + (_PARTS_PX if any(self._parts) else 0))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the layer under the mouse."""
        place = self._place_at(event.position().x())
        if place is not None:
            self._choose(place)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go from layer to layer."""
        last = len(self._layers) - 1
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Home: -last - 1}
        steps[Qt.Key.Key_End] = last + 1
        step = steps.get(Qt.Key(event.key()))
        if step is None or last < 0:
            super().keyPressEvent(event)
        else:
            self._choose(min(max(self._current + step, 0), last))

    def event(self, event: QEvent) -> bool:
        """Say which layer is under the mouse."""
        if isinstance(event, QHelpEvent):
            place = self._place_at(event.pos().x())
            words = "" if place is None else _paragraph(self._layers[place])
            QToolTip.showText(event.globalPos(), words, self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the blocks."""
        palette = self._theme.palette
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rects = self._rects()
        for place, (layer, rect) in enumerate(zip(self._layers, rects, strict=True)):
            is_current = place == self._current
            colour = palette.accent if layer.parameters else palette.muted
            fill = palette.accent_soft if layer.parameters else palette.hover
            if layer.is_kept:
                fill = palette.surface
            painter.setBrush(QColor(colour if is_current else fill))
            painter.setPen(QPen(QColor(colour), 1))
            radius = min(3.0, rect.width() / 3)
            painter.drawRoundedRect(rect, radius, radius)
        if any(self._parts):
            self._paint_parts(painter, rects)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(palette.accent), 1))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)

    def _paint_parts(self, painter: QPainter, rects: Sequence[QRectF]) -> None:
        """Draw a line below what is kept and one below what is trained, each with its words."""
        palette = self._theme.palette
        trained = (place for place, each in enumerate(self._layers) if each.kept < each.parameters)
        split = next(trained, len(rects))
        font = QFont(self.font())
        font.setPixelSize(FACTS_PX)
        painter.setFont(font)
        line = self.height() - _PARTS_PX + 3.0
        for part, words, colour, side in (
            (rects[:split], self._parts[0], palette.muted, Qt.AlignmentFlag.AlignLeft),
            (rects[split:], self._parts[1], palette.accent_ink, Qt.AlignmentFlag.AlignRight),
        ):
            if part and words:
                painter.setPen(QPen(QColor(colour), 2))
                painter.drawLine(QPointF(part[0].left(), line), QPointF(part[-1].right(), line))
                below = QRectF(8, line + 3, self.width() - 16, _PARTS_PX - 6)
                painter.drawText(below, side | Qt.AlignmentFlag.AlignTop, words)

    def _choose(self, place: int) -> None:
        self._current = place
        self._describe()
        self.pointed.emit(self._layers[place].name)

    def _describe(self) -> None:
        words = f"Drawing of the network: {counted(len(self._layers), 'layer')}"
        words = ", ".join((words, *filter(None, self._parts)))
        if self._current >= 0:
            words += f", at {_words(self._layers[self._current])}"
        self.setAccessibleName(words)
        self.update()

    def _place_at(self, x: float) -> int | None:
        for place, rect in enumerate(self._rects()):
            if rect.left() - _GAP_PX / 2 <= x <= rect.right() + _GAP_PX / 2:
                return place
        return None

    def _rects(self) -> list[QRectF]:
        if not self._layers:
            return []
        widths = [_NARROWEST_PX + 3 * math.log2(1 + each.channels) for each in self._layers]
        room = self.width() - 16 - _GAP_PX * (len(widths) - 1)
        scale = min(_WIDEST_PX / max(widths), room / sum(widths))
        tallest = max(_side(each) for each in self._layers)
        left = (self.width() - sum(widths) * scale - _GAP_PX * (len(widths) - 1)) / 2
        rects = []
        for layer, width in zip(self._layers, widths, strict=True):
            share = math.sqrt(_side(layer) / tallest)
            height = _LOWEST_PX + (_HEIGHT_PX - 12 - _LOWEST_PX) * share
            rects.append(QRectF(left, (_HEIGHT_PX - height) / 2, width * scale, height))
            left += width * scale + _GAP_PX
        return rects


def _side(layer: NetworkLayer) -> int:
    return layer.output_shape[0] if len(layer.output_shape) > 1 else 1


def _part_words(layers: Sequence[NetworkLayer]) -> tuple[str, str]:
    """Return what stands below the kept part and below the trained one; "" where nothing is."""
    kept = sum(each.kept for each in layers)
    if not kept:
        return "", ""
    trained = sum(each.parameters for each in layers) - kept
    return (
        f"Kept as it came: {counted(kept, 'weight')}",
        f"Trained on your pictures: {counted(trained, 'weight')}",
    )


def _paragraph(layer: NetworkLayer) -> str:
    # As mark-up, since only that is wrapped.
    explained = html.escape(words_of(layer.kind).words)
    return f"<p><b>{html.escape(_words(layer))}</b></p><p>{explained}</p>"


def _words(layer: NetworkLayer) -> str:
    shape = " × ".join(count_words(side) for side in layer.output_shape)
    return f"{layer.name}, {words_of(layer.kind).title}, {shape}"
