"""`ImageView`: one picture, as large as there is room."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from cnnstudio.ui.theme import Theme
from cnnstudio.ui.widgets.array_image import image_of_array

CORNER_PX = 6


class ImageView(QWidget):
    """Paints a picture whole, in its own proportions, on a quiet ground with rounded corners.

    With `smooth` off every pixel is a sharp square, which suits pictures of a few pixels.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None, *, smooth: bool = True) -> None:
        super().__init__(parent)
        self._theme = theme
        self._smooth = smooth
        self._image = QImage()
        self._scaled = QImage()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def set_image(self, image: QImage | NDArray[np.uint8] | None, alt_text: str) -> None:
        """Show a picture, or none; `alt_text` tells a screen reader what it is.

        An array is uint8, of shape (height, width) or (height, width, channels), RGB or RGBA.
        """
        if isinstance(image, np.ndarray):
            image = image_of_array(image)
        self._image = QImage() if image is None else image
        self._scaled = QImage()
        self.setAccessibleName(alt_text)
        self.update()

    def set_smooth(self, smooth: bool) -> None:
        """Choose between smooth scaling and sharp pixels."""
        self._smooth = smooth
        self._scaled = QImage()
        self.update()

    def sizeHint(self) -> QSize:
        """A comfortable size for one picture."""
        return QSize(320, 250)

    def minimumSizeHint(self) -> QSize:
        """Small, so that narrow windows still hold it."""
        return QSize(96, 96)

    def picture_rect(self) -> QRectF:
        """Return where in the widget the picture lies; empty without a picture."""
        return fitted_rect(self._image, QRectF(self.rect()))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw ground and picture."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        corners = QPainterPath()
        corners.addRoundedRect(QRectF(self.rect()), CORNER_PX, CORNER_PX)
        painter.fillPath(corners, QColor(self._theme.palette.line))
        painter.setClipPath(corners)
        target = self.picture_rect()
        if target.isEmpty():
            return
        # Scaling a large picture takes long; the result serves until picture or size change.
        size = (target.size() * self.devicePixelRatioF()).toSize()
        if self._scaled.size() != size:
            self._scaled = scaled_image(self._image, size, smooth=self._smooth)
        painter.drawImage(target, self._scaled)


def scaled_image(image: QImage, size: QSize, *, smooth: bool) -> QImage:
    """Return `image` at exactly `size` in device pixels."""
    mode = (
        Qt.TransformationMode.SmoothTransformation
        if smooth
        else Qt.TransformationMode.FastTransformation
    )
    return image.scaled(size, Qt.AspectRatioMode.IgnoreAspectRatio, mode)


def fitted_rect(image: QImage, room: QRectF) -> QRectF:
    """Return the largest rectangle of the picture's proportions in the middle of `room`."""
    if image.isNull():
        return QRectF()
    size = image.size().toSizeF().scaled(room.size(), Qt.AspectRatioMode.KeepAspectRatio)
    rect = QRectF(0, 0, size.width(), size.height())
    rect.moveCenter(room.center())
    return rect
