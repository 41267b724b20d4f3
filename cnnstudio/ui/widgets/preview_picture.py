"""`PreviewPicture`: one large picture, with what the network will not see darkened."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from cnnstudio.core.config import ResizeMode
from cnnstudio.ui.theme import Theme
from cnnstudio.ui.widgets.image_view import ImageView

_DARKNESS = 150


class PreviewPicture(ImageView):
    """A picture, and on it the square that is cut out of it; None as mode shows all alike."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._mode: ResizeMode | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def set_mode(self, mode: ResizeMode | None) -> None:
        """Show what becomes of the picture in this mode."""
        self._mode = mode
        self.update()

    def kept_rect(self) -> QRectF:
        """Return where in the widget the part lies that the network sees."""
        whole = self.picture_rect()
        if self._mode != "crop" or whole.isEmpty():
            return whole
        side = min(whole.width(), whole.height())
        kept = QRectF(0, 0, side, side)
        kept.moveCenter(whole.center())
        return kept

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the picture, and darken what is cut off."""
        super().paintEvent(event)
        whole, kept = self.picture_rect(), self.kept_rect()
        if kept == whole:
            return
        painter = QPainter(self)
        outside = QPainterPath()
        outside.addRect(whole)
        outside.addRect(kept)  # two rectangles fill what lies between them
        painter.fillPath(outside, QColor(0, 0, 0, _DARKNESS))
        painter.setPen(QPen(QColor(255, 255, 255), 1))
        painter.drawRect(kept.adjusted(0.5, 0.5, -0.5, -0.5))
