"""`ShareCurve`: a share that rises or falls with a number, with what it may really be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont
from PySide6.QtWidgets import QWidget

from cnnstudio.ui.theme import FACTS_PX, Theme
from cnnstudio.ui.widgets.curve_axes import Unit, ValueAxis

Look = Literal["main", "other", "limit"]

_HEADROOM = 1.08
_ROOM = 0.01
_LEFT_PX = 44
_BOTTOM_PX = 38
_BAND_ALPHA = 45


@dataclass(frozen=True)
class Curve:
    """A line through points, from left to right; `has_dots` marks where something was measured."""

    xs: npt.NDArray[np.floating]
    ys: npt.NDArray[np.floating]
    look: Look = "main"
    has_dots: bool = False
    has_line: bool = True


@dataclass(frozen=True)
class Band:
    """Between `lows` and `highs` the truth lies."""

    xs: npt.NDArray[np.floating]
    lows: npt.NDArray[np.floating]
    highs: npt.NDArray[np.floating]


@dataclass(frozen=True)
class Mark:
    """A line across the plot at a value of the lower axis, with words at its top."""

    x: float
    words: str = ""


class ShareCurve(pg.PlotWidget):
    """Curves of shares; what they are over is named by `across`, in per cent or in numbers."""

    def __init__(
        self, theme: Theme, name: str, across: str, unit: Unit, parent: QWidget | None = None
    ) -> None:
        self._across = ValueAxis("bottom", unit)
        self._shares = ValueAxis("left", "share")
        super().__init__(parent=parent, axisItems={"bottom": self._across, "left": self._shares})
        self._theme = theme
        self._curves: Sequence[Curve] = ()
        self._bands: Sequence[Band] = ()
        self._marks: Sequence[Mark] = ()
        self._span = (0.0, 1.0)
        self._limits = (0.0, 1.0)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFrameShape(pg.PlotWidget.Shape.NoFrame)
        self.setMinimumSize(240, 150)
        plot = self.plotItem
        plot.setMenuEnabled(False)
        plot.hideButtons()
        plot.setMouseEnabled(x=False, y=False)
        plot.vb.disableAutoRange()
        plot.vb.setDefaultPadding(0)
        plot.layout.setContentsMargins(0, 4, 12, 0)
        self._shares.setWidth(_LEFT_PX)
        self._shares.setGrid(255)
        self._across.setHeight(_BOTTOM_PX)
        self._across.setLabel(across)
        for axis in (self._across, self._shares):
            axis.setStyle(tickLength=0, hideOverlappingLabels=False)
            axis.setZValue(-1)
        theme.changed.connect(self._draw)
        self._draw()

    @property
    def marks(self) -> Sequence[Mark]:
        """What is marked."""
        return self._marks

    def show_curves(
        self,
        curves: Sequence[Curve],
        span: tuple[float, float],
        limits: tuple[float, float],
        bands: Sequence[Band] = (),
    ) -> None:
        """Draw curves over `span` of the lower axis; `limits` are the lowest and highest share."""
        self._curves, self._bands, self._span, self._limits = curves, bands, span, limits
        self._draw()

    def show_marks(self, marks: Sequence[Mark], words: str) -> None:
        """Mark places of the lower axis; `words` say to those who cannot see them what they are."""
        self._marks = marks
        self.setAccessibleDescription(words)
        self._draw()

    def _draw(self) -> None:
        palette, plot = self._theme.palette, self.plotItem
        self.setBackground(palette.surface)
        font = QFont(self.font())
        font.setPixelSize(FACTS_PX)
        for axis in (self._across, self._shares):
            axis.setPen(None)
            axis.setTickPen(pg.mkPen(palette.line, width=1))
            axis.setTextPen(palette.muted)
            axis.setTickFont(font)
        self._across.label.setFont(font)
        self._across.label.setDefaultTextColor(QColor(palette.muted))
        low, high = self._limits
        plot.vb.clear()
        left, right = self._span
        # A little more room at the right, or the last tick would be left out.
        span = left, right + _ROOM * (right - left)
        plot.vb.setRange(xRange=span, yRange=(low, low + (high - low) * _HEADROOM), padding=0)
        self._across.show_between(*self._span)
        self._shares.show_between(low, high)
        for band in self._bands:
            plot.vb.addItem(self._band(band))
        for curve in self._curves:
            plot.vb.addItem(self._curve(curve))
        for mark in self._marks:
            plot.vb.addItem(self._mark(mark))

    def _band(self, band: Band) -> pg.FillBetweenItem:
        soft = QColor(self._theme.palette.accent)
        soft.setAlpha(_BAND_ALPHA)
        edges = [pg.PlotDataItem(band.xs, each) for each in (band.lows, band.highs)]
        return pg.FillBetweenItem(*edges, brush=soft)

    def _curve(self, curve: Curve) -> pg.PlotDataItem:
        palette = self._theme.palette
        colour, style = {
            "main": (palette.accent, Qt.PenStyle.SolidLine),
            "other": (palette.muted, Qt.PenStyle.DotLine),
            "limit": (palette.accent, Qt.PenStyle.DashLine),
        }[curve.look]
        dots = {"symbol": "o", "symbolSize": 7, "symbolPen": None, "symbolBrush": colour}
        return pg.PlotDataItem(
            curve.xs,
            curve.ys,
            pen=pg.mkPen(colour, width=2, style=style) if curve.has_line else None,
            antialias=True,
            **(dots if curve.has_dots else {}),
        )

    def _mark(self, mark: Mark) -> pg.InfiniteLine:
        palette = self._theme.palette
        is_right = mark.x > sum(self._span) / 2
        side = (1, 0.5) if is_right else (0, 0.5)
        return pg.InfiniteLine(
            mark.x,
            angle=90,
            pen=pg.mkPen(palette.good, width=1, style=Qt.PenStyle.DashLine),
            label=mark.words,
            labelOpts={"position": 0.94, "color": palette.good, "anchors": [side, side]},
        )
