"""How often a run was right when it was certain."""

from __future__ import annotations

from dataclasses import dataclass

from cnnstudio.core.runs import Run


@dataclass(frozen=True)
class Certainty:
    """Of `count` validation pictures that a run was this certain about, `right` were right."""

    count: int
    right: int


def precision_above(run: Run, threshold: float) -> Certainty:
    """Return how often answers of at least `threshold` (0 to 1) were right on validation pictures.

    From the answers kept with the run; nothing (0 of 0) when they are missing or damaged.
    """
    raise NotImplementedError
