"""`RunWatch`: tells when runs of the open project came or went, as by the command line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication

from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.project import Project
from cnnstudio.core.runs import Run, list_runs, run_names
from cnnstudio.ui.jobs import Job, JobQueue

_Found = tuple[Path, tuple[Run, ...], frozenset[str]]


class RunWatch(QObject):
    """Looks whenever the user comes back to the window, as from a terminal.

    `changed` carries the folder of runs and all runs in it, newest first. It is one look at the
    names in that folder; runs are read only where these are others than before.
    """

    changed = Signal(object, object)

    def __init__(
        self,
        jobs: JobQueue,
        project: Callable[[], Project | None],
        runs: Callable[[], Sequence[Run]],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._project = project
        self._runs = runs
        self._job: Job | None = None
        self._damaged: frozenset[str] = frozenset()
        application = QGuiApplication.instance()
        assert isinstance(application, QGuiApplication)
        application.applicationStateChanged.connect(self._on_state_changed)
        self._is_closed = False

    def close(self) -> None:
        """Look no longer."""
        self._is_closed = True

    @Slot(Qt.ApplicationState)
    def _on_state_changed(self, state: Qt.ApplicationState) -> None:
        if state == Qt.ApplicationState.ApplicationActive and not self._is_closed:
            self.look()

    def look(self) -> None:
        """Look whether the runs are still those that are known."""
        project = self._project()
        if project is None or (self._job is not None and not self._job.has_ended):
            return
        folder, damaged = project.runs_folder, self._damaged

        def task(context: TaskContext) -> _Found | None:
            names = run_names(folder)
            # Only now: the job before may have read the runs, too.
            if names - damaged == _names(self._runs()):
                return None
            runs = tuple(list_runs(folder))
            return folder, runs, names - _names(runs)

        self._job = self._jobs.start("Reading runs", task)
        self._job.finished.connect(self._on_looked)

    @Slot(object)
    def _on_looked(self, found: _Found | None) -> None:
        if found is not None:
            folder, runs, self._damaged = found
            self.changed.emit(folder, runs)


def _names(runs: Sequence[Run]) -> frozenset[str]:
    return frozenset(run.folder.name for run in runs)
