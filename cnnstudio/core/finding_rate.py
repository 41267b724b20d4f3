"""A short trial of rising learning rates on a project's training pictures."""

from __future__ import annotations

from cnnstudio.core.catalog.training_presets import training_preset
from cnnstudio.core.engine_api import Engine, LearningRateSweep
from cnnstudio.core.events import Progress
from cnnstudio.core.head_fitting import fitted_head
from cnnstudio.core.jobs import Task, TaskContext
from cnnstudio.core.project import Project
from cnnstudio.core.storage.index import Index
from cnnstudio.core.training import check_before_training
from cnnstudio.core.training_material import prepare_material


def find_rate(engine: Engine, project: Project) -> Task[LearningRateSweep]:
    """Return the task that tries rising learning rates with the project's settings.

    It is for fine-tuning and from scratch: a head on features learns well at any usual rate. It
    reports `Progress`, keeps nothing of what was learned, and writes nothing but what the index
    keeps. It raises `StudioError` as a training would, `Cancelled` when the user cancels.
    """

    def task(context: TaskContext) -> LearningRateSweep:
        config = project.config
        check_before_training(project, config)
        with Index.of(project) as index:
            material = prepare_material(engine, project, {}, index, context)
        names = tuple(each.name for each in material.classes)
        head = None
        if training_preset(config.preset).footing == "fine-tuning":
            head = fitted_head(material.features_of("train"), len(names), context)
        context.report(Progress("Trying rising learning rates"))
        pictures = material.pictures_of("train")
        return engine.find_learning_rate(pictures, config, names, context, head)

    return task
