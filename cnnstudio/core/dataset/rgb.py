"""Every way in which a picture file stores its pixels, brought to 8-bit RGB.

The scale depends on the file's kind only, hardly ever on its content, so that a dark picture stays
darker than a bright one and a model may rely on it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

_WHITE = (255, 255, 255)
_TIFF_BITS_PER_SAMPLE = 258
_TIFF_PHOTOMETRIC = 262
_TIFF_WHITE_IS_ZERO = 0


def to_rgb(image: Image.Image) -> Image.Image:
    """A loaded picture of any mode as 8-bit RGB.

    Transparent parts are shown on white. 16-bit values are scaled (65535 becomes 255), not cut off.
    A picture that is RGB already is returned itself. Colour profiles are left alone.

    Raises:
        ValueError: its colours cannot be converted (Lab, for example).
    """
    if image.mode.startswith("I;16"):
        return Image.fromarray(_from_16_bit(image)).convert("RGB")
    if image.mode in ("I", "F"):
        return Image.fromarray(_from_wide_values(np.asarray(image))).convert("RGB")
    if image.has_transparency_data:
        return _on_white(image)
    return image if image.mode == "RGB" else image.convert("RGB")


def _from_16_bit(image: Image.Image) -> NDArray[np.uint8]:
    tags: Any = getattr(image, "tag_v2", {})  # only TIFF has them
    bits = tags.get(_TIFF_BITS_PER_SAMPLE, (16,))
    largest = 4095 if tuple(bits) == (12,) else 65535
    table = np.rint(np.arange(65536) * (255 / largest)).clip(0, 255).astype(np.uint8)
    if tags.get(_TIFF_PHOTOMETRIC) == _TIFF_WHITE_IS_ZERO:
        table = 255 - table  # Pillow turns these round only when they have 8 bits
    eight_bits: NDArray[np.uint8] = table[np.asarray(image)]
    return eight_bits


def _from_wide_values(values: NDArray[np.generic]) -> NDArray[np.uint8]:
    """32-bit integers or fractions, whose range nothing in the file tells, to 0..255.

    The range is the smallest usual one (0..1 for fractions, 0..255, 0..65535) that holds all
    values, and else that of the values.
    """
    fractions = values.dtype.kind == "f"
    wide = np.nan_to_num(values.astype(np.float32), nan=0.0, posinf=0.0, neginf=0.0)
    lowest, highest = float(wide.min()), float(wide.max())
    usual = (1.0, 255.0, 65535.0) if fractions else (65535.0,)
    if lowest >= 0:
        lowest = 0.0
        highest = next((limit for limit in usual if highest <= limit), highest)
    wide -= lowest
    wide *= 255.0 / ((highest - lowest) or 1.0)
    return np.rint(wide).clip(0, 255).astype(np.uint8)


def _on_white(image: Image.Image) -> Image.Image:
    transparent = image.info.get("transparency")
    if isinstance(transparent, tuple) and max(transparent) > 255:
        # The colour is given in 16 bits, the pixels have been brought to 8 already.
        image.info["transparency"] = tuple(value >> 8 for value in transparent)
    rgba = image.convert("RGBA")
    canvas = Image.new("RGB", image.size, _WHITE)
    canvas.paste(rgba.convert("RGB"), mask=rgba.getchannel("A"))
    return canvas
