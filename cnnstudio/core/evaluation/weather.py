"""How much a run's accuracy suffers when its pictures are disturbed, and where it falls.

Asks the run about the same pictures again and again: undisturbed, and at each strength of each of
the `disturbances`.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from cnnstudio.core.dataset.images import UnreadablePicture, read_array
from cnnstudio.core.dataset.reading import in_parallel
from cnnstudio.core.engine_api import Engine, Pictures
from cnnstudio.core.errors import StudioError
from cnnstudio.core.evaluation.disturbances import Disturbance, disturbances
from cnnstudio.core.evaluation.evaluation import Evaluation, place_of
from cnnstudio.core.events import Progress
from cnnstudio.core.jobs import Task, TaskContext
from cnnstudio.core.metrics import wilson_interval
from cnnstudio.core.runs import Run, checked_answers

MOST_PICTURES = 200
HOLDS_ABOVE = 0.9
"""Accuracy has fallen when it is below this share of that on the undisturbed pictures."""

BATCH = 32
_MOST_BYTES = 256 * 1024**2
_SEED = 0
_ONE_IN = 20


@dataclass(frozen=True)
class WeatherSample:
    """What is asked about: `count` of `total` pictures, of which `right` are right undisturbed.

    `missing` more could not be read, or are gone.
    """

    count: int
    total: int
    right: int
    missing: int = 0

    @property
    def accuracy(self) -> float:
        """The share that is right undisturbed."""
        return self.right / self.count


@dataclass(frozen=True)
class WeatherCurve:
    """How many of `count` pictures were right at each step of a disturbance, mildest first.

    `undisturbed` of them were right before; `lost` of these are not any more, at each step.
    """

    disturbance: Disturbance
    count: int
    undisturbed: int
    right: tuple[int, ...]
    lost: tuple[int, ...]

    @property
    def accuracies(self) -> tuple[float, ...]:
        """Shares, 0 to 1: undisturbed first, then each step."""
        return tuple(right / self.count for right in (self.undisturbed, *self.right))

    @property
    def intervals(self) -> tuple[tuple[float, float], ...]:
        """The 95 % Wilson interval of each accuracy."""
        rights = (self.undisturbed, *self.right)
        return tuple(wilson_interval(right, self.count) for right in rights)

    @property
    def falls_at(self) -> int | None:
        """The first step, counted from 0, at which accuracy has fallen; None where it holds."""
        limit = HOLDS_ABOVE * self.undisturbed
        return next((step for step, right in enumerate(self.right) if right < limit), None)

    @property
    def fall(self) -> float | None:
        """How strong the disturbance is where accuracy has fallen."""
        step = self.falls_at
        return None if step is None else self.disturbance.steps[step]

    def may_be_chance(self, step: int) -> bool:
        """Whether as much would be lost in more than 1 of 20 cases if nothing had changed.

        The exact sign test, one-sided, on the pictures whose answer changed between right and
        wrong: what McNemar's test is for few pictures.
        """
        lost = self.lost[step]
        changed = lost + self.right[step] - (self.undisturbed - lost)
        as_many = sum(math.comb(changed, count) for count in range(lost, changed + 1))
        return as_many * _ONE_IN > 1 << changed


def try_weather(
    engine: Engine, run: Run, evaluation: Evaluation, root: Path
) -> Task[tuple[WeatherCurve, ...]]:
    """Return the task that disturbs an evaluation's pictures and asks the run about them.

    At most `MOST_PICTURES` are asked about, fewer where they are large, of each class in
    proportion. `WeatherSample` is reported once they were asked about undisturbed, and a
    `WeatherCurve` after each disturbance. The task raises `StudioError` when none of the pictures
    can be read or the model cannot be loaded; `Cancelled` when the user cancels.

    Args:
        engine: who is asked.
        run: whose model.
        evaluation: whose pictures and labels.
        root: folder of the project that the pictures' paths begin in.
    """

    def task(context: TaskContext) -> tuple[WeatherCurve, ...]:
        size = run.config.training.image_size
        most = min(MOST_PICTURES, max(1, _MOST_BYTES // (3 * size * size)))
        places = spread_places(evaluation.true, most)
        pictures, labels = _read(run, evaluation, places, root, context)
        kinds = disturbances(size)
        asking = _Asking(engine, run, labels, 1 + sum(len(each.steps) for each in kinds), context)
        before = asking.is_right(pictures, None, 0)
        undisturbed, missing = int(before.sum()), len(places) - len(pictures)
        context.report(WeatherSample(len(pictures), len(evaluation), undisturbed, missing))
        curves = []
        for kind in kinds:
            steps = [asking.is_right(pictures, kind, value) for value in kind.steps]
            right = tuple(int(after.sum()) for after in steps)
            lost = tuple(int((before & ~after).sum()) for after in steps)
            curves.append(WeatherCurve(kind, len(pictures), undisturbed, right, lost))
            context.report(curves[-1])
        return tuple(curves)

    return task


def spread_places(labels: npt.NDArray[np.integer], most: int) -> npt.NDArray[np.int64]:
    """Return at most so many rows, chosen at random from each class in proportion, in order.

    Every n-th of the pictures ordered by class: systematic sampling. The same for the same labels.
    """
    order = np.random.default_rng(_SEED).permutation(len(labels))
    by_class = order[np.argsort(labels[order], kind="stable")]
    count = min(most, len(labels))
    every = np.arange(count) * len(labels) // max(count, 1)
    return np.sort(by_class[every]).astype(np.int64)


def _read(
    run: Run,
    evaluation: Evaluation,
    places: npt.NDArray[np.int64],
    root: Path,
    context: TaskContext,
) -> tuple[list[Pictures], npt.NDArray[np.int64]]:
    settings = run.config.training

    def read(path: Path) -> Pictures:
        return read_array(path, settings.image_size, settings.resize_mode)

    paths = [place_of(evaluation.pictures[place], root) for place in places]
    pictures: list[Pictures] = []
    labels: list[int] = []
    for done, result in enumerate(in_parallel(paths, read, context)):
        if not isinstance(result, UnreadablePicture):
            pictures.append(result)
            labels.append(int(evaluation.true[places[done]]))
        context.report(Progress("Reading the pictures", done + 1, len(places)))
    if not pictures:
        raise StudioError(
            "None of the pictures can be read any more: they were moved, or are damaged.",
            "Choose Other pictures to judge the run by a folder that is there.",
        )
    return pictures, np.array(labels, np.int64)


class _Asking:
    """Asks about all pictures, disturbed in one way, and says how far everything is."""

    def __init__(
        self,
        engine: Engine,
        run: Run,
        labels: npt.NDArray[np.int64],
        rounds: int,
        context: TaskContext,
    ) -> None:
        self._engine = engine
        self._run = run
        self._labels = labels
        self._context = context
        self._total = rounds * len(labels)
        self._done = 0
        self._began = 0.0
        self._first = 0

    def is_right(
        self, pictures: list[Pictures], kind: Disturbance | None, value: float
    ) -> npt.NDArray[np.bool_]:
        """Return which are right."""
        answers = np.concatenate(list(self._answers(pictures, kind, value)))
        right: npt.NDArray[np.bool_] = answers.argmax(axis=1) == self._labels
        return right

    def _answers(
        self, pictures: list[Pictures], kind: Disturbance | None, value: float
    ) -> Iterator[npt.NDArray[np.float32]]:
        for start in range(0, len(pictures), BATCH):
            chunk = []
            for seed, picture in enumerate(pictures[start : start + BATCH], start):
                chunk.append(picture if kind is None else kind.apply(picture, value, seed))
                self._context.checkpoint()
            answers = self._engine.predict(self._run.model_file, np.stack(chunk))
            yield checked_answers(self._run, answers)
            self._report(len(chunk), kind)

    def _report(self, count: int, kind: Disturbance | None) -> None:
        self._done += count
        left = None
        if not self._began:
            # The first batch also loads the model: it says nothing of the pace.
            self._began, self._first = time.monotonic(), self._done
        elif self._done > self._first:
            pace = (time.monotonic() - self._began) / (self._done - self._first)
            left = pace * (self._total - self._done)
        words = "Undisturbed" if kind is None else kind.label
        self._context.report(Progress(words, self._done, self._total, left))
        self._context.checkpoint()
