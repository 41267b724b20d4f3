"""How often a run was right when it was certain."""

from __future__ import annotations

import csv
from dataclasses import dataclass

from cnnstudio.core.runs import PREDICTIONS_FILE, Run


@dataclass(frozen=True)
class Certainty:
    """Of `count` validation pictures that a run was this certain about, `right` were right."""

    count: int
    right: int


def precision_above(run: Run, threshold: float) -> Certainty:
    """Return how often answers of at least `threshold` (0 to 1) were right on validation pictures.

    From the answers kept with the run; nothing (0 of 0) when they are missing or damaged. The best
    epoch was chosen on the same pictures, so other pictures may fare a little worse, and pictures
    of another kind (another camera, other classes) much worse.
    """
    count = right = 0
    try:
        with (run.folder / PREDICTIONS_FILE).open(
            newline="", encoding="utf-8", errors="surrogateescape"
        ) as stream:
            for row in csv.DictReader(stream):
                if row["split"] == "validation" and float(row["probability"]) >= threshold:
                    count += 1
                    right += row["predicted"] == row["true"]
    except (OSError, KeyError, ValueError, TypeError, csv.Error):
        return Certainty(0, 0)
    return Certainty(count, right)
