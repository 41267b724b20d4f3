"""`Adding`: brings pictures into the project, from wherever they come."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QMimeData, QObject, Signal, Slot
from PySide6.QtWidgets import QFileDialog, QWidget

from cnnstudio.core.dataset.importing import (
    SOURCE_SUFFIXES,
    ImportedPictures,
    ImportItem,
    ImportPlan,
    needs_preview,
    plan_import,
)
from cnnstudio.core.errors import StudioError
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.predictions import GivenSource, NamedBytes
from cnnstudio.ui.dialogs.import_dialog import ImportDialog
from cnnstudio.ui.messages import show_error
from cnnstudio.ui.mime_sources import sources_of
from cnnstudio.ui.models.class_model import ClassRow, RowKind
from cnnstudio.ui.session import Session
from cnnstudio.ui.words import count_words, pictures


class Adding(QObject):
    """Plans what is dropped, pasted or chosen, shows the plan where it matters, and imports it."""

    added = Signal()

    def __init__(self, session: Session, window: QWidget) -> None:
        super().__init__(window)
        self._session = session
        self._window = window

    def ask_for_files(self, row: ClassRow | None) -> None:
        """Let the user choose files for the class of a row."""
        endings = " ".join(f"*{suffix}" for suffix in sorted(SOURCE_SUFFIXES))
        dialog = self._file_dialog("Add pictures", row)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.setNameFilters([f"Pictures, archives, tables, videos ({endings})", "All files (*)"])
        dialog.open()

    def ask_for_folder(self, row: ClassRow | None) -> None:
        """Let the user choose a folder."""
        dialog = self._file_dialog("Add a folder of pictures", row)
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.open()

    def _file_dialog(self, title: str, row: ClassRow | None) -> QFileDialog:
        dialog = QFileDialog(self._window, title)
        dialog.setObjectName("images_file_dialog")
        dialog.finished.connect(dialog.deleteLater)
        dialog.filesSelected.connect(lambda names: self.add([Path(name) for name in names], row))
        return dialog

    def add_dropped(self, mime: QMimeData, row: ClassRow | None) -> None:
        """Add what was dropped on a row."""
        try:
            self.add(sources_of(mime), row)
        except StudioError as error:
            self._session.failed.emit(error)

    def add(self, sources: Sequence[GivenSource], row: ClassRow | None) -> None:
        """Look at files, folders or pasted pictures, and add them to the class of a row.

        Where more than plain pictures comes in, the user sees first what would happen. Folders of
        class folders become classes, unless `row` is a class or stands for "without a class".
        """
        project = self._session.project
        if project is None:
            return
        items = [
            ImportItem.pasted(each.data, None, each.name) if isinstance(each, NamedBytes) else each
            for each in sources
        ]
        class_name = row.name if row is not None else None
        is_flat = row is not None and row.kind is RowKind.WITHOUT_CLASS

        def task(context: TaskContext) -> tuple[ImportPlan, bool]:
            plan = plan_import(items, project, class_name, context)
            if is_flat:
                plan = plan.without_classes()
            return plan, needs_preview(plan, items)

        job = self._session.file_jobs.start("Looking at what to add", task)
        job.finished.connect(self._on_planned)
        job.failed.connect(self._session.failed)

    @Slot(object)
    def _on_planned(self, planned: tuple[ImportPlan, bool]) -> None:
        plan, is_to_be_shown = planned
        project = self._session.project
        if project is None:
            return
        if not is_to_be_shown:
            self._import(plan)
            return
        dialog = ImportDialog(plan, project, self._window)
        dialog.plan_accepted.connect(self._import)
        dialog.open()

    @Slot(object)
    def _import(self, plan: ImportPlan) -> None:
        job = self._session.import_pictures(plan)
        job.finished.connect(lambda _staged: self.added.emit())
        known = len(plan.skipped)
        job.finished.connect(lambda staged: self._tell_what_failed(staged, known))

    def _tell_what_failed(self, staged: ImportedPictures, known: int) -> None:
        failed = staged.skipped[known:]
        if failed:
            names = "; ".join(f"{each.path.name}: {each.reason}" for each in failed[:3])
            more = f"; and {count_words(len(failed) - 3)} more" if len(failed) > 3 else ""
            show_error(
                self._window,
                StudioError(f"{pictures(len(failed))} could not be copied.", f"{names}{more}."),
            )
