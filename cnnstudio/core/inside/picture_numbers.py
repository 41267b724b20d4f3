"""A picture as a grid of numbers."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from cnnstudio.core.inside.convolving import Grid

Channel = Literal["gray", "red", "green", "blue"]

# How bright red, green and blue seem, by ITU-R BT.601.
_BRIGHTNESS = (0.299, 0.587, 0.114)
_COLOURS: tuple[Channel, ...] = ("red", "green", "blue")


def numbers_of(pixels: NDArray[np.uint8], channel: Channel) -> Grid:
    """Return whole numbers from 0 to 255, of shape (height, width).

    Args:
        pixels: uint8, shape (height, width, 3), RGB.
        channel: one colour, or how bright all three together are.
    """
    if channel == "gray":
        brightness: Grid = np.round(pixels @ np.array(_BRIGHTNESS))
        return brightness
    return pixels[..., _COLOURS.index(channel)].astype(np.float64)
