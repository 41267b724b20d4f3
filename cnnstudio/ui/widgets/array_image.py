"""Pictures as arrays turned into pictures as Qt paints them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage


def image_of_array(array: NDArray[np.uint8]) -> QImage:
    """Return a `QImage` with its own copy of the pixels.

    Args:
        array: uint8, 0 to 255, shape (height, width), (height, width, 1), (height, width, 3) as RGB
            or (height, width, 4) as RGBA.

    Raises:
        ValueError: another shape or type.
    """
    formats = {
        1: QImage.Format.Format_Grayscale8,
        3: QImage.Format.Format_RGB888,
        4: QImage.Format.Format_RGBA8888,
    }
    channels = 1 if array.ndim == 2 else array.shape[-1]
    if array.dtype != np.uint8 or array.ndim not in (2, 3) or channels not in formats:
        raise ValueError(
            f"a picture must be uint8 with 1, 3 or 4 channels. "
            f"Received: {array.dtype} of shape {array.shape}."
        )
    height, width = array.shape[:2]
    pixels = np.ascontiguousarray(array)
    image = QImage(pixels.data, width, height, width * channels, formats[channels])
    return image.copy()
