"""What can go wrong with a picture on its way to a network, each in its own unit.

The idea, and most of the kinds, are those of Hendrycks and Dietterich, "Benchmarking Neural Network
Robustness to Common Corruptions and Perturbations", ICLR 2019; the strengths are ours. A
disturbance works on pictures as the network sees them, uint8 (height, width, 3), leaves them as
they are and gives the same for the same seed.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from cnnstudio.core.dataset.augmenting import Draw
from cnnstudio.core.dataset.augmenting import apply as augmented
from cnnstudio.core.dataset.opencv import opencv
from cnnstudio.core.parameters import Parameter

Picture = NDArray[np.uint8]

FULL_QUALITY = 100
_SMALLEST_PX = 4

# Shares of the picture's side, but no less than does something at all.
_BLUR_SHARES = (0.0045, 0.009, 0.0135, 0.018, 0.027)
_BLUR_LEAST_PX = (0.4, 0.6, 0.8, 1.0, 1.5)
_SMALL_SHARES = (0.5, 0.35, 0.25, 0.18, 0.12)


@dataclass(frozen=True)
class Disturbance:
    """One thing that can go wrong.

    `parameter` has its range and unit; its default changes nothing. `steps` are the strengths that
    are tried, mildest first. `words(value)` completes "at ...". `disturb(picture, value, seed)`
    does it.
    """

    parameter: Parameter
    steps: tuple[float, ...]
    words: Callable[[float], str]
    disturb: Callable[[Picture, float, int], Picture]

    @property
    def key(self) -> str:
        """What the program calls it."""
        return self.parameter.key

    @property
    def label(self) -> str:
        """What people call it."""
        return self.parameter.label

    def apply(self, picture: Picture, value: float, seed: int = 0) -> Picture:
        """Return the disturbed picture, of the same shape and type; a copy at the default."""
        if value == self.parameter.default:
            return picture.copy()
        return self.disturb(picture, value, seed)


def disturbances(size_px: int) -> tuple[Disturbance, ...]:
    """Return the disturbances for pictures of a network's size, in the order they are applied."""
    blurs = tuple(
        round(max(least, share * size_px), 1)
        for share, least in zip(_BLUR_SHARES, _BLUR_LEAST_PX, strict=True)
    )
    smallest = min(_SMALLEST_PX, size_px)
    sizes = {max(smallest, round(share * size_px)) for share in _SMALL_SHARES} - {size_px}
    return (
        Disturbance(
            Parameter(
                "tilt",
                "Tilt",
                "float",
                0.0,
                0,
                45,
                1,
                "°",
                help="Turned by this angle, every other picture the other way; the corners that"
                " are left empty show a mirror image.",
            ),
            (5, 10, 20, 30, 45),
            lambda value: f"a tilt of {value:g}°",
            tilted,
        ),
        Disturbance(
            Parameter(
                "dark",
                "Light left",
                "float",
                1.0,
                0.02,
                1,
                0.01,
                scale="percent",
                help="Share of the light that is left, as if fewer lamps were on and the camera"
                " did not make up for it.",
            ),
            (0.5, 0.25, 0.12, 0.06, 0.03),
            _light_words,
            lambda picture, value, _seed: darkened(picture, value),
        ),
        Disturbance(
            Parameter(
                "blur",
                "Blur",
                "float",
                0.0,
                0,
                blurs[-1],
                0.1,
                "px",
                help="Out of focus: standard deviation of a Gaussian blur, in pixels of the"
                " picture as the network sees it.",
            ),
            blurs,
            lambda value: f"a blur of {value:g} px",
            lambda picture, value, _seed: blurred(picture, value),
        ),
        Disturbance(
            Parameter(
                "small",
                "Picture width",
                "int",
                size_px,
                smallest,
                size_px,
                1,
                "px",
                help="As if the picture had been only so wide, and was made larger for the"
                f" network, which sees {size_px} px.",
            ),
            tuple(sorted(sizes, reverse=True)),
            lambda value: f"a width of {value:g} px",
            lambda picture, value, _seed: shrunk(picture, round(value)),
        ),
        Disturbance(
            Parameter(
                "noise",
                "Noise",
                "float",
                0.0,
                0,
                80,
                1,
                help="Grain, as in a photograph in the dark: its standard deviation in gray"
                " levels, of which there are 256.",
            ),
            (10, 20, 35, 50, 80),
            lambda value: f"noise of {value:g} gray levels",
            noisy,
        ),
        Disturbance(
            Parameter(
                "jpeg",
                "JPEG quality",
                "int",
                FULL_QUALITY,
                1,
                FULL_QUALITY,
                1,
                help="Saved once more as a JPEG of this quality, at the size that the network"
                " sees; 100 leaves it as it is.",
            ),
            (60, 30, 15, 8, 4),
            lambda value: f"JPEG quality {value:g}",
            lambda picture, value, _seed: compressed(picture, round(value)),
        ),
    )


def disturbed(picture: Picture, values: dict[str, float], seed: int = 0) -> Picture:
    """Return the picture with several disturbances, `values` by their keys."""
    for each in disturbances(picture.shape[1]):
        if each.key in values:
            picture = each.apply(picture, values[each.key], seed)
    return picture


def tilted(picture: Picture, degrees: float, seed: int) -> Picture:
    """Turn a picture counter-clockwise where the seed is even, else clockwise."""
    rotation = degrees if seed % 2 == 0 else -degrees
    return augmented(np.ascontiguousarray(picture), Draw(rotation=rotation), "reflect")


def darkened(picture: Picture, light: float) -> Picture:
    """Leave this share of the light, 0 to 1.

    Light, not values: those of a picture stand for about its square root (sRGB, IEC 61966-2-1).
    """
    levels = np.arange(256) / 255
    linear = np.where(levels <= 0.04045, levels / 12.92, ((levels + 0.055) / 1.055) ** 2.4) * light
    values = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    table = np.rint(values * 255).clip(0, 255).astype(np.uint8)
    result: Picture = table[picture]
    return result


def blurred(picture: Picture, sigma_px: float) -> Picture:
    """Blur with a Gaussian of this standard deviation, above 0."""
    result: Picture = opencv().GaussianBlur(picture, (0, 0), sigma_px)
    return result


def shrunk(picture: Picture, width_px: int) -> Picture:
    """Make a picture this wide and then as large as it was; its proportions stay."""
    height, width = picture.shape[:2]
    small = (width_px, max(1, round(width_px * height / width)))
    image = Image.fromarray(picture).resize(small, Image.Resampling.BICUBIC)
    return np.array(image.resize((width, height), Image.Resampling.BICUBIC))


def noisy(picture: Picture, deviation: float, seed: int) -> Picture:
    """Add Gaussian noise; another strength is the same grain, only stronger."""
    grain = np.random.default_rng(seed).standard_normal(picture.shape, np.float32)
    result: Picture = np.rint(picture + deviation * grain).clip(0, 255).astype(np.uint8)
    return result


def compressed(picture: Picture, quality: int) -> Picture:
    """Save as a JPEG of this quality, 1 to 100, and read it again."""
    stream = io.BytesIO()
    Image.fromarray(picture).save(stream, "JPEG", quality=quality)
    with Image.open(stream, formats=("JPEG",)) as image:
        return np.array(image.convert("RGB"))


def _light_words(value: float) -> str:
    fractions = {0.5: "half", 0.25: "a quarter of", 0.12: "an eighth of", 0.06: "a sixteenth of"}
    return f"{fractions.get(value, f'{value * 100:g} % of')} the light"
