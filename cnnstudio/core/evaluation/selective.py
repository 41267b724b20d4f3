"""Answering only where it is likely to be right: what that costs, and what it brings.

Geifman and El-Yaniv, "Selective Classification for Deep Neural Networks", NeurIPS 2017. The answers
are those whose probability reaches a threshold. The threshold for an error rate is the lowest whose
error rate is below it even at the upper end of its one-sided 90 % interval (Clopper and Pearson
1934), so that a few pictures promise little. Choosing the lowest of many thresholds makes the
promise a little weaker than each interval: in simulations the true error rate was above the one
that was asked for in 4 to 13 of 100 cases. Their own bound, which holds in any case, hands back
nearly everything with the few hundred pictures that most people have.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

DOUBT = 0.1
"""How often the upper end of an interval may be too low."""

HANDS_ALL_BACK = 2.0
"""A least probability that no answer reaches."""


@dataclass(frozen=True)
class RiskCurve:
    """For each threshold, the highest first: how many of `count` pictures are answered, how wrong.

    `thresholds` are probabilities, `answered` and `wrong` count pictures whose probability reaches
    them, `bounds` are error rates that the true one is hardly above; all have shape (m,).
    """

    thresholds: npt.NDArray[np.float64]
    answered: npt.NDArray[np.int64]
    wrong: npt.NDArray[np.int64]
    bounds: npt.NDArray[np.float64]
    count: int

    @property
    def lowest_bound(self) -> float:
        """The smallest error rate that these pictures can promise, 1 where there are none."""
        return float(self.bounds.min(initial=1.0))

    def least_probability(self, allowed_error: float) -> float:
        """Return the lowest threshold that keeps an error rate, 0 to 1.

        `HANDS_ALL_BACK` where none does.
        """
        kept = np.flatnonzero(self.bounds <= allowed_error)
        return float(self.thresholds[kept[-1]]) if len(kept) else HANDS_ALL_BACK


def risk_curve(
    confidence: npt.NDArray[np.floating],
    is_right: npt.NDArray[np.bool_],
    count: int | None = None,
) -> RiskCurve:
    """Return what each threshold costs.

    Args:
        confidence: the probability of the likeliest class of each picture, shape (n,).
        is_right: whether that is the true class, shape (n,).
        count: all pictures there are, where some are handed back whatever their probability.
    """
    order = np.argsort(-confidence, kind="stable")
    ranked = confidence[order].astype(np.float64)
    wrong = np.cumsum(~is_right[order])
    answered = np.arange(1, len(ranked) + 1)
    # Answers of the same probability are given or handed back together.
    is_last = np.append(ranked[1:] != ranked[:-1], True) if len(ranked) else np.zeros(0, bool)
    answered, wrong = answered[is_last], wrong[is_last]
    return RiskCurve(
        ranked[is_last],
        answered,
        wrong,
        upper_bounds(wrong, answered),
        len(confidence) if count is None else count,
    )


def upper_bounds(
    wrong: npt.NDArray[np.integer], answered: npt.NDArray[np.integer], doubt: float = DOUBT
) -> npt.NDArray[np.float64]:
    """Return the upper ends of one-sided intervals of error rates (Clopper and Pearson), 0 to 1.

    Args:
        wrong: how many of the answers were wrong, shape (n,).
        answered: how many there were, at least 1, shape (n,).
        doubt: how often the true rate may be above it.
    """
    from scipy.special import betaincinv  # tenths of a second that the window need not wait for

    bounds: npt.NDArray[np.float64] = np.where(
        wrong >= answered, 1.0, betaincinv(wrong + 1, np.maximum(answered - wrong, 1), 1 - doubt)
    )
    return bounds


def pictures_needed(allowed_error: float, doubt: float = DOUBT) -> int:
    """Return how many pictures, all right, it takes to promise an error rate (0 to 1)."""
    return int(np.ceil(np.log(doubt) / np.log1p(-allowed_error)))
