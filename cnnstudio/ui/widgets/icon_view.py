"""`IconView`: one icon that is only looked at."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from cnnstudio.ui.icons import Icons


class IconView(QWidget):
    """Paints an icon in a colour of the theme, sharp at any scaling. The words stand beside it."""

    def __init__(
        self, icons: Icons, name: str, size_px: int, role: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._icons = icons
        self._name = name
        self._size_px = size_px
        self._role = role
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def set_icon(self, name: str, role: str) -> None:
        """Show another icon, or the same in another colour."""
        self._name = name
        self._role = role
        self.update()

    def sizeHint(self) -> QSize:
        """The icon's size."""
        return QSize(self._size_px, self._size_px)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the icon in the colours of the moment."""
        ratio = self.devicePixelRatioF()
        pixmap = self._icons.pixmap(self._name, self._size_px, self._role, ratio)
        painter = QPainter(self)
        painter.drawPixmap(0, 0, pixmap)
