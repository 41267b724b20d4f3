"""The two drawings of the page about weights: a picture flattened, and a window that slides."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFont,
    QFontMetrics,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QRegion,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from cnnstudio.core.inside.layer_weights import CHANNELS, LayerSizes
from cnnstudio.ui.theme import FACTS_PX, Theme
from cnnstudio.ui.widgets.array_image import image_of_array
from cnnstudio.ui.widgets.image_view import scaled_image
from cnnstudio.ui.words import count_words, counted

_CAPTION_PX = 20
_LARGEST_PICTURE_PX = 300
_CELL = QSize(44, 32)
_NEURON_PX = 20
# Of many numbers, neurons and filters only so many are drawn, dots stand for the others.
_NUMBERS, _NEURONS, _SHEETS = 9, 7, 5
_SHEET_SHIFT_PX = 6
_COLOUR_NAMES = ("R", "G", "B")


class _Drawing(QWidget):
    """A picture at the left, and captions below what is drawn."""

    def __init__(self, theme: Theme, name: str, spoken: str) -> None:
        super().__init__()
        self._theme = theme
        self._sizes = LayerSizes()
        self._pixels: NDArray[np.uint8] = np.zeros((1, 1, CHANNELS), np.uint8)
        self._scaled = QImage()
        self.setObjectName(name)
        self.setAccessibleName(spoken)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme.changed.connect(self.update)

    def show_sizes(self, sizes: LayerSizes) -> None:
        """Draw layers of other sizes."""
        self._sizes = sizes
        self.update()

    def show_pixels(self, pixels: NDArray[np.uint8]) -> None:
        """Draw another picture: uint8, shape (size, size, 3), RGB."""
        self._pixels = pixels
        self._scaled = QImage()
        self.update()

    def sizeHint(self) -> QSize:
        """Comfortable in a card."""
        return QSize(400, 240)

    def minimumSizeHint(self) -> QSize:
        """Room for all parts beside each other."""
        return QSize(330, 150)

    def picture_rect(self) -> QRect:
        """Return where the picture lies."""
        side = min(self._room().height(), self.width() * 2 // 5, _LARGEST_PICTURE_PX)
        rect = QRect(0, 0, side, side)
        rect.moveCenter(self._room().center())
        rect.moveLeft(0)
        return rect

    def _room(self) -> QRect:
        return self.rect().adjusted(0, 2, 0, -_CAPTION_PX)

    def _paint_picture(self, painter: QPainter) -> None:
        rect = self.picture_rect()
        size = rect.size() * self.devicePixelRatioF()
        if self._scaled.size() != size:
            self._scaled = scaled_image(image_of_array(self._pixels), size, smooth=False)
        painter.drawImage(rect, self._scaled)
        painter.setPen(QColor(self._theme.palette.line))
        painter.drawRect(rect.adjusted(0, 0, -1, -1))

    def _paint_picture_caption(self, painter: QPainter) -> None:
        side = self._sizes.picture
        words = f"{side} × {side} px, {CHANNELS} colours"
        self._paint_caption(painter, self.picture_rect().center().x(), words)

    def _paint_caption(self, painter: QPainter, middle: int, words: str) -> None:
        font = QFont(self.font())
        font.setPixelSize(FACTS_PX)
        painter.setFont(font)
        painter.setPen(QColor(self._theme.palette.muted))
        width = QFontMetrics(font).horizontalAdvance(words) + 2
        left = min(max(middle - width // 2, 0), self.width() - width)
        place = QRect(left, self.height() - _CAPTION_PX, width, _CAPTION_PX)
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, words)


class DenseDrawing(_Drawing):
    """Picture, its first numbers one below the other, and lines from each to every neuron."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "why_dense", "Every number of the picture joined to every neuron")

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw all."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_picture(painter)
        cells, neurons = self._cells(), self._neurons()
        line = QColor(self._theme.palette.accent)
        line.setAlphaF(0.35)
        painter.setPen(QPen(line, 1))
        for cell in cells:
            for neuron in neurons:
                start = QPointF(cell.right() + 2, cell.center().y() + 0.5)
                painter.drawLine(start, QPointF(neuron.left(), neuron.center().y()))
        self._paint_cells(painter, cells)
        self._paint_neurons(painter, neurons)
        self._paint_picture_caption(painter)
        self._paint_caption(
            painter, cells[0].center().x(), f"{count_words(self._sizes.numbers)} numbers"
        )
        middle = round(neurons[0].center().x())
        self._paint_caption(painter, middle, f"{count_words(self._sizes.neurons)} neurons")

    def _cells(self) -> list[QRect]:
        room, picture = self._room(), self.picture_rect()
        left = picture.right() + max(24, (self.width() - picture.width()) // 5)
        # The dots take the place of one cell.
        height = min(_CELL.height(), room.height() // (_NUMBERS + 1))
        top = room.center().y() - height * (_NUMBERS + 1) // 2
        return [
            QRect(left, top + place * height, _CELL.width(), height - 2)
            for place in range(_NUMBERS)
        ]

    def _neurons(self) -> list[QRectF]:
        room = self._room()
        height = min(40, room.height() // (_NEURONS + 1))
        top = room.center().y() - height * (_NEURONS + 1) // 2
        side = min(_NEURON_PX, height * 2 // 3)
        left = self.width() - 30 - side
        return [
            QRectF(left, top + place * height + (height - side) / 2, side, side)
            for place in range(_NEURONS)
        ]

    def _paint_cells(self, painter: QPainter, cells: list[QRect]) -> None:
        palette = self._theme.palette
        font = QFont(self.font())
        font.setPixelSize(FACTS_PX)
        painter.setFont(font)
        numbers = self._pixels.reshape(-1)
        for place, (cell, number) in enumerate(zip(cells, numbers.tolist(), strict=False)):
            painter.fillRect(cell, QColor(palette.raised))
            painter.setPen(QColor(palette.line))
            painter.drawRect(cell)
            painter.setPen(QColor(palette.muted))
            inside = cell.adjusted(4, 0, -4, 0)
            vertical = Qt.AlignmentFlag.AlignVCenter
            painter.drawText(
                inside, vertical | Qt.AlignmentFlag.AlignLeft, _COLOUR_NAMES[place % CHANNELS]
            )
            painter.setPen(QColor(palette.text))
            painter.drawText(inside, vertical | Qt.AlignmentFlag.AlignRight, str(number))
        painter.setPen(QColor(palette.muted))
        dots = cells[-1].translated(0, cells[-1].height())
        painter.drawText(dots, Qt.AlignmentFlag.AlignCenter, "…")
        # From the upper left corner of the picture, where the first of them lie.
        picture = self.picture_rect()
        painter.setPen(QPen(QColor(palette.muted), 1, Qt.PenStyle.DashLine))
        painter.drawLine(picture.topLeft(), cells[0].topLeft())
        painter.drawLine(picture.bottomRight(), QPointF(dots.left(), dots.bottom()).toPoint())

    def _paint_neurons(self, painter: QPainter, neurons: list[QRectF]) -> None:
        palette = self._theme.palette
        painter.setPen(QPen(QColor(palette.accent), 1.5))
        painter.setBrush(QColor(palette.accent_soft))
        for neuron in neurons:
            painter.drawEllipse(neuron)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QColor(palette.muted))
        dots = neurons[-1].translated(0, neurons[-1].height() + 2)
        painter.drawText(dots, Qt.AlignmentFlag.AlignCenter, "…")


class ConvolutionDrawing(_Drawing):
    """A window on the picture, what it covers enlarged, and the sheets that the filters fill.

    The mouse and the arrow keys move the window; `moved` says that somebody did.
    """

    moved = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "why_window", "The window of the filters on the picture")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setToolTip(
            "Drag the window over the picture, or move it with the arrow keys. Beyond the edge of"
            " the picture, where it is hatched, it meets zeros."
        )
        self._row = self._column = 0.5

    @property
    def place(self) -> tuple[float, float]:
        """Where the middle of the window lies: down and right, each a share from 0 to 1."""
        return self._row, self._column

    def move_to(self, row: float, column: float) -> None:
        """Put the middle of the window at a share of the picture's height and width."""
        self._row, self._column = min(max(row, 0.0), 1.0), min(max(column, 0.0), 1.0)
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Put the window under the mouse."""
        self.mouseMoveEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the window."""
        rect = self.picture_rect()
        at = event.position() - QPointF(rect.topLeft())
        self.move_to(at.y() / rect.height(), at.x() / rect.width())
        self.moved.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the window by its own size."""
        steps = {
            Qt.Key.Key_Left: (0, -1),
            Qt.Key.Key_Right: (0, 1),
            Qt.Key.Key_Up: (-1, 0),
            Qt.Key.Key_Down: (1, 0),
        }
        step = steps.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
            return
        by = self._sizes.kernel / self._sizes.picture
        self.move_to(self._row + step[0] * by, self._column + step[1] * by)
        self.moved.emit()

    def window_pixels(self) -> NDArray[np.uint8]:
        """Return what the window covers: uint8, shape (kernel, kernel, 3); 0 beyond the picture."""
        row, column = self._corner()
        reach = self._sizes.kernel
        padded = np.pad(self._pixels, ((reach, reach), (reach, reach), (0, 0)))
        return padded[row + reach : row + 2 * reach, column + reach : column + 2 * reach]

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw all."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_picture(painter)
        window, enlarged, sheet = self.window_rect(), self._enlarged_rect(), self._sheet_rect()
        palette = self._theme.palette
        painter.setPen(QPen(QColor(palette.accent), 1, Qt.PenStyle.DashLine))
        painter.drawLine(window.topRight(), QPointF(enlarged.topLeft()))
        painter.drawLine(window.bottomRight(), QPointF(enlarged.bottomLeft()))
        painter.setPen(QPen(QColor(palette.surface), 4))
        painter.drawRect(window)
        painter.setPen(QPen(QColor(palette.accent), 2))
        painter.drawRect(window)
        self._paint_enlarged(painter, enlarged)
        self._paint_sheets(painter, sheet)
        if self.hasFocus():
            painter.setPen(QPen(QColor(palette.accent), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.picture_rect().adjusted(1, 1, -1, -1))
        self._paint_picture_caption(painter)
        kernel, filters = self._sizes.kernel, self._sizes.filters
        self._paint_caption(
            painter, enlarged.center().x(), f"window {kernel} × {kernel} × {CHANNELS}"
        )
        shown = counted(filters, "filter")
        if filters > _SHEETS:
            shown += f", {_SHEETS} drawn"
        self._paint_caption(painter, sheet.center().x() + 12, shown)

    def _corner(self) -> tuple[int, int]:
        """Return the first row and column that the window covers; below 0 it is padding."""
        # A picture of another size may still be on its way.
        side, half = len(self._pixels), self._sizes.kernel // 2
        row, column = (
            min(int(share * side), side - 1) - half for share in (self._row, self._column)
        )
        return row, column

    def window_rect(self) -> QRectF:
        """Return which part of the picture the window covers; it may be larger than that."""
        picture = QRectF(self.picture_rect())
        scale = picture.width() / len(self._pixels)
        row, column = self._corner()
        side = self._sizes.kernel * scale
        whole = QRectF(picture.left() + column * scale, picture.top() + row * scale, side, side)
        return whole.intersected(picture)

    def _enlarged_rect(self) -> QRect:
        picture = self.picture_rect()
        side = min(140, self.width() // 6, self._room().height())
        side -= side % self._sizes.kernel
        rect = QRect(0, 0, side, side)
        middle = picture.right() + (self._sheet_rect().left() - picture.right()) // 2
        rect.moveCenter(QRect(middle, picture.center().y(), 1, 1).topLeft())
        return rect

    def _sheet_rect(self) -> QRect:
        side = min(140, self.width() // 6, self._room().height() - _SHEETS * _SHEET_SHIFT_PX)
        behind = _SHEETS * _SHEET_SHIFT_PX
        top = self._room().center().y() - (side - behind) // 2
        return QRect(self.width() - side - behind - 4, top, side, side)

    def _paint_enlarged(self, painter: QPainter, rect: QRect) -> None:
        image = scaled_image(image_of_array(self.window_pixels()), rect.size(), smooth=False)
        painter.drawImage(rect, image)
        cell = rect.width() // self._sizes.kernel
        self._paint_padding(painter, rect, cell)
        painter.setPen(QColor(self._theme.palette.muted))
        for place in range(1, self._sizes.kernel):
            x, y = rect.left() + place * cell, rect.top() + place * cell
            painter.drawLine(x, rect.top(), x, rect.bottom())
            painter.drawLine(rect.left(), y, rect.right(), y)
        painter.setPen(QPen(QColor(self._theme.palette.accent), 2))
        painter.drawRect(rect)

    def _paint_padding(self, painter: QPainter, rect: QRect, cell: int) -> None:
        """Hatch what lies beyond the picture: zeros alone would look like black pixels."""
        side, kernel = len(self._pixels), self._sizes.kernel
        (row, column), palette = self._corner(), self._theme.palette
        first = QPoint(max(0, -column), max(0, -row)) * cell
        last = QPoint(min(kernel, side - column), min(kernel, side - row)) * cell
        inside = QRect(rect.topLeft() + first, rect.topLeft() + last - QPoint(1, 1))
        painter.save()
        painter.setClipRegion(QRegion(rect).subtracted(QRegion(inside)))
        painter.fillRect(rect, QColor(palette.surface))
        painter.fillRect(rect, QBrush(QColor(palette.faint), Qt.BrushStyle.BDiagPattern))
        painter.restore()

    def _paint_sheets(self, painter: QPainter, front: QRect) -> None:
        palette = self._theme.palette
        count = min(self._sizes.filters, _SHEETS)
        for behind in reversed(range(count)):
            sheet = front.translated(behind * _SHEET_SHIFT_PX, -behind * _SHEET_SHIFT_PX)
            painter.setPen(QPen(QColor(palette.accent), 1))
            painter.setBrush(QColor(palette.accent_soft))
            painter.drawRect(sheet)
        painter.setBrush(QColor(palette.accent))
        painter.setPen(Qt.PenStyle.NoPen)
        dot = QRectF(0, 0, 6, 6)
        dot.moveCenter(
            QPointF(
                front.left() + self._column * front.width(),
                front.top() + self._row * front.height(),
            )
        )
        painter.drawEllipse(dot)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(palette.accent), 1, Qt.PenStyle.DashLine))
        enlarged = self._enlarged_rect()
        start = QPointF(enlarged.right() + 4, enlarged.center().y())
        painter.drawLine(start, dot.center())
