"""Which of the sizes that a camera offers is taken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

# Networks look at 224 pixels or so: 720 leave room for cropping, and 4K would only be slow.
WANTED_PIXELS = 1280 * 720
_SMOOTH_FPS = 24.0


@dataclass(frozen=True)
class OfferedFormat:
    """Width and height in pixels, and the most pictures a second."""

    width: int
    height: int
    fps: float


def best_format(offered: Sequence[OfferedFormat]) -> int | None:
    """Return the place of the format nearest to 1280 x 720, the smoother of equal ones.

    None when nothing is offered: the camera then has only its own.
    """
    if not offered:
        return None

    def rank(place: int) -> tuple[bool, float, float]:
        each = offered[place]
        pixels = max(1, each.width * each.height)
        # Twice too many is as far off as half.
        off = max(pixels / WANTED_PIXELS, WANTED_PIXELS / pixels)
        return each.fps < _SMOOTH_FPS / 2, round(off, 2), -min(each.fps, 30.0)

    return min(range(len(offered)), key=rank)
