"""`PinFollowing`: shows the pinned pictures, and what the training that runs answers about them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QImage

from cnnstudio.core.dataset.images import UnreadablePicture, read_array
from cnnstudio.core.events import PinsAnswered, PinsFollowed
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.project import Project
from cnnstudio.core.storage.pins import Pin
from cnnstudio.ui.drop_target import DropTarget
from cnnstudio.ui.jobs import Job
from cnnstudio.ui.session import Session
from cnnstudio.ui.theme import class_colour
from cnnstudio.ui.training.training_queue import Training
from cnnstudio.ui.widgets.array_image import image_of_array
from cnnstudio.ui.widgets.class_bars import ClassProbability
from cnnstudio.ui.widgets.pin_strip import PINNED_PX, PinStrip


class PinFollowing(QObject):
    """Follows whichever training of the open project runs; what it said last stays."""

    def __init__(self, session: Session, strip: PinStrip, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._strip = strip
        self._followed: PinsFollowed | None = None
        self._reading: Job | None = None
        strip.remove_wanted.connect(session.pinning.remove)
        DropTarget(strip, session.pinning.add).refused.connect(session.failed)
        session.pinning.changed.connect(self._on_pins_changed)
        session.trainings.started.connect(self._on_started)
        session.project_changed.connect(self._on_project_changed)

    @Slot()
    def _on_pins_changed(self) -> None:
        pins = self._session.pinning.pins
        self._strip.set_pins([(pin.fingerprint, pin.file_name) for pin in pins])

        def task(context: TaskContext) -> dict[str, QImage]:
            return _pictures(pins, context)

        if pins:
            self._reading = self._session.background_jobs.start("Reading pinned pictures", task)
            self._reading.finished.connect(self._on_read)
            self._reading.failed.connect(self._session.failed)

    @Slot(object)
    def _on_read(self, pictures: dict[str, QImage]) -> None:
        if self.sender() is self._reading:
            self._strip.show_pictures(pictures)

    @Slot(object)
    def _on_started(self, training: Training) -> None:
        project = self._session.project
        self._followed = None
        if project is not None and project.root == training.root:
            self._strip.show_answers({}, 0)
            training.job.reported.connect(self._on_reported)

    @Slot(object)
    def _on_reported(self, event: object) -> None:
        if isinstance(event, PinsFollowed):
            self._followed = event
        elif isinstance(event, PinsAnswered) and self._followed is not None:
            followed = self._followed
            rows = zip(followed.fingerprints, event.answers, strict=True)
            self._strip.show_answers(
                {mark: self._coloured(followed, answers) for mark, answers in rows}, event.epoch
            )

    @Slot(object, object)
    def _on_project_changed(self, before: Project | None, after: Project | None) -> None:
        if before is None or after is None or before.root != after.root:
            self._followed = None
            self._strip.show_answers({}, 0)

    def _coloured(self, followed: PinsFollowed, answers: Sequence[float]) -> list[ClassProbability]:
        project = self._session.project
        known = {} if project is None else {each.name: each.colour for each in project.classes}
        return [
            (title, class_colour(known.get(name, place)), share)
            for place, (name, title, share) in enumerate(
                zip(followed.class_names, followed.class_titles, answers, strict=True)
            )
        ]


def _pictures(pins: Sequence[Pin], context: TaskContext) -> dict[str, QImage]:
    pictures = {}
    for pin in pins:
        context.checkpoint()
        try:
            pictures[pin.fingerprint] = image_of_array(read_array(pin.file, 2 * PINNED_PX, "crop"))
        except UnreadablePicture:  # it could be read when it was pinned
            continue
    return pictures
