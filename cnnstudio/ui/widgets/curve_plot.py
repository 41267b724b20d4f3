"""`CurvePlot`: one figure of a training by epoch, training against validation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from cnnstudio.ui.theme import FACTS_PX, Theme
from cnnstudio.ui.widgets.curve_axes import LOWEST_LOG, Unit, log_limits
from cnnstudio.ui.widgets.epoch_plot import EpochPlot, even_limits
from cnnstudio.ui.words import percent


class CurvePlot(EpochPlot):
    """Training (dashed), validation (solid) and the batch trace (thin) over epochs from 1.

    Shares are 0 to 1 and shown in per cent. The mouse, or Left and Right, moves a crosshair from
    epoch to epoch; Escape takes it away. `epoch_pointed` carries its epoch, 0 for none.
    """

    epoch_pointed = Signal(int)

    def __init__(
        self, theme: Theme, name: str, unit: Unit = "number", parent: QWidget | None = None
    ) -> None:
        self._is_built = False
        super().__init__(theme, name, unit, parent)
        self._axis_epochs = 1
        self._is_log = False
        self._best_epoch: int | None = None
        self._best_words = ""
        self._pointed = 0
        self._values: dict[str, np.ndarray[Any, Any]] = {
            key: np.empty(0) for key in ("training", "validation", "trace_x", "trace")
        }
        self._build()
        self._restyle()
        self._is_built = True
        self._draw()
        theme.changed.connect(self._restyle)

    def set_values(
        self,
        training: Sequence[float],
        validation: Sequence[float],
        *,
        axis_epochs: int,
        best_epoch: int | None = None,
        best_words: str = "best",
        trace_x: Sequence[float] = (),
        trace: Sequence[float] = (),
    ) -> None:
        """Show other values: one of each curve an epoch, the first is epoch 1.

        `trace_x` counts in epochs (0.5 is the middle of epoch 1), as long as `trace`. Cheap enough
        for twenty calls a second.
        """
        self._values = {
            "training": np.asarray(training, float),
            "validation": np.asarray(validation, float),
            "trace_x": np.asarray(trace_x, float),
            "trace": np.asarray(trace, float),
        }
        self._axis_epochs = max(axis_epochs, len(training), 1)
        self._best_epoch, self._best_words = best_epoch, best_words
        if self._pointed > len(training):
            self._pointed = 0
        self._draw()

    def set_log(self, is_log: bool) -> None:
        """Count the values on a logarithmic axis, or on an even one."""
        if is_log != self._is_log:
            self._is_log = self._value_axis.is_log = is_log
            self._draw()

    @property
    def is_log(self) -> bool:
        """Whether the axis of the values is logarithmic."""
        return self._is_log

    @property
    def pointed_epoch(self) -> int:
        """The epoch at the crosshair, 0 for none."""
        return self._pointed

    def point_at(self, epoch: int) -> None:
        """Put the crosshair on an epoch; 0, or one that has no values, takes it away."""
        epoch = epoch if 1 <= epoch <= len(self._values["training"]) else 0
        changed, self._pointed = epoch != self._pointed, epoch
        self._draw_crosshair()
        self.setAccessibleDescription(self.readout())
        if changed:
            self.epoch_pointed.emit(epoch)

    def readout(self) -> str:
        """Return the values at the crosshair: "epoch 3: training 81.0 %, validation 78.2 %"."""
        if not self._pointed:
            return ""
        training, validation = self._figures(self._pointed)
        return f"epoch {self._pointed}: training {training}, validation {validation}"

    def shown(self) -> dict[str, list[float]]:
        """Return the values drawn as "training", "validation" and "trace", unscaled."""
        return {key: self._values[key].tolist() for key in ("training", "validation", "trace")}

    def value_range(self) -> tuple[float, float]:
        """Return the lowest and the highest value on the axis, unscaled."""
        low, high = self._limits()
        return (10.0**low, 10.0**high) if self._is_log else (low, high)

    # Events

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move the crosshair to the epoch nearest to the mouse."""
        super().mouseMoveEvent(event)
        view = self.plotItem.vb
        scene = self.mapToScene(event.position().toPoint())
        if view.sceneBoundingRect().contains(scene):
            epoch = round(view.mapSceneToView(scene).x())
            self.point_at(min(max(epoch, 1), len(self._values["training"])))
        else:
            self.point_at(0)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Keep the room that the label of the best epoch needs."""
        super().resizeEvent(event)
        # The first one comes while the plot is made, the last while it is taken apart.
        if self._is_built and not self.closed:
            self._draw()

    def leaveEvent(self, event: QEvent) -> None:
        """Take the crosshair away with the mouse."""
        super().leaveEvent(event)
        self.point_at(0)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the crosshair with Left, Right, Home and End."""
        count = len(self._values["training"])
        targets = {
            Qt.Key.Key_Left: max(self._pointed - 1, 1),
            Qt.Key.Key_Right: min(self._pointed + 1, count),
            Qt.Key.Key_Home: 1,
            Qt.Key.Key_End: count,
            Qt.Key.Key_Escape: 0,
        }
        target = targets.get(Qt.Key(event.key()))
        if target is None or (target == 0 and not self._pointed):
            event.ignore()
            return
        self.point_at(target)

    # Drawing

    def _build(self) -> None:
        self._trace = pg.PlotDataItem(antialias=True)
        self._training = pg.PlotDataItem(antialias=True)
        self._validation = pg.PlotDataItem(antialias=True)
        self._best = pg.InfiniteLine(angle=90, movable=False)
        self._best_label = pg.TextItem()
        self._cross = pg.InfiniteLine(angle=90, movable=False)
        self._cross_points = pg.PlotDataItem(pen=None, symbol="o", symbolSize=7, antialias=True)
        self._cross_label = pg.TextItem()
        items = (
            self._trace,
            self._best,
            self._cross,
            self._training,
            self._validation,
            self._cross_points,
            self._best_label,
            self._cross_label,
        )
        for height, item in enumerate(items):
            item.setZValue(height)
            self.plotItem.vb.addItem(item, ignoreBounds=True)

    def _restyle(self) -> None:
        palette = self._theme.palette
        font = self._words_font()
        self._restyle_axes()
        faint = QColor(palette.muted)
        faint.setAlpha(90)
        dash = pg.mkPen(palette.muted, width=2, style=Qt.PenStyle.CustomDashLine)
        dash.setDashPattern([3, 2])
        self._trace.setPen(pg.mkPen(faint, width=1))
        self._training.setPen(dash)
        self._training.setSymbolPen(None)
        self._training.setSymbolBrush(palette.muted)
        self._validation.setPen(pg.mkPen(palette.accent, width=2))
        self._validation.setSymbolPen(None)
        self._validation.setSymbolBrush(palette.accent)
        good = pg.mkPen(palette.good, width=1, style=Qt.PenStyle.CustomDashLine)
        good.setDashPattern([3, 3])
        self._best.setPen(good)
        self._best_label.setColor(palette.good)
        self._best_label.setFont(font)
        self._cross.setPen(pg.mkPen(palette.muted, width=1))
        self._cross_points.setSymbolBrush(palette.surface)
        self._cross_points.setSymbolPen(pg.mkPen(palette.text, width=1.5))
        self._cross_label.fill = pg.mkBrush(palette.raised)
        self._cross_label.border = pg.mkPen(palette.line)
        self._cross_label.setFont(font)
        self._draw_crosshair()

    def _draw(self) -> None:
        low, high = self._limits()
        top = self._show_between(self._epoch_limits(), self._axis_epochs, low, high)
        epochs = np.arange(1, len(self._values["training"]) + 1)
        # A line needs two ends; a single epoch is a point.
        symbol = "o" if len(epochs) == 1 else None
        self._training.setData(
            epochs, self._scaled(self._values["training"]), symbol=symbol, symbolSize=6
        )
        self._validation.setData(
            epochs, self._scaled(self._values["validation"]), symbol=symbol, symbolSize=6
        )
        self._draw_trace()
        self._draw_best(top)
        self._draw_crosshair()

    def _draw_trace(self) -> None:
        x = self._values["trace_x"]
        # Running means start anew with each epoch: a line across would show a jump that is none.
        epoch = np.ceil(x - 1e-9)
        joined = np.zeros(len(x), dtype=np.int32)
        joined[:-1] = epoch[1:] == epoch[:-1]
        self._trace.setData(x, self._scaled(self._values["trace"]), connect=joined)

    def _draw_best(self, top: float) -> None:
        epoch = self._best_epoch
        self._best.setVisible(epoch is not None)
        self._best_label.setVisible(epoch is not None)
        if epoch is None:
            return
        self._best.setValue(epoch)
        self._best_label.setText(self._best_words)
        self._best_label.setAnchor((1 if epoch > self._axis_epochs * 0.6 else 0, 0))
        self._best_label.setPos(epoch, top)

    def _draw_crosshair(self) -> None:
        epoch = self._pointed
        for item in (self._cross, self._cross_points, self._cross_label):
            item.setVisible(bool(epoch))
        if not epoch:
            return
        ends = np.array([self._values[key][epoch - 1] for key in ("training", "validation")])
        self._cross.setValue(epoch)
        self._cross_points.setData([epoch, epoch], self._scaled(ends))
        training, validation = self._figures(epoch)
        palette = self._theme.palette
        self._cross_label.setHtml(
            f"<div style='font-size:{FACTS_PX}px; color:{palette.text}'>epoch {epoch}"
            f"<br><span style='color:{palette.muted}'>training {training}</span>"
            f"<br><span style='color:{palette.accent_ink}'>validation {validation}</span></div>"
        )
        is_right = epoch > self._axis_epochs / 2
        self._cross_label.setAnchor((1.08 if is_right else -0.08, 0.5))
        low, high = self.plotItem.vb.viewRange()[1]
        self._cross_label.setPos(QPointF(epoch, (low + high) / 2))

    def _figures(self, epoch: int) -> tuple[str, str]:
        values = (float(self._values[key][epoch - 1]) for key in ("training", "validation"))
        if self._unit == "share":
            training, validation = (percent(value) for value in values)
        else:
            training, validation = (f"{value:.3g}" for value in values)
        return training, validation

    def _scaled(self, values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        return np.log10(np.maximum(values, LOWEST_LOG)) if self._is_log else values

    def _epoch_limits(self) -> tuple[float, float]:
        """Only a batch trace lies before epoch 1; a single epoch stands in the middle."""
        if len(self._values["trace_x"]):
            return 0, self._axis_epochs
        return (1, self._axis_epochs) if self._axis_epochs > 1 else (0, 2)

    def _limits(self) -> tuple[float, float]:
        epochs = np.concatenate([self._values["training"], self._values["validation"]])
        # Before the first epoch the trace is all there is; later it must not squeeze the curves.
        values = epochs if len(epochs) else self._values["trace"]
        values = values[np.isfinite(values)]
        if self._is_log:
            return log_limits(values)
        if self._unit == "share" and not len(epochs):
            values = epochs  # the whole axis
        return even_limits(values, self._unit)
