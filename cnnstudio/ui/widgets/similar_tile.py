"""`SimilarTile`: one training picture with its label and how similar it is."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFont,
    QFontMetrics,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from cnnstudio.core.evaluation.similar import SimilarPicture
from cnnstudio.ui.theme import FACTS_PX, Theme
from cnnstudio.ui.thumbnails import Thumbnails
from cnnstudio.ui.widgets.image_view import CORNER_PX
from cnnstudio.ui.words import percent

_LARGEST_PX = 68
_LINE_PX = 15


class SimilarTile(QAbstractButton):
    """A square picture and two lines below it; a click or Space opens, a right click has a menu."""

    menu_wanted = Signal(QPoint)

    def __init__(
        self, theme: Theme, thumbnails: Thumbnails, name: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.picture: SimilarPicture | None = None
        self._theme = theme
        self._thumbnails = thumbnails
        self._words = ""
        self.setObjectName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        thumbnails.arrived.connect(self._on_arrived)
        theme.changed.connect(self.update)
        self.set_picture(None)

    def set_picture(self, picture: SimilarPicture | None, label: str = "") -> None:
        """Show a picture with its label, or a quiet place for one."""
        self.picture = picture
        self._words = label
        self.setEnabled(picture is not None)
        self.setCursor(
            Qt.CursorShape.ArrowCursor if picture is None else Qt.CursorShape.PointingHandCursor
        )
        if picture is None:
            self.setAccessibleName("No similar picture")
            self.setToolTip("")
        else:
            words = f"{self._words}, {percent(picture.similarity)} similar"
            self.setAccessibleName(words)
            self.setToolTip(f"{words}: {picture.place.name}. Right click to fix its label.")
        self.update()

    def lines(self) -> tuple[str, str]:
        """Return the label and the similarity as they are shown; empty without a picture."""
        if self.picture is None:
            return "", ""
        return self._words, percent(self.picture.similarity)

    def sizeHint(self) -> QSize:
        """A square and two lines."""
        return QSize(_LARGEST_PX, _LARGEST_PX + 2 * _LINE_PX + 2)

    def minimumSizeHint(self) -> QSize:
        """Narrower, the square shrinks."""
        return QSize(44, self.sizeHint().height())

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for the menu of the picture."""
        self.menu_wanted.emit(event.globalPos())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the picture and its lines."""
        palette = self._theme.palette
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        side = min(self.width(), _LARGEST_PX)
        square = QRectF((self.width() - side) / 2, 0, side, side)
        corners = QPainterPath()
        corners.addRoundedRect(square, CORNER_PX, CORNER_PX)
        painter.fillPath(corners, QColor(palette.line))
        if self.picture is None:
            return
        image = self._thumbnails.image(self.picture.place, side)
        if image is not None:
            painter.save()
            painter.setClipPath(corners)
            middle = min(image.width(), image.height())
            left, top = (image.width() - middle) / 2, (image.height() - middle) / 2
            painter.drawImage(square, image, QRectF(left, top, middle, middle))
            painter.restore()
        if self.hasFocus() or self.underMouse():
            painter.setPen(QPen(QColor(palette.accent), 2))
            painter.drawPath(corners)
        font = QFont(self.font())
        font.setPixelSize(FACTS_PX)
        painter.setFont(font)
        for number, (words, colour) in enumerate(
            zip(self.lines(), (palette.text, palette.muted), strict=True)
        ):
            # From below: widths that differ by a pixel must not move the words.
            top = self.height() - (2 - number) * _LINE_PX
            line = QRectF(0, top, self.width(), _LINE_PX)
            painter.setPen(QColor(colour))
            shown = QFontMetrics(font).elidedText(
                words, Qt.TextElideMode.ElideRight, int(line.width())
            )
            painter.drawText(line, Qt.AlignmentFlag.AlignCenter, shown)

    @Slot(str)
    def _on_arrived(self, key: str) -> None:
        if self.picture is not None and key == str(self.picture.place):
            self.update()
