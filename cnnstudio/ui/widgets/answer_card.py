"""`AnswerCard`: one answered picture, as it is and as the network sees it, with its class bars.

What decided the answer is shown once somebody computes it: `ui/explaining.py`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLabel, QWidget

from cnnstudio.core.dataset.images import read_array, thumbnail
from cnnstudio.core.evaluation.heat_picture import heat_picture
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.predictions import Prediction, content_of
from cnnstudio.core.runs import Run
from cnnstudio.ui.jobs import JobQueue
from cnnstudio.ui.models.answer_rows import PredictionRow
from cnnstudio.ui.theme import Theme
from cnnstudio.ui.widgets.card import Card
from cnnstudio.ui.widgets.chip import Chip
from cnnstudio.ui.widgets.class_bars import ClassBars
from cnnstudio.ui.widgets.fit_label import ElidedLabel
from cnnstudio.ui.widgets.heat_controls import HeatControls
from cnnstudio.ui.widgets.image_view import ImageView

_PICTURE_PX = 720
_VIEW_HEIGHT_PX = 250
_SMOOTH_FROM_PX = 96
_MOST_CLASSES = 6
_HEAT, _SEEN, _PICTURE = range(3)
# With reasons there is less room for the rest.
_LEAST_HEIGHT_PX, _MOST_HEIGHT_PX = 120, 372
_MOST_CLASSES_WITH_REASONS = 4

_Views = tuple[NDArray[np.uint8], NDArray[np.uint8]]


class AnswerCard(Card):
    """The picture on top, the most probable classes below.

    `shown` carries a `PredictionRow` and its `Run`, or None twice once nothing is shown any more;
    `heat_wanted` says that its heat-map, where there is none yet, is looked for.
    """

    shown = Signal(object, object)
    heat_wanted = Signal()

    def __init__(self, jobs: JobQueue, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("predict_answer")
        self._jobs = jobs
        self._row: PredictionRow | None = None
        self._titles: Sequence[str] = ()
        self._colours: Sequence[QColor] = ()
        self._views: _Views | None = None
        self._values: NDArray[np.float32] | None = None
        self.heat = HeatControls(theme)
        self.heat.opacity_changed.connect(self._show_view)
        self.heat.hide()
        self._picture = ImageView(theme)
        self._picture.setObjectName("predict_image")
        self._picture.setFixedHeight(_VIEW_HEIGHT_PX)
        self._name = ElidedLabel()
        self._name.setObjectName("predict_name")
        self._name.setProperty("class", "facts")
        self._bars = ClassBars(theme, most_shown=_MOST_CLASSES)
        self._bars.setObjectName("predict_bars")
        self._sentence = QLabel()
        self._sentence.setWordWrap(True)
        # Names of files may look like mark-up and must not act like it.
        self._sentence.setTextFormat(Qt.TextFormat.PlainText)
        self._sentence.setProperty("class", "muted")
        self._sentence.setObjectName("predict_sentence")
        chips = self._chips()
        self._of_picture: list[QWidget] = [self._picture, chips, self._bars]
        self.body.addWidget(self._picture)
        self.body.addWidget(chips)
        for widget in (self.heat, self._name, self._bars, self._sentence):
            self.body.addWidget(widget)
        self.body.addStretch(1)
        self.clear()

    def offer_reasons(self, similar: QWidget) -> None:
        """Make room for heat-maps, and for similar pictures below the bars."""
        self._picture.setMinimumHeight(_LEAST_HEIGHT_PX)
        self._picture.setMaximumHeight(_MOST_HEIGHT_PX)
        self.body.setStretchFactor(self._picture, 100)
        self._bars.set_most_shown(_MOST_CLASSES_WITH_REASONS)
        self.body.insertWidget(self.body.indexOf(self._sentence), similar)
        chip = self._kinds.button(_HEAT)
        chip.setToolTip("The lighter a place, the more it spoke for the class")
        chip.show()
        chip.setChecked(True)
        self.heat.show()
        self._of_picture += (self.heat, similar)

    @property
    def wants_heat(self) -> bool:
        """Whether a heat-map would be seen now."""
        return self._kinds.checkedId() == _HEAT

    def show_heat(self, values: NDArray[np.float32] | None) -> None:
        """Lay a heat-map, 0 to 1, over the picture as the network sees it, or take it away."""
        self._values = values
        self._show_view()

    def clear(self) -> None:
        """Show that nothing was asked yet."""
        self._row = self._views = self._values = None
        self._show_what_is_of_pictures(is_shown=True)
        self._picture.set_image(None, "No picture")
        self._bars.set_probabilities([])
        self._name.setText("")
        self._say("The answer appears here.")
        self.shown.emit(None, None)

    def set_colours(self, colours: Sequence[QColor]) -> None:
        """Draw the classes of the run in these colours."""
        self._colours = colours
        self._show_bars()

    def show_answer(self, row: PredictionRow, run: Run) -> None:
        """Show one row's picture and class bars."""
        self._row, self._views, self._values = row, None, None
        self._titles = run.class_titles
        answer = row.answer
        self._name.setText(answer.source)
        self._show_what_is_of_pictures(is_shown=isinstance(answer, Prediction))
        if isinstance(answer, Prediction):
            reason = answer.reason(run.class_titles)
            self._say(f"Not sure: {reason}." if reason else "")
            self._read(row, run)
        else:
            self._picture.set_image(None, "A picture that cannot be read")
            self._say(f"This picture cannot be read: {answer.reason}.")
        self._show_bars()
        self.shown.emit(row, run)

    def _show_what_is_of_pictures(self, *, is_shown: bool) -> None:
        """Show or hide all that would be empty boxes where a picture cannot be read."""
        for widget in self._of_picture:
            widget.setVisible(is_shown)

    def _say(self, sentence: str) -> None:
        self._sentence.setText(sentence)
        self._sentence.setVisible(bool(sentence))

    def _show_bars(self) -> None:
        answer = None if self._row is None else self._row.answer
        shares = answer.probabilities if isinstance(answer, Prediction) else ()
        self._bars.set_probabilities(
            list(zip(self._titles, self._colours, shares, strict=True)) if shares else []
        )

    def _chips(self) -> QWidget:
        self._kinds = QButtonGroup(self)
        chips = QWidget()
        row = QHBoxLayout(chips)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        for place, (name, text) in enumerate(
            (
                ("predict_heat", "What decided"),
                ("predict_seen", "As the network sees it"),
                ("predict_picture", "Picture"),
            )
        ):
            chip = Chip(text)
            chip.setObjectName(name)
            chip.setChecked(place == _SEEN)
            self._kinds.addButton(chip, place)
            row.addWidget(chip)
            chip.setVisible(place != _HEAT)
        row.addStretch(1)
        self._kinds.idClicked.connect(self._on_kind_chosen)
        return chips

    def _read(self, row: PredictionRow, run: Run) -> None:
        training = run.config.training

        def task(context: TaskContext) -> tuple[PredictionRow, _Views]:
            content = content_of(row.source)
            seen = read_array(content, training.image_size, training.resize_mode)
            return row, (seen, np.asarray(thumbnail(content, _PICTURE_PX)))

        job = self._jobs.start("Reading a picture", task)
        job.finished.connect(self._on_read)
        job.failed.connect(self._on_unreadable)

    @Slot(object)
    def _on_read(self, result: tuple[PredictionRow, _Views]) -> None:
        row, views = result
        if row is self._row:
            self._views = views
            self._show_view()

    @Slot(object)
    def _on_unreadable(self, error: Exception) -> None:
        # The picture was moved or changed since it was asked about.
        self._picture.set_image(None, "The picture is no longer there")
        self._say(str(error))

    @Slot()
    def _on_kind_chosen(self) -> None:
        self._show_view()
        if self.wants_heat and self._values is None and self._row is not None:
            self.heat_wanted.emit()

    @Slot()
    def _show_view(self) -> None:
        if self._views is None:
            return
        seen, whole = self._views
        view = whole if self._kinds.checkedId() == _PICTURE else seen
        has_heat = self.wants_heat and self._values is not None
        if has_heat and self._values is not None and self._values.shape == seen.shape[:2]:
            view = heat_picture(seen, self._values, self.heat.opacity)
        words = "What decided in" if has_heat else "Picture"
        self._picture.set_smooth(max(view.shape[:2]) >= _SMOOTH_FROM_PX)
        self._picture.set_image(view, f"{words} {self._name.text()}")
