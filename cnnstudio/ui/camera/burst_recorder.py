"""`BurstRecorder`: writes live pictures into a project, on a thread of its own."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from queue import Empty, Full, Queue

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QImage

from cnnstudio.core.dataset.burst import BurstWriter
from cnnstudio.core.dataset.importing import ImportedPictures
from cnnstudio.core.jobs import Task, TaskContext
from cnnstudio.core.project import Project
from cnnstudio.ui.jobs import Job, JobQueue

THUMBNAIL_PX = 128
_MOST_WAITING = 4
_WAIT_S = 0.05


@dataclass(frozen=True)
class BurstSettings:
    """What to record: None is without a class. `mirrored` pictures are saved left to right."""

    class_title: str | None
    pictures_a_second: int = 5
    mirrored: bool = False


@dataclass(frozen=True)
class PictureTaken:
    """A picture was written: its number in the burst, from 1, and a square of its middle."""

    number: int
    thumbnail: QImage


class Pace:
    """Tells which of the pictures that come are taken, so that as many a second are as wanted."""

    def __init__(self, pictures_a_second: float) -> None:
        self._interval_s = 1 / pictures_a_second
        self._due_s: float | None = None

    def is_due(self, now_s: float) -> bool:
        """Whether to take the picture that comes now; the first always is."""
        if self._due_s is not None and now_s < self._due_s:
            return False
        # Counted from when it was due, not from now: else each would come a little later.
        due = now_s if self._due_s is None else self._due_s
        following = due + self._interval_s
        self._due_s = following if following > now_s else now_s + self._interval_s
        return True


class BurstRecorder(QObject):
    """Records one burst at a time from the pictures it is offered.

    `begin` is followed by `picture_taken` for each picture written and then by exactly one of
    `recorded` (an `ImportedPictures` with all of them), `cancelled` (nothing is left) and `failed`.
    Pictures that come faster than they can be written are left out rather than kept waiting.
    """

    picture_taken = Signal(object)
    recorded = Signal(object)
    cancelled = Signal()
    failed = Signal(object)
    emptied = Signal()

    def __init__(
        self, parent: QObject | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(parent)
        self._clock = clock
        self._jobs = JobQueue("burst", self)
        self._jobs.emptied.connect(self.emptied)
        self._job: Job | None = None
        self._frames: _Frames | None = None
        self._pace = Pace(1)

    @property
    def is_recording(self) -> bool:
        """Whether pictures are taken."""
        return self._frames is not None

    @property
    def is_idle(self) -> bool:
        """Whether everything taken is written."""
        return self._jobs.is_idle

    def begin(self, project: Project, settings: BurstSettings) -> None:
        """Take pictures from now on."""
        frames = _Frames()
        task = _burst_task(project, settings, frames, datetime.now())
        self._pace = Pace(settings.pictures_a_second)
        self._frames = frames
        self._job = self._jobs.start("Recording", task)
        self._job.reported.connect(self.picture_taken)
        self._job.finished.connect(self.recorded)
        self._job.cancelled.connect(self.cancelled)
        self._job.failed.connect(self._on_failed)

    def offer(self, image: QImage) -> None:
        """Take this picture if it is time for one; it must not change afterwards."""
        if self._frames is not None and self._pace.is_due(self._clock()):
            self._frames.put(image)

    def end(self) -> None:
        """Take no more; `recorded` follows when all are written."""
        frames, self._frames = self._frames, None
        if frames is not None:
            frames.end()

    def cancel(self) -> None:
        """Throw the burst away; `cancelled` follows."""
        if self._frames is not None and self._job is not None:
            # In this order: a burst that ended before it was cancelled would be kept.
            self._job.cancel()
            self.end()

    def close(self) -> None:
        """End the thread; what is not recorded by now leaves nothing."""
        self.cancel()
        self._jobs.close()

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        self._frames = None
        self.failed.emit(error)


class _Frames:
    """Pictures on their way to the thread, a few at most."""

    def __init__(self) -> None:
        self._queue: Queue[QImage] = Queue(_MOST_WAITING)
        self._has_ended = False

    def put(self, image: QImage) -> None:
        """Add a picture; while too many wait it is left out."""
        with suppress(Full):
            self._queue.put_nowait(image)

    def end(self) -> None:
        """Say that no more come."""
        self._has_ended = True

    def __iter__(self) -> Iterator[QImage | None]:
        """Give the pictures until the end; None now and then, so that a cancel is noticed."""
        while True:
            # Looked at before the queue: what was put before the end is given, too.
            has_ended = self._has_ended
            try:
                yield self._queue.get(timeout=0 if has_ended else _WAIT_S)
            except Empty:
                if has_ended:
                    return
                yield None


def _burst_task(
    project: Project, settings: BurstSettings, frames: _Frames, began: datetime
) -> Task[ImportedPictures]:
    def task(context: TaskContext) -> ImportedPictures:
        with BurstWriter(project, settings.class_title, began) as burst:
            for image in frames:
                context.checkpoint()
                if image is None:
                    continue
                taken = image.flipped(Qt.Orientation.Horizontal) if settings.mirrored else image
                burst.add(rgb_pixels(taken))
                context.report(PictureTaken(burst.count, _square(taken)))
            context.checkpoint()
            return burst.finish()

    return task


def rgb_pixels(image: QImage) -> NDArray[np.uint8]:
    """Return a picture's own copy of its pixels, uint8 RGB of shape (height, width, 3)."""
    rgb = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(rgb.constBits(), np.uint8).reshape(rgb.height(), rgb.bytesPerLine())
    return rows[:, : rgb.width() * 3].reshape(rgb.height(), rgb.width(), 3).copy()


def _square(image: QImage) -> QImage:
    side = min(image.width(), image.height())
    left, top = (image.width() - side) // 2, (image.height() - side) // 2
    return image.copy(left, top, side, side).scaled(
        THUMBNAIL_PX,
        THUMBNAIL_PX,
        Qt.AspectRatioMode.IgnoreAspectRatio,
        Qt.TransformationMode.SmoothTransformation,
    )
