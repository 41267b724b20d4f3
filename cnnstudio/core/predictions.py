"""What a network answered about one picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self

if TYPE_CHECKING:  # the command line imports this for `--help`, which need not wait for NumPy
    import numpy as np
    import numpy.typing as npt


@dataclass(frozen=True)
class NamedBytes:
    """A picture without a file; `name` says what it is, such as "pasted picture"."""

    name: str
    data: bytes


@dataclass(frozen=True)
class NamedFile:
    """A picture that was unpacked into a file for a while; `name` says where it comes from."""

    name: str
    path: Path


GivenSource = Path | NamedBytes
"""What a person names, drops or pastes."""

PictureSource = GivenSource | NamedFile

Doubt = Literal["", "unsure", "unfamiliar", "unpromised"]
"""Why a picture is handed back instead of named: its answer is not certain enough, it is unlike the
training pictures, or no certainty would be enough for what is asked of the run. "" where it is
answered."""

_CLOSE = 0.1


def unsure_word(is_unsure: bool | None) -> str:
    """Return what stands in the column not_sure of a table: yes, no, or nothing where unknown."""
    return {None: "", True: "yes", False: "no"}[is_unsure]


def content_of(source: PictureSource) -> Path | bytes:
    """Return what `dataset.images` reads a source from."""
    if isinstance(source, NamedBytes):
        return source.data
    return source.path if isinstance(source, NamedFile) else source


def name_of(source: PictureSource) -> str:
    """Return what a source is called on screen and in tables."""
    return str(source) if isinstance(source, Path) else source.name


@dataclass(frozen=True)
class Prediction:
    """Class probabilities of one picture (each 0 to 1, together 1), in the run's class order.

    `source` is the path as the user gave it, or words such as "pasted picture". With a `doubt` the
    answer is "Not sure", and the most probable class only a hint; None where the run keeps nothing
    about its doubts.
    """

    source: str
    class_names: tuple[str, ...]
    probabilities: tuple[float, ...]
    doubt: Doubt | None = None

    @classmethod
    def of(
        cls,
        source: str,
        class_names: Sequence[str],
        probabilities: npt.NDArray[np.floating],
        doubt: Doubt | None = None,
    ) -> Self:
        """Make one from a row of probabilities, shape (classes,)."""
        shares = tuple(float(value) for value in probabilities)
        return cls(source, tuple(class_names), shares, doubt)

    @property
    def is_unsure(self) -> bool | None:
        """Whether the run would rather not decide; None where it keeps nothing about that."""
        return None if self.doubt is None else self.doubt != ""

    def reason(self, titles: Sequence[str] | None = None) -> str:
        """Return why it is not sure, in a few words; "" where it is.

        `titles` are the classes as people read them, in the run's order.
        """
        if self.doubt == "unfamiliar":
            return "unlike the training pictures"
        if self.doubt == "unpromised":
            return "too few validation pictures to promise so few mistakes"
        if not self.doubt:
            return ""
        names = self.class_names if titles is None else titles
        order = sorted(range(len(names)), key=lambda place: -self.probabilities[place])
        if len(order) > 1 and self.probabilities[order[1]] >= _CLOSE:
            return f"too close between {names[order[0]]} and {names[order[1]]}"
        return f"not certain enough of {names[order[0]]}"

    @property
    def predicted_index(self) -> int:
        """The place of the most probable class, from 0."""
        return max(range(len(self.probabilities)), key=self.probabilities.__getitem__)

    @property
    def predicted_class(self) -> str:
        """The most probable class."""
        return self.class_names[self.predicted_index]

    @property
    def probability(self) -> float:
        """The probability of the most probable class, 0 to 1."""
        return self.probabilities[self.predicted_index]

    def ranked(self) -> list[tuple[str, float]]:
        """Return (class name, probability), most probable first."""
        pairs = zip(self.class_names, self.probabilities, strict=True)
        return sorted(pairs, key=lambda pair: -pair[1])


@dataclass(frozen=True)
class PictureProblem:
    """A picture that could not be read, and why."""

    source: str
    reason: str
