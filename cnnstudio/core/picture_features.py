"""What a pretrained network sees in the pictures of a project: computed once, kept in its index."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice

import numpy as np
import numpy.typing as npt

from cnnstudio.core.dataset.images import UnreadablePicture, read_array
from cnnstudio.core.dataset.reading import in_parallel
from cnnstudio.core.engine_api import Engine, Pictures
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.progress_clock import ProgressClock
from cnnstudio.core.project import Project, Sample
from cnnstudio.core.storage.index import Index

BATCH = 32

Features = npt.NDArray[np.float32]


def features_of(
    engine: Engine,
    project: Project,
    marks: Mapping[Sample, str],
    index: Index,
    context: TaskContext,
) -> dict[str, Features]:
    """Return the features of pictures by fingerprint, kept or computed, and keep them.

    Args:
        engine: computes them.
        project: whose pictures these are.
        marks: the pictures, each with its fingerprint.
        index: knows features, and keeps them batch by batch.
        context: progress and cancelling.

    Returns:
        Rows of shape (length,) by fingerprint; pictures that cannot be read have none.

    Raises:
        StudioError: the pretrained weights are missing or damaged.
        Cancelled: the user cancelled; what was computed until then is in the index.
    """
    kind = engine.feature_kind()
    name = feature_name(engine, project)
    features = kept_features(engine, project, marks.values(), index)
    # Of copies one is looked at.
    unknown = list(
        {mark: sample for sample, mark in marks.items() if mark not in features}.values()
    )
    words = "Looking closely at the pictures"
    for samples, pictures in batches_of(project, unknown, kind.size_px, context, words):
        rows = engine.features(pictures)
        found = {marks[sample]: row for sample, row in zip(samples, rows, strict=True)}
        index.store_features(name, found)
        features.update(found)
    return features


def feature_name(engine: Engine, project: Project) -> str:
    """Return what these features are called in the index; how pictures are made square matters."""
    return f"{engine.feature_kind().name}-{project.config.training.resize_mode}"


def kept_features(
    engine: Engine, project: Project, marks: Iterable[str], index: Index
) -> dict[str, Features]:
    """Return the features that the index knows, by fingerprint, rows of shape (length,)."""
    length = engine.feature_kind().length
    kept = index.find_features(feature_name(engine, project), set(marks))
    return {
        mark: np.asarray(row, np.float32) for mark, row in kept.items() if row.shape == (length,)
    }


def batches_of(
    project: Project, samples: Sequence[Sample], size_px: int, context: TaskContext, words: str
) -> Iterator[tuple[list[Sample], Pictures]]:
    """Give the pictures that can be read, batch by batch, shape (n, size_px, size_px, 3) each.

    They are read as the project's resize mode says. While one batch is worked on, the next two are
    decoded. Progress is reported in `words`, with the time left.

    Raises:
        Cancelled: the user cancelled.
    """
    if not samples:
        return
    mode = project.config.training.resize_mode
    results = in_parallel(
        [project.absolute(sample) for sample in samples],
        lambda place: read_array(place, size_px, mode),
        context,
        ahead=2 * BATCH,
    )
    clock = ProgressClock(words, len(samples), context)
    for start in range(0, len(samples), BATCH):
        chunk = samples[start : start + BATCH]
        pairs = [
            (sample, picture)
            for sample, picture in zip(chunk, islice(results, len(chunk)), strict=True)
            if not isinstance(picture, UnreadablePicture)
        ]
        if pairs:
            yield [sample for sample, _ in pairs], np.stack([picture for _, picture in pairs])
        clock.report(start + len(chunk))
        context.checkpoint()
