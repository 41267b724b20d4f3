"""`Unfinished`: offers to go on with trainings that were cut off."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QWidget

from cnnstudio.core.errors import StudioError
from cnnstudio.core.project import Project
from cnnstudio.core.storage.unfinished_runs import (
    UnfinishedRun,
    discard_unfinished,
    list_unfinished,
)
from cnnstudio.ui.dialogs.for_good_dialog import discard_dialog
from cnnstudio.ui.models.run_words import unfinished_words
from cnnstudio.ui.session import Session
from cnnstudio.ui.widgets.banner import Banner
from cnnstudio.ui.widgets.banner_stack import BannerStack


class Unfinished(QObject):
    """Shows a banner for the newest training that was cut off, until it is dealt with."""

    def __init__(
        self, session: Session, banners: BannerStack, banner: Banner, window: QWidget
    ) -> None:
        super().__init__(window)
        self._session = session
        self._banners = banners
        self._banner = banner
        self._window = window
        self._runs: Sequence[UnfinishedRun] = ()
        self._failures: dict[Path, str] = {}
        for words, name, slot in (
            ("Resume", "train_resume", self._resume),
            ("Discard", "train_discard", self._ask),
        ):
            button = banner.add_button(words)
            button.setObjectName(name)
            button.setAccessibleName(f"{words} the training that was cut off")
            button.clicked.connect(slot)
        session.project_changed.connect(self._on_project_changed)
        session.trainings.changed.connect(self.look)

    @Slot()
    def look(self) -> None:
        """Look for trainings that were cut off; those at work are not among them."""
        project = self._session.project
        if project is None:
            return
        folder = project.runs_folder
        job = self._session.file_jobs.start(
            "Reading runs", lambda _context: (folder, list_unfinished(folder))
        )
        job.finished.connect(self._on_found)
        job.failed.connect(self._session.failed)

    @Slot(object, object)
    def _on_project_changed(self, before: Project | None, after: Project | None) -> None:
        if before is None or after is None or before.root != after.root:
            self._show(())
            self.look()

    @Slot(object)
    def _on_found(self, found: tuple[object, Sequence[UnfinishedRun]]) -> None:
        folder, runs = found
        project = self._session.project
        # Another project may have been opened meanwhile.
        if project is not None and project.runs_folder == folder:
            self._show(runs)

    def _show(self, runs: Sequence[UnfinishedRun]) -> None:
        # One that is gone on with, or will be in its turn, is dealt with already.
        resumed = {each.draft for each in self._session.trainings.all()}
        self._runs = [run for run in runs if run.folder not in resumed]
        if not self._runs:
            self._banners.hush(self._banner)
            return
        failure = self._failures.get(self._runs[0].folder)
        words = failure or unfinished_words(self._runs[0], datetime.now().astimezone())
        more = len(self._runs) - 1
        words += f" {more} more after it." if more else ""
        self._banners.tell(self._banner, "bad" if failure else "warn", words)

    @Slot()
    def _resume(self) -> None:
        if self._runs:
            run = self._runs[0]
            self._failures.pop(run.folder, None)
            self._banners.hush(self._banner)
            job = self._session.resume(run)
            job.failed.connect(lambda error: self._on_failed(run, error))

    def _on_failed(self, run: UnfinishedRun, error: Exception) -> None:
        """It is still there: what failed is said beside the buttons, once it is found again."""
        why = str(error) if isinstance(error, StudioError) else "Nobody expected what happened."
        self._failures[run.folder] = f"{run.name} could not be resumed. {why}"

    @Slot()
    def _ask(self) -> None:
        if self._runs:
            run = self._runs[0]
            dialog = discard_dialog(run.name, run.epochs_done, self._window)
            dialog.confirmed.connect(lambda: self._discard(run))
            dialog.open()

    def _discard(self, run: UnfinishedRun) -> None:
        job = self._session.file_jobs.start(
            "Discarding a training", lambda _context: discard_unfinished(run), can_cancel=False
        )
        job.finished.connect(self.look)
        job.failed.connect(self._session.failed)
