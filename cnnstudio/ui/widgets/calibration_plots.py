"""`CalibrationPlot` and `ConfidencePlot`: how often it is right, and how sure it was."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QWidget

from cnnstudio.core.evaluation.calibration import Calibration, CalibrationBin
from cnnstudio.core.evaluation.figure_words import bin_words
from cnnstudio.ui.theme import Theme
from cnnstudio.ui.widgets.curve_axes import nice_ceiling
from cnnstudio.ui.widgets.share_plot import SharePlot
from cnnstudio.ui.words import count_words

_SMALLEST_PX, _LARGEST_PX = 6, 14
_BAR_SHARE = 0.86


class CalibrationPlot(SharePlot):
    """A point for each bin with its interval, and the diagonal on which both figures agree.

    The mouse, or Left and Right, points at a bin; `bin_described` says it as a sentence, "" for
    none.
    """

    bin_described = Signal(str)

    def __init__(self, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, "Calibration", ("it says", "it is right"), parent=parent)
        self.setObjectName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._bins: tuple[CalibrationBin, ...] = ()
        self._pointed = -1
        theme.changed.connect(self._draw)

    def show_calibration(self, calibration: Calibration) -> None:
        """Show other figures."""
        self._bins, self._pointed = calibration.bins, -1
        self._draw()

    def readout(self) -> str:
        """Return the bin pointed at as a sentence."""
        return bin_words(self._bins[self._pointed]) if self._pointed >= 0 else ""

    def point_at(self, place: int) -> None:
        """Point at a bin, counted from 0; -1 at none."""
        place = place if 0 <= place < len(self._bins) else -1
        if place != self._pointed:
            self._pointed = place
            self._draw()
            self.bin_described.emit(self.readout())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Point at the bin that is nearest to the mouse."""
        super().mouseMoveEvent(event)
        view = self.plotItem.vb
        scene = self.mapToScene(event.position().toPoint())
        if self._bins and view.sceneBoundingRect().contains(scene):
            at = view.mapSceneToView(scene).x()
            distances = [abs(each.confidence - at) for each in self._bins]
            self.point_at(int(np.argmin(distances)))
        else:
            self.point_at(-1)

    def leaveEvent(self, event: QEvent) -> None:
        """Point at nothing any more."""
        super().leaveEvent(event)
        self.point_at(-1)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go from bin to bin with Left, Right, Home and End."""
        last = len(self._bins) - 1
        targets = {
            Qt.Key.Key_Left: max(self._pointed - 1, 0),
            Qt.Key.Key_Right: min(self._pointed + 1, last),
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: last,
            Qt.Key.Key_Escape: -1,
        }
        target = targets.get(Qt.Key(event.key()))
        if target is None or (target == -1 and self._pointed == -1):
            event.ignore()
            return
        self.point_at(target)

    def _draw(self) -> None:
        self.show_lines((), diagonal=True)
        self.setAccessibleDescription(self.readout())
        if not self._bins:
            return
        palette = self._theme.palette
        said = np.array([each.confidence for each in self._bins])
        right = np.array([each.accuracy for each in self._bins])
        ends = np.array([each.interval for each in self._bins])
        counts = np.array([each.count for each in self._bins], float)
        faint = QColor(palette.accent)
        faint.setAlpha(110)
        view = self.plotItem.vb
        upright = np.repeat(said, 2), ends.ravel()
        view.addItem(pg.PlotDataItem(*upright, connect="pairs", pen=pg.mkPen(faint, width=2)))
        sizes = _SMALLEST_PX + (_LARGEST_PX - _SMALLEST_PX) * np.sqrt(counts / counts.max())
        pens = [pg.mkPen(palette.surface, width=1)] * len(said)
        if self._pointed >= 0:
            pens[self._pointed] = pg.mkPen(palette.text, width=2)
        view.addItem(
            pg.ScatterPlotItem(
                said, right, size=sizes, pen=pens, brush=pg.mkBrush(palette.accent), antialias=True
            )
        )


class ConfidencePlot(SharePlot):
    """A bar for each bin with the number of its pictures on it."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        words = ("it says", "pictures")
        super().__init__(theme, "How sure it is", words, unit="number", parent=parent)
        self._bins: tuple[CalibrationBin, ...] = ()
        theme.changed.connect(self._draw)

    def show_calibration(self, calibration: Calibration) -> None:
        """Show other figures."""
        self._bins = calibration.bins
        self._draw()

    def shown(self) -> list[int]:
        """Return the number on each bar."""
        return [each.count for each in self._bins]

    def _draw(self) -> None:
        self.show_lines(())
        if not self._bins:
            return
        palette = self._theme.palette
        view = self.plotItem.vb
        most = max(each.count for each in self._bins)
        top = nice_ceiling(most * 1.12)
        self.set_top(top)
        colour = QColor(palette.accent)
        colour.setAlpha(130)
        view.addItem(
            pg.BarGraphItem(
                x=[(each.low + each.high) / 2 for each in self._bins],
                height=[each.count for each in self._bins],
                width=(self._bins[0].high - self._bins[0].low) * _BAR_SHARE,
                brush=pg.mkBrush(colour),
                pen=None,
            )
        )
        for each in self._bins:
            label = pg.TextItem(count_words(each.count), color=palette.muted, anchor=(0.5, 0.9))
            label.setFont(self.words_font())
            label.setPos((each.low + each.high) / 2, each.count)
            view.addItem(label)
        self.setAccessibleDescription(
            "; ".join(f"{each.high:.0%}: {count_words(each.count)}" for each in self._bins)
        )
