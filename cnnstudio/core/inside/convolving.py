"""The arithmetic of a convolution layer on one grid of numbers, as Keras does it, with its terms.

A grid is float64 of shape (rows, columns). What a window meets beyond the grid is the padding.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from cnnstudio.core.errors import StudioError

Grid = NDArray[np.float64]
Padding = Literal["valid", "same"]
Pooling = Literal["max", "average"]


@dataclass(frozen=True)
class Sliding:
    """How a square window of `size` x `size` numbers goes over a grid.

    `stride` is how far it moves, `dilation` how far its numbers lie apart. With the padding "valid"
    it stays within the grid, with "same" the grid is padded so that there are as many places as
    numbers, divided by the stride.

    Raises:
        ValueError: a number below 1, or stride and dilation both above 1, which Keras refuses too.
    """

    size: int
    stride: int = 1
    dilation: int = 1
    padding: Padding = "valid"

    def __post_init__(self) -> None:
        if min(self.size, self.stride, self.dilation) < 1:
            raise ValueError(f"size, stride and dilation must be at least 1. Received: {self}.")
        if self.stride > 1 and self.dilation > 1:
            raise ValueError(f"stride or dilation must be 1. Received: {self}.")

    @property
    def reach(self) -> int:
        """Over how many numbers the window reaches in each direction."""
        return (self.size - 1) * self.dilation + 1

    def count(self, length: int) -> int:
        """Return at how many places the window stands along `length` numbers; 0 if it is longer."""
        if self.padding == "same":
            return -(-length // self.stride)
        return max(0, (length - self.reach) // self.stride + 1)

    def padded(self, length: int) -> tuple[int, int]:
        """Return how many numbers are padded before and after; the odd one comes after."""
        if self.padding == "valid":
            return 0, 0
        lacking = max(0, (self.count(length) - 1) * self.stride + self.reach - length)
        return lacking // 2, lacking - lacking // 2

    def cells(self, length: int) -> NDArray[np.intp]:
        """Return which numbers the window covers: shape (places, size).

        Those below 0 and from `length` on are padding.
        """
        starts = np.arange(self.count(length)) * self.stride - self.padded(length)[0]
        return starts[:, None] + np.arange(self.size) * self.dilation


@dataclass(frozen=True)
class Terms:
    """How one output of a convolution comes about; both grids are of the filter's shape."""

    window: Grid
    products: Grid
    total: float


def convolve(grid: Grid, kernel: Grid, sliding: Sliding) -> Grid:
    """Return what a filter answers at every place; it is not turned over, and there is no bias.

    Args:
        grid: shape (rows, columns).
        kernel: shape (sliding.size, sliding.size).
        sliding: how the filter goes over the grid, on which padding counts as 0.

    Raises:
        StudioError: the window does not fit into the grid.
    """
    result: Grid = (windows(grid, sliding, 0.0) * kernel).sum((2, 3))
    return result


def terms_at(grid: Grid, kernel: Grid, sliding: Sliding, row: int, column: int) -> Terms:
    """Return window, products and sum of the output in `row` and `column`, counted from 0."""
    window = windows(grid, sliding, 0.0)[row, column]
    products = window * kernel
    return Terms(window, products, float(products.sum()))


def relu(grid: Grid) -> Grid:
    """Return the grid with 0 for everything below 0."""
    return np.maximum(grid, 0.0)


def pool(grid: Grid, kind: Pooling, sliding: Sliding) -> Grid:
    """Return the largest number, or the mean, of every window; padding does not count.

    Raises:
        StudioError: the window does not fit into the grid.
    """
    pooled: Grid
    if kind == "max":
        pooled = windows(grid, sliding, -np.inf).max((2, 3))
    else:
        pooled = np.nanmean(windows(grid, sliding, np.nan), axis=(2, 3))
    return pooled


def place_of_maximum(grid: Grid, sliding: Sliding, row: int, column: int) -> tuple[int, int]:
    """Return where in the grid the number lies that max pooling takes for one output.

    Of equal ones it is the first, row by row.
    """
    window = windows(grid, sliding, -np.inf)[row, column]
    down, right = divmod(int(window.argmax()), sliding.size)
    rows, columns = (sliding.cells(length) for length in grid.shape)
    return int(rows[row, down]), int(columns[column, right])


def shifted(grid: Grid, by: int) -> Grid:
    """Return the grid moved to the right by some columns; its first column fills the gap."""
    columns = np.arange(grid.shape[1]) - by
    return grid[:, np.clip(columns, 0, grid.shape[1] - 1)]


def windows(grid: Grid, sliding: Sliding, outside: float) -> NDArray[np.float64]:
    """Return what the window covers at every place: shape (rows, columns, size, size).

    Args:
        grid: shape (rows, columns).
        sliding: how the window goes over it.
        outside: the number that padding counts as.

    Raises:
        StudioError: the window does not fit into the grid.
    """
    height, width = grid.shape
    rows, columns = sliding.cells(height), sliding.cells(width)
    if not rows.size or not columns.size:
        raise StudioError(
            f"A window that reaches over {sliding.reach} × {sliding.reach} numbers does not fit"
            f" into {height} × {width}.",
            "Take more numbers, or a smaller window.",
        )
    down, right = rows[:, None, :, None], columns[None, :, None, :]
    inside = (down >= 0) & (down < height) & (right >= 0) & (right < width)
    covered = grid[np.clip(down, 0, height - 1), np.clip(right, 0, width - 1)]
    return np.where(inside, covered, outside)
