"""What the health check measures of a picture, all of it from one small copy in grey.

Draft: the numbers are settled below.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

MEASURED_PX = 256
"""The long side of the copy that is measured; smaller pictures are not enlarged."""

TINY_PX = 24
TINY = "tiny"
"""The kind of feature under which the index keeps tiny pictures."""


@dataclass(frozen=True, slots=True)
class Measures:
    """What was measured; see `IndexedPicture` for the units. `tiny` is uint8, (TINY_PX ** 2,)."""

    darkest: int
    brightest: int
    contrast: float
    sharpness: float
    look: int
    tiny: NDArray[np.uint8]


def measure(picture: Image.Image) -> Measures:
    """Measure an RGB picture whose long side is at most `MEASURED_PX`."""
    rgb = np.asarray(picture)
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    darkest, brightest = np.percentile(grey, (1, 99))
    tiny = cv2.resize(grey, (TINY_PX, TINY_PX), interpolation=cv2.INTER_AREA)
    return Measures(
        int(darkest), int(brightest), float(cv2.meanStdDev(rgb)[1].max()), 0.0, 0, tiny.ravel()
    )
