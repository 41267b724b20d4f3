"""What "Not sure" costs and brings on labelled pictures, in numbers and words."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from cnnstudio.core.evaluation.caution import Caution, distances_of
from cnnstudio.core.evaluation.evaluation import Evaluation
from cnnstudio.core.metrics import wilson_interval
from cnnstudio.core.percentages import percent
from cnnstudio.core.runs import Run


@dataclass(frozen=True)
class HandedBack:
    """Of `count` labelled pictures: how many were handed back and why, how many answered rightly.

    `mistakes` counts those handed back that would have been answered wrongly.
    """

    count: int
    unfamiliar: int
    unsure: int
    right: int
    mistakes: int

    @property
    def handed_back(self) -> int:
        """Pictures without an answer."""
        return self.unfamiliar + self.unsure

    @property
    def answered(self) -> int:
        """Pictures with one."""
        return self.count - self.handed_back

    @property
    def accuracy(self) -> float | None:
        """Share of the answers that are right, None where there are none."""
        return self.right / self.answered if self.answered else None

    @property
    def sentence(self) -> str:
        """What came out, for people."""
        if not self.handed_back:
            return f"It answers all {self.count:,} pictures: none is handed back as Not sure."
        reasons = [
            f"{count:,} {words}"
            for count, words in (
                (self.unfamiliar, "unlike the training pictures"),
                (self.unsure, "not certain enough"),
            )
            if count
        ]
        handed = (
            f"Not sure about {self.handed_back:,} of {self.count:,} pictures"
            f" ({', '.join(reasons)})."
        )
        if not self.answered:
            return f"{handed} It answers none."
        low, high = wilson_interval(self.right, self.answered)
        share = self.right / self.answered
        return (
            f"{handed} Of the {self.answered:,} that it answers {self.right:,} are right"
            f" ({percent(share)}; the true figure lies somewhere between {percent(low)} and"
            f" {percent(high)})."
        )

    @property
    def short_words(self) -> str:
        """The same where there is little room."""
        handed = f"{self.handed_back:,} of {self.count:,} handed back."
        if not self.answered:
            return handed
        low, high = wilson_interval(self.right, self.answered)
        return (
            f"{handed} Of the other {self.answered:,}, {percent(self.right / self.answered)} are"
            f" right ({percent(low)} to {percent(high)})."
        )

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {
            **asdict(self),
            "handed_back": self.handed_back,
            "answered": self.answered,
            "accuracy": self.accuracy,
        }


def handed_back(run: Run, evaluation: Evaluation, caution: Caution) -> HandedBack:
    """Count what a caution hands back of labelled pictures."""
    return count_handed_back(evaluation, distances_of(run, evaluation), caution)


def count_handed_back(
    evaluation: Evaluation, distances: npt.NDArray[np.floating], caution: Caution
) -> HandedBack:
    """Count what a caution hands back of labelled pictures with their distances, shape (n,)."""
    is_far = caution.unfamiliar(distances)
    is_low = ~is_far & (evaluation.probabilities.max(axis=1) < caution.least_probability)
    is_answered, is_right = ~(is_far | is_low), evaluation.is_right
    return HandedBack(
        len(evaluation),
        int(is_far.sum()),
        int(is_low.sum()),
        int((is_answered & is_right).sum()),
        int((~is_answered & ~is_right).sum()),
    )
