"""`SharePlot`: a plot whose axes are both shares, from 0 to 100 %."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from cnnstudio.ui.theme import FACTS_PX, Theme
from cnnstudio.ui.widgets.curve_axes import Unit, ValueAxis
from cnnstudio.ui.widgets.plot_menu import without_menu

_LEFT_PX = 52
_BOTTOM_PX = 38
_TOP_PX, _RIGHT_PX = 4, 8
# Half a label: with less room at the ends of an axis pyqtgraph leaves its last ones out.
_ROOM_PX = (20, 9)
_STYLES = (
    Qt.PenStyle.SolidLine,
    Qt.PenStyle.DashLine,
    Qt.PenStyle.DotLine,
    Qt.PenStyle.DashDotLine,
)


@dataclass(frozen=True)
class ShareLine:
    """A line through points, all 0 to 1; a `faint` one stays behind the others."""

    name: str
    colour: QColor
    x: npt.NDArray[np.float64]
    y: npt.NDArray[np.float64]
    is_faint: bool = False


class SharePlot(pg.PlotWidget):
    """Lines over shares. It is looked at only; whoever owns it says the figures beside it."""

    def __init__(
        self,
        theme: Theme,
        name: str,
        words: tuple[str, str],
        *,
        unit: Unit = "share",
        parent: QWidget | None = None,
    ) -> None:
        self._axes = (ValueAxis("bottom", "share"), ValueAxis("left", unit))
        bottom, left = self._axes
        super().__init__(parent=parent, axisItems={"bottom": bottom, "left": left})
        self._theme = theme
        self._lines: tuple[ShareLine, ...] = ()
        self._diagonal: pg.PlotDataItem | None = None
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setFrameShape(pg.PlotWidget.Shape.NoFrame)
        self.setMinimumSize(200, 120)
        # As large as there is room, the same for all of them.
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        plot = self.plotItem
        without_menu(self)
        plot.hideButtons()
        plot.setMouseEnabled(x=False, y=False)
        plot.vb.disableAutoRange()
        plot.vb.setDefaultPadding(0)
        plot.layout.setContentsMargins(0, _TOP_PX, _RIGHT_PX, 0)
        left.setWidth(_LEFT_PX)
        bottom.setHeight(_BOTTOM_PX)
        for axis, label in zip(self._axes, words, strict=True):
            axis.setLabel(label)
            axis.setGrid(255)
            axis.setStyle(tickLength=0, hideOverlappingLabels=False)
            axis.setZValue(-1)
        self.set_top(1.0)
        plot.vb.sigResized.connect(self._fit)
        self._restyle()
        theme.changed.connect(self._restyle)

    def set_top(self, top: float) -> None:
        """Let the upright axis end at a value; the other one always ends at 100 %."""
        self._top = top
        self._axes[1].show_between(0.0, top)
        self._fit()

    @property
    def lines(self) -> tuple[ShareLine, ...]:
        """What is drawn."""
        return self._lines

    def show_lines(self, lines: Sequence[ShareLine], diagonal: bool = False) -> None:
        """Draw lines in the place of others, with a dashed diagonal if wanted."""
        self._lines = tuple(lines)
        view = self.plotItem.vb
        view.clear()
        self._diagonal = None
        if diagonal:
            self._diagonal = pg.PlotDataItem([0, 1], [0, 1], pen=self._dash(), antialias=True)
            view.addItem(self._diagonal)
        for place, line in enumerate(lines):
            colour = QColor(line.colour)
            if line.is_faint:
                colour.setAlpha(60)
            style = _STYLES[place // 8 % len(_STYLES)]
            pen = pg.mkPen(colour, width=1 if line.is_faint else 2, style=style)
            item = pg.PlotDataItem(line.x, line.y, pen=pen, antialias=True)
            item.setZValue(0 if line.is_faint else 1)
            view.addItem(item)
        self.setAccessibleDescription(", ".join(each.name for each in lines if not each.is_faint))

    def _fit(self) -> None:
        sides = (self.plotItem.vb.width(), self.plotItem.vb.height())
        rooms = [
            room / max(side - 2 * room, room) for side, room in zip(sides, _ROOM_PX, strict=True)
        ]
        across, up = rooms[0], rooms[1] * self._top
        self.plotItem.vb.setRange(
            xRange=(-across, 1 + across), yRange=(-up, self._top + up), padding=0
        )

    def words_font(self) -> QFont:
        """Return the font of everything written in the plot."""
        font = QFont(self.font())
        font.setPixelSize(FACTS_PX)
        return font

    def _dash(self) -> QPen:
        dash: QPen = pg.mkPen(self._theme.palette.muted, width=1, style=Qt.PenStyle.DashLine)
        return dash

    def _restyle(self) -> None:
        palette = self._theme.palette
        if self._diagonal is not None:
            self._diagonal.setPen(self._dash())
        self.setBackground(palette.surface)
        font = self.words_font()
        for axis in self._axes:
            axis.setPen(None)
            axis.setTickPen(pg.mkPen(palette.line, width=1))
            axis.setTextPen(palette.muted)
            axis.setTickFont(font)
            axis.label.setFont(font)
            axis.label.setDefaultTextColor(QColor(palette.muted))
