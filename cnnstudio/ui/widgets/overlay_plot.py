"""`OverlayPlot`: the same figure of several runs, one line each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from cnnstudio.ui.theme import Theme
from cnnstudio.ui.widgets.curve_axes import Unit
from cnnstudio.ui.widgets.epoch_plot import EpochPlot, even_limits

_ROOM = 1.015
_STYLES = (
    Qt.PenStyle.SolidLine,
    Qt.PenStyle.DashLine,
    Qt.PenStyle.DotLine,
    Qt.PenStyle.DashDotLine,
)


@dataclass(frozen=True)
class Line:
    """One run's values by epoch, the first is epoch 1; `best_epoch` gets a dot."""

    name: str
    colour: str
    values: Sequence[float]
    best_epoch: int


class OverlayPlot(EpochPlot):
    """Lines differ in colour and in their dashes, so that colour never stands alone."""

    def __init__(self, theme: Theme, name: str, unit: Unit, parent: QWidget | None = None) -> None:
        super().__init__(theme, name, unit, parent)
        self._lines: tuple[Line, ...] = ()
        self._restyle_axes()
        theme.changed.connect(self._restyle_axes)
        self.show_lines(())

    @property
    def lines(self) -> tuple[Line, ...]:
        """What is drawn."""
        return self._lines

    def show_lines(self, lines: Sequence[Line]) -> None:
        """Draw these lines in the place of others."""
        self._lines = tuple(lines)
        view = self.plotItem.vb
        view.clear()
        last = max((len(line.values) for line in lines), default=1)
        values = np.concatenate([np.empty(0), *(np.asarray(line.values, float) for line in lines)])
        low, high = even_limits(values[np.isfinite(values)], self._unit)
        # A little more room at the right, where a dot may stand on the last epoch.
        self._show_between((1, last * _ROOM) if last > 1 else (0, 2), last, low, high)
        for place, line in enumerate(lines):
            pen = pg.mkPen(line.colour, width=2, style=_STYLES[place % len(_STYLES)])
            epochs = np.arange(1, len(line.values) + 1)
            view.addItem(pg.PlotDataItem(epochs, line.values, pen=pen, antialias=True))
            if 1 <= line.best_epoch <= len(line.values):
                best = [line.best_epoch], [line.values[line.best_epoch - 1]]
                dot = pg.PlotDataItem(
                    *best,
                    pen=None,
                    symbol="o",
                    symbolSize=8,
                    symbolPen=pg.mkPen(line.colour, width=1),
                    symbolBrush=line.colour,
                    antialias=True,
                )
                view.addItem(dot)
        names = ", ".join(line.name for line in lines)
        self.setAccessibleDescription(names)
