"""`Asking`: one question about pictures at a time, and the answers as they come."""

from __future__ import annotations

import atexit
import shutil
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from cnnstudio.core.events import PredictionMade, Progress
from cnnstudio.core.predictions import PictureSource
from cnnstudio.core.runs import Run
from cnnstudio.ui.jobs import Job
from cnnstudio.ui.models.answer_rows import PredictionRow
from cnnstudio.ui.session import Session
from cnnstudio.ui.words import pictures

# Answers are handed over in lots, so that a fast network does not keep the window busy.
_LOT_INTERVAL_MS = 80


class Asking(QObject):
    """Asks a run; a new question replaces the last, `ask_more` adds to it.

    `answered` carries rows, `progressed` words for the title; `waits_changed` tells whether a
    training has to end first. A question ends with one of
    `finished`, `failed` and `cancelled`.
    """

    answered = Signal(object)
    progressed = Signal(str)
    waits_changed = Signal(bool)
    finished = Signal()
    failed = Signal(object)
    cancelled = Signal()

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._scratch = _Scratch(session)
        self._job: Job | None = None
        self._lot: list[PredictionRow] = []
        self._is_first = True
        self._began: float | None = None
        self._timer = QTimer(self, singleShot=True, interval=_LOT_INTERVAL_MS)
        self._timer.timeout.connect(self._hand_over)

    @property
    def is_busy(self) -> bool:
        """Whether answers still come."""
        return self._job is not None and not self._job.has_ended

    @property
    def seconds(self) -> float | None:
        """How long the last question has taken; None when it waited for a training."""
        return None if self._began is None else time.perf_counter() - self._began

    def ask(self, sources: Sequence[PictureSource], run: Run) -> None:
        """Ask about pictures, folders, archives, tables and videos, and about nothing else."""
        self.begin_anew()
        self.ask_more(sources, run)

    def begin_anew(self) -> None:
        """Forget what was asked about, and what was unpacked for that."""
        self.forget()
        self._scratch.empty()

    def ask_more(self, sources: Sequence[PictureSource], run: Run) -> None:
        """Ask about more pictures; what is asked about already goes on."""
        self._is_first = True
        waiting = self._session.training_is_running
        # The wait for a training says nothing about the network's speed.
        self._began = None if waiting else time.perf_counter()
        self._job = self._session.predict(sources, run, self._scratch.folder)
        self._job.reported.connect(self._on_reported)
        self._job.finished.connect(self._on_finished)
        self._job.failed.connect(self._on_failed)
        self._job.cancelled.connect(self._on_cancelled)
        self.progressed.emit(self._beginning())
        self.waits_changed.emit(waiting)

    @Slot()
    def cancel(self) -> None:
        """End asking; `cancelled` follows."""
        if self._job is not None:
            self._job.cancel()

    def forget(self) -> None:
        """End asking, and say nothing more of it."""
        self.cancel()
        self._job = None
        self._lot = []

    def _beginning(self) -> str:
        if self._session.training_is_running:
            return "Waiting: the running training ends first"
        before = self._session.engine_jobs.current
        if before is not None and before is not self._job:
            return f"Waiting for this to end: {before.words}"
        return "Looking at the pictures"

    @Slot(object)
    def _on_reported(self, event: object) -> None:
        # One that was replaced may report, and end, before it hears of it.
        if self.sender() is not self._job:
            return
        self.waits_changed.emit(False)
        if isinstance(event, PredictionMade):
            self._lot.append(PredictionRow(event.source, event.prediction))
            if self._is_first:  # it is waited for
                self._is_first = False
                self._hand_over()
            elif not self._timer.isActive():
                self._timer.start()
        elif isinstance(event, Progress) and event.done:
            of = "" if event.total is None else f"{event.done:,} of "
            self.progressed.emit(f"{of}{pictures(event.total or event.done)}")

    @Slot()
    def _hand_over(self) -> None:
        if self._lot:
            lot, self._lot = self._lot, []
            self.answered.emit(lot)

    @Slot(object)
    def _on_finished(self, _counts: object) -> None:
        if self.sender() is self._job:
            self._hand_over()
            self.finished.emit()

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        if self.sender() is self._job:
            self._hand_over()
            self.failed.emit(error)

    @Slot()
    def _on_cancelled(self) -> None:
        if self.sender() is self._job:
            self._hand_over()
            self.cancelled.emit()


class _Scratch:
    """A folder for what is unpacked of archives and videos, as long as their answers are shown."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.folder = _unused_folder()

    def empty(self) -> None:
        """Take another folder, and remove what is in the last."""
        before, self.folder = self.folder, _unused_folder()
        atexit.unregister(_remove)
        if before.exists():
            self._session.background_jobs.start("Tidying up", lambda _: _remove(before))
        atexit.register(_remove, self.folder)


def _unused_folder() -> Path:
    return Path(tempfile.gettempdir(), f"cnnstudio-{time.time_ns():x}")


def _remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
