"""How much a network's probabilities are worth: temperature scaling.

Guo, Pleiss, Sun and Weinberger, "On Calibration of Modern Neural Networks", ICML 2017: one number
divides the logarithms of all probabilities. The likeliest class stays the likeliest.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FEWEST_PICTURES = 20
"""With fewer validation pictures nothing is said about a network's probabilities."""

COOLEST, HOTTEST = 0.25, 4.0
# Kept probabilities are rounded to six decimals.
_LEAST = 1e-7
# What is expected before any picture was looked at: of networks, two in three have a temperature
# between 0.6 and 1.6. It keeps a few pictures that all were right from making the network certain.
_EXPECTED_SPREAD = 0.5
_STEPS = 32


@dataclass(frozen=True)
class Temperature:
    """What to divide the logarithms of probabilities by; above 1 the network is too sure of itself.

    `loss_before` and `loss_after` are the mean negative log-likelihood of the `count` pictures it
    was found by.
    """

    value: float
    loss_before: float
    loss_after: float
    count: int

    def meaning(self, probability: float) -> float:
        """Return what a probability (0 to 1) is worth, where the rest goes to one other class."""
        odds = probability / max(1 - probability, _LEAST)
        return float(1 - 1 / (1 + odds ** (1 / self.value)))


def fit_temperature(
    probabilities: npt.NDArray[np.floating], true: npt.NDArray[np.integer]
) -> Temperature | None:
    """Find the temperature under which the true classes are likeliest.

    With few pictures it stays close to 1. None when there are too few to say anything.

    Args:
        probabilities: of pictures that were not learned, shape (n, classes).
        true: their class indices, shape (n,).
    """
    count = len(true)
    if count < FEWEST_PICTURES:
        return None
    rows = np.arange(count)
    logs = np.log(np.clip(probabilities.astype(np.float64), _LEAST, 1))

    def loss(temperature: float) -> float:
        scaled = logs / temperature
        return float((_log_sum(scaled) - scaled[rows, true]).mean())

    def cost(log_temperature: float) -> float:
        return loss(math.exp(log_temperature)) + (log_temperature / _EXPECTED_SPREAD) ** 2 / (
            2 * count
        )

    low, high = math.log(COOLEST), math.log(HOTTEST)
    ratio = (math.sqrt(5) - 1) / 2
    for _ in range(_STEPS):  # golden section: the cost has one valley
        first, second = high - ratio * (high - low), low + ratio * (high - low)
        if cost(first) < cost(second):
            high = second
        else:
            low = first
    value = math.exp((low + high) / 2)
    return Temperature(value, loss(1.0), loss(value), count)


def calibrated(
    probabilities: npt.NDArray[np.floating], temperature: float
) -> npt.NDArray[np.float64]:
    """Return probabilities, shape (n, classes), as they are at a temperature."""
    scaled = np.log(np.clip(probabilities.astype(np.float64), _LEAST, 1)) / temperature
    scores: npt.NDArray[np.float64] = np.exp(scaled - _log_sum(scaled)[:, None])
    return scores


def _log_sum(logs: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    highest = logs.max(axis=1)
    summed: npt.NDArray[np.float64] = highest + np.log(np.exp(logs - highest[:, None]).sum(axis=1))
    return summed
