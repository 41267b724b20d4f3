"""The cross-validation of a run of fast start, added to it once it is saved."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from cnnstudio.core.catalog.training_presets import training_preset
from cnnstudio.core.cross_checking import cross_check, is_small
from cnnstudio.core.errors import Cancelled, StudioError
from cnnstudio.core.events import Warned
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.runs import Run, add_cross_check
from cnnstudio.core.training_material import TrainingMaterial


def cross_checked(run: Run, material: TrainingMaterial, context: TaskContext) -> Run:
    """Cross-validate what learned on features, where the pictures are few; without the test part.

    The figures are added to the run's files. A run whose user stops or cancels meanwhile, or whose
    disk refuses, is returned as it is.
    """
    is_needed = is_small(len(material.labels), material.counts["test"])
    if training_preset(run.config.preset).footing != "features" or not is_needed:
        return run
    assert material.features is not None
    assert material.groups is not None
    known = slice(0, material.rows("test").start)
    try:
        found = cross_check(
            material.features[known].astype(np.float32),
            material.labels[known],
            material.groups[known].tolist(),
            len(material.classes),
            run.config.training.seed,
            context,
        )
    except Cancelled:
        return run
    if found is None:
        return run
    try:
        return add_cross_check(run, found)
    except StudioError as error:
        words = f"The run is saved, but without its cross-validation. {error.sentence}"
        context.report(Warned(words))
        return replace(run, cross_check=found, warnings=(*run.warnings, words))
