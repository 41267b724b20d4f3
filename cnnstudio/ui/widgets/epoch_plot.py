"""`EpochPlot`: what all plots over epochs have in common: axes, grid, their look."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont
from PySide6.QtWidgets import QWidget

from cnnstudio.ui.theme import FACTS_PX, Theme
from cnnstudio.ui.widgets.curve_axes import EpochAxis, Unit, ValueAxis, nice_ceiling
from cnnstudio.ui.widgets.plot_menu import without_menu

_LEFT_PX = 44
# Room above the highest value, where the label of the best epoch stands, also in a flat plot.
_HEADROOM = 0.08
_LABEL_PX = 22
_WORDS_PX = 18
_BELOW_PX = 42
# Room below the lowest one, so that its tick and a line at zero are not cut off.
_FOOTROOM = 0.03


class EpochPlot(pg.PlotWidget):
    """An empty plot over epochs from 1; shares are 0 to 1 and shown in per cent."""

    def __init__(self, theme: Theme, name: str, unit: Unit, parent: QWidget | None = None) -> None:
        self._epoch_axis = EpochAxis("bottom")
        self._value_axis = ValueAxis("left", unit)
        super().__init__(
            parent=parent,
            axisItems={"bottom": self._epoch_axis, "left": self._value_axis},
            enableMenu=False,
        )
        self._theme = theme
        self._name = name
        self._unit: Unit = unit
        self.setAccessibleName(f"{name} by epoch")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFrameShape(pg.PlotWidget.Shape.NoFrame)
        self.setMinimumSize(180, 120)
        plot = self.plotItem
        without_menu(self)
        plot.hideButtons()
        plot.setMouseEnabled(x=False, y=False)
        plot.setContentsMargins(0, 0, 0, 0)
        plot.vb.disableAutoRange()
        plot.vb.setDefaultPadding(0)
        self._value_axis.setWidth(_LEFT_PX)
        self._value_axis.setGrid(255)
        self._epoch_axis.setLabel("epoch")
        self._epoch_axis.setHeight(38)
        for axis in (self._epoch_axis, self._value_axis):
            # Else the labels at the very ends are left out, and the grid lies over the curves.
            axis.setStyle(tickLength=0, hideOverlappingLabels=False)
            axis.setZValue(-1)
        plot.layout.setContentsMargins(0, 4, 12, 0)

    def label_values(self, words: str) -> None:
        """Say along the upright axis what is shown, where no heading does."""
        self._value_axis.setLabel(words)
        self._value_axis.setWidth(_LEFT_PX + _WORDS_PX)

    def _words_font(self) -> QFont:
        font = QFont(self.font())
        font.setPixelSize(FACTS_PX)
        return font

    def _restyle_axes(self) -> None:
        palette = self._theme.palette
        self.setBackground(palette.surface)
        font = self._words_font()
        for axis in (self._epoch_axis, self._value_axis):
            axis.setPen(None)
            axis.setTickPen(pg.mkPen(palette.line, width=1))
            axis.setTextPen(palette.muted)
            axis.setTickFont(font)
            axis.label.setFont(font)
            axis.label.setDefaultTextColor(QColor(palette.muted))

    def _show_between(
        self, epochs: tuple[float, float], last_epoch: int, low: float, high: float
    ) -> float:
        """Show this part of the plane, and return the value at its top."""
        height: int = max(self.height() - _BELOW_PX, 3 * _LABEL_PX)
        top = high + (high - low) * max(_HEADROOM, _LABEL_PX / (height - _LABEL_PX))
        bottom = low - (high - low) * _FOOTROOM
        self.plotItem.vb.setRange(xRange=epochs, yRange=(bottom, top), padding=0)
        self._value_axis.show_between(low, high)
        self._epoch_axis.show_until(last_epoch)
        return top


def even_limits(values: np.ndarray[Any, Any], unit: Unit) -> tuple[float, float]:
    """Return round numbers around finite values, for an even axis."""
    if unit == "share":
        lowest = float(values.min()) if len(values) else 0.0
        return min(math.floor(max(lowest, 0.0) * 5 + 1e-9) / 5, 0.8), 1.0
    return 0.0, nice_ceiling(float(values.max())) if len(values) else 1.0
