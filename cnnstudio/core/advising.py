"""Help from a model: labels that are probably wrong, and classes for pictures without one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from cnnstudio.core.engine_api import Engine
from cnnstudio.core.jobs import Task
from cnnstudio.core.project import Project, Sample
from cnnstudio.core.runs import Run
from cnnstudio.core.storage.index import IndexedPicture

Features = npt.NDArray[np.float32]


class FeatureIndex(Protocol):
    """The part of a project's index that is needed here."""

    def find(self, samples: Iterable[Sample]) -> dict[str, IndexedPicture]:
        """Return what is known, by path, of samples that have not changed since."""
        ...

    def store(self, pictures: Mapping[Sample, IndexedPicture]) -> None:
        """Keep what was found out about samples."""
        ...

    def find_features(self, kind: str, fingerprints: Iterable[str]) -> dict[str, Features]:
        """Return the features that are kept of those pictures, by fingerprint."""
        ...

    def store_features(self, kind: str, features: Mapping[str, Features]) -> None:
        """Keep features by fingerprint."""
        ...


@dataclass(frozen=True)
class LabelDoubt:
    """A picture whose label is probably wrong; confidences are probabilities, 0 to 1."""

    path: str
    class_name: str
    suggested_class: str
    confidence_in_label: float
    confidence_in_suggestion: float


@dataclass(frozen=True)
class LabelDoubts:
    """What came of looking for wrong labels, most doubtful first.

    `accuracy_out_of_fold` is the share of the `compared` pictures whose label was guessed by a
    model that had not learned them: when it is low, the doubts are worth little. `notes` are
    sentences about what was left out.
    """

    doubts: tuple[LabelDoubt, ...]
    compared: int
    accuracy_out_of_fold: float
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Suggestion:
    """A class for a picture without one; `class_name` is the project's, `probability` 0 to 1.

    The probability is the network's own, which is more certain than it is right: see
    `certainty.precision_above` for how often such answers were right.
    """

    path: str
    class_name: str
    probability: float


@dataclass(frozen=True)
class Suggestions:
    """Classes for pictures without one, most certain first.

    `unreadable` pictures could not be read; for `without_class` the answer was a class that the
    project does not have (any more).
    """

    suggestions: tuple[Suggestion, ...]
    unreadable: int = 0
    without_class: int = 0

    def above(self, threshold: float) -> tuple[Suggestion, ...]:
        """Return those whose probability is at least `threshold`, 0 to 1."""
        return tuple(each for each in self.suggestions if each.probability >= threshold)


def doubt_labels(engine: Engine, project: Project, index: FeatureIndex) -> Task[LabelDoubts]:
    """Return the task that finds the labels of a project that are probably wrong.

    Works without any run. Features of pictures that the index does not know are computed with
    progress and time left, and kept in the index, also when the user cancels.

    The task raises `StudioError` when fewer than two classes have two different pictures that can
    be read; `Cancelled` when the user cancels.
    """
    raise NotImplementedError


def suggest_classes(
    engine: Engine, run: Run, project: Project, paths: Sequence[str]
) -> Task[Suggestions]:
    """Return the task that asks a run for the classes of pictures of the project.

    `paths` are those of samples, as in `Sample.path`; ones the project does not have are passed
    over. The task raises `StudioError` when the model cannot be loaded; `Cancelled` when the user
    cancels.
    """
    raise NotImplementedError
