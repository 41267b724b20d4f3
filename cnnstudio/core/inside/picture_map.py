"""The map: pictures of a project as points in a plane, near to each other where they look alike.

Start at `read_map`: it takes what is known to be seen in the pictures, so it needs no network. What
is missing comes from `look_closely`. PCA (principal component analysis) shows the two directions in
which pictures differ most, at once. `spread` is t-SNE, which keeps neighbours together and takes
longer. Both are kept, by what they were made of, where their `Sight` says.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cnnstudio.core.dataset.reading import index_samples
from cnnstudio.core.inside.kept_map import KeptMap, keep_map, read_kept_map
from cnnstudio.core.inside.map_groups import Colouring, Groups, groups_of
from cnnstudio.core.inside.principal_components import principal_components
from cnnstudio.core.inside.sight import Sight
from cnnstudio.core.inside.tsne import Places, tsne
from cnnstudio.core.jobs import Task, TaskContext
from cnnstudio.core.project import Project, Sample
from cnnstudio.core.runs import Run
from cnnstudio.core.storage.index import Index

MOST_SPREAD = 20_000
"""t-SNE of more pictures would take many minutes."""

_FEWEST_SPREAD = 5
_METHOD = "pca-1 tsne-3"


@dataclass(frozen=True, eq=False)
class PictureMap:
    """Pictures, and all that is needed to lay them out.

    `files` are the whole paths of `samples`. `rows` says which row of `components`, shape (m, k),
    belongs to each of the samples: copies have one. `key` stands for what it was made of. `spread`
    has shape (m, 2) where it is known already. `left_out` are the paths of pictures that cannot be
    read.
    """

    samples: tuple[Sample, ...]
    files: tuple[str, ...]
    rows: npt.NDArray[np.int64]
    components: Places
    key: str
    groups: Mapping[Colouring, Groups]
    spread: Places | None = None
    left_out: tuple[str, ...] = ()


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
    sight: Sight, project: Project, run: Run | None, may_lack: int = 0
) -> Task[PictureMap | FeaturesMissing]:
    """Return the task that lays out the pictures of a project from what is known of them.

    Args:
        sight: what they are compared by.
        project: whose pictures these are.
        run: whose answers and parts are shown, if any.
        may_lack: so many pictures are left out where nothing is known of them, as they could not
            be looked at.

    The task raises `StudioError` when the backbone is missing, `Cancelled` when the user cancels.
    """

    def task(context: TaskContext) -> PictureMap | FeaturesMissing:
        with Index.of(project) as index:
            marks = _marks(project, index, context)
            seen = sight.known(set(marks.values()), index)
            known = {sample: mark for sample, mark in marks.items() if mark in seen}
            if len(marks) - len(known) > may_lack:
                return FeaturesMissing(len(marks) - len(known), len(marks))
            order = sorted(seen)
            key = _key(sight.name, order)
            kept = read_kept_map(sight.map_file, key, len(order))
            if kept is None and order:
                context.checkpoint()
                features = sight.features(order, index)
                if len(features) < len(order):  # some are damaged
                    lost = sum(mark not in features for mark in marks.values())
                    return FeaturesMissing(lost, len(marks))
                rows = np.stack([features[mark] for mark in order])
                kept = KeptMap(key, principal_components(rows, context))
                keep_map(sight.map_file, kept)
        context.checkpoint()
        row_of = {mark: row for row, mark in enumerate(order)}
        samples = tuple(known)
        return PictureMap(
            samples,
            tuple(str(project.absolute(sample)) for sample in samples),
            np.array([row_of[mark] for mark in known.values()], np.int64),
            np.zeros((0, 2), np.float32) if kept is None else kept.components,
            key,
            groups_of(project, run, samples, tuple(known.values())),
            None if kept is None else kept.spread,
            tuple(sample.path for sample in project.samples if sample not in known),
        )

    return task


def look_closely(sight: Sight, project: Project) -> Task[None]:
    """Return the task that finds out and keeps what a map needs.

    The task raises `StudioError` when the network cannot be asked, `Cancelled` when the user
    cancels; what was found out until then is kept.
    """

    def task(context: TaskContext) -> None:
        with Index.of(project) as index:
            sight.look(_marks(project, index, context), index, context)

    return task


def spread(picture_map: PictureMap, sight: Sight) -> Task[Places]:
    """Return the task that computes t-SNE and keeps it.

    It reports `Progress`, and `SpreadMoved` while the map takes shape.

    The task raises `Cancelled` when the user cancels.
    """

    def task(context: TaskContext) -> Places:
        components = picture_map.components
        if len(components) < _FEWEST_SPREAD:
            return components[:, :2].copy()
        places = tsne(components, context, lambda moved: context.report(SpreadMoved(moved)))
        keep_map(sight.map_file, KeptMap(picture_map.key, components, places))
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


def _key(name: str, marks: Iterable[str]) -> str:
    digest = hashlib.blake2b(digest_size=16)
    digest.update("\n".join((_METHOD, name, *marks)).encode())
    return digest.hexdigest()
