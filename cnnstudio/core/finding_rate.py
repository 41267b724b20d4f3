"""A short trial of rising learning rates on a project's training pictures."""

from __future__ import annotations

from cnnstudio.core.engine_api import Engine, LearningRateSweep
from cnnstudio.core.events import Progress
from cnnstudio.core.jobs import Task, TaskContext
from cnnstudio.core.project import Project
from cnnstudio.core.training import check_before_training
from cnnstudio.core.training_material import prepare_material


def find_rate(engine: Engine, project: Project) -> Task[LearningRateSweep]:
    """Return the task that tries rising learning rates with the project's settings.

    It reports `Progress`, writes nothing and keeps nothing of what was learned. It raises
    `StudioError` as a training would, `Cancelled` when the user cancels.
    """

    def task(context: TaskContext) -> LearningRateSweep:
        config = project.config
        check_before_training(project, config)
        material = prepare_material(project, {}, context)
        context.report(Progress("Trying rising learning rates"))
        names = tuple(each.name for each in material.classes)
        return engine.find_learning_rate(material.part("train"), config, names, context)

    return task
