"""The map: pictures of a project as points in a plane, near to each other where they look alike.

Start at `read_map`: it takes features that are known, so it needs no engine. Those that are missing
come from `look_closely`. PCA (principal component analysis) shows the two directions in which the
features differ most, at once. `spread` is t-SNE, which keeps neighbours together and takes longer;
what came of it is kept in the project, by what it was made of.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from cnnstudio.core.dataset.reading import index_samples
from cnnstudio.core.engine_api import Engine
from cnnstudio.core.errors import StudioError
from cnnstudio.core.evaluation.evaluation import Evaluation, kept_evaluation
from cnnstudio.core.inside.tsne import Places, tsne
from cnnstudio.core.jobs import Task, TaskContext
from cnnstudio.core.picture_features import feature_name, features_of, kept_features
from cnnstudio.core.project import SPLITS, Project, Sample
from cnnstudio.core.runs import Run, read_samples
from cnnstudio.core.storage.atomic import write_bytes
from cnnstudio.core.storage.index import Index

Colouring = Literal["class", "answer", "split"]

MAP_FILE = "map.npz"
MOST_SPREAD = 20_000
"""t-SNE of more pictures would take many minutes."""

_KEPT_COMPONENTS = 50
_FEWEST_SPREAD = 5
_METHOD = "tsne-2"

_SPLIT_TITLES = {"train": "Training", "validation": "Validation", "test": "Test"}
_LEFT_OUT = "Not in this run"
_WITHOUT_CLASS = "Without a class"


@dataclass(frozen=True, eq=False)
class Groups:
    """What points are coloured by: `of` is the group of each, shape (n,), a place in `names`."""

    names: tuple[str, ...]
    of: npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class PictureMap:
    """Pictures, and all that is needed to lay them out.

    `files` are the whole paths of `samples`. `rows` says which row of `components`, shape (m, k),
    belongs to each of the samples: copies have one. `key` stands for what it was made of. `spread`
    has shape (m, 2) where it is known already. `groups` has the class of each picture, how the run
    answered and in which part of the run it was; without a run, the class only. `left_out` pictures
    cannot be read.
    """

    samples: tuple[Sample, ...]
    files: tuple[str, ...]
    rows: npt.NDArray[np.int64]
    components: Places
    key: str
    groups: Mapping[Colouring, Groups]
    spread: Places | None = None
    left_out: int = 0


@dataclass(frozen=True)
class FeaturesMissing:
    """So many of the pictures were not looked at closely yet."""

    missing: int
    total: int


@dataclass(frozen=True, eq=False)
class SpreadMoved:
    """Where the points are by now, shape (m, 2)."""

    places: Places


def read_map(
    engine: Engine, project: Project, run: Run | None, may_lack: int = 0
) -> Task[PictureMap | FeaturesMissing]:
    """Return the task that lays out the pictures of a project from what is known of them.

    Args:
        engine: names the features; it computes nothing.
        project: whose pictures these are.
        run: whose answers and parts are shown, if any.
        may_lack: so many pictures are left out where nothing is known of them, as they could not
            be looked at.

    The task raises `StudioError` when the backbone is missing, `Cancelled` when the user cancels.
    """

    def task(context: TaskContext) -> PictureMap | FeaturesMissing:
        with Index.of(project) as index:
            marks = _marks(project, index, context)
            features = kept_features(engine, project, marks.values(), index)
        context.checkpoint()
        known = {sample: mark for sample, mark in marks.items() if mark in features}
        if len(marks) - len(known) > may_lack:
            return FeaturesMissing(len(marks) - len(known), len(marks))
        order = sorted(features)
        row_of = {mark: row for row, mark in enumerate(order)}
        key = _key(feature_name(engine, project), order)
        if order:
            components = principal_components(np.stack([features[mark] for mark in order]))
        else:
            components = np.zeros((0, 2), np.float32)
        context.checkpoint()
        samples = tuple(known)
        return PictureMap(
            samples,
            tuple(str(project.absolute(sample)) for sample in samples),
            np.array([row_of[mark] for mark in known.values()], np.int64),
            components,
            key,
            _groups(project, run, samples, tuple(known.values())),
            _kept_spread(project, key, len(order)),
            len(project.samples) - len(samples),
        )

    return task


def look_closely(engine: Engine, project: Project) -> Task[None]:
    """Return the task that computes and keeps the features that a map needs.

    The task raises `StudioError` when the backbone is missing, `Cancelled` when the user cancels;
    what was computed until then is kept.
    """

    def task(context: TaskContext) -> None:
        with Index.of(project) as index:
            features_of(engine, project, _marks(project, index, context), index, context)

    return task


def principal_components(features: npt.NDArray[np.floating]) -> Places:
    """Return the coordinates along the directions in which features differ most, largest first.

    Args:
        features: shape (n, length), at least one row.

    Returns:
        Shape (n, k), k at most 50 and at least 2; where there are fewer directions, zeros.
    """
    centred = (features - features.mean(axis=0, dtype=np.float64)).astype(np.float32)
    kept = min(_KEPT_COMPONENTS, centred.shape[1])
    # The covariance has the size of a row, however many pictures there are.
    with threadpool_limits(1, user_api="blas"):  # the window needs a core meanwhile
        _, directions = np.linalg.eigh((centred.T @ centred).astype(np.float64))
    chosen = directions[:, ::-1][:, :kept]
    # The sign of a direction means nothing: fix it, so that a map does not flip from day to day.
    strongest = chosen[np.abs(chosen).argmax(axis=0), np.arange(kept)]
    components = np.zeros((len(features), max(kept, 2)), np.float32)
    components[:, :kept] = centred @ (chosen * np.where(strongest < 0, -1.0, 1.0))
    return components


def spread(picture_map: PictureMap, project: Project) -> Task[Places]:
    """Return the task that computes t-SNE and keeps it in the project's state folder.

    It reports `Progress`, and `SpreadMoved` while the map takes shape.

    The task raises `Cancelled` when the user cancels.
    """

    def task(context: TaskContext) -> Places:
        components = picture_map.components
        if len(components) < _FEWEST_SPREAD:
            return components[:, :2].copy()
        places = tsne(components, context, lambda moved: context.report(SpreadMoved(moved)))
        stream = io.BytesIO()
        np.savez(stream, key=np.array(picture_map.key), places=places)
        # A cache that cannot be written is no reason to lose what was computed.
        with contextlib.suppress(StudioError):
            write_bytes(_map_file(project), stream.getvalue())
        return places

    return task


def inside_polygon(
    places: npt.NDArray[np.floating], polygon: npt.NDArray[np.floating]
) -> npt.NDArray[np.bool_]:
    """Return which points, shape (n, 2), a closed line surrounds; corners of shape (m, 2).

    A point is inside when a ray from it crosses the line an odd number of times.
    """
    x, y = places[:, 0], places[:, 1]
    inside = np.zeros(len(places), np.bool_)
    for (x0, y0), (x1, y1) in zip(polygon, np.roll(polygon, -1, axis=0), strict=True):
        if y0 != y1:
            crosses = (y0 > y) != (y1 > y)
            inside ^= crosses & (x < (x1 - x0) * (y - y0) / (y1 - y0) + x0)
    return inside


def _marks(project: Project, index: Index, context: TaskContext) -> dict[Sample, str]:
    found = index_samples(project, project.samples, index, context)
    return {
        sample: found[sample.path].fingerprint
        for sample in project.samples
        if not found[sample.path].problem
    }


def _groups(
    project: Project, run: Run | None, samples: Sequence[Sample], marks: Sequence[str]
) -> dict[Colouring, Groups]:
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


def _key(name: str, marks: Iterable[str]) -> str:
    digest = hashlib.blake2b(digest_size=16)
    digest.update("\n".join((_METHOD, name, *marks)).encode())
    return digest.hexdigest()


def _map_file(project: Project) -> Path:
    return project.state_folder / MAP_FILE


def _kept_spread(project: Project, key: str, count: int) -> Places | None:
    try:
        with np.load(_map_file(project)) as kept:
            places: Places = kept["places"]
            is_same = str(kept["key"]) == key and places.shape == (count, 2)
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None
    return places if is_same else None
