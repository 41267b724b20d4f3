"""Filters of 3 x 3 numbers that have a name, and grids of numbers to try them on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cnnstudio.core.inside.convolving import Grid

Kernel = tuple[tuple[float, float, float], ...]


@dataclass(frozen=True)
class FilterPreset:
    """A filter; `words` say in a line what it answers to."""

    key: str
    title: str
    words: str
    kernel: Kernel


FILTER_PRESETS = (
    FilterPreset(
        "diagonals",
        "Diagonals",
        "Adds up the corners and the middle: largest where an X is.",
        ((1, 0, 1), (0, 1, 0), (1, 0, 1)),
    ),
    FilterPreset(
        "horizontal",
        "Horizontal edges",
        "Large where it is brighter below than above, below 0 the other way round.",
        ((-1, -1, -1), (0, 0, 0), (1, 1, 1)),
    ),
    FilterPreset(
        "vertical",
        "Vertical edges",
        "Large where it is brighter at the right than at the left, below 0 the other way round.",
        ((-1, 0, 1), (-1, 0, 1), (-1, 0, 1)),
    ),
    FilterPreset(
        "sharpen",
        "Sharpen",
        "Makes larger what differs from its neighbours.",
        ((0, -1, 0), (-1, 5, -1), (0, -1, 0)),
    ),
    FilterPreset(
        "blur",
        "Blur",
        "The mean of the neighbourhood, nearer ones counting more.",
        ((0.0625, 0.125, 0.0625), (0.125, 0.25, 0.125), (0.0625, 0.125, 0.0625)),
    ),
    FilterPreset(
        "emboss",
        "Emboss",
        "As if light came from the upper left: slopes stand out.",
        ((-2, -1, 0), (-1, 1, 1), (0, 1, 2)),
    ),
    FilterPreset(
        "identity",
        "Identity",
        "Takes the middle number only: nothing changes.",
        ((0, 0, 0), (0, 1, 0), (0, 0, 0)),
    ),
)


def preset_of(kernel: Grid) -> FilterPreset | None:
    """Return the preset with exactly these numbers, if there is one."""
    return next((each for each in FILTER_PRESETS if np.array_equal(each.kernel, kernel)), None)


def first_example() -> Grid:
    """Return 4 x 4 numbers that grow from 1 to 7."""
    return np.arange(4.0)[:, None] + np.arange(1.0, 5.0)


def cross_example() -> Grid:
    """Return 8 x 8 numbers, 0 and 9, that show a cross."""
    grid = np.zeros((8, 8))
    grid[1:7, 2:4] = grid[3:5, 1:6] = 9
    return grid
