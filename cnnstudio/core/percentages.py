"""Shares as people read them."""

from __future__ import annotations

import math

NOT_KNOWN = "–"


def percent(share: float, decimals: int = 1) -> str:
    """Return a share from 0 to 1 as per cent: 0.884 is "88.4 %".

    Nothing is rounded to certainty: what is neither 0 nor 1 reads "<0.1 %" or ">99.9 %" there.
    A value that is not a number is a dash.
    """
    if not math.isfinite(share):
        return NOT_KNOWN
    text = f"{share * 100:.{decimals}f}"
    smallest = 10.0**-decimals
    if share > 0 and float(text) == 0:
        return f"<{smallest:.{decimals}f} %"
    if share < 1 and float(text) == 100:
        return f">{100 - smallest:.{decimals}f} %"
    return f"{text} %"
