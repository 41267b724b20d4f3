"""What a run answered about labelled pictures."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

from cnnstudio.core.errors import StudioError
from cnnstudio.core.runs import PREDICTIONS_FILE, Run, read_samples

EvaluatedPart = Literal["test", "validation", "folder"]


@dataclass(frozen=True)
class EvaluatedPicture:
    """A labelled picture that a run was asked about.

    `path` is as in the project, or absolute outside it; `fingerprint` identifies its content, and
    is empty where a run kept none.
    """

    path: str
    fingerprint: str = ""


@dataclass(frozen=True)
class Evaluation:
    """Answers of a run, a row for each of `pictures`; labels are those of the time it was asked.

    `true` are class indices, shape (n,), `probabilities` have shape (n, classes); both are counted
    in the order of `class_names`. `problems` counts pictures that could not be read and have no
    row. `learned` says which pictures the run has learned from or was chosen by, shape (n,).
    `distances` says how far each is from the training pictures, shape (n,), NaN where not known; of
    pictures that the run kept, `caution.distances_of` has them.
    """

    class_names: tuple[str, ...]
    class_titles: tuple[str, ...]
    part: EvaluatedPart
    pictures: tuple[EvaluatedPicture, ...]
    true: npt.NDArray[np.int64]
    probabilities: npt.NDArray[np.float32]
    learned: npt.NDArray[np.bool_]
    problems: int = 0
    distances: npt.NDArray[np.float64] | None = None

    def __len__(self) -> int:
        return len(self.pictures)

    @property
    def foretells(self) -> bool:
        """Whether its figures say how the run will do on new pictures, and have an interval.

        Of a folder in which there are pictures that were learned, nobody can tell.
        """
        return not (self.part == "folder" and self.learned.any())

    @property
    def predicted(self) -> npt.NDArray[np.int64]:
        """The likeliest class of each picture, shape (n,)."""
        likeliest: npt.NDArray[np.int64] = self.probabilities.argmax(axis=1)
        return likeliest

    @property
    def is_right(self) -> npt.NDArray[np.bool_]:
        """Whether the likeliest class is the true one, shape (n,)."""
        right: npt.NDArray[np.bool_] = self.predicted == self.true
        return right


def kept_evaluation(run: Run, part: Literal["test", "validation"]) -> Evaluation:
    """Return what a run kept of its answers on a part of its pictures; nothing is asked anew.

    Raises:
        StudioError: the answers are missing or damaged.
    """
    marks = {each.path: each.fingerprint for each in read_samples(run)}
    places = {name: place for place, name in enumerate(run.class_names)}
    try:
        with (run.folder / PREDICTIONS_FILE).open(
            newline="", encoding="utf-8", errors="surrogateescape"
        ) as stream:
            rows = list(_rows(csv.reader(stream), part, places))
    except (OSError, ValueError, KeyError, IndexError, StopIteration, csv.Error) as error:
        raise StudioError(
            f"The answers that the run {run.name} kept cannot be read.",
            "Evaluate it on a folder of labelled pictures instead.",
        ) from error
    return Evaluation(
        run.class_names,
        run.class_titles,
        part,
        tuple(EvaluatedPicture(path, marks.get(path, "")) for path, _, _ in rows),
        np.array([label for _, label, _ in rows], np.int64),
        np.array([answer for *_, answer in rows], np.float32).reshape(-1, len(places)),
        np.full(len(rows), part == "validation"),
    )


def place_of(picture: EvaluatedPicture, root: Path) -> Path:
    """Return where a picture lies, from the root of its project; it may be gone since."""
    return root / picture.path


def _rows(
    table: Iterator[list[str]], part: str, places: dict[str, int]
) -> Iterator[tuple[str, int, list[float]]]:
    header = next(table)
    path, split, true = (header.index(name) for name in ("path", "split", "true"))
    first = len(header) - len(places)
    if header[first:] != list(places):
        raise ValueError("other classes")
    for row in table:
        if row[split] == part:
            yield row[path], places[row[true]], [float(value) for value in row[first:]]
