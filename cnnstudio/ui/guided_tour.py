"""The guided tour: a first project, one thing after the other, left at any time."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, Signal, Slot

from cnnstudio.core.project import Project
from cnnstudio.core.resources import resource_path
from cnnstudio.ui.session import Session

PLACES = (
    ("images", ""),
    ("augment", ""),
    ("train", ""),
    ("train", ""),
    ("evaluate", "overview"),
    ("predict", ""),
    ("look_inside", "map"),
)
"""The step of the window that each step of the tour is about, and its page where it has some."""

_PICTURES, _START, _LEARNING, _FIGURES, _USE = 0, 2, 3, 4, 5
_NOTHING_LEARNS = (
    "Nothing is being trained yet, so there is nothing to watch. Press *Train first*, and then"
    " *Start training*."
)
_NO_RUN = (
    "This step is about a trained network, and there is none yet. Train one first; when that is"
    " done, the tour goes on by itself."
)
_STILL_LEARNING = (
    "This step is about a trained network. Yours is still learning: the tour is shown here as soon"
    " as it is done."
)


@dataclass(frozen=True)
class TourStep:
    """What to do and why; `text` is Markdown, `place` the step of the window it is about.

    `page` is the name of that step's page, "" where it has none.
    """

    title: str
    text: str
    place: str
    page: str


class GuidedTour(QObject):
    """Which step of the tour is shown, if any.

    It moves on by itself when what a step asks for was done: pictures are there, training has
    begun, a run is there, an answer was given. `changed` follows every move, also the end.
    """

    changed = Signal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._steps: tuple[TourStep, ...] = ()
        self._number: int | None = None
        self._runs_before = 0
        session.project_changed.connect(self._on_project_changed)
        session.trainings.changed.connect(self._on_trainings_changed)
        session.runs_changed.connect(self._on_runs_changed)
        session.answered.connect(self._on_answered)
        self._missing = ""

    @property
    def step(self) -> TourStep | None:
        """What is shown, None while there is no tour."""
        if self._number is None:
            return None
        step = self._steps[self._number]
        return replace(step, text=self._missing) if self._missing else step

    @property
    def lacks_training(self) -> bool:
        """Whether the step cannot be done because nothing was trained, nor is just being."""
        return bool(self._missing) and not self._session.training_is_running

    @property
    def number(self) -> int:
        """Which step that is, counted from 1; 0 while there is no tour."""
        return 0 if self._number is None else self._number + 1

    @property
    def count(self) -> int:
        """How many steps there are."""
        return len(self._steps)

    @Slot()
    def begin(self) -> None:
        """Begin at the first step, also amid a tour."""
        self._steps = _read_steps()
        self._go_to(0)

    @Slot()
    def back(self) -> None:
        """Go to the step before, if there is one."""
        if self._number:
            self._go_to(self._number - 1)

    @Slot()
    def go_on(self) -> None:
        """Go to the next step; after the last the tour is over."""
        if self._number is not None:
            self._go_to(self._number + 1)

    @Slot()
    def train_first(self) -> None:
        """Go to the step that asks to train."""
        self._go_to(_START)

    @Slot()
    def leave(self) -> None:
        """End the tour."""
        if self._number is not None:
            self._number = None
            self.changed.emit()

    def _go_to(self, number: int) -> None:
        if number >= len(self._steps):
            self.leave()
            return
        self._number = number
        self._runs_before = len(self._session.runs)
        self._missing = self._what_is_missing()
        self.changed.emit()

    def _what_is_missing(self) -> str:
        """Return what to say in place of a step that is about what is not there; "" for nothing."""
        if self._session.runs or self._number not in (_LEARNING, _FIGURES, _USE):
            return ""
        if self._session.training_is_running:
            return "" if self._number == _LEARNING else _STILL_LEARNING
        return _NOTHING_LEARNS if self._number == _LEARNING else _NO_RUN

    def _look_again(self) -> None:
        before, self._missing = self._missing, self._what_is_missing()
        if self._missing != before:
            self.changed.emit()

    @Slot(object, object)
    def _on_project_changed(self, before: Project | None, after: Project | None) -> None:
        # A project that is opened with its pictures leaves time to read what they are about.
        if before is None or after is None or before.root != after.root:
            return
        if self._number == _PICTURES and not before.samples and after.samples:
            self.go_on()

    @Slot()
    def _on_trainings_changed(self) -> None:
        if self._number == _START and self._session.training_is_running:
            self.go_on()
        else:
            self._look_again()

    @Slot()
    def _on_runs_changed(self) -> None:
        if self._number == _LEARNING and len(self._session.runs) > self._runs_before:
            self.go_on()
        else:
            self._look_again()

    @Slot()
    def _on_answered(self) -> None:
        if self._number == _USE:
            self.go_on()


def _read_steps() -> tuple[TourStep, ...]:
    """The texts, one below each heading."""
    text = resource_path("help", "tour.md").read_text("utf-8")
    parts = [each.partition("\n") for each in text.removeprefix("## ").split("\n## ")]
    return tuple(
        TourStep(title.strip(), body.strip(), place, page)
        for (title, _, body), (place, page) in zip(parts, PLACES, strict=True)
    )
