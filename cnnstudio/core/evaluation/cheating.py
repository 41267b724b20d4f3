"""Whether a run needs to see the object at all: pictures with their middle hidden.

A network learns whatever tells the classes of its pictures apart. Where all cups stood on one table
and all plates on another, that is the table. With the object hidden such a network stays right.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

from cnnstudio.core.dataset.images import UnreadablePicture, read_array
from cnnstudio.core.dataset.reading import in_parallel
from cnnstudio.core.engine_api import Engine, Pictures
from cnnstudio.core.errors import StudioError
from cnnstudio.core.evaluation.evaluation import Evaluation, place_of
from cnnstudio.core.evaluation.occlusion import GREY
from cnnstudio.core.jobs import Task, TaskContext
from cnnstudio.core.metrics import wilson_interval
from cnnstudio.core.progress_clock import ProgressClock
from cnnstudio.core.runs import Run, checked_answers

CENTRE_SIDE = 0.6
"""The middle that is hidden first, as a share of width and height: 36 % of the picture."""

BORDER_SIDE = 0.8
"""The middle that is hidden where only the border is left: 64 % of the picture."""

_BATCH = 32
_EXAMPLES = 4
_MUCH = 0.5
_STUCK = 0.9

CheatingVerdict = Literal["cannot tell", "no", "some", "yes"]


@dataclass(frozen=True)
class RightAnswers:
    """How many of `count` pictures were answered right; `interval` is the 95 % one of the share.

    `most_named` is the share of pictures that got the most frequent answer, 0 to 1.
    """

    right: int
    count: int
    most_named: float = 0.0

    @property
    def share(self) -> float:
        """The accuracy, 0 to 1."""
        return self.right / self.count if self.count else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Within which the true share lies, 0 to 1."""
        return wilson_interval(self.right, self.count)


@dataclass(frozen=True)
class HiddenExample:
    """One picture in three states, each uint8 of shape (size, size, 3), with what was answered.

    Class indices in the run's order; `answers` are those to the three pictures.
    """

    pictures: tuple[Pictures, Pictures, Pictures]
    true: int
    answers: tuple[int, int, int]


@dataclass(frozen=True)
class CheatingReport:
    """How often a run is right about the same pictures: as they are, and with places hidden.

    `guessing` is how often one would be right who always names the most frequent class.
    """

    whole: RightAnswers
    centre_hidden: RightAnswers
    border_only: RightAnswers
    guessing: float
    examples: tuple[HiddenExample, ...]
    problems: int = 0

    @property
    def is_border_confusing(self) -> bool:
        """Whether nearly all borders get the same answer.

        Then so much grey, of which it has never seen any, decides instead of what is left to see: a
        network that relies on the background may fail here, too.
        """
        return self.border_only.most_named >= max(_STUCK, self.guessing)

    @property
    def deciding(self) -> RightAnswers:
        """What the verdict rests on: the border only, or else the hidden middle."""
        return self.centre_hidden if self.is_border_confusing else self.border_only

    @property
    def kept_share(self) -> float:
        """What is left of the advantage over guessing without the middle to see; at least 0."""
        advantage = self.whole.share - self.guessing
        return max(0.0, (self.deciding.share - self.guessing) / advantage) if advantage else 0.0

    @property
    def verdict(self) -> CheatingVerdict:
        """Whether what is around is enough: "yes" where half of the advantage stays or more.

        An accuracy counts as better than guessing where its whole interval lies above.
        """
        if self.whole.interval[0] <= self.guessing:
            return "cannot tell"
        if self.deciding.interval[0] <= self.guessing:
            return "no"
        return "yes" if self.kept_share >= _MUCH else "some"


def cheating_test(
    engine: Engine, run: Run, evaluation: Evaluation, root: Path
) -> Task[CheatingReport]:
    """Return the task that asks about an evaluation's pictures with places hidden in grey.

    It raises `StudioError` when no picture can be read or the model cannot be loaded, `Cancelled`
    when the user cancels.

    Args:
        engine: asks the run.
        run: whose network answers.
        evaluation: names the pictures with their classes.
        root: the project's folder, which paths are relative to.
    """
    settings = run.config.training

    def read(place: Path) -> Pictures:
        return read_array(place, settings.image_size, settings.resize_mode)

    def task(context: TaskContext) -> CheatingReport:
        places = [place_of(each, root) for each in evaluation.pictures]
        clock = ProgressClock("Hiding the middle of the pictures", len(places), context)
        results = in_parallel(places, read, context, ahead=2 * _BATCH)
        wanted = set(_example_places(evaluation.true))
        true: list[int] = []
        answers: list[npt.NDArray[np.int64]] = []
        examples: list[HiddenExample] = []
        for start in range(0, len(places), _BATCH):
            rows = range(start, min(start + _BATCH, len(places)))
            readable = [
                (row, picture)
                for row, picture in zip(rows, results, strict=False)
                if not isinstance(picture, UnreadablePicture)
            ]
            if readable:
                states = _states(np.stack([picture for _, picture in readable]))
                answered = np.stack([_asked(engine, run, each) for each in states], axis=1)
                answers.append(answered)
                true += [int(evaluation.true[row]) for row, _ in readable]
                examples += [
                    HiddenExample(
                        (states[0][place], states[1][place], states[2][place]),
                        int(evaluation.true[row]),
                        (int(answered[place, 0]), int(answered[place, 1]), int(answered[place, 2])),
                    )
                    for place, (row, _) in enumerate(readable)
                    if row in wanted
                ]
            clock.report(rows.stop)
            context.checkpoint()
        if not true:
            raise StudioError(
                "None of these pictures could be read.", "They may have been moved or deleted."
            )
        labels = np.array(true)
        whole, centre, border = (_counted(each, labels) for each in np.concatenate(answers).T)
        guessing = float(np.bincount(labels).max()) / len(labels)
        unread = len(places) - len(labels)
        return CheatingReport(whole, centre, border, guessing, tuple(examples), unread)

    return task


def _counted(answers: npt.NDArray[np.int64], labels: npt.NDArray[np.int64]) -> RightAnswers:
    right, most = int((answers == labels).sum()), int(np.bincount(answers).max())
    return RightAnswers(right, len(labels), most / len(labels))


def _asked(engine: Engine, run: Run, pictures: Pictures) -> npt.NDArray[np.int64]:
    answers = checked_answers(run, engine.predict(run.model_file, pictures))
    likeliest: npt.NDArray[np.int64] = answers.argmax(axis=1)
    return likeliest


def _states(pictures: Pictures) -> tuple[Pictures, Pictures, Pictures]:
    return pictures, _middle_hidden(pictures, CENTRE_SIDE), _middle_hidden(pictures, BORDER_SIDE)


def _middle_hidden(pictures: Pictures, side: float) -> Pictures:
    size = pictures.shape[1]
    edge = round(size * (1 - side) / 2)
    middle = slice(edge, size - edge)
    hidden = pictures.copy()
    # The picture's own mean would tell the colour of what is hidden.
    hidden[:, middle, middle] = GREY
    return hidden


def _example_places(true: npt.NDArray[np.int64]) -> Sequence[int]:
    """The first picture of each class, of as many classes as examples are shown."""
    _, first = np.unique(true, return_index=True)
    return [int(place) for place in first[:_EXAMPLES]]
