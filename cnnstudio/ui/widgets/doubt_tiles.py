"""`DoubtTiles`: a row of pictures with what a network would have said, and why it did not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QImage, QPixmap, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from cnnstudio.ui.theme import Theme
from cnnstudio.ui.thumbnails import Thumbnails
from cnnstudio.ui.widgets.fit_label import ElidedLabel

_SIDE_PX = 96
_WIDTH_PX = 170
_REASON_PX = 32
_READ_PX = 192  # its short side fills the square


@dataclass(frozen=True)
class DoubtTile:
    """A picture, what it was taken for, and the reason why that was not said."""

    path: Path
    guess: str
    reason: str


class DoubtTiles(QWidget):
    """As many tiles as there is room for, up to `MOST`."""

    MOST: ClassVar[int] = 12

    def __init__(self, theme: Theme, thumbnails: Thumbnails, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._thumbnails = thumbnails
        self._tiles: Sequence[DoubtTile] = ()
        self._places = [_Place(self) for _ in range(self.MOST)]
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        for place in self._places:
            layout.addWidget(place)
            place.hide()
        layout.addStretch(1)
        self.setMinimumWidth(1)
        self.setFixedHeight(_SIDE_PX + 64)
        thumbnails.arrived.connect(self._on_arrived)

    @property
    def tiles(self) -> Sequence[DoubtTile]:
        """What is shown, the hidden ones at the end included."""
        return self._tiles

    def show_tiles(self, tiles: Sequence[DoubtTile]) -> None:
        """Show these pictures in the place of others."""
        self._tiles = tiles
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show as many as fit."""
        self._arrange()

    def _arrange(self) -> None:
        room = max(1, (self.width() + 12) // (_WIDTH_PX + 12))
        for number, place in enumerate(self._places):
            is_shown = number < min(room, len(self._tiles))
            place.setVisible(is_shown)
            if is_shown:
                tile = self._tiles[number]
                place.show_tile(tile, self._thumbnails.image(tile.path, _READ_PX))

    @Slot(str)
    def _on_arrived(self, path: str) -> None:
        if any(str(tile.path) == path for tile in self._tiles):
            self._arrange()


class _Place(QWidget):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._picture = QLabel()
        self._picture.setFixedSize(_SIDE_PX, _SIDE_PX)
        self._guess = ElidedLabel(mode=Qt.TextElideMode.ElideRight)
        self._reason = QLabel()
        self._reason.setWordWrap(True)
        self._reason.setTextFormat(Qt.TextFormat.PlainText)
        self._reason.setFixedHeight(_REASON_PX)
        self._reason.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._reason.setProperty("class", "facts")
        self.setFixedWidth(_WIDTH_PX)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        for widget in (self._picture, self._guess, self._reason):
            layout.addWidget(widget)

    def show_tile(self, tile: DoubtTile, image: QImage | None) -> None:
        """Show one picture with its words; its image may come later."""
        self._guess.setText(tile.guess)
        self._reason.setText(tile.reason)
        self._picture.setAccessibleName(f"{tile.path.name}: {tile.guess}, {tile.reason}")
        if image is None:
            self._picture.clear()
            return
        side = min(image.width(), image.height())
        left, top = (image.width() - side) // 2, (image.height() - side) // 2
        square = image.copy(left, top, side, side)
        smooth = Qt.TransformationMode.SmoothTransformation
        self._picture.setPixmap(
            QPixmap.fromImage(square).scaled(
                _SIDE_PX, _SIDE_PX, Qt.AspectRatioMode.KeepAspectRatio, smooth
            )
        )
