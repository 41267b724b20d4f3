"""The training pictures that a picture is most like, by what a pretrained network sees in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from cnnstudio.core.catalog.backbones import DEFAULT_BACKBONE
from cnnstudio.core.catalog.training_presets import training_preset
from cnnstudio.core.config import RunConfig
from cnnstudio.core.dataset.images import read_array
from cnnstudio.core.engine_api import Engine
from cnnstudio.core.gathering import Wanted, feature_name, gather, known_features
from cnnstudio.core.jobs import Task, TaskContext
from cnnstudio.core.predictions import PictureSource, content_of
from cnnstudio.core.project import Project
from cnnstudio.core.runs import Run, SampleRecord, read_samples
from cnnstudio.core.storage.index import Index
from cnnstudio.core.training_members import Member

MOST_SIMILAR = 5
_ROWS_AT_ONCE = 4096


@dataclass(frozen=True)
class SimilarPicture:
    """A training picture and how like it is: the cosine of the features, at most 1.

    `learned_as` is the class it was learned as. `path` is where it lies in the project now, under
    the class `class_name` (None: without one); None where it lies there no more. `place` is the
    file.
    """

    place: Path
    learned_as: str
    similarity: float
    path: str | None = None
    class_name: str | None = None


@dataclass(frozen=True)
class LearnedFeatures:
    """The features of a run's training pictures, a row of length 1 for each of `records`.

    `missing` counts training pictures of the project whose features were never computed.
    """

    records: tuple[SampleRecord, ...]
    units: npt.NDArray[np.float16]
    missing: int = 0

    def nearest(
        self, features: npt.NDArray[np.floating], count: int
    ) -> list[tuple[SampleRecord, float]]:
        """Return the most similar pictures to one with these features, shape (length,)."""
        unit = _units(features[None].astype(np.float32))[0].astype(np.float32)
        cosines = np.concatenate(
            [
                self.units[start : start + _ROWS_AT_ONCE].astype(np.float32) @ unit
                for start in range(0, len(self.records), _ROWS_AT_ONCE)
            ]
            or [np.empty(0, np.float32)]
        )
        order = np.argsort(-cosines, kind="stable")[:count]
        return [(self.records[place], min(1.0, float(cosines[place]))) for place in order]


def learned_features(
    engine: Engine, run: Run, project: Project, *, computes: bool
) -> Task[LearnedFeatures]:
    """Return the task that gets the features of the pictures a run was trained on.

    Those that the project's index knows cost next to nothing. With `computes` the others are
    computed and kept, some hundred a second; without, they are counted as missing. The task raises
    `StudioError` when the backbone's weights are missing, `Cancelled` when the user cancels; what
    was computed until then is kept.
    """

    def task(context: TaskContext) -> LearnedFeatures:
        config = _settings(run)
        kind = engine.feature_kind(config.transfer.backbone)
        records = [each for each in read_samples(run) if each.split == "train"]
        with Index.of(project) as index:
            name = feature_name(kind, config)
            known = known_features(index, name, kind, {each.fingerprint for each in records})
            missing = [
                each
                for each in records
                if each.fingerprint not in known and each.path in project.sample_at
            ]
            if missing and computes:
                members = _members(project, missing)
                known |= gather(
                    engine, members, config, Wanted("all", pictures=False), index, context
                ).features
                missing = []
        kept = tuple(each for each in records if each.fingerprint in known)
        units = np.empty((len(kept), kind.length), np.float16)
        for start in range(0, len(kept), _ROWS_AT_ONCE):
            context.checkpoint()
            rows = [known[each.fingerprint] for each in kept[start : start + _ROWS_AT_ONCE]]
            units[start : start + _ROWS_AT_ONCE] = _units(np.stack(rows).astype(np.float32))
        return LearnedFeatures(kept, units, len(missing))

    return task


def similar_pictures(
    engine: Engine,
    run: Run,
    project: Project,
    source: PictureSource,
    learned: LearnedFeatures,
    count: int = MOST_SIMILAR,
) -> tuple[SimilarPicture, ...]:
    """Return the training pictures that a picture is most like, the most similar first.

    Raises:
        StudioError: the picture cannot be read, or the backbone's weights are missing.
    """
    config = _settings(run)
    kind = engine.feature_kind(config.transfer.backbone)
    picture = read_array(content_of(source), kind.size_px, config.training.resize_mode)
    features = engine.features(picture[None], config.transfer.backbone)[0]
    nearest = learned.nearest(features, count)
    places = _places_now(project, [record for record, _ in nearest])
    found = []
    for record, similarity in nearest:
        path = places.get(record)
        sample = None if path is None else project.sample_at[path]
        found.append(
            SimilarPicture(
                project.root / (path or record.path),
                record.class_name,
                similarity,
                path,
                None if sample is None else sample.class_name,
            )
        )
    return tuple(found)


def _settings(run: Run) -> RunConfig:
    """The run's settings, with the program's own backbone where it was trained without one."""
    if training_preset(run.config.preset).footing != "scratch":
        return run.config
    return replace(run.config, transfer=replace(run.config.transfer, backbone=DEFAULT_BACKBONE.key))


def _members(project: Project, records: Sequence[SampleRecord]) -> list[Member]:
    samples = [project.sample_at[each.path] for each in records]
    return [
        Member(project.absolute(sample), sample, record.class_name, sample.pinned_split)
        for sample, record in zip(samples, records, strict=True)
    ]


def _places_now(project: Project, records: Sequence[SampleRecord]) -> dict[SampleRecord, str]:
    """Return where pictures lie now: a label that was fixed moved the file."""
    places = {each: each.path for each in records if each.path in project.sample_at}
    moved = [each for each in records if each not in places]
    if moved:
        with Index.of(project) as index:
            rows = index.find(project.samples)
        path_of = {row.fingerprint: path for path, row in rows.items()}
        for each in moved:
            if each.fingerprint in path_of:
                places[each] = path_of[each.fingerprint]
    return places


def _units(rows: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    units: npt.NDArray[np.float32] = rows / np.maximum(lengths, 1e-6)
    return units
