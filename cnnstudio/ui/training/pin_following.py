"""`PinFollowing`: shows the pinned pictures, and what is answered about them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QImage

from cnnstudio.core.dataset.images import UnreadablePicture, read_array
from cnnstudio.core.engine_api import Engine
from cnnstudio.core.events import PinsAnswered, PinsFollowed
from cnnstudio.core.jobs import Task, TaskContext
from cnnstudio.core.pinning import ask_about_pins
from cnnstudio.core.project import Project
from cnnstudio.core.runs import Run
from cnnstudio.core.storage.pins import Pin
from cnnstudio.ui.drop_target import DropTarget
from cnnstudio.ui.jobs import Job
from cnnstudio.ui.session import Session
from cnnstudio.ui.theme import class_colour
from cnnstudio.ui.training.following import Following
from cnnstudio.ui.training.run_shelf import RunShelf
from cnnstudio.ui.training.training_queue import Training
from cnnstudio.ui.widgets.array_image import image_of_array
from cnnstudio.ui.widgets.class_bars import ClassProbability
from cnnstudio.ui.widgets.pin_strip import PINNED_PX, PinStrip

_Told = tuple[PinsFollowed, PinsAnswered]


class PinFollowing(QObject):
    """Follows a training of the open project; while none runs, asks the run that is shown.

    That is what was kept, whatever the last epoch said. It is asked when somebody looks.
    """

    def __init__(
        self,
        session: Session,
        following: Following,
        shelf: RunShelf,
        strip: PinStrip,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._following = following
        self._shelf = shelf
        self._strip = strip
        self._followed: PinsFollowed | None = None
        self._reading: Job | None = None
        self._asking: Job | None = None
        self._asked: tuple[Run, tuple[Pin, ...]] | None = None
        strip.remove_wanted.connect(session.pinning.remove)
        DropTarget(strip, session.pinning.add).refused.connect(session.failed)
        session.pinning.changed.connect(self._on_pins_changed)
        session.trainings.started.connect(self._on_started)
        session.project_changed.connect(self._on_project_changed)
        strip.came_to_sight.connect(self._ask)
        shelf.shown_changed.connect(self._ask)

    @Slot()
    def _on_pins_changed(self) -> None:
        pins = self._session.pinning.pins
        self._strip.set_pins([(pin.fingerprint, pin.file_name) for pin in pins])

        def task(context: TaskContext) -> dict[str, QImage]:
            return _pictures(pins, context)

        if pins:
            self._ask()
            self._reading = self._session.preview_jobs.start("Reading pinned pictures", task)
            self._reading.finished.connect(self._on_read)
            self._reading.failed.connect(self._session.failed)

    @Slot(object)
    def _on_read(self, pictures: dict[str, QImage]) -> None:
        if self.sender() is self._reading:
            self._strip.show_pictures(pictures)

    @Slot(object)
    def _on_started(self, training: Training) -> None:
        project = self._session.project
        if project is not None and project.root == training.root:
            self._forget()
            training.job.reported.connect(self._on_reported)

    @Slot(object)
    def _on_reported(self, event: object) -> None:
        if isinstance(event, PinsFollowed):
            self._followed = event
        elif isinstance(event, PinsAnswered) and self._followed is not None:
            self._show(self._followed, event, f"epoch {event.epoch:,}")

    @Slot(object, object)
    def _on_project_changed(self, before: Project | None, after: Project | None) -> None:
        if before is None or after is None or before.root != after.root:
            self._forget()

    # What was kept

    @Slot()
    def _ask(self) -> None:
        """Ask the run that is shown, unless it was or a training tells of the pins itself."""
        run, pins = self._shelf.shown_run, self._session.pinning.pins
        if self._following.is_of_open_project or not self._strip.isVisible():
            return
        if run is None:
            self._forget()
            return
        if self._asked == (run, pins):
            return
        self._forget_question()
        self._asked = run, pins

        def question(engine: Engine, project: Project) -> Task[_Told | None]:
            return ask_about_pins(engine, run, project.root)

        self._asking = self._session.ask_engine("Asking about the pinned pictures", question)
        self._asking.finished.connect(self._on_told)
        self._asking.failed.connect(self._on_not_told)

    @Slot(object)
    def _on_told(self, told: _Told | None) -> None:
        if self.sender() is self._asking and self._asked is not None and told is not None:
            run, _ = self._asked
            self._show(*told, f"kept, {run.kept_words}")

    @Slot(object)
    def _on_not_told(self, _error: Exception) -> None:
        # A model that is gone is told of where it is wanted; here the pictures are left alone.
        if self.sender() is self._asking:
            self._strip.show_answers({})

    def _forget(self) -> None:
        self._followed = None
        self._forget_question()
        self._strip.show_answers({})

    def _forget_question(self) -> None:
        self._asked = None
        if self._asking is not None and not self._asking.has_ended:
            self._asking.cancel()
        self._asking = None

    def _show(self, followed: PinsFollowed, answered: PinsAnswered, by: str) -> None:
        rows = zip(followed.fingerprints, answered.answers, strict=True)
        self._strip.show_answers(
            {mark: self._coloured(followed, answers) for mark, answers in rows}, by
        )

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
