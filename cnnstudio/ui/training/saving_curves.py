"""`SavingCurves`: writes pictures and tables of curves to where the user wants them."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QWidget

from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.storage.atomic import write_bytes
from cnnstudio.ui.dialogs.save_file_dialog import SaveFileDialog
from cnnstudio.ui.session import Session
from cnnstudio.ui.widgets.training_curves import TrainingCurves


class SavingCurves(QObject):
    """Asks for a file when a card of curves wants to be saved, and writes it."""

    def __init__(self, session: Session, curves: TrainingCurves, window: QWidget) -> None:
        super().__init__(window)
        self._session = session
        self._window = window
        curves.picture_made.connect(self._save_picture)
        curves.table_made.connect(self._save_table)

    @Slot(object, str)
    def _save_picture(self, png: bytes, name: str) -> None:
        self._ask(png, SaveFileDialog(self._window, "Save the curves", name, "png", "Pictures"))

    @Slot(object, str)
    def _save_table(self, table: bytes, name: str) -> None:
        self._ask(table, SaveFileDialog(self._window, "Save the curves", name, "csv", "Tables"))

    def _ask(self, data: bytes, dialog: SaveFileDialog) -> None:
        dialog.path_chosen.connect(partial(self._write, data))
        dialog.open()

    def _write(self, data: bytes, path: Path) -> None:
        def task(context: TaskContext) -> str:
            write_bytes(path, data)
            return f"Saved {path.name}"

        job = self._session.file_jobs.start("Saving the curves", task)
        job.finished.connect(lambda words: self._session.said.emit(words))
        job.failed.connect(self._session.failed)
