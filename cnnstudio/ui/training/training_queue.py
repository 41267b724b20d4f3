"""`TrainingQueue`: the training that runs and those that wait for it."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from cnnstudio.core.catalog.training_presets import training_preset
from cnnstudio.core.config import RunConfig
from cnnstudio.core.dataset.scanning import scan
from cnnstudio.core.engine_api import Engine
from cnnstudio.core.jobs import Task, TaskContext
from cnnstudio.core.project import Project
from cnnstudio.core.runs import Run
from cnnstudio.core.storage.unfinished_runs import UnfinishedRun
from cnnstudio.core.training import train_project
from cnnstudio.ui.jobs import Job, JobQueue


@dataclass(frozen=True, eq=False)
class Training:
    """One training, from the moment it is asked for; `key` tells it from all others."""

    key: str
    name: str
    root: Path
    config: RunConfig
    job: Job
    task: Task[Run] | None = None
    """What is done instead of training anew, where a training is gone on with."""
    draft: Path | None = None
    """The folder of the training that is gone on with."""


class TrainingQueue(QObject):
    """Trains one after the other, each with the settings it was asked for with.

    Only the one that runs is in line for the engine, so that predictions asked for meanwhile come
    before the trainings that wait. `started` carries a `Training` when its turn comes, `trained`
    the `Run` it became, `changed` is emitted whenever others run or wait.
    """

    started = Signal(object)
    trained = Signal(object)
    changed = Signal()

    def __init__(
        self,
        engine: Engine,
        engine_jobs: JobQueue,
        opened: Callable[[], Project | None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.current: Training | None = None
        self._engine = engine
        self._jobs = engine_jobs
        self._opened = opened
        self._waiting: deque[Training] = deque()
        self._numbers = itertools.count(1)
        engine_jobs.job_ended.connect(self._on_job_ended)

    def elsewhere(self, job: Job) -> str:
        """Return the title of the project that a training belongs to, "" for the open one's."""
        project, training = self._opened(), self.current
        if training is None or training.job is not job:
            return ""
        is_here = project is not None and project.root == training.root
        return "" if is_here else Project(training.root).title

    @property
    def waiting(self) -> tuple[Training, ...]:
        """The trainings in line, the next one first."""
        return tuple(self._waiting)

    @property
    def can_go_on_later(self) -> bool:
        """Whether what runs keeps its state, so that it can be gone on with another time."""
        # A head on features keeps none: it is trained again within seconds.
        training = self.current
        return (
            training is not None and training_preset(training.config.preset).footing != "features"
        )

    @property
    def is_running(self) -> bool:
        """Whether a training runs or waits."""
        return self.current is not None

    def all(self) -> tuple[Training, ...]:
        """Return the training that runs and those that wait."""
        return (*([self.current] if self.current is not None else []), *self._waiting)

    def add(
        self, project: Project, config: RunConfig, taken: Iterable[str], *, instead: bool = False
    ) -> Training:
        """Train with these settings, now or when those before it have ended.

        Args:
            project: whose pictures are learned, as they are when its turn comes.
            config: what is trained with, whatever the project's settings are by then.
            taken: names that runs have already.
            instead: cancel the one that runs, and train with these at once.
        """
        name = self._free_name(training_preset(config.preset).label, taken)
        training = Training(self._key(), name, project.root, config, self._job())
        if instead and self.current is not None:
            self._waiting.appendleft(training)
            self.current.job.cancel()
            self.changed.emit()
            return training
        return self._put(training)

    def go_on(self, root: Path, run: UnfinishedRun, task: Task[Run]) -> Training:
        """Go on with a training that was cut off, now or when those before it have ended."""
        return self._put(
            Training(self._key(), run.name, root, run.config, self._job(), task, run.folder)
        )

    def remove(self, key: str) -> None:
        """Take a training that waits out of the line."""
        training = next((each for each in self._waiting if each.key == key), None)
        if training is not None:
            self._waiting.remove(training)
            self._jobs.drop(training.job)
            self.changed.emit()

    def clear(self) -> None:
        """Take all that wait out of the line."""
        for training in self.waiting:
            self.remove(training.key)

    def _put(self, training: Training) -> Training:
        self._waiting.append(training)
        if self.current is None:
            self._begin_next()
        else:
            self.changed.emit()
        return training

    def _begin_next(self) -> None:
        if not self._waiting:
            self.changed.emit()
            return
        self.current = training = self._waiting.popleft()
        training.job.finished.connect(self.trained)
        self._jobs.put(training.job, training.task or self._task_of(training))
        self.started.emit(training)
        self.changed.emit()

    def _task_of(self, training: Training) -> Task[Run]:
        engine, root, config, name = self._engine, training.root, training.config, training.name
        opened = self._opened()
        if opened is not None and opened.root == root:
            return train_project(engine, opened.with_config(config), name=name)

        def task(context: TaskContext) -> Run:
            # Another project is open by now: this one may have changed since it was.
            return train_project(engine, scan(root, context).with_config(config), name=name)(
                context
            )

        return task

    @Slot(object)
    def _on_job_ended(self, job: Job) -> None:
        if self.current is not None and job is self.current.job:
            self.current = None
            self._begin_next()

    def _job(self) -> Job:
        return self._jobs.make("Training", can_stop=True)

    def _key(self) -> str:
        # No folder of a run can be called so.
        return f"/training {next(self._numbers)}"

    def _free_name(self, label: str, taken: Iterable[str]) -> str:
        known = {*taken, *(each.name for each in self.all())}
        names = (f"{label} {number}" if number > 1 else label for number in itertools.count(1))
        return next(name for name in names if name not in known)
