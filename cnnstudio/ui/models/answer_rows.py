"""`AnswerRows`: the answers about any number of pictures, in little room."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

import numpy as np
import numpy.typing as npt

from cnnstudio.core.predictions import (
    Doubt as Reason,
)
from cnnstudio.core.predictions import (
    NamedBytes,
    NamedFile,
    PictureProblem,
    PictureSource,
    Prediction,
)

_LEAST_ROOM = 256


@dataclass(frozen=True)
class PredictionRow:
    """A picture that was asked about, and the answer once it is there."""

    source: PictureSource
    answer: Prediction | PictureProblem


class Doubt(IntEnum):
    """How an answer is to be taken."""

    UNKNOWN = 0
    """The run has learned nothing about when it is not sure."""
    SURE = 1
    NOT_SURE = 2
    PROBLEM = 3
    """There is no answer: the picture cannot be read."""


class AnswerRows:
    """Answers in the order they were given: numbers in arrays, a text for each picture.

    A hundred thousand pictures of 43 classes take about 40 MB; as values of their own they would
    take 300. Rows are only ever added, so another thread may read those that were there.
    """

    def __init__(self, class_names: Sequence[str] = ()) -> None:
        self._class_names = tuple(class_names)
        self._sources: list[str | NamedBytes | NamedFile] = []
        self._problems: dict[int, str] = {}
        self._reasons: dict[int, Reason] = {}
        self._shares = np.empty((0, len(self._class_names)), np.float32)
        self._doubts = np.empty(0, np.uint8)
        self._predicted = np.empty(0, np.int64)
        self._best = np.empty(0, np.float32)

    def __len__(self) -> int:
        return len(self._sources)

    @property
    def doubts(self) -> npt.NDArray[np.uint8]:
        """A `Doubt` for each row, shape (n,)."""
        return self._doubts[: len(self)]

    @property
    def predicted(self) -> npt.NDArray[np.int64]:
        """The place of the likeliest class of each row, shape (n,); that of a problem is 0."""
        return self._predicted[: len(self)]

    @property
    def probabilities(self) -> npt.NDArray[np.float32]:
        """The probability of the likeliest class, shape (n,); -1 for a problem."""
        return self._best[: len(self)]

    @property
    def problem_count(self) -> int:
        """How many pictures cannot be read."""
        return len(self._problems)

    def append(self, rows: Sequence[PredictionRow]) -> None:
        """Add answers at the end."""
        first = len(self)
        self._make_room(first + len(rows))
        for place, row in enumerate(rows, first):
            answer = row.answer
            if isinstance(answer, PictureProblem):
                self._problems[place] = answer.reason
                self._doubts[place] = Doubt.PROBLEM
                self._best[place] = -1
            else:
                self._shares[place] = answer.probabilities
                unsure = {None: Doubt.UNKNOWN, False: Doubt.SURE, True: Doubt.NOT_SURE}
                self._doubts[place] = unsure[answer.is_unsure]
                if answer.doubt:
                    self._reasons[place] = answer.doubt
                self._predicted[place] = answer.predicted_index
                self._best[place] = answer.probability
        sources = (row.source for row in rows)
        self._sources += [str(each) if isinstance(each, Path) else each for each in sources]

    def name(self, place: int) -> str:
        """Return what a row's picture is called."""
        source = self._sources[place]
        return source if isinstance(source, str) else source.name

    def source(self, place: int) -> PictureSource:
        """Return a row's picture."""
        source = self._sources[place]
        return Path(source) if isinstance(source, str) else source

    def file(self, place: int) -> str | None:
        """Return the path of a row's picture, None where it has no file."""
        source = self._sources[place]
        if isinstance(source, NamedBytes):
            return None
        return source if isinstance(source, str) else str(source.path)

    def problem(self, place: int) -> str | None:
        """Return why a row's picture cannot be read, None where it can."""
        return self._problems.get(place)

    def answer(self, place: int) -> Prediction | PictureProblem:
        """Return the answer of a row."""
        name, problem = self.name(place), self._problems.get(place)
        if problem is not None:
            return PictureProblem(name, problem)
        shares = tuple(self._shares[place].tolist())
        return Prediction(name, self._class_names, shares, self._reason(place))

    def row(self, place: int) -> PredictionRow:
        """Return a row."""
        return PredictionRow(self.source(place), self.answer(place))

    def answers(self, count: int) -> Iterator[Prediction | PictureProblem]:
        """Give the answers of the first `count` rows, one by one."""
        return map(self.answer, range(count))

    def _reason(self, place: int) -> Reason | None:
        if self._doubts[place] == Doubt.NOT_SURE:
            return self._reasons[place]
        return "" if self._doubts[place] == Doubt.SURE else None

    def _make_room(self, count: int) -> None:
        room = len(self._doubts)
        if count <= room:
            return
        more = max(_LEAST_ROOM, room, count - room)
        self._shares = np.pad(self._shares, ((0, more), (0, 0)))
        self._doubts = np.pad(self._doubts, (0, more))
        self._predicted = np.pad(self._predicted, (0, more))
        self._best = np.pad(self._best, (0, more))
