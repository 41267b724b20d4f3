"""`AnsweredModel`: pictures with what networks answered about them, for the grid."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor

from cnnstudio.core.arranging import Arrangement
from cnnstudio.ui.models.sample_model import BADGE_ROLE, COLOUR_ROLE, Index, SampleModel

CAPTION_ROLE = Qt.ItemDataRole.UserRole + 5
"""The `CaptionLine`s below a picture."""


@dataclass(frozen=True)
class CaptionLine:
    """A line below a picture; `share` is a probability, 0 to 1, at its end.

    `mark` says by a sign whether what the line says is right.
    """

    text: str
    share: float | None = None
    mark: Literal["right", "wrong", ""] = ""


@dataclass(frozen=True)
class Tile:
    """What the grid shows of a picture beside itself; `words` say all of it, line by line."""

    lines: tuple[CaptionLine, ...]
    words: tuple[str, ...]
    badge: str = ""
    colour: QColor | None = None


class AnsweredModel(SampleModel):
    """Its samples' paths are absolute, so that pictures from anywhere can stand side by side."""

    def __init__(self) -> None:
        super().__init__()
        self._tiles: Sequence[Tile] = ()

    def set_pictures(self, arrangement: Arrangement, tiles: Sequence[Tile]) -> None:
        """Show these pictures, with a tile for each."""
        self.beginResetModel()
        self._arrangement, self._tiles = arrangement, tiles
        self.endResetModel()

    def tile(self, row: int) -> Tile:
        """Return what is shown of the picture in a row."""
        return self._tiles[row]

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What is known of a picture; see the roles."""
        if not index.isValid() or index.row() >= len(self._tiles):
            return None
        tile = self._tiles[index.row()]
        if role == CAPTION_ROLE:
            return tile.lines
        if role == BADGE_ROLE:
            return tile.badge or None
        if role == COLOUR_ROLE:
            return tile.colour
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return ", ".join(tile.words)
        if role == Qt.ItemDataRole.ToolTipRole:
            # Names may look like mark-up and must not act like it.
            return "<br>".join(map(html.escape, tile.words))
        return super().data(index, role)
