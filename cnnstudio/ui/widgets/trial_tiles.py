"""`TrialTiles`: a few pictures, each with the first answer about it and a bar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from cnnstudio.ui.theme import Theme
from cnnstudio.ui.widgets.bar import HEIGHT_PX, Bar
from cnnstudio.ui.widgets.fit_label import ElidedLabel
from cnnstudio.ui.words import percent

_PICTURE_PX = 112
_LINE_PX = 20
_BETWEEN_PX = 4
_CELL_PX = _PICTURE_PX + 2 * _LINE_PX + HEIGHT_PX + 3 * _BETWEEN_PX
_ACROSS = 3
_MOST = 6


@dataclass(frozen=True)
class TrialTile:
    """One picture: the likeliest class with its probability, 0 to 1, and what it really is.

    `truth` is "" where nobody knows.
    """

    image: QImage
    answer: str
    probability: float
    truth: str = ""
    is_right: bool = False

    @property
    def sentence(self) -> str:
        """The tile as a screen reader reads it."""
        told = f"{self.answer} {percent(self.probability)}"
        return f"{told}, {self.verdict}" if self.verdict else told

    @property
    def verdict(self) -> str:
        """Whether the answer is right."""
        if not self.truth:
            return ""
        return "right" if self.is_right else f"really {self.truth}"


class TrialTiles(QWidget):
    """Shows up to six tiles, three in a row; their places stay when the answers change."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tiles: tuple[TrialTile, ...] = ()
        self._cells = [_Cell(theme) for _ in range(_MOST)]
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setHorizontalSpacing(16)
        layout.setVerticalSpacing(12)
        for place, cell in enumerate(self._cells):
            layout.addWidget(cell, place // _ACROSS, place % _ACROSS)
        layout.setRowStretch(_MOST // _ACROSS, 1)
        # There is room for all from the beginning: a dialog does not grow when they come.
        rows = _MOST // _ACROSS
        self.setMinimumSize(
            _ACROSS * _PICTURE_PX + (_ACROSS - 1) * layout.horizontalSpacing(),
            rows * _CELL_PX + (rows - 1) * layout.verticalSpacing(),
        )

    @property
    def tiles(self) -> tuple[TrialTile, ...]:
        """What is shown."""
        return self._tiles

    def show_tiles(self, tiles: Sequence[TrialTile]) -> None:
        """Show other tiles."""
        self._tiles = tuple(tiles[:_MOST])
        for place, cell in enumerate(self._cells):
            cell.show_tile(self._tiles[place] if place < len(self._tiles) else None)


class _Cell(QWidget):
    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._picture = QLabel()
        self._picture.setFixedSize(_PICTURE_PX, _PICTURE_PX)
        self._answer = ElidedLabel("")
        self._bar = Bar(theme)
        self._verdict = ElidedLabel("")
        self._verdict.setProperty("class", "facts")
        self.setFixedWidth(_PICTURE_PX)
        for label in (self._answer, self._verdict):
            label.setFixedHeight(_LINE_PX)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(_BETWEEN_PX)
        for widget in (self._picture, self._answer, self._bar, self._verdict):
            layout.addWidget(widget)
        self.hide()

    def show_tile(self, tile: TrialTile | None) -> None:
        self.setVisible(tile is not None)
        if tile is None:
            return
        size = self._picture.size() * self.devicePixelRatioF()
        scaled = QPixmap.fromImage(tile.image).scaled(
            size, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        )
        scaled.setDevicePixelRatio(self.devicePixelRatioF())
        self._picture.setPixmap(scaled)
        self._answer.setText(f"{percent(tile.probability)} {tile.answer}")
        self._bar.set_value(tile.probability)
        self._verdict.setText(tile.verdict)
        self.setAccessibleName(tile.sentence)
