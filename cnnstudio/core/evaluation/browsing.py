"""The pictures behind an evaluation's figures: those shown, their order, what became of them.

An evaluation stays as it was measured. Meanwhile people correct labels and remove pictures; a
`Standing` says so for each picture, by its content and not only by its path.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

from cnnstudio.core.comparing import renamed_classes
from cnnstudio.core.evaluation.evaluation import EvaluatedPicture, Evaluation
from cnnstudio.core.project import Project, Sample

BrowsingOrder = Literal["worst", "uncertain", "certain"]


@dataclass(frozen=True)
class Browsing:
    """A choice of an evaluation's pictures and their order; the default is all, the worst first.

    "worst" begins with what is wrong, the most certain first, and goes on with what is right, the
    least certain first. "uncertain" and "certain" go by the probability of the class answered. What
    is equal keeps the evaluation's order. `true` and `predicted` are class indices, None for any.
    """

    order: BrowsingOrder = "worst"
    true: int | None = None
    predicted: int | None = None
    only_wrong: bool = False


def browse(evaluation: Evaluation, browsing: Browsing) -> npt.NDArray[np.int64]:
    """Return the rows of the evaluation that are shown, shape (shown,), in their order."""
    predicted, is_right = evaluation.predicted, evaluation.is_right
    certainty = evaluation.probabilities.max(axis=1)
    if browsing.order == "worst":
        placed = np.lexsort((np.where(is_right, certainty, -certainty), is_right))
    else:
        key = certainty if browsing.order == "uncertain" else -certainty
        placed = np.argsort(key, kind="stable")
    is_shown = np.ones(len(evaluation), np.bool_)
    if browsing.true is not None:
        is_shown &= evaluation.true == browsing.true
    if browsing.predicted is not None:
        is_shown &= predicted == browsing.predicted
    if browsing.only_wrong:
        is_shown &= ~is_right
    rows: npt.NDArray[np.int64] = placed[is_shown[placed]].astype(np.int64)
    return rows


Whereabouts = Literal["here", "unchecked", "replaced", "gone", "outside"]


@dataclass(frozen=True)
class Standing:
    """What has become of an evaluated picture in the open project.

    "here": the project has it, by its content, as `sample`. "unchecked": `sample` lies at its path,
    but its content is not known yet. "replaced": at its path lies another picture, `sample`.
    "gone": the project no longer has it. "outside": it never was in the project. `is_relabelled`
    says whether `sample` is in another class than the one it was judged by.
    """

    whereabouts: Whereabouts
    sample: Sample | None = None
    is_relabelled: bool = False

    @property
    def can_be_edited(self) -> bool:
        """Whether it is certain that an edit would be of the picture that was judged."""
        return self.whereabouts == "here"


def standings(
    evaluation: Evaluation, project: Project, fingerprints: Mapping[str, str]
) -> tuple[Standing, ...]:
    """Return what has become of each picture.

    A class whose pictures all have one new name is taken for renamed, not for relabelled.

    Args:
        evaluation: whose pictures.
        project: the one that is open.
        fingerprints: of the project's pictures, by path, as far as they are known.
    """
    found = _found(evaluation, project, fingerprints)
    judged = [evaluation.class_names[label] for label in evaluation.true.tolist()]
    renamed = renamed_classes(
        (
            (old, each.sample.class_name or "")
            for old, each in zip(judged, found, strict=True)
            if each.sample is not None and each.whereabouts == "here"
        ),
        evaluation.class_names,
        [each.name for each in project.classes],
    )
    return tuple(
        Standing(each.whereabouts, each.sample, is_relabelled=True)
        if each.can_be_edited
        and each.sample is not None
        and each.sample.class_name != renamed.get(old, old)
        else each
        for old, each in zip(judged, found, strict=True)
    )


def _found(
    evaluation: Evaluation, project: Project, fingerprints: Mapping[str, str]
) -> list[Standing]:
    paths = [path_within(each, project.root) for each in evaluation.pictures]
    found: list[Standing | None] = []
    taken: set[str] = set()
    for path, picture in zip(paths, evaluation.pictures, strict=True):
        sample = None if path is None else project.sample_at.get(path)
        standing = None
        if path is None:
            standing = Standing("outside")
        elif sample is not None and not (picture.fingerprint and path in fingerprints):
            standing = Standing("unchecked", sample)
        elif sample is not None and fingerprints[path] == picture.fingerprint:
            standing = Standing("here", sample)
            taken.add(path)
        found.append(standing)
    if all(found):
        return [each for each in found if each is not None]
    # What moved is found by its content; copies of it that were judged themselves are no answer.
    at_mark: dict[str, list[Sample]] = defaultdict(list)
    for sample in project.samples:
        mark = fingerprints.get(sample.path)
        if mark and sample.path not in taken:
            at_mark[mark].append(sample)
    again: list[Standing] = []
    for path, picture, standing in zip(paths, evaluation.pictures, found, strict=True):
        if standing is None and path is not None:
            standing = _moved(path, at_mark[picture.fingerprint], project)
        again.append(standing or Standing("gone"))
    return again


def _moved(path: str, candidates: list[Sample], project: Project) -> Standing:
    """Take one of the samples with the same content, one of the same file name first."""
    if not candidates:
        sample = project.sample_at.get(path)
        return Standing("gone") if sample is None else Standing("replaced", sample)
    name = path.rpartition("/")[2]
    chosen = next((each for each in candidates if each.file_name == name), candidates[0])
    candidates.remove(chosen)
    return Standing("here", chosen)


def path_within(picture: EvaluatedPicture, root: Path) -> str | None:
    """Return the path of a picture relative to a project, None when it lies outside."""
    if not os.path.isabs(picture.path):  # noqa: PTH117 - ten times as fast, for every picture
        return picture.path
    path = Path(picture.path)
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else None
