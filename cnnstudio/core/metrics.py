"""How much a share is worth that was counted on few pictures."""

from __future__ import annotations

import math


def wilson_interval(correct: float, count: float, z: float = 1.959964) -> tuple[float, float]:
    """Return the Wilson score interval of a share (Wilson 1927), each end 0 to 1.

    Counts need not be whole: answers that are not independent are worth fewer than they are.
    """
    if count == 0:
        return 0.0, 1.0
    share = correct / count
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count) * math.sqrt(share * (1 - share) / count + z * z / (4 * count**2))
    # At the ends exactly, whatever the rounding.
    low = 0.0 if correct == 0 else max(0.0, middle - half)
    high = 1.0 if correct == count else min(1.0, middle + half)
    return low, high
