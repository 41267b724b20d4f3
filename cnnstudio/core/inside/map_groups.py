"""What the points of a map are coloured by: their class, how the run answered, in which part."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from cnnstudio.core.errors import StudioError
from cnnstudio.core.evaluation.evaluation import Evaluation, kept_evaluation
from cnnstudio.core.project import SPLITS, Project, Sample
from cnnstudio.core.runs import Run, read_samples

Colouring = Literal["class", "answer", "split"]

_SPLIT_TITLES = {"train": "Training", "validation": "Validation", "test": "Test"}
_LEFT_OUT = "Not in this run"
_WITHOUT_CLASS = "Without a class"


@dataclass(frozen=True, eq=False)
class Groups:
    """What points are coloured by: `of` is the group of each, shape (n,), a place in `names`."""

    names: tuple[str, ...]
    of: npt.NDArray[np.int64]


def groups_of(
    project: Project, run: Run | None, samples: Sequence[Sample], marks: Sequence[str]
) -> dict[Colouring, Groups]:
    """Return the groups of samples by each colouring; without a run there is the class only.

    Args:
        project: whose samples these are.
        run: which answered, or learned from them.
        samples: the points, n.
        marks: their fingerprints, n.
    """
    groups: dict[Colouring, Groups] = {"class": _by_class(project, samples)}
    if run is not None:
        groups["answer"] = _by_answer(run, samples, marks)
        groups["split"] = _by_split(run, samples, marks)
    return groups


def _by_class(project: Project, samples: Iterable[Sample]) -> Groups:
    """In the order of the project's classes; last come pictures without one."""
    place = {each.name: number for number, each in enumerate(project.classes)}
    names = (*(each.title for each in project.classes), _WITHOUT_CLASS)
    last = len(place)
    return Groups(
        names, np.array([place.get(each.class_name or "", last) for each in samples], np.int64)
    )


def _by_answer(run: Run, samples: Sequence[Sample], marks: Sequence[str]) -> Groups:
    """Whether the run was right, of those pictures on which it was measured."""
    group: dict[str, int] = {}
    for part in ("validation", "test"):
        try:
            kept: Evaluation = kept_evaluation(run, part)
        except StudioError:  # an older run: of these pictures nothing is known
            continue
        for picture, is_right in zip(kept.pictures, kept.is_right.tolist(), strict=True):
            group[picture.fingerprint or picture.path] = 1 if is_right else 0
    return Groups(("Wrong", "Right", "Not asked"), _placed(group, samples, marks, 2))


def _by_split(run: Run, samples: Sequence[Sample], marks: Sequence[str]) -> Groups:
    place = {split: number for number, split in enumerate(SPLITS)}
    group = {
        each.fingerprint or each.path: place[each.split]
        for each in read_samples(run)
        if each.split in place
    }
    names = (*(_SPLIT_TITLES[split] for split in SPLITS), _LEFT_OUT)
    return Groups(names, _placed(group, samples, marks, len(SPLITS)))


def _placed(
    group: Mapping[str, int], samples: Sequence[Sample], marks: Sequence[str], otherwise: int
) -> npt.NDArray[np.int64]:
    """The group of each picture: by its content, else by its path."""
    return np.array(
        [
            group.get(mark, group.get(sample.path, otherwise))
            for sample, mark in zip(samples, marks, strict=True)
        ],
        np.int64,
    )
