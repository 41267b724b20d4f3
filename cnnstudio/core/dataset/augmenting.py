"""Random changes of pictures: the very code that both training and the gallery of samples run.

Three steps, so that each can be looked at alone: `draw` takes the random numbers for one sample,
`matrix` composes every geometric change into one affine map, `apply` carries out both in one
interpolation and one table of 256 brightnesses. Interpolating once keeps a picture as sharp as can
be, and is several times as fast as one change after the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, radians, sin
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

from cnnstudio.core.config import AugmentationConfig, FillMode
from cnnstudio.core.dataset.opencv import opencv

_MID_GREY = 127.5


@dataclass(frozen=True)
class Draw:
    """The random numbers of one augmented sample; the default changes nothing."""

    rotation: float = 0.0
    """Degrees, counter-clockwise."""
    shift_x: float = 0.0
    """To the right, as a share of the width."""
    shift_y: float = 0.0
    """Downwards, as a share of the height."""
    zoom: float = 1.0
    """Factor; above 1 the picture is shown larger."""
    shear: float = 0.0
    """Tangent of the angle by which upright lines slant."""
    horizontal_flip: bool = False
    vertical_flip: bool = False
    brightness: float = 0.0
    """Added to every value, as a share of full white."""
    contrast: float = 1.0
    """Factor about mid-grey."""

    @property
    def moves_pixels(self) -> bool:
        """Whether interpolation is needed; flips alone do without."""
        return (self.rotation, self.shift_x, self.shift_y, self.zoom, self.shear) != (0, 0, 0, 1, 0)

    @property
    def changes_values(self) -> bool:
        """Whether brightness or contrast change."""
        return (self.brightness, self.contrast) != (0, 1)


_NUMBERS_PER_DRAW = 9


def draw(config: AugmentationConfig, generator: np.random.Generator) -> Draw:
    """The random numbers for one sample, each uniform within its setting.

    The generator is always asked for the same amount of numbers: moving one setting changes that
    one aspect of a sample and leaves the others as they were.
    """
    return _scaled_draw(config, generator.random(_NUMBERS_PER_DRAW).tolist())


def _scaled_draw(config: AugmentationConfig, uniform: list[float]) -> Draw:
    signed = [2.0 * number - 1.0 for number in uniform]
    return Draw(
        rotation=signed[0] * config.rotation,
        shift_x=signed[1] * config.width_shift,
        shift_y=signed[2] * config.height_shift,
        zoom=1.0 + signed[3] * config.zoom,
        shear=signed[4] * config.shear,
        horizontal_flip=config.horizontal_flip and uniform[5] < 0.5,
        vertical_flip=config.vertical_flip and uniform[6] < 0.5,
        brightness=signed[7] * config.brightness,
        contrast=1.0 + signed[8] * config.contrast,
    )


def matrix(sample: Draw, width: int, height: int) -> NDArray[np.float64]:
    """All geometric changes about the picture's centre as one map, shape (2, 3).

    It maps a pixel (x, y, 1) of the sample to where it is taken from in the picture (the inverse of
    flip, then zoom, then shear, then rotation, then shift).
    """
    angle = radians(sample.rotation)
    # The linear part as people see it: y points down, so this turns counter-clockwise.
    turn = (cos(angle), sin(angle), -sin(angle), cos(angle))
    # Right of it: the shear matrix (1, shear; 0, 1), then zoom and flips on the diagonal.
    scale_x = -sample.zoom if sample.horizontal_flip else sample.zoom
    scale_y = -sample.zoom if sample.vertical_flip else sample.zoom
    a, b = turn[0] * scale_x, (turn[0] * sample.shear + turn[1]) * scale_y
    c, d = turn[2] * scale_x, (turn[2] * sample.shear + turn[3]) * scale_y
    determinant = a * d - b * c
    inverse_a, inverse_b = d / determinant, -b / determinant
    inverse_c, inverse_d = -c / determinant, a / determinant
    centre_x, centre_y = (width - 1) / 2, (height - 1) / 2
    moved_x = centre_x + sample.shift_x * width
    moved_y = centre_y + sample.shift_y * height
    return np.array(
        (
            (inverse_a, inverse_b, centre_x - inverse_a * moved_x - inverse_b * moved_y),
            (inverse_c, inverse_d, centre_y - inverse_c * moved_x - inverse_d * moved_y),
        )
    )


def apply(
    picture: NDArray[np.uint8],
    sample: Draw,
    fill_mode: FillMode,
    out: NDArray[np.uint8] | None = None,
) -> NDArray[np.uint8]:
    """The augmented sample, uint8 (height, width, 3) like the picture, which is left as it is.

    Args:
        picture: uint8 (height, width, 3), contiguous.
        sample: what to do.
        fill_mode: what an edge left empty shows; "constant" is black, before brightness and
            contrast are changed.
        out: where to write the result: shape and type of the picture, contiguous, not the picture.
    """
    cv2 = opencv()
    result = np.empty_like(picture) if out is None else out
    height, width = picture.shape[:2]
    if sample.moves_pixels:
        cv2.warpAffine(
            picture,
            matrix(sample, width, height),
            (width, height),
            dst=result,
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=_border(cv2, fill_mode),
        )
    elif sample.horizontal_flip or sample.vertical_flip:
        direction = -1 if sample.horizontal_flip and sample.vertical_flip else 1
        cv2.flip(picture, direction if sample.horizontal_flip else 0, dst=result)
    else:
        result[...] = picture
    if sample.changes_values:
        cv2.LUT(result, _values(sample), dst=result)
    return result


def augment_batch(
    pictures: NDArray[np.uint8], config: AugmentationConfig, generator: np.random.Generator
) -> NDArray[np.uint8]:
    """One augmented sample of each picture, uint8 (n, height, width, 3) like the pictures.

    The same generator state gives the same samples; the pictures are left as they are.
    """
    samples = np.empty_like(pictures)
    uniform = generator.random((len(pictures), _NUMBERS_PER_DRAW)).tolist()
    for picture, numbers, sample in zip(pictures, uniform, samples, strict=True):
        apply(picture, _scaled_draw(config, numbers), config.fill_mode, out=sample)
    return samples


def augmented_samples(
    picture: NDArray[np.uint8], config: AugmentationConfig, count: int, seed: int
) -> list[NDArray[np.uint8]]:
    """`count` augmented samples of one picture, uint8 (height, width, 3), as training makes them.

    Repeatable: sample i depends on the seed (0 or more) and on i, not on the count.
    """
    return [
        apply(picture, draw(config, np.random.default_rng((seed, index))), config.fill_mode)
        for index in range(count)
    ]


def _values(sample: Draw) -> NDArray[np.uint8]:
    """What each of the 256 values becomes: contrast about mid-grey, then brightness."""
    values = (np.arange(256) - _MID_GREY) * sample.contrast + _MID_GREY + sample.brightness * 255
    table: NDArray[np.uint8] = np.rint(values).clip(0, 255).astype(np.uint8)
    return table


def _border(cv2: ModuleType, fill_mode: FillMode) -> int:
    border: int = {
        "nearest": cv2.BORDER_REPLICATE,
        "reflect": cv2.BORDER_REFLECT,
        "wrap": cv2.BORDER_WRAP,
        "constant": cv2.BORDER_CONSTANT,
    }[fill_mode]
    return border
