"""`CellNumbers`: how the numbers of a grid are written so that each fits into its cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtGui import QFont, QFontMetrics

from cnnstudio.core.inside.convolving import Grid
from cnnstudio.core.inside.stage_words import short_number
from cnnstudio.ui.theme import BODY_PX, FACTS_PX

# What has to stay free in a cell: the frame of a window takes two pixels on each side.
_FREE_PX = ((BODY_PX, 6), (FACTS_PX, 4))
_DECIMALS = 2


@dataclass(frozen=True)
class CellNumbers:
    """The words of all cells, row by row, and the font for them: None where none is small enough.

    `unit` is what the numbers were divided by, 1 or 1,000.
    """

    words: tuple[tuple[str, ...], ...] = ()
    font: QFont | None = None
    unit: int = 1


def numbers_for_cells(values: Grid, font: QFont, width: int) -> CellNumbers:
    """Write numbers with as many digits as fit into cells that are `width` px wide and high.

    What is too long gets fewer decimals, and if need be all are given in thousands.
    """
    if fitting_font(font, ("0",), width) is None:
        return CellNumbers()
    for unit in (1, 1000):
        largest = float(np.abs(values).max(initial=0)) / unit
        if unit > 1 and largest < 1:
            break
        # Without decimals 0.4 would be 0.
        for decimals in range(_DECIMALS, -1 if largest >= 10 else 0, -1):
            words = tuple(
                tuple(short_number(value / unit, decimals) for value in row)
                for row in values.tolist()
            )
            found = fitting_font(font, {each for row in words for each in row}, width)
            if found is not None:
                return CellNumbers(words, found, unit)
    return CellNumbers()


def fitting_font(font: QFont, words: Sequence[str] | set[str], width: int) -> QFont | None:
    """Return the larger of the window's two fonts in which all words fit into a cell, if one does.

    Args:
        font: the font of the widget.
        words: one cell each.
        width: of a cell, in px; it is as high.
    """
    for size, free in _FREE_PX:
        candidate = QFont(font)
        candidate.setPixelSize(size)
        metrics = QFontMetrics(candidate)
        if max(metrics.height(), *map(metrics.horizontalAdvance, words)) + free <= width:
            return candidate
    return None
