"""`StepPlot`: a share at rising steps of something, with its interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont
from PySide6.QtWidgets import QWidget

from cnnstudio.ui.theme import FACTS_PX, Theme
from cnnstudio.ui.widgets.plot_menu import without_menu
from cnnstudio.ui.words import percent

_LEFT_PX, _BELOW_PX = 44, 20
_BAND_ALPHA = 50
# Room for the ticks at both ends.
_SHOWN = (-0.07, 1.07)


@dataclass(frozen=True)
class Steps:
    """What a `StepPlot` shows: shares, 0 to 1, with what their steps are called.

    `limit` is drawn as a line; `marked` is the place of a step that gets a warning dot.
    """

    names: tuple[str, ...]
    shares: tuple[float, ...]
    intervals: tuple[tuple[float, float], ...]
    limit: float
    marked: int | None = None

    def lines(self) -> list[str]:
        """Return the figures as words: "25: 61.0 % (54.1 % to 67.5 %)"."""
        return [
            f"{name}: {percent(share)} ({percent(low)} to {percent(high)})"
            for name, share, (low, high) in zip(
                self.names, self.shares, self.intervals, strict=True
            )
        ]


class StepPlot(pg.PlotWidget):
    """A line with dots and a band, from 0 to 100 %; the tooltip has the figures."""

    def __init__(self, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._value_axis = self.plotItem.getAxis("left")
        self._theme = theme
        self._steps: Steps | None = None
        self.setAccessibleName(name)
        # Nothing is to be done in it, and the words beside it say what it shows.
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setFrameShape(pg.PlotWidget.Shape.NoFrame)
        self.setMinimumSize(150, 96)
        plot = self.plotItem
        without_menu(self)
        plot.hideButtons()
        plot.setMouseEnabled(x=False, y=False)
        plot.layout.setContentsMargins(0, 4, 12, 0)
        plot.vb.disableAutoRange()
        plot.vb.setDefaultPadding(0)
        self._value_axis.setWidth(_LEFT_PX)
        plot.getAxis("bottom").setHeight(_BELOW_PX)
        self._value_axis.setGrid(255)
        self._value_axis.setTicks([[(share, percent(share, 0)) for share in (0, 0.5, 1)]])
        for axis in (self._value_axis, plot.getAxis("bottom")):
            axis.setStyle(tickLength=0, hideOverlappingLabels=False)
            axis.setZValue(-1)
        theme.changed.connect(self._draw)
        self._draw()

    @property
    def steps(self) -> Steps | None:
        """What is drawn."""
        return self._steps

    def show_steps(self, steps: Steps | None) -> None:
        """Draw these steps in the place of others."""
        self._steps = steps
        lines = [] if steps is None else steps.lines()
        self.setToolTip("\n".join(lines))
        self.setAccessibleDescription("; ".join(lines))
        self._draw()

    def _draw(self) -> None:
        palette, plot = self._theme.palette, self.plotItem
        self.setBackground(palette.surface)
        font = QFont(self.font())
        font.setPixelSize(FACTS_PX)
        for axis in (self._value_axis, plot.getAxis("bottom")):
            axis.setPen(None)
            axis.setTickPen(pg.mkPen(palette.line, width=1))
            axis.setTextPen(palette.muted)
            axis.setTickFont(font)
        plot.clear()
        steps = self._steps
        names: Sequence[str] = () if steps is None else steps.names
        plot.getAxis("bottom").setTicks([list(enumerate(names))])
        plot.vb.setRange(xRange=(0, max(len(names) - 1, 1) + 0.15), yRange=_SHOWN, padding=0)
        if steps is None:
            return
        x = np.arange(len(names))
        band = QColor(palette.accent)
        band.setAlpha(_BAND_ALPHA)
        low, high = (
            pg.PlotCurveItem(x, np.array([each[end] for each in steps.intervals]), pen=None)
            for end in (0, 1)
        )
        plot.addItem(low)
        plot.addItem(high)
        plot.addItem(pg.FillBetweenItem(low, high, brush=pg.mkBrush(band)))
        dash = pg.mkPen(palette.muted, width=1, style=Qt.PenStyle.DashLine)
        plot.addItem(pg.InfiniteLine(steps.limit, angle=0, pen=dash))
        dots = [palette.accent] * len(names)
        if steps.marked is not None:
            dots[steps.marked] = palette.warn
        sizes = [9 if place == steps.marked else 6 for place in range(len(names))]
        plot.plot(
            x,
            np.array(steps.shares),
            pen=pg.mkPen(palette.accent, width=2),
            symbol="o",
            symbolSize=sizes,
            symbolPen=None,
            symbolBrush=[pg.mkBrush(colour) for colour in dots],
            antialias=True,
        )
