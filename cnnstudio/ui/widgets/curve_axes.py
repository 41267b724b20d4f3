"""The axes of a `CurvePlot`: whole epochs below, shares or numbers at the left."""

from __future__ import annotations

import math
from typing import Any, Literal

import numpy as np
import pyqtgraph as pg

Unit = Literal["share", "number"]
_Ticks = list[tuple[float, list[float]]]

LOWEST_LOG = 1e-6
"""What lies below cannot be told from it on a logarithmic axis."""

_TICK_GAP_PX = 56
_LOG_PARTS = (0.0, math.log10(2), math.log10(5))


class EpochAxis(pg.AxisItem):
    """Whole epochs, from 1."""

    def __init__(self, orientation: str) -> None:
        super().__init__(orientation)
        self._last = 1

    def show_until(self, epoch: int) -> None:
        """Put ticks up to an epoch only; the axis itself may be longer."""
        self._last = epoch

    def tickValues(self, minVal: float, maxVal: float, size: float) -> _Ticks:  # noqa: N803
        """Return one level of ticks."""
        most = max(int(size / _TICK_GAP_PX), 1)
        step = next((s for s in (1, 2, 5, 10, 20, 50, 100, 200) if self._last / s <= most), 500)
        ticks = [float(tick) for tick in range(step, self._last + 1, step)]
        if step >= 5:
            ticks.insert(0, 1.0)
        return [(float(step), ticks)]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """Return the epochs as whole numbers."""
        return [f"{value:.0f}" for value in values]


class ValueAxis(pg.AxisItem):
    """Shares in per cent or plain numbers, evenly or logarithmically."""

    def __init__(self, orientation: str, unit: Unit) -> None:
        super().__init__(orientation)
        self.enableAutoSIPrefix(False)  # there are no thousandths of a share
        self._unit: Unit = unit
        self.is_log = False
        self._low, self._high = 0.0, 1.0

    def show_between(self, low: float, high: float) -> None:
        """Put ticks from `low` to `high` only; the axis itself may be longer."""
        self._low, self._high = low, high

    def tickValues(self, minVal: float, maxVal: float, size: float) -> _Ticks:  # noqa: N803
        """Return one level of ticks."""
        most = max(int(size / _TICK_GAP_PX), 1)
        if self.is_log:
            return [(1.0, _log_ticks(self._low, self._high, most))]
        step = _nice_step((self._high - self._low) / most)
        first = math.ceil(self._low / step - 1e-6)
        last = math.floor(self._high / step + 1e-6)
        return [(step, [place * step for place in range(first, last + 1)])]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """Return per cent, or numbers with as many decimals as they need."""
        if self._unit == "share":
            return [f"{value * 100:.10g} %" for value in values]
        if self.is_log:
            return [f"{10.0**value:.3g}" for value in values]
        decimals = max(0, -math.floor(math.log10(spacing) + 1e-9))
        return [f"{value:.{decimals}f}" for value in values]


def _nice_step(rough: float) -> float:
    """Return the next 1, 2 or 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(rough))
    return next(part * power for part in (1, 2, 5, 10) if part * power >= rough * (1 - 1e-9))


def nice_ceiling(value: float) -> float:
    """Return a round number not below `value`, seldom much above it."""
    if value <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    parts = (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10)
    return next(part * power for part in parts if part * power >= value * (1 - 1e-9))


def log_limits(values: np.ndarray[Any, Any]) -> tuple[float, float]:
    """Return the logarithms of round numbers around the values."""
    positive = values[values > 0]
    if not len(positive):
        return -1.0, 0.0
    low = max(math.log10(float(positive.min())), math.log10(LOWEST_LOG))
    high = max(math.log10(float(positive.max())), low)
    marks = [power + part for power in range(-7, 40) for part in _LOG_PARTS]
    below = max(mark for mark in marks if mark <= low + 1e-9)
    above = min((mark for mark in marks if mark >= high - 1e-9), default=high)
    return below, above if above > below else below + 1


def _log_ticks(low: float, high: float, most: int) -> list[float]:
    """Return 1, 2 and 5 times powers of ten, or only the powers where there is no room."""
    for parts in (_LOG_PARTS, (0.0, math.log10(3)), (0.0,)):
        ticks = [
            power + part
            for power in range(math.floor(low), math.ceil(high) + 1)
            for part in parts
            if low - 1e-9 <= power + part <= high + 1e-9
        ]
        if len(ticks) <= most:
            return ticks
    return ticks[:: math.ceil(len(ticks) / most)]
