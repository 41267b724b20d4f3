"""Asking what more pictures would bring to a run, by what the default backbone sees in its own."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from cnnstudio.core.catalog.backbones import DEFAULT_BACKBONE
from cnnstudio.core.config import RunConfig
from cnnstudio.core.engine_api import Engine
from cnnstudio.core.errors import StudioError
from cnnstudio.core.evaluation.learning_curve import LearningCurve, learning_curve
from cnnstudio.core.gathering import Wanted, gather
from cnnstudio.core.jobs import Task, TaskContext
from cnnstudio.core.project import Project
from cnnstudio.core.runs import Run, read_samples
from cnnstudio.core.storage.index import Index
from cnnstudio.core.training_material import look_alikes_of
from cnnstudio.core.training_members import Member

Learn = Task[LearningCurve]


def look_for_enough(engine: Engine, run: Run, project: Project) -> Task[Learn]:
    """Return the task that gathers what a run learned from; it gives the task that learns from it.

    What it gives needs no engine. Training and validation pictures take part, by the labels they
    have now; those that are gone or cannot be read do not.

    The task raises `StudioError` when none is left, `Cancelled` when the user cancels.
    """

    def task(context: TaskContext) -> Learn:
        members = _members(run, project)
        asked = project.with_config(_config(run))
        with Index.of(project) as index:
            wanted = Wanted("all", pictures=False)
            gathered = gather(engine, members, asked.config, wanted, index, context)
            if not gathered.kept:
                raise StudioError(
                    "None of the pictures that this run learned from is still in the project.",
                    "Train again with the pictures that there are now.",
                )
            members = [members[place] for place in gathered.kept]
            order = {name: place for place, name in enumerate(run.class_names)}
            labels = [order[member.class_name] for member in members]
            alike = look_alikes_of(engine, asked, members, labels, gathered, index, context)
        features = np.stack([gathered.features[mark] for mark in gathered.marks])
        groups: npt.NDArray[np.int64] = np.unique(alike.group_of, return_inverse=True)[1]

        def learn(context: TaskContext) -> LearningCurve:
            return learning_curve(
                features.astype(np.float32),
                np.array(labels),
                groups,
                run.class_titles,
                run.config.training.seed,
                context,
            )

        return learn

    return task


def _config(run: Run) -> RunConfig:
    transfer = replace(run.config.transfer, backbone=DEFAULT_BACKBONE.key)
    return replace(run.config, transfer=transfer)


def _members(run: Run, project: Project) -> list[Member]:
    by_path = {sample.path: sample for sample in project.samples}
    known = set(run.class_names)
    members = []
    for record in read_samples(run):
        sample = by_path.get(record.path)
        if sample is None or record.split == "test":
            continue
        name = sample.class_name if sample.class_name in known else record.class_name
        if name in known:
            members.append(Member(project.absolute(sample), sample, name, None))
    return members
