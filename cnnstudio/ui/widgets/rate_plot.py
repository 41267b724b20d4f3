"""`RatePlot`: the loss at rising learning rates, on a logarithmic axis."""

from __future__ import annotations

import math

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QWidget

from cnnstudio.core.engine_api import LearningRateSweep
from cnnstudio.ui.theme import FACTS_PX, Theme
from cnnstudio.ui.widgets.plot_menu import without_menu
from cnnstudio.ui.words import plain_number

# A loss that has run away would squeeze the part that matters into a line.
_HIGHEST_SHARE = 1.6


class RatePlot(pg.PlotWidget):
    """A curve with the suggested rate marked, and the present one where it is another."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._theme = theme
        self.sweep: LearningRateSweep | None = None
        self._present = 0.0
        self.setAccessibleName("Loss by learning rate")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFrameShape(pg.PlotWidget.Shape.NoFrame)
        plot = self.plotItem
        without_menu(self)
        plot.hideButtons()
        plot.setMouseEnabled(x=False, y=False)
        plot.setLogMode(x=True, y=False)
        plot.layout.setContentsMargins(0, 4, 12, 0)
        theme.changed.connect(self._draw)
        self._draw()

    def show_sweep(self, sweep: LearningRateSweep, present: float) -> None:
        """Draw a sweep; `present` is the rate that is set now."""
        self.sweep, self._present = sweep, present
        self._draw()

    def _draw(self) -> None:
        palette = self._theme.palette
        plot = self.plotItem
        self.setBackground(palette.surface)
        font = QFont(self.font())
        font.setPixelSize(FACTS_PX)
        for name, words in (("bottom", "learning rate"), ("left", "loss")):
            axis = plot.getAxis(name)
            axis.setPen(pg.mkPen(palette.line))
            axis.setTextPen(palette.muted)
            axis.setTickFont(font)
            axis.enableAutoSIPrefix(False)
            axis.setLabel(words, color=palette.muted, **{"font-size": f"{FACTS_PX}px"})
        plot.showGrid(y=True, alpha=0.25)
        plot.clear()
        if self.sweep is None or not self.sweep.rates:
            return
        rates, losses = np.asarray(self.sweep.rates), np.asarray(self.sweep.losses, float)
        sane = losses[np.isfinite(losses)]
        if not len(sane):
            return
        top = float(sane[0]) * _HIGHEST_SHARE if sane[0] > 0 else float(sane.max())
        plot.setYRange(float(sane.min()) * 0.95, max(top, float(sane.min()) * 1.1), padding=0)
        plot.setXRange(math.log10(rates[0]), math.log10(rates[-1]), padding=0.02)
        plot.plot(rates, losses, pen=pg.mkPen(palette.accent, width=2), antialias=True)
        suggested, present = self.sweep.suggested, self._present
        self._mark(suggested, "suggested", palette.good, 0.95, is_left=suggested < present)
        if present != suggested:
            self._mark(present, "now", palette.muted, 0.95, is_left=present < suggested)
        self.setAccessibleDescription(f"suggested {plain_number(self.sweep.suggested)}")

    def _mark(self, rate: float, words: str, colour: str, height: float, *, is_left: bool) -> None:
        pen = pg.mkPen(colour, width=1, style=Qt.PenStyle.DashLine)
        # Where both rates are marked, the words stand on the sides that are turned away.
        side = (1, 0.5) if is_left else (0, 0.5)
        options = {"position": height, "color": colour, "anchors": [side, side]}
        line = pg.InfiniteLine(
            math.log10(rate),
            angle=90,
            pen=pen,
            label=f"{words} {plain_number(rate)}",
            labelOpts=options,
        )
        self.plotItem.addItem(line)
