"""`swatch`: the colour of a class as an icon for menus and tables."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QPainter, QPixmap

SWATCH_PX = 10


def swatch(colour: QColor) -> QIcon:
    """Return a small rounded square, sharp on every screen."""
    icon = QIcon()
    for ratio in {screen.devicePixelRatio() for screen in QGuiApplication.screens()}:
        side = round(SWATCH_PX * ratio)
        pixmap = QPixmap(side, side)
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawRoundedRect(QRectF(0, 0, SWATCH_PX, SWATCH_PX), 3, 3)
        painter.end()
        icon.addPixmap(pixmap)
    return icon
