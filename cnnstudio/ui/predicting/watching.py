"""`Watching`: a folder whose pictures are answered as they arrive, and the line that says so."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QFileDialog, QWidget

from cnnstudio.core.predictions import Prediction
from cnnstudio.core.sorting_out import Sorted, copy_into_folders
from cnnstudio.ui.icons import Icons
from cnnstudio.ui.models.answer_rows import PredictionRow
from cnnstudio.ui.session import Session
from cnnstudio.ui.widgets.banner import Banner
from cnnstudio.ui.words import pictures


class Watching(QObject):
    """`arrived` carries pictures to ask about: they add to those that are shown.

    `banner` says what is watched; its buttons stop it, and copy what comes into class folders.
    """

    arrived = Signal(object)

    def __init__(self, session: Session, icons: Icons, window: QWidget) -> None:
        super().__init__(window)
        self._session = session
        self._window = window
        self._count = 0
        self._sort_folder: Path | None = None
        self.banner = Banner(icons)
        self.banner.setObjectName("predict_watching")
        self._sort = self.banner.add_button("Sort as they come...")
        self._sort.setObjectName("predict_watch_sort")
        self._sort.clicked.connect(self._choose_sort_folder)
        stop = self.banner.add_button("Stop watching")
        stop.setObjectName("predict_watch_stop")
        stop.clicked.connect(self.stop)
        self.banner.hide()
        session.arriving.arrived.connect(self._on_arrived)
        session.arriving.failed.connect(self._on_failed)

    @property
    def is_on(self) -> bool:
        """Whether a folder is watched."""
        return self._session.arriving.folder is not None

    def watch(self, folder: Path) -> None:
        """Ask about the pictures in a folder, and about each that arrives."""
        self._count, self._sort_folder = 0, None
        self._sort.show()
        self._session.arriving.watch(folder)
        self._say()
        self.banner.show()

    @Slot()
    def stop(self) -> None:
        """Watch no longer; the answers stay."""
        self._session.arriving.stop()
        self.banner.hide()

    def take(self, rows: Sequence[PredictionRow]) -> None:
        """Sort answered pictures into folders, where that is wanted."""
        chosen = [
            Sorted.of(row.source, row.answer) for row in rows if isinstance(row.answer, Prediction)
        ]
        if self._sort_folder is not None and self.is_on and chosen:
            task = copy_into_folders(chosen, self._sort_folder, with_table=False)
            job = self._session.file_jobs.start("Copying pictures", task)
            job.failed.connect(self._session.failed)

    @Slot()
    def _choose_sort_folder(self) -> None:
        chosen = QFileDialog.getExistingDirectory(
            self._window, "Folder that gets a folder for each class"
        )
        watched = self._session.arriving.folder
        if not chosen or watched is None:
            return
        if Path(chosen).is_relative_to(watched):
            self.banner.set_finding(
                "warn", "Choose a folder outside of the one that is watched: copies would arrive."
            )
            return
        self._sort_folder = Path(chosen)
        self._sort.hide()
        self._say()

    @Slot(object)
    def _on_arrived(self, lot: list[Path]) -> None:
        self._count += len(lot)
        self._say()
        self.arrived.emit(lot)

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        self.banner.hide()
        self._session.failed.emit(error)

    def _say(self) -> None:
        folder = self._session.arriving.folder
        if folder is not None:
            came = f"{pictures(self._count)} so far" if self._count else "no pictures yet"
            copied = f"; copied into {self._sort_folder.name}" if self._sort_folder else ""
            self.banner.set_finding("info", f"Watching {folder.name}: {came}{copied}.")
