"""A heat-map laid over its picture."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from cnnstudio.core.engine_api import Pictures

# From dark violet over red to light yellow, ever lighter: to be told apart without colours, too.
_RAMP = np.array([(40, 11, 84), (137, 34, 106), (229, 92, 48), (251, 165, 10), (252, 255, 164)])


def heat_picture(picture: Pictures, values: npt.NDArray[np.float32], opacity: float) -> Pictures:
    """Return a picture with its heat-map on top: the hotter a place, the more of it is covered.

    Args:
        picture: uint8, shape (size, size, 3).
        values: 0 to 1, shape (size, size).
        opacity: how much of the picture the hottest place hides, 0 to 1.
    """
    colours = heat_colours(values)
    share = (opacity * np.sqrt(values))[..., None]
    mixed: Pictures = (picture * (1 - share) + colours * share).round().astype(np.uint8)
    return mixed


def heat_colours(values: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    """Return the colours, RGB from 0 to 255, of values from 0 to 1: one more axis, of length 3."""
    places = np.linspace(0, 1, len(_RAMP))
    return np.stack([np.interp(values, places, _RAMP[:, each]) for each in range(3)], axis=-1)
