"""`SideFacts`: what lies beside the pictures of a project: its bin, and the imports it had."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from cnnstudio.core.dataset.bin_contents import binned_samples
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.project import Project
from cnnstudio.core.storage import import_book
from cnnstudio.ui.session import Session
from cnnstudio.ui.words import when

_DELAY_MS = 200
_MOST_BATCHES = 20


@dataclass(frozen=True)
class _Found:
    binned_count: int
    batches: tuple[tuple[str, str], ...]


class SideFacts(QObject):
    """Counts the bin and lists the imports (id and words, newest first) after every change."""

    changed = Signal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.binned_count = 0
        self.batches: Sequence[tuple[str, str]] = ()
        self._session = session
        self._timer = QTimer(self, singleShot=True, interval=_DELAY_MS)
        self._timer.timeout.connect(self._look)
        session.project_changed.connect(self._on_project_changed)
        session.bin_emptied.connect(self._look)

    @Slot(object, object)
    def _on_project_changed(self, before: Project | None, after: Project | None) -> None:
        # Only what comes or goes changes the bin and the imports; labelling does neither.
        is_same = (
            before is not None
            and after is not None
            and before.root == after.root
            and len(before.samples) == len(after.samples)
        )
        if not is_same:
            self._timer.start()

    @Slot()
    def _look(self) -> None:
        project = self._session.project
        if project is not None:
            job = self._session.view_jobs.start(
                "Counting", lambda context: _found(project, context)
            )
            job.finished.connect(self._on_found)

    @Slot(object)
    def _on_found(self, found: _Found) -> None:
        self.binned_count, self.batches = found.binned_count, found.batches
        self.changed.emit()


def _found(project: Project, context: TaskContext) -> _Found:
    now = datetime.now()
    batches = import_book.load(project.root).batches[:_MOST_BATCHES]
    words = tuple((each.id, f"{each.words}, {when(each.made_at, now)}") for each in batches)
    return _Found(len(binned_samples(project, context)), words)
