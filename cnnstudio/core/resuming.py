"""Going on with a training that was cut off, as if nothing had happened.

Its pictures are those that the plan names, found again by their content: a picture that was moved
or renamed within the project is the same picture, one that was edited is not.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from cnnstudio.core.catalog.training_presets import training_preset
from cnnstudio.core.dataset.images import UnreadablePicture
from cnnstudio.core.dataset.reading import fingerprint_of, in_parallel, index_samples, read_bytes
from cnnstudio.core.engine_api import Engine
from cnnstudio.core.errors import StudioError
from cnnstudio.core.gathering import gather
from cnnstudio.core.jobs import Task, TaskContext
from cnnstudio.core.project import SPLITS, ImageClass, Project, Sample
from cnnstudio.core.runs import Run, SampleRecord
from cnnstudio.core.storage import split_book
from cnnstudio.core.storage.index import Index
from cnnstudio.core.storage.split_book import SplitBook
from cnnstudio.core.storage.unfinished_runs import (
    UnfinishedPlan,
    UnfinishedRun,
    checkpoint_folder,
    read_plan,
    reopen,
)
from cnnstudio.core.training import TrainingPlan, carry_out, index_of
from cnnstudio.core.training_material import TrainingMaterial, wanted_by
from cnnstudio.core.training_members import Member, pictures_words


def resume_training(
    engine: Engine, unfinished: UnfinishedRun, project: Project, write_project: bool = True
) -> Task[Run]:
    """Return the task that goes on with a training and returns its run.

    It reports what `train_project` does; `TrainingBegan.history` has the epochs that are done.
    Cancelled, the unfinished training is thrown away; whatever fails, it is kept.

    Args:
        engine: what computes.
        unfinished: one that `list_unfinished` found.
        project: whose pictures it was begun with.
        write_project: as for `train_project`.

    The task raises `StudioError` when pictures are missing or have changed, another program works
    on it, or the engine fails; `Cancelled` when the user cancels.
    """

    def task(context: TaskContext) -> Run:
        plan, began = read_plan(unfinished), time.monotonic()
        with index_of(project, write_project) as index:
            # Before it is opened: it is kept when the user cancels here.
            material = _material(engine, plan, project, index, context)
            if write_project and plan.book is not None:
                book = _book_to_keep(plan.book, split_book.load(project.root))
                material = replace(material, new_book=book)
            with reopen(unfinished) as draft:
                begun = TrainingPlan(plan.target, plan.name, plan.created, plan.config, began)
                return carry_out(
                    engine,
                    project,
                    begun,
                    material,
                    index,
                    draft,
                    context,
                    checkpoint_folder(draft),
                )

    return task


def _material(
    engine: Engine, plan: UnfinishedPlan, project: Project, index: Index, context: TaskContext
) -> TrainingMaterial:
    """Read the pictures that the plan names, in its order, and see that they are the same.

    Raises:
        StudioError: pictures are missing, cannot be read, or have changed.
    """
    members = _found_again(plan.samples, project, index, context)
    config = plan.config
    gathered = gather(engine, members, config, wanted_by(config), index, context)
    marks = [row.fingerprint for row in gathered.rows]
    if marks != [each.fingerprint for each in plan.samples]:
        kept = dict(zip(gathered.kept, marks, strict=True))
        raise _missing(
            [
                each
                for place, each in enumerate(plan.samples)
                if kept.get(place) != each.fingerprint
            ],
            plan.samples,
        )
    warnings = plan.warnings
    if words := _relabelled_words(members):
        warnings += (words,)
    order = {name: place for place, name in enumerate(plan.class_names)}
    features = None
    if training_preset(config.preset).footing == "fine-tuning":
        features = np.stack([gathered.features[mark] for mark in marks])
    return TrainingMaterial(
        tuple(map(ImageClass, plan.class_names, plan.class_titles)),
        np.array([order[each.class_name] for each in plan.samples], np.int64),
        members,
        marks,
        {split: sum(each.split == split for each in plan.samples) for split in SPLITS},
        warnings,
        gathered.pictures,
        features,
    )


def _relabelled_words(members: Sequence[Member]) -> str:
    """Say how many pictures have another label by now; "" where none has."""
    moved = [each for each in members if each.sample.class_name not in (None, each.class_name)]
    if not moved:
        return ""
    verb = "has" if len(moved) == 1 else "have"
    return (
        f"{pictures_words(len(moved))} {verb} another label than when this training was begun,"
        f" such as {moved[0].path}. It goes on with the labels of then."
    )


def _found_again(
    records: Sequence[SampleRecord], project: Project, index: Index, context: TaskContext
) -> list[Member]:
    """Return where the pictures are now, in the order of the records.

    Raises:
        StudioError: some are nowhere.
    """
    by_path = {sample.path: sample for sample in project.samples}
    at_their_place = [by_path[each.path] for each in records if each.path in by_path]
    found = index_samples(project, at_their_place, index, context)
    samples: dict[SampleRecord, Sample] = {
        each: by_path[each.path]
        for each in records
        if each.path in by_path and found[each.path].fingerprint == each.fingerprint
    }
    outside = [each for each in records if Path(each.path).is_absolute()]
    samples |= _outside(outside, context)
    if len(samples) < len(set(records)):
        everywhere = index_samples(project, project.samples, index, context)
        by_mark = {row.fingerprint: by_path[path] for path, row in everywhere.items()}
        for each in records:
            if each not in samples and each.fingerprint in by_mark:
                samples[each] = by_mark[each.fingerprint]
    if missing := [each for each in records if each not in samples]:
        raise _missing(missing, records)
    return [
        Member(project.root / samples[each].path, samples[each], each.class_name, None)
        for each in records
    ]


def _outside(records: Sequence[SampleRecord], context: TaskContext) -> dict[SampleRecord, Sample]:
    """Return the pictures from elsewhere that are still what they were."""

    def look(record: SampleRecord) -> Sample | None:
        path = Path(record.path)
        if fingerprint_of(read_bytes(path)) != record.fingerprint:
            return None
        facts = path.stat()
        return Sample(record.path, None, facts.st_size, facts.st_mtime_ns)

    found = zip(records, in_parallel(records, look, context), strict=True)
    return {
        record: sample
        for record, sample in found
        if sample is not None and not isinstance(sample, UnreadablePicture)
    }


def _missing(missing: Sequence[SampleRecord], records: Sequence[SampleRecord]) -> StudioError:
    verb = "is missing or has" if len(missing) == 1 else "are missing or have"
    return StudioError(
        f"Of the {pictures_words(len(records))} that this training was begun with,"
        f" {len(missing):,} {verb} changed, such as {missing[0].path}.",
        "Put the pictures back as they were and resume again: nothing was lost. Or discard this"
        " training and begin a new one.",
    )


def _book_to_keep(begun_with: SplitBook, now: SplitBook) -> SplitBook | None:
    """Return the split to keep with the project, which may have dealt others meanwhile."""
    if now == SplitBook():
        return begun_with
    if replace(now, sides={}, pinned={}) != replace(begun_with, sides={}, pinned={}):
        return None
    return replace(
        now,
        sides={**begun_with.sides, **now.sides},
        pinned={**begun_with.pinned, **now.pinned},
    )
