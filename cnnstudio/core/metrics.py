"""How much a share is worth that was counted on few pictures."""

from __future__ import annotations

import math
from collections.abc import Sequence


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


def mean_interval(shares: Sequence[tuple[float, int]]) -> tuple[float, float]:
    """Return the 95 % interval of the mean of shares that were counted apart, each worth the same.

    It is Wilson's, of as many answers as all of them are worth together (the effective sample size
    of Korn and Graubard 1998).

    Args:
        shares: share (0 to 1) and count (1 or more) of each; one or more.
    """
    # As if one answer more had been right and one wrong: where all of few are right, the variance
    # would be none.
    careful = [((share * count + 1) / (count + 2), count) for share, count in shares]
    variance = sum(share * (1 - share) / count for share, count in careful) / len(shares) ** 2
    middle = sum(share for share, _ in careful) / len(shares)
    worth = middle * (1 - middle) / variance
    return wilson_interval(sum(share for share, _ in shares) / len(shares) * worth, worth)
