"""`WeatherTrial`: one picture, disturbed by sliders, with the network's answer."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout

from cnnstudio.core.config import ResizeMode
from cnnstudio.core.dataset.images import read_array
from cnnstudio.core.engine_api import Engine
from cnnstudio.core.evaluation.disturbances import disturbances, disturbed
from cnnstudio.core.evaluation.evaluation import place_of
from cnnstudio.core.jobs import Task, TaskContext
from cnnstudio.core.project import Project
from cnnstudio.core.runs import checked_answers
from cnnstudio.ui.evaluation.page import ShownEvaluation
from cnnstudio.ui.jobs import Job
from cnnstudio.ui.run_colours import run_colours
from cnnstudio.ui.session import Session
from cnnstudio.ui.theme import Theme
from cnnstudio.ui.widgets.card import Card
from cnnstudio.ui.widgets.class_bars import ClassBars
from cnnstudio.ui.widgets.fit_label import ElidedLabel
from cnnstudio.ui.widgets.image_view import ImageView
from cnnstudio.ui.widgets.parameter_form import ParameterForm
from cnnstudio.ui.widgets.primary_button import styled_button
from cnnstudio.ui.words import percent

_PICTURE_PX = 168
# Pictures smaller than this are shown with sharp pixels: smoothing would hide what they are.
_SMOOTH_FROM_PX = 96

_Key = tuple[Path, int, ResizeMode]
_Picture = NDArray[np.uint8]


@dataclass(frozen=True)
class _Disturbed:
    """A picture as it is and as it is shown, by what it was read."""

    key: _Key
    original: _Picture
    shown: _Picture


class WeatherTrial(Card):
    """The picture follows the sliders at once; the answer comes when the engine is free."""

    def __init__(self, session: Session, theme: Theme) -> None:
        super().__init__("Try it on a picture")
        self._session = session
        self._shown: ShownEvaluation | None = None
        self._place = self._asked_place = 0
        self._kept: _Disturbed | None = None
        self._job: Job | None = None
        self._asking: Job | None = None
        self._is_stale = self._is_answer_stale = False
        self._form: ParameterForm | None = None
        self._size = 0
        self._image = ImageView(theme)
        self._image.setObjectName("weather_picture")
        self._image.setFixedSize(_PICTURE_PX, _PICTURE_PX)
        self._name = ElidedLabel()
        self._name.setProperty("class", "facts")
        self._answer = QLabel()
        self._answer.setObjectName("weather_answer")
        self._answer.setWordWrap(True)
        self._answer.setTextFormat(Qt.TextFormat.PlainText)
        self._bars = ClassBars(theme, most_shown=2)
        self._build()

    def show_evaluation(self, shown: ShownEvaluation) -> None:
        """Begin with a picture that is right as it is: only there something can fall."""
        self.clear()
        self._shown = shown
        right = np.flatnonzero(shown.evaluation.is_right)
        self._place = int(right[0]) if len(right) else 0
        size = shown.run.config.training.image_size
        if size != self._size:
            self._make_form(size)
        self.reset()

    def clear(self) -> None:
        """Forget what was shown: its project is closed."""
        self._shown = self._kept = None
        for job in (self._job, self._asking):
            if job is not None and not job.has_ended:
                job.cancel()
        self._job = self._asking = None
        self._image.set_image(None, "no picture")
        self._bars.set_probabilities([])
        self._answer.setText("")

    @Slot()
    def reset(self) -> None:
        """Put every slider back."""
        if self._form is not None:
            self._form.set_values(
                {each.key: each.parameter.default for each in disturbances(self._size)}
            )
        self._refresh()

    # What it is made of

    def _build(self) -> None:
        following = styled_button("Next picture", small=True)
        following.setObjectName("weather_next")
        following.clicked.connect(self._on_next)
        reset = styled_button("Reset", small=True)
        reset.setObjectName("weather_reset")
        reset.setToolTip("Show the picture as it is")
        reset.clicked.connect(self.reset)
        self.add_action(following)
        self.add_action(reset)
        beside = QVBoxLayout()
        beside.setSpacing(8)
        for widget in (self._name, self._bars, self._answer):
            beside.addWidget(widget)
        beside.addStretch(1)
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(self._image)
        row.addLayout(beside, 1)
        self.body.addLayout(row)
        self.body.addSpacing(4)
        self.body.addStretch(1)

    def _make_form(self, size: int) -> None:
        if self._form is not None:
            self.body.removeWidget(self._form)
            self._form.hide()
            self._form.deleteLater()
        self._size = size
        self._form = ParameterForm([each.parameter for each in disturbances(size)], "weather")
        self._form.value_changed.connect(self._on_value_changed)
        self.body.insertWidget(self.body.count() - 1, self._form)

    # The picture

    @Slot(str, object)
    def _on_value_changed(self, _key: str, _value: object) -> None:
        self._refresh()

    @Slot()
    def _on_next(self) -> None:
        if self._shown is not None:
            self._place = (self._place + 1) % len(self._shown.evaluation)
            self._refresh()

    def _refresh(self) -> None:
        if self._job is not None and not self._job.has_ended:
            # Only the newest state of a moving slider is worth drawing.
            self._is_stale = True
            return
        self._is_stale = False
        if self._shown is None or self._form is None or self._session.project is None:
            return
        settings = self._shown.run.config.training
        path = place_of(self._shown.evaluation.pictures[self._place], self._session.project.root)
        key = (path, settings.image_size, settings.resize_mode)
        self._name.setText(path.name)
        self._job = self._session.preview_jobs.start(
            "Preview", _disturbing(key, self._form.values(), self._place, self._kept)
        )
        self._job.finished.connect(self._on_picture)
        self._job.failed.connect(self._on_failed)

    @Slot(object)
    def _on_picture(self, found: _Disturbed) -> None:
        if self.sender() is not self._job or self._shown is None:
            return
        self._kept = found
        self._image.set_smooth(self._size >= _SMOOTH_FROM_PX)
        self._image.set_image(found.shown, f"{found.key[0].name}, disturbed")
        self._ask()
        if self._is_stale:
            self._refresh()

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        if self.sender() is self._job:
            self._image.set_image(None, "no picture")
            self._bars.set_probabilities([])
            self._answer.setText(f"{error} Choose the next picture.")
            if self._is_stale:
                self._refresh()

    # The answer

    def _ask(self) -> None:
        if self._asking is not None and not self._asking.has_ended:
            self._is_answer_stale = True
            return
        self._is_answer_stale = False
        if self._shown is None or self._kept is None:
            return
        if not self._session.engine_jobs.is_idle:
            self._answer.setText("Its answer comes when what runs now has ended.")
        run, picture = self._shown.run, self._kept.shown
        self._asked_place = self._place

        def question(engine: Engine, _project: Project) -> Task[NDArray[np.float32]]:
            def task(context: TaskContext) -> NDArray[np.float32]:
                return checked_answers(run, engine.predict(run.model_file, picture[None]))

            return task

        self._asking = self._session.ask_engine("Asking about the picture", question)
        self._asking.finished.connect(self._on_answer)
        self._asking.failed.connect(self._on_not_answered)

    @Slot(object)
    def _on_answer(self, answers: NDArray[np.float32]) -> None:
        if self.sender() is not self._asking or self._shown is None:
            return
        if self._asked_place == self._place:
            titles = self._shown.evaluation.class_titles
            colours = run_colours(self._shown.run, self._session.project)
            answer = answers[0]
            self._bars.set_probabilities(list(zip(titles, colours, answer.tolist(), strict=True)))
            self._answer.setText(_verdict(self._shown, self._place, answer))
        if self._is_answer_stale:
            self._ask()

    @Slot(object)
    def _on_not_answered(self, error: Exception) -> None:
        if self.sender() is self._asking:
            self._bars.set_probabilities([])
            self._answer.setText(str(error))


def _disturbing(
    key: _Key, values: dict[str, Any], seed: int, kept: _Disturbed | None
) -> Task[_Disturbed]:
    def task(context: TaskContext) -> _Disturbed:
        original = kept.original if kept is not None and kept.key == key else read_array(*key)
        return _Disturbed(key, original, disturbed(original, values, seed))

    return task


def _verdict(shown: ShownEvaluation, place: int, answer: NDArray[np.float32]) -> str:
    evaluation = shown.evaluation
    true, guess = int(evaluation.true[place]), int(answer.argmax())
    title = evaluation.class_titles[true]
    if guess == true:
        return f"Right: it is {title}."
    return f"Wrong: it is {title}, which gets {percent(float(answer[true]))}."
