"""A quick test of a model before it is imported: which scaling was it made for?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from cnnstudio.core.catalog.scalings import SCALINGS
from cnnstudio.core.config import ResizeMode
from cnnstudio.core.dataset.images import UnreadablePicture, read_array
from cnnstudio.core.dataset.reading import in_parallel
from cnnstudio.core.engine_api import Engine, Pictures
from cnnstudio.core.errors import StudioError
from cnnstudio.core.events import Progress
from cnnstudio.core.evidence import CHANCE, mcnemar
from cnnstudio.core.foreign.choices import shared_classes
from cnnstudio.core.foreign.found_model import FoundModel
from cnnstudio.core.jobs import Task, TaskContext
from cnnstudio.core.project import Project, Sample

MOST_TRIED = 32
MOST_SHOWN = 6
_FEWEST_TO_JUDGE = 4


@dataclass(frozen=True, eq=False)
class TriedScaling:
    """The answers with one scaling: `right` of the labelled pictures, or why there are none."""

    key: str
    answers: npt.NDArray[np.float32]
    right: int
    problem: str = ""


@dataclass(frozen=True, eq=False)
class ScalingTrial:
    """What a model answers to some pictures with each scaling.

    `samples` are the pictures, `shown` the first of them as the model sees them; `labels` their
    places among the model's classes, -1 where it does not know their class.
    """

    samples: tuple[Sample, ...]
    labels: tuple[int, ...]
    tried: tuple[TriedScaling, ...]
    shown: Pictures = field(default_factory=lambda: np.empty((0, 8, 8, 3), np.uint8))

    @property
    def labelled(self) -> int:
        """How many of the pictures have a class that the model knows."""
        return sum(label >= 0 for label in self.labels)

    def best_or(self, guess: str) -> str:
        """Return the scaling with which it is right most often.

        That is the guess where it is as good as any, or where too few pictures can tell.
        """
        usable = [each for each in self.tried if not each.problem]
        if not usable:
            return guess
        if self.labelled < _FEWEST_TO_JUDGE:
            return guess if guess in [each.key for each in usable] else usable[0].key
        most = max(each.right for each in usable)
        best = [each for each in usable if each.right == most]
        if guess in [each.key for each in best]:
            return guess
        return max(best, key=self._sureness).key

    def is_best(self, key: str) -> bool:
        """Whether it is right with that scaling more often than with any other."""
        own = self.of(key)
        if own is None or own.problem or self.labelled < _FEWEST_TO_JUDGE:
            return False
        others = [each.right for each in self.tried if each is not own and not each.problem]
        return own.right > max(others, default=-1)

    def rival(self) -> tuple[TriedScaling, TriedScaling] | None:
        """Return the two that are right most often, where the first may be so by chance.

        None where it is clearly better than all others (McNemar's test on the same pictures, 5 %),
        or where there are too few pictures, or no other scaling, to compare it with.
        """
        usable = [each for each in self.tried if not each.problem]
        if self.labelled < _FEWEST_TO_JUDGE or len(usable) < 2:
            return None
        best, *others = sorted(usable, key=lambda each: -each.right)
        for other in others:
            pair = self._is_right(best), self._is_right(other)
            only_best, only_other = (int((one & ~two).sum()) for one, two in (pair, pair[::-1]))
            if mcnemar(only_best, only_other) >= CHANCE:
                return best, other
        return None

    def _is_right(self, tried: TriedScaling) -> npt.NDArray[np.bool_]:
        is_right: npt.NDArray[np.bool_] = tried.answers.argmax(axis=1) == np.array(self.labels)
        return is_right

    def _sureness(self, tried: TriedScaling) -> float:
        """The mean probability of the true classes."""
        rows = [row for row, label in enumerate(self.labels) if label >= 0]
        return float(tried.answers[rows, [self.labels[row] for row in rows]].mean())

    def of(self, key: str) -> TriedScaling | None:
        """Return what was answered with a scaling."""
        return next((each for each in self.tried if each.key == key), None)


def try_scalings(
    engine: Engine,
    model_file: Path,
    found: FoundModel,
    titles: Sequence[str],
    size_px: int,
    resize_mode: ResizeMode,
    project: Project,
) -> Task[ScalingTrial]:
    """Return the task that asks a model about a few pictures of a project in each way.

    Labelled ones of the classes that both know are taken first, as many of each. The task raises
    `StudioError` when the model cannot be asked at all, `Cancelled` when the user cancels.
    """

    def task(context: TaskContext) -> ScalingTrial:
        places = shared_classes(titles, project)
        chosen = _chosen(project, places)

        def read(sample: Sample) -> Pictures:
            return read_array(project.absolute(sample), size_px, resize_mode)

        samples: list[Sample] = []
        pictures: list[Pictures] = []
        for sample, picture in zip(chosen, in_parallel(chosen, read, context), strict=True):
            if not isinstance(picture, UnreadablePicture):
                samples.append(sample)
                pictures.append(picture)
        labels = tuple(places.get(each.class_name or "", -1) for each in samples)
        if not pictures:
            return ScalingTrial((), (), ())
        asked = np.stack(pictures)
        tried: list[TriedScaling] = []
        for number, scaling in enumerate(SCALINGS):
            context.checkpoint()
            context.report(Progress("Trying how values go in", number, len(SCALINGS)))
            try:
                feeding = found.feeding(size_px, scaling.key)
                answers = engine.predict_fed(model_file, feeding, asked)
            except StudioError as error:
                nothing = np.empty((0, found.class_count), np.float32)
                tried.append(TriedScaling(scaling.key, nothing, 0, error.sentence))
                continue
            right = int((answers.argmax(axis=1) == np.array(labels)).sum())
            tried.append(TriedScaling(scaling.key, answers, right))
        if all(each.problem for each in tried):
            raise StudioError(tried[0].problem)
        return ScalingTrial(tuple(samples), labels, tuple(tried), asked[:MOST_SHOWN])

    return task


def _chosen(project: Project, places: dict[str, int]) -> list[Sample]:
    """Up to 32 pictures: those with a known class by turns from each class, then any."""
    by_class: dict[str, list[Sample]] = {name: [] for name in places}
    others: list[Sample] = []
    for sample in project.samples:
        by_class.get(sample.class_name or "", others).append(sample)
    turns = [
        rows[place]
        for place in range(MOST_TRIED)
        for rows in by_class.values()
        if place < len(rows)
    ]
    step = max(1, len(others) // MOST_TRIED)
    return [*turns, *others[::step]][:MOST_TRIED]
