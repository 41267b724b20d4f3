"""`GridGeometry`: where the pictures of a grid lie, computed from their rows alone."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPoint, QRect


@dataclass(frozen=True)
class GridGeometry:
    """`count` squares of `slot_px`, line by line in `columns`; heights are those of the content.

    A row is the number of a picture, counted from 0; a line is what lies side by side. Below each
    square is room for a caption of `caption_px`.
    """

    count: int = 0
    columns: int = 1
    slot_px: int = 132
    caption_px: int = 0

    @property
    def line_px(self) -> int:
        """The height of a line."""
        return self.slot_px + self.caption_px

    @property
    def lines(self) -> int:
        """How many lines there are, the last of which may be shorter."""
        return -(-self.count // self.columns)

    @property
    def height_px(self) -> int:
        """The height of all lines."""
        return self.lines * self.line_px

    def rect_of(self, row: int) -> QRect:
        """Where a picture lies."""
        line, column = divmod(row, self.columns)
        return QRect(column * self.slot_px, line * self.line_px, self.slot_px, self.line_px)

    def row_at(self, place: QPoint) -> int:
        """The picture at a place, -1 where there is none."""
        column = place.x() // self.slot_px
        row = place.y() // self.line_px * self.columns + column
        return row if 0 <= column < self.columns and 0 <= row < self.count else -1

    def rows_between(self, top: int, bottom: int) -> range:
        """The pictures of which something lies between two heights."""
        first = top // self.line_px * self.columns
        last = ((bottom - 1) // self.line_px + 1) * self.columns
        return range(min(max(first, 0), self.count), min(max(last, 0), self.count))

    def block_in(self, rect: QRect) -> tuple[range, range]:
        """The lines and columns that a rectangle touches."""
        left, right = rect.left() // self.slot_px, rect.right() // self.slot_px
        top, bottom = rect.top() // self.line_px, rect.bottom() // self.line_px
        lines = range(max(0, top), min(self.lines, bottom + 1))
        return lines, range(max(0, left), min(self.columns, right + 1))

    def nearest_first(self, top: int, height: int, direction: int) -> list[int]:
        """The pictures on screen, those nearest to its middle first, then one screen ahead.

        `direction` is below 0 when the content was last scrolled up, above 0 otherwise.
        """
        shown = self.rows_between(top, top + height)
        ahead = top - height if direction < 0 else top + height
        middle = QPoint(self.columns * self.slot_px // 2, top + height // 2)

        def distance(row: int) -> int:
            away = self.rect_of(row).center() - middle
            return QPoint.dotProduct(away, away)

        coming = [row for row in self.rows_between(ahead, ahead + height) if row not in shown]
        return sorted(shown, key=distance) + sorted(coming, key=distance)
