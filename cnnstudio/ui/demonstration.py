"""Shows the whole way by itself: training with live curves, then a few predictions."""

from __future__ import annotations

import csv
from pathlib import Path

from PySide6.QtCore import QObject, Slot

from cnnstudio.core.project import Project
from cnnstudio.core.runs import Run
from cnnstudio.ui.main_window import MainWindow
from cnnstudio.ui.session import Session

_PREDICTIONS = 12


class Demonstration(QObject):
    """Starts to train once the project is open, and predicts test pictures when the run is there.

    The user may do anything meanwhile: a step is only changed where the demonstration left it.
    """

    def __init__(self, session: Session, window: MainWindow) -> None:
        super().__init__(window)
        self._session = session
        self._window = window
        if session.project is not None:
            self._on_opened(None, session.project)
        else:
            session.project_changed.connect(self._on_opened)

    @Slot(object, object)
    def _on_opened(self, before: Project | None, after: Project | None) -> None:
        if before is None and after is not None:
            self._session.project_changed.disconnect(self._on_opened)
            self._window.show_step("train")
            job = self._session.train()
            job.finished.connect(self._on_trained)

    @Slot(object)
    def _on_trained(self, run: Run) -> None:
        project = self._session.project
        if project is not None and self._window.current_step == "train":
            self._window.take(test_pictures(project, run, _PREDICTIONS))


def test_pictures(project: Project, run: Run, count: int) -> list[Path]:
    """Return pictures of the run's test part, spread over it, at most `count`."""
    with (run.folder / "samples.csv").open(encoding="utf-8", newline="") as file:
        paths = [row["path"] for row in csv.DictReader(file) if row["split"] == "test"]
    step = max(1, len(paths) // count)
    return [project.root / path for path in paths[::step][:count]]
