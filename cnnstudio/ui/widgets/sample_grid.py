"""`SampleGrid`: a handful of pictures side by side, such as augmented samples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetrics,
    QImage,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from cnnstudio.ui.theme import FACTS_PX, Theme
from cnnstudio.ui.widgets.array_image import image_of_array
from cnnstudio.ui.widgets.image_view import CORNER_PX, fitted_rect, scaled_image

_GAP_PX = 8
_CAPTION_PX = 18


@dataclass
class _Cell:
    image: QImage
    caption: str
    scaled: QImage


class SampleGrid(QWidget):
    """Square cells with a caption below, in as many columns as the width allows.

    Everything is painted in one go, so that replacing all pictures while a slider moves neither
    flickers nor moves anything.
    """

    def __init__(
        self,
        theme: Theme,
        parent: QWidget | None = None,
        *,
        cell_px: int = 132,
        smooth: bool = True,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._cell_px = cell_px
        self._smooth = smooth
        self._cells: list[_Cell] = []
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setAccessibleName("Samples")

    def set_samples(self, samples: Sequence[tuple[QImage | NDArray[np.uint8], str]]) -> None:
        """Show these (picture, caption) pairs instead of what was shown.

        An array is uint8, of shape (height, width) or (height, width, channels), RGB or RGBA.
        """
        count_before = len(self._cells)
        self._cells = [
            _Cell(image_of_array(each) if isinstance(each, np.ndarray) else each, caption, QImage())
            for each, caption in samples
        ]
        self.setAccessibleDescription(", ".join(caption for _, caption in samples))
        if len(self._cells) != count_before:
            self.updateGeometry()
        self.update()

    def samples(self) -> list[tuple[QImage, str]]:
        """Return what is shown, picture and caption of each cell."""
        return [(cell.image, cell.caption) for cell in self._cells]

    def set_smooth(self, smooth: bool) -> None:
        """Choose between smooth scaling and sharp pixels."""
        self._smooth = smooth
        self._forget_scaled()
        self.update()

    def columns(self, width_px: int) -> int:
        """Return how many columns fit into a width."""
        return max(1, (width_px + _GAP_PX) // (self._cell_px + _GAP_PX))

    def cell_rect(self, index: int) -> QRectF:
        """Return where the picture of a cell lies, without its caption."""
        row, column = divmod(index, self.columns(self.width()))
        side = self._side(self.width())
        return QRectF(column * (side + _GAP_PX), row * (side + _CAPTION_PX + _GAP_PX), side, side)

    def sizeHint(self) -> QSize:
        """Four columns wide."""
        width = 4 * self._cell_px + 3 * _GAP_PX
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        """One column wide."""
        return QSize(self._cell_px, self._cell_px + _CAPTION_PX)

    def heightForWidth(self, width_px: int) -> int:
        """Return the height that all rows take at a width."""
        rows = -(-len(self._cells) // self.columns(width_px))
        row_height = self._side(width_px) + _CAPTION_PX + _GAP_PX
        return max(0, round(rows * row_height - _GAP_PX))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Scale anew at the next painting."""
        self._forget_scaled()
        super().resizeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw every picture and its caption."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        facts = QFont(self.font())
        facts.setPixelSize(FACTS_PX)
        painter.setFont(facts)
        metrics = QFontMetrics(facts)
        for index, cell in enumerate(self._cells):
            room = self.cell_rect(index)
            self._paint_picture(painter, cell, room)
            line = QRectF(room.left(), room.bottom(), room.width(), _CAPTION_PX)
            painter.setPen(QColor(self._theme.palette.muted))
            caption = metrics.elidedText(
                cell.caption, Qt.TextElideMode.ElideMiddle, int(line.width())
            )
            painter.drawText(
                line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, caption
            )

    def _paint_picture(self, painter: QPainter, cell: _Cell, room: QRectF) -> None:
        corners = QPainterPath()
        corners.addRoundedRect(room, CORNER_PX, CORNER_PX)
        painter.fillPath(corners, QColor(self._theme.palette.line))
        target = fitted_rect(cell.image, room)
        if target.isEmpty():
            return
        size = (target.size() * self.devicePixelRatioF()).toSize()
        painter.save()
        painter.setClipPath(corners)
        if self._smooth and 2 * size.width() > cell.image.width():
            # Good enough for little change of size, and much faster while a slider moves.
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(target, cell.image)
        else:
            if cell.scaled.size() != size:
                cell.scaled = scaled_image(cell.image, size, smooth=self._smooth)
            painter.drawImage(target, cell.scaled)
        painter.restore()

    def _side(self, width_px: int) -> float:
        columns = self.columns(width_px)
        return (width_px - (columns - 1) * _GAP_PX) / columns

    def _forget_scaled(self) -> None:
        for cell in self._cells:
            cell.scaled = QImage()
