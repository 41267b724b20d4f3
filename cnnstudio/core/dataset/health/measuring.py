"""What the health check measures of a picture, all of it from one small copy.

Sharpness is the blur measure of Zhuo and Sim ("Defocus map estimation from a single image", Pattern
Recognition 44, 2011): a picture is blurred a little more, and the gradients at its strongest edges
are compared before and after. A sharp edge loses much of its gradient, a soft one hardly any; how
strong the edge is cancels out, so that a pale object on white is as sharp as a dark one. Here it is
taken in four directions and the worst counts, because a camera that moved blurs in one only.

The look is the perceptual hash of Zauner ("Implementation and benchmarking of perceptual image hash
functions", 2010): the signs of the 64 slowest cosine waves. The package `imagehash` has it too,
but wants SciPy and PyWavelets for it; with OpenCV, which is here, it is three lines.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from cnnstudio.core.dataset.opencv import opencv

MEASURED_PX = 256
"""The long side of the copy that is measured: about what a network sees. It is never enlarged."""

TINY = "tiny"
"""The kind of feature under which the index keeps tiny pictures."""

GREY_PX = 32
COLOUR_PX = 8
"""Sides of a tiny picture: the greys, and beside them two planes of colour."""

_EXTREME_SHARE = 0.005  # of the pixels; a street lamp at night, or a line of handwriting, is more
_REBLUR_PX = 1.0
_DIRECTIONS = (  # as numbers of 16 bits, which keep the arithmetic in 16 bits
    (np.int16(1), np.int16(0)),
    (np.int16(0), np.int16(1)),
    (np.int16(1), np.int16(1)),
    (np.int16(1), np.int16(-1)),
)
_STRONGEST_SHARE = 0.02
_FEWEST_EDGE_PIXELS = 16
_SHARPEST_PERCENT = 75  # of the strongest edges, so that an object before a soft ground is sharp
_WEAKEST_DIRECTION = 0.25  # of the strongest; below it there are no edges in that direction
_WAVES = 8
_BAND_LIMIT_PX = 0.7  # of the tiny picture's pixels


@dataclass(frozen=True, slots=True)
class Measures:
    """What was measured.

    `darkest` and `brightest` are grey levels (0 to 255) that 1 in 200 pixels stay below or reach
    beyond, `contrast` the standard deviation of the most varied of the three colours, in levels.
    `sharpness` is 1 where nothing is sharp; an edge that is soft over s pixels gives about
    sqrt(1 + 1 / s²), and a picture in focus 1.3 and more. `look` is a 64-bit hash as a signed
    integer. `tiny` is uint8, 1-D: a grey picture, then its two planes of colour (Cr, Cb).
    """

    darkest: int
    brightest: int
    contrast: float
    sharpness: float
    look: int
    tiny: NDArray[np.uint8]


def measure(picture: Image.Image) -> Measures:
    """Measure an RGB picture whose long side is at most `MEASURED_PX`."""
    cv2 = opencv()
    rgb = np.asarray(picture)
    luma = cv2.cvtColor(rgb, cv2.COLOR_RGB2YCrCb)
    grey = np.ascontiguousarray(luma[:, :, 0])
    below = np.cumsum(np.bincount(grey.ravel(), minlength=256)) / grey.size
    small = shrunk(grey, GREY_PX)
    # Colours vary slowly: every fourth pixel tells their mean as well, in a tenth of the time.
    colours = cv2.resize(luma[::4, ::4, 1:], (COLOUR_PX, COLOUR_PX), interpolation=cv2.INTER_AREA)
    return Measures(
        int(np.searchsorted(below, _EXTREME_SHARE)),
        int(np.searchsorted(below, 1 - _EXTREME_SHARE)),
        float(cv2.meanStdDev(rgb)[1].max()),
        sharpness_of(grey),
        look_of(small),
        np.concatenate([small.ravel(), colours.ravel()]),
    )


def sharpness_of(grey: NDArray[np.uint8]) -> float:
    """Return how sharp the sharpest of the strong edges are, in the worst of four directions."""
    cv2 = opencv()
    along_x = cv2.Sobel(grey, cv2.CV_16S, 1, 0).ravel()
    along_y = cv2.Sobel(grey, cv2.CV_16S, 0, 1).ravel()
    blurred = cv2.GaussianBlur(grey.astype(np.float32), (0, 0), _REBLUR_PX)
    blurred_x = cv2.Sobel(blurred, cv2.CV_32F, 1, 0).ravel()
    blurred_y = cv2.Sobel(blurred, cv2.CV_32F, 0, 1).ravel()
    count = min(grey.size, max(_FEWEST_EDGE_PIXELS, int(grey.size * _STRONGEST_SHARE)))
    strengths, ratios = [], []
    for x, y in _DIRECTIONS:
        edges = np.abs(x * along_x + y * along_y)
        strong = np.flatnonzero(edges >= np.partition(edges, -count)[-count])
        after = np.abs(x * blurred_x[strong] + y * blurred_y[strong])
        ratio = edges[strong] / np.maximum(after, 1e-3)
        place = len(ratio) * _SHARPEST_PERCENT // 100
        strengths.append(float(edges[strong].mean()) / (x * x + y * y) ** 0.5)
        ratios.append(float(np.partition(ratio, place)[place]))
    weakest = max(strengths) * _WEAKEST_DIRECTION
    return min(
        ratio for ratio, strength in zip(ratios, strengths, strict=True) if strength >= weakest
    )


def look_of(small: NDArray[np.uint8]) -> int:
    """Return the perceptual hash of a tiny grey picture as a signed integer of 64 bits."""
    waves = opencv().dct(small.astype(np.float32))[:_WAVES, :_WAVES].ravel()
    return int(np.packbits(waves > np.median(waves)).view(np.int64)[0])


def shrunk(grey: NDArray[np.uint8], side_px: int) -> NDArray[np.uint8]:
    """Return a square copy without the finest waves.

    What is finer than its pixels would look another way in a copy that was cut or moved by half a
    pixel; without it such copies differ by what their gradients tell.
    """
    cv2 = opencv()
    twice = (2 * side_px, 2 * side_px)
    way = cv2.INTER_AREA if min(grey.shape) >= twice[0] else cv2.INTER_LINEAR
    larger = cv2.resize(grey, twice, interpolation=way).astype(np.float32)
    smooth = cv2.GaussianBlur(larger, (0, 0), 2 * _BAND_LIMIT_PX)
    small = cv2.resize(smooth, (side_px, side_px), interpolation=cv2.INTER_AREA)
    levels: NDArray[np.uint8] = np.rint(small).astype(np.uint8)
    return levels
