"""What a network answered about one picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

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

    `source` is the path as the user gave it, or words such as "pasted picture". `is_unsure` says
    whether the run would rather not decide; None where it has learned nothing about that.
    """

    source: str
    class_names: tuple[str, ...]
    probabilities: tuple[float, ...]
    is_unsure: bool | None = None

    @classmethod
    def of(
        cls, source: str, class_names: Sequence[str], probabilities: npt.NDArray[np.floating]
    ) -> Self:
        """Make one from a row of probabilities, shape (classes,)."""
        return cls(source, tuple(class_names), tuple(float(value) for value in probabilities))

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
