"""`PicturePixels`: the picture that is looked at, as few pixels, read in the background."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal, Slot

from cnnstudio.core.dataset.images import read_array
from cnnstudio.core.jobs import TaskContext
from cnnstudio.ui.inside.page import Subject
from cnnstudio.ui.jobs import Job
from cnnstudio.ui.session import Session


class PicturePixels(QObject):
    """Only the newest question is answered.

    `read` carries the pixels, uint8 of shape (size, size, 3), or None where there is no picture;
    `failed` a sentence that says why it cannot be read.
    """

    read = Signal(object)
    failed = Signal(str)

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._job: Job | None = None

    def ask(self, subject: Subject, size_px: int) -> None:
        """Read the picture as a square of `size_px` pixels, as the project's settings make it."""
        if self._job is not None and not self._job.has_ended:
            self._job.cancel()
        self._job = None
        file, mode = subject.picture, subject.project.config.training.resize_mode
        if file is None:
            self.read.emit(None)
            return

        def task(context: TaskContext) -> NDArray[np.uint8]:
            return read_array(file, size_px, mode)

        self._job = self._session.preview_jobs.start("Reading the picture", task)
        self._job.finished.connect(self._on_finished)
        self._job.failed.connect(self._on_failed)

    @Slot(object)
    def _on_finished(self, pixels: NDArray[np.uint8]) -> None:
        if self.sender() is self._job:
            self.read.emit(pixels)

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        if self.sender() is self._job:
            self.failed.emit(str(error))
