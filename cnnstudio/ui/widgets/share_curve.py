"""`ShareCurve`: a share that rises or falls with a number, with what it may really be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QFont, QPen, QPolygonF
from PySide6.QtWidgets import QGraphicsItem, QGraphicsPolygonItem, QWidget

from cnnstudio.ui.theme import FACTS_PX, Theme
from cnnstudio.ui.widgets.curve_axes import Unit, ValueAxis
from cnnstudio.ui.widgets.plot_menu import without_menu

Look = Literal["main", "other", "limit"]

_HEADROOM = 1.08
_ROOM = 0.01
_LEFT_PX = 62
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
    """Curves of shares, which `up` names; `across` names what they are over, in `unit`."""

    def __init__(
        self,
        theme: Theme,
        name: str,
        across: str,
        up: str,
        unit: Unit,
        parent: QWidget | None = None,
    ) -> None:
        self._across = ValueAxis("bottom", unit)
        self._shares = ValueAxis("left", "share")
        super().__init__(parent=parent, axisItems={"bottom": self._across, "left": self._shares})
        self._theme = theme
        self._curves: Sequence[Curve] = ()
        self._bands: Sequence[Band] = ()
        self._mark: Mark | None = None
        self._items: list[QGraphicsItem] = []
        self._line = pg.InfiniteLine(angle=90, label="", labelOpts={"position": 0.94})
        self._span = (0.0, 1.0)
        self._limits = (0.0, 1.0)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFrameShape(pg.PlotWidget.Shape.NoFrame)
        self.setMinimumSize(240, 150)
        plot = self.plotItem
        without_menu(self)
        plot.hideButtons()
        plot.setMouseEnabled(x=False, y=False)
        plot.vb.disableAutoRange()
        plot.vb.setDefaultPadding(0)
        plot.layout.setContentsMargins(0, 4, 12, 0)
        self._shares.setWidth(_LEFT_PX)
        self._shares.setGrid(255)
        self._across.setHeight(_BOTTOM_PX)
        self._across.setLabel(across)
        self._shares.setLabel(up)
        for axis in (self._across, self._shares):
            axis.setStyle(tickLength=0, hideOverlappingLabels=False)
            axis.setZValue(-1)
        plot.vb.addItem(self._line)
        theme.changed.connect(self._draw)
        self._draw()

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

    def show_mark(self, mark: Mark, words: str) -> None:
        """Mark a place of the lower axis; `words` say to those who cannot see it what it is."""
        self._mark = mark
        self.setAccessibleDescription(words)
        self._draw_mark()

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
            axis.label.setFont(font)
            axis.label.setDefaultTextColor(QColor(palette.muted))
        low, high = self._limits
        for item in self._items:
            plot.vb.removeItem(item)
        left, right = self._span
        # A little more room at the right, or the last tick would be left out.
        span = left, right + _ROOM * (right - left)
        plot.vb.setRange(xRange=span, yRange=(low, low + (high - low) * _HEADROOM), padding=0)
        self._across.show_between(*self._span)
        self._shares.show_between(low, high)
        self._items = [
            *map(self._band, self._bands),
            *map(self._curve, self._curves),
        ]
        for item in self._items:
            plot.vb.addItem(item)
        self._draw_mark()

    def _band(self, band: Band) -> QGraphicsPolygonItem:
        soft = QColor(self._theme.palette.accent)
        soft.setAlpha(_BAND_ALPHA)
        there = zip(band.xs.tolist(), band.highs.tolist(), strict=True)
        back = zip(band.xs[::-1].tolist(), band.lows[::-1].tolist(), strict=True)
        shape = QGraphicsPolygonItem(QPolygonF([QPointF(*each) for each in (*there, *back)]))
        shape.setPen(QPen(Qt.PenStyle.NoPen))
        shape.setBrush(soft)
        return shape

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

    def _draw_mark(self) -> None:
        mark, colour = self._mark, self._theme.palette.good
        self._line.setVisible(mark is not None)
        if mark is None:
            return
        is_right = mark.x > sum(self._span) / 2
        side = (1, 0.5) if is_right else (0, 0.5)
        self._line.setPen(pg.mkPen(colour, width=1, style=Qt.PenStyle.DashLine))
        self._line.label.anchors = [side, side]
        self._line.label.setColor(colour)
        self._line.label.setFormat(mark.words)
        self._line.setPos(mark.x)
