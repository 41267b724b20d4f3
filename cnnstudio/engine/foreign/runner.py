"""What runs a model's numbers, whatever its format."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from cnnstudio.core.errors import StudioError

Values = npt.NDArray[np.float32]


@dataclass(frozen=True)
class ModelInput:
    """What goes in: `shape` counts the pictures first; None is a side that is left open."""

    name: str
    shape: tuple[int | None, ...]


class Runner(Protocol):
    """A model in memory."""

    input: ModelInput
    outputs: tuple[str, ...]

    def run(self, values: Values, output_name: str) -> Values:
        """Return the named output for values of the input's shape, as float32.

        Raises:
            StudioError: the model cannot be run on them.
        """
        ...


def run_in_batches(runner: Runner, values: Values, output_name: str, most: int) -> Values:
    """Return the answers, shape (n, values), asking for as many at once as the model takes.

    A model made for a fixed number gets the last pictures filled up with nothing.

    Raises:
        StudioError: the model cannot be run, or does not answer with a row for each picture.
    """
    fixed = runner.input.shape[0]
    size = fixed or most
    rows: list[Values] = []
    for start in range(0, len(values), size):
        lot = values[start : start + size]
        count = len(lot)
        if fixed and count < fixed:
            lot = np.concatenate([lot, np.zeros((fixed - count, *lot.shape[1:]), np.float32)])
        answered = _as_rows(runner.run(lot, output_name), len(lot))
        rows.append(answered[:count])
    return np.concatenate(rows)


def _as_rows(answered: Values, count: int) -> Values:
    """Return (n, values) of what some networks give as (n, values, 1, 1)."""
    if answered.ndim == 1 and len(answered) == count:
        return answered[:, None]
    if answered.ndim < 2 or len(answered) != count or set(answered.shape[2:]) - {1}:
        shape = " x ".join(str(side) for side in answered.shape)
        raise StudioError(
            f"The model does not give one row of answers for each picture, but numbers of the"
            f" shape {shape}: it is no image classifier.",
            "Models that find things in a picture, or draw on it, cannot be imported.",
        )
    return answered.reshape(count, -1)
