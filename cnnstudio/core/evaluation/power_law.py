"""How a share of mistakes falls with the number of pictures: an inverse power law.

Error falls like `floor + height * n**-slope` (Cortes et al., "Learning curves: asymptotic values
and rate of convergence", NIPS 1993; Viering and Loog, "The shape of learning curves: a review",
TPAMI 2023, also say how often it does not). Four sizes cannot tell a floor from a slope. So all
slopes that are usual are taken to be equally likely, and that nobody knows which it is belongs to
the uncertainty.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.floating]

SLOPES = np.linspace(0.1, 0.7, 7)
"""From those of large networks (0.07 to 0.35, Hestness et al. 2017, arXiv:1712.00409) to a little
above that of chance, 0.5."""


def extrapolate(sizes: Numbers, errors: Numbers, wanted: Numbers) -> Numbers:
    """Fit many learning curves at once and return what they say for other sizes.

    Floor and height are not negative: more pictures never make it worse in the long run. A size
    counts the more, the larger it is.

    Args:
        sizes: numbers of pictures learned, shape (sizes,).
        errors: shares of mistakes at them, shape (curves, sizes).
        wanted: the sizes asked for, shape (wanted,).

    Returns:
        Shares of mistakes, 0 to 1, for each of `SLOPES`, shape (slopes, curves, wanted).
    """
    told = np.empty((len(SLOPES), len(errors), len(wanted)))
    weights = sizes / sizes.sum()
    for place, slope in enumerate(SLOPES):
        x = sizes**-slope
        floor, height = _non_negative_line(x, errors, weights)
        told[place] = floor[:, None] + height[:, None] * wanted**-slope
    return np.clip(told, 0, 1)


def _non_negative_line(x: Numbers, y: Numbers, weights: Numbers) -> tuple[Numbers, Numbers]:
    """Weighted least squares of each row of y on 1 and x, neither coefficient negative."""
    total = weights.sum()
    centre = (weights * x).sum() / total
    means = (weights * y).sum(axis=1) / total
    variance = (weights * (x - centre) ** 2).sum()
    height = (weights * (x - centre) * (y - means[:, None])).sum(axis=1) / variance
    floor = means - height * centre
    only_height = (weights * x * y).sum(axis=1) / (weights * x * x).sum()
    is_flat, is_low = height < 0, (height >= 0) & (floor < 0)
    height = np.where(is_flat, 0, np.where(is_low, np.maximum(only_height, 0), height))
    floor = np.where(is_flat, means, np.where(is_low, 0, floor))
    return floor, height
