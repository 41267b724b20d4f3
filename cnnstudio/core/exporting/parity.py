"""Whether an exported model answers as the one in the window does, and what that is worth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cnnstudio.core.catalog.export_formats import ExportFormat
from cnnstudio.core.evaluation.caution import Caution
from cnnstudio.core.percentages import percent
from cnnstudio.core.project import Split

_PART_WORDS: dict[Split, str] = {
    "test": "test",
    "validation": "validation",
    "train": "training",
}


@dataclass(frozen=True)
class Answered:
    """What a model answered to pictures, in their order.

    `probabilities` have shape (n, classes). `distances`, shape (n,), are NaN where not known.
    `is_unsure`, shape (n,), says which it hands back. Rows of NaN are pictures it could not read.
    """

    probabilities: npt.NDArray[np.floating]
    distances: npt.NDArray[np.floating]
    is_unsure: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Parity:
    """How the answers of an exported model compare with the window's.

    Of `count` pictures of the `part`, `agreed` are given the same class, and `handed_back_alike`
    the same "not sure". `largest_difference` is that of any probability. The accuracies, 0 to 1,
    are the window's and the exported model's on the same pictures. `unread` counts pictures that
    only the window could read.
    """

    part: Split
    count: int
    agreed: int
    handed_back_alike: int
    largest_difference: float
    accuracy_before: float
    accuracy_after: float
    tolerance: float | None
    least_agreement: float
    unread: int = 0

    @property
    def is_within(self) -> bool:
        """Whether it is as near to the window's answers as its format promises."""
        if self.unread or not self.count:
            return False
        if self.tolerance is None:
            return self.agreed >= self.least_agreement * self.count
        return self.largest_difference <= self.tolerance and self.handed_back_alike == self.count

    @property
    def words(self) -> str:
        """In a sentence: "Agrees on 200 of 200, largest difference 0.0004"."""
        difference = f"{self.largest_difference:.4f}"
        if self.largest_difference < 0.00005:
            difference = "below 0.0001"
        said = f"Agrees on {self.agreed:,} of {self.count:,}, largest difference {difference}"
        if self.unread:
            said += f"; {self.unread:,} could not be read"
        if self.handed_back_alike < self.count:
            said += f"; “not sure” is said differently of {self.count - self.handed_back_alike:,}"
        return said

    @property
    def limit_words(self) -> str:
        """What is asked of it: "A difference of at most 0.001 is allowed."."""
        if self.tolerance is None:
            return f"It should agree on {percent(self.least_agreement)}."
        return f"A difference of at most {self.tolerance:g} is allowed."

    @property
    def accuracy_words(self) -> str:
        """How often each is right: "Right: 88.4 % here, 88.1 % exported"."""
        return (
            f"Right: {percent(self.accuracy_before)} here, {percent(self.accuracy_after)} exported"
        )

    @property
    def part_words(self) -> str:
        """Which pictures: "200 test pictures"."""
        return f"{self.count:,} {_PART_WORDS[self.part]} picture{'s' if self.count != 1 else ''}"


def compare(
    here: Answered,
    there: Answered,
    true: npt.NDArray[np.integer],
    part: Split,
    form: ExportFormat,
    caution: Caution | None,
) -> Parity:
    """Compare the window's answers with those of an exported model to the same pictures.

    Args:
        here: the window's.
        there: the exported model's.
        true: class indices, shape (n,).
        part: which pictures they are.
        form: its tolerance decides.
        caution: the run's: next to its limits "not sure" may be said by one and not by the other.
    """
    could_read = np.isfinite(there.probabilities).all(axis=1)
    count = len(true)
    if not could_read.any():
        return Parity(part, count, 0, count, 1.0, 0.0, 0.0, *_limits(form), unread=count)
    mine, theirs = here.probabilities[could_read], there.probabilities[could_read]
    named, best = theirs.argmax(axis=1), mine.max(axis=1)
    slack = form.tolerance or 0.0
    # Of two classes that are equally likely here, either is the same answer.
    agrees = mine[np.arange(len(mine)), named] >= best - 2 * slack
    is_alike = here.is_unsure[could_read] == there.is_unsure[could_read]
    if caution is not None:
        edge = form.tolerance or np.inf
        is_alike |= np.abs(best - caution.least_probability) <= edge
        if caution.familiarity is not None:
            with np.errstate(invalid="ignore"):
                gap = np.abs(here.distances[could_read] - caution.familiarity.farthest)
            is_alike |= gap <= edge
    right_here = mine.argmax(axis=1) == true[could_read]
    right_there = named == true[could_read]
    return Parity(
        part,
        count,
        int(agrees.sum()),
        int(is_alike.sum()) + int((~could_read).sum()),
        float(np.abs(mine - theirs).max()),
        float(right_here.mean()),
        float(right_there.mean()),
        *_limits(form),
        unread=int((~could_read).sum()),
    )


def _limits(form: ExportFormat) -> tuple[float | None, float]:
    return form.tolerance, form.least_agreement
