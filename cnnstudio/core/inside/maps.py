"""Maps of channels and filters as pictures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image

from cnnstudio.core.engine_api import Pictures
from cnnstudio.core.evaluation.heat_picture import heat_colours, heat_picture

_GREY = 127.5
_COLOURS = heat_colours(np.linspace(0, 1, 256)).round().astype(np.uint8)
_LARGEST_TILE_PX = 128
_BAR_PX = 32


@dataclass(frozen=True, eq=False)
class ShownMaps:
    """The channels of a layer for one picture, the strongest first.

    `picture` is what the network saw, shape (size, size, 3). `channels` are their numbers in the
    layer, `peaks` the highest value of each, `maps` float32 of shape (n, height, width), each from
    0 (its lowest) to 1 (its highest); a map that is the same everywhere is all 0. `tiles` are the
    same in colours, of no more than 128 px a side; where a channel has one number and no places it
    is a bar.
    """

    picture: Pictures
    channels: tuple[int, ...]
    peaks: tuple[float, ...]
    maps: npt.NDArray[np.float32]
    tiles: tuple[Pictures, ...]


def strongest_first(
    picture: Pictures,
    values: npt.NDArray[np.float32],
    most: int,
    channels: Sequence[int] = (),
    *,
    are_shares: bool = False,
) -> ShownMaps:
    """Return the `most` channels with the highest values, of values (height, width, channels).

    Where `channels` are named, it is those, in their order. Bars are as high as a value is beside
    the largest one or, where the values `are_shares`, beside 1: ten of 10 % are no certainties.
    """
    peaks = values.max(axis=(0, 1))
    order = np.array(channels or np.argsort(-peaks, kind="stable")[:most])
    maps = np.moveaxis(values[:, :, order], -1, 0)
    tile: Callable[[npt.NDArray[np.float32]], Pictures] = map_picture
    if maps.shape[1:] == (1, 1):
        # One value each: where it is no share, it can only be compared with the others.
        low, high = (0.0, 1.0) if are_shares else (min(0.0, float(peaks.min())), float(peaks.max()))
        shown = (maps - low) / ((high - low) or 1.0)
        tile = bar_picture
    else:
        low_of = maps.min(axis=(1, 2), keepdims=True)
        spread = maps.max(axis=(1, 2), keepdims=True) - low_of
        shown = (maps - low_of) / np.where(spread > 0, spread, 1)
    shown = shown.astype(np.float32)
    return ShownMaps(
        picture,
        tuple(int(each) for each in order),
        tuple(float(peaks[each]) for each in order),
        shown,
        tuple(tile(each) for each in shown),
    )


def map_picture(values: npt.NDArray[np.float32]) -> Pictures:
    """Return a map, shape (height, width), 0 to 1, in the colours of heat-maps, 128 px at most."""
    height, width = values.shape
    if max(height, width) > _LARGEST_TILE_PX:
        share = _LARGEST_TILE_PX / max(height, width)
        size = (max(1, round(width * share)), max(1, round(height * share)))
        values = np.asarray(Image.fromarray(values).resize(size, Image.Resampling.BOX))
    picture: Pictures = _COLOURS[(values * 255).round().astype(np.uint8)]
    return picture


def bar_picture(value: npt.NDArray[np.float32]) -> Pictures:
    """Return one number from 0 to 1, of shape (1, 1), as a bar from below, 32 px high at most."""
    picture = np.broadcast_to(_COLOURS[0], (_BAR_PX, _BAR_PX, 3)).copy()
    top = _BAR_PX - round(float(value[0, 0]) * _BAR_PX)
    picture[top:, _BAR_PX // 4 : -_BAR_PX // 4] = _COLOURS[-1]
    return picture


def over_picture(
    picture: Pictures, values: npt.NDArray[np.float32], opacity: float = 0.75
) -> Pictures:
    """Return a map, shape (height, width), 0 to 1, laid over its picture (size, size, 3)."""
    height, width = picture.shape[:2]
    large = Image.fromarray(values).resize((width, height), Image.Resampling.BILINEAR)
    return heat_picture(picture, np.asarray(large).clip(0, 1), opacity)


def filter_pictures(filters: npt.NDArray[np.float32]) -> Pictures:
    """Return filters of colours, shape (k, k, 3, n), as pictures of shape (n, k, k, 3).

    Grey is a weight of zero; the largest weight of each filter, whatever its sign, is at an end.
    """
    each = np.moveaxis(filters, -1, 0)
    largest = np.abs(each).max(axis=(1, 2, 3), keepdims=True)
    scaled = _GREY + _GREY * each / np.where(largest > 0, largest, 1)
    made: Pictures = scaled.round().astype(np.uint8)
    return made
