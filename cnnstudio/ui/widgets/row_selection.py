"""`RowSelection`: which rows of a grid are selected, and how clicks and keys change that.

Qt keeps ranges and compares each with each: with 20,000 of them, as after sorting a selection
another way, a click would take minutes. One byte a row costs nothing to speak of.
"""

from __future__ import annotations

import numpy as np

from cnnstudio.core.selecting import Mask, Selection


class RowSelection:
    """Which of `count` rows are selected; `anchor` is the row that ranges begin at."""

    def __init__(self) -> None:
        self._mask: Mask = np.zeros(0, np.bool_)
        self._snapshot: Selection | None = None
        self.anchor = -1

    def __contains__(self, row: int) -> bool:
        return 0 <= row < len(self._mask) and bool(self._mask[row])

    @property
    def count(self) -> int:
        """How many rows are selected."""
        return int(np.count_nonzero(self._mask))

    def snapshot(self, current: int) -> Selection:
        """Return the selection as it is; the same object until it changes."""
        if self._snapshot is None or self._snapshot.current != current:
            mask = self._mask.copy()
            mask.flags.writeable = False
            self._snapshot = Selection(mask, current)
        return self._snapshot

    def resize(self, count: int) -> None:
        """Begin with that many rows, none of them selected."""
        self._set(np.zeros(count, np.bool_))
        self.anchor = -1

    def take(self, selection: Selection) -> None:
        """Select what `selection` says, of as many rows as there are."""
        mask = np.zeros(len(self._mask), np.bool_)
        common = min(len(mask), len(selection.mask))
        mask[:common] = selection.mask[:common]
        self._set(mask)
        self.anchor = selection.current

    def select_only(self, row: int) -> None:
        """Select one row, from which ranges then begin."""
        self.clear()
        self._mask[row] = True
        self.anchor = row

    def toggle(self, row: int) -> None:
        """Select a row or take it out."""
        self._changed()
        self._mask[row] ^= True
        self.anchor = row

    def extend_to(self, row: int, *, keep: bool) -> None:
        """Select from the anchor to a row, beside what is selected when `keep`, or only that."""
        anchor = self.anchor if self.anchor >= 0 else row
        if not keep:
            self.clear()
        self._changed()
        self._mask[min(anchor, row) : max(anchor, row) + 1] = True
        self.anchor = anchor

    def select_all(self) -> None:
        """Select every row."""
        self._changed()
        self._mask[:] = True

    def invert(self) -> None:
        """Select what is not, and nothing that is."""
        self._changed()
        np.logical_not(self._mask, out=self._mask)

    def clear(self) -> None:
        """Select nothing."""
        self._changed()
        self._mask[:] = False

    def select_block(self, base: Mask, columns: int, lines: range, across: range) -> None:
        """Select these columns of these lines, beside what `base` has selected."""
        count = len(self._mask)
        padded = np.zeros(-(-count // columns) * columns, np.bool_)
        padded[:count] = base
        table = padded.reshape(-1, columns)
        table[lines.start : lines.stop, across.start : across.stop] = True
        self._set(padded[:count].copy())

    def _set(self, mask: Mask) -> None:
        self._mask = mask
        self._changed()

    def _changed(self) -> None:
        self._snapshot = None
