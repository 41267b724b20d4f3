"""`AnswerCard`: one answered picture, as it is and as the network sees it, with its class bars."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLabel, QWidget

from cnnstudio.core.dataset.images import read_array, thumbnail
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
from cnnstudio.ui.widgets.image_view import ImageView

_PICTURE_PX = 720
_VIEW_HEIGHT_PX = 250
_SMOOTH_FROM_PX = 96
_MOST_CLASSES = 6

_Views = tuple[NDArray[np.uint8], NDArray[np.uint8]]


class AnswerCard(Card):
    """The picture on top, the most probable classes below."""

    def __init__(self, jobs: JobQueue, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("predict_answer")
        self._jobs = jobs
        self._row: PredictionRow | None = None
        self._titles: Sequence[str] = ()
        self._colours: Sequence[QColor] = ()
        self._views: _Views | None = None
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
        self.body.addWidget(self._picture)
        self.body.addWidget(self._chips())
        for widget in (self._name, self._bars, self._sentence):
            self.body.addWidget(widget)
        self.body.addStretch(1)
        self.clear()

    def clear(self) -> None:
        """Show that nothing was asked yet."""
        self._row = self._views = None
        self._picture.set_image(None, "No picture")
        self._bars.set_probabilities([])
        self._name.setText("")
        self._sentence.setText("The answer appears here.")

    def set_colours(self, colours: Sequence[QColor]) -> None:
        """Draw the classes of the run in these colours."""
        self._colours = colours
        self._show_bars()

    def show_answer(self, row: PredictionRow, run: Run) -> None:
        """Show one row's picture and class bars."""
        self._row, self._views = row, None
        self._titles = run.class_titles
        answer = row.answer
        self._name.setText(answer.source)
        if isinstance(answer, Prediction):
            self._sentence.setText("")
            self._read(row, run)
        else:
            self._picture.set_image(None, "A picture that cannot be read")
            self._sentence.setText(f"This picture cannot be read: {answer.reason}.")
        self._show_bars()

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
            (("predict_seen", "As the network sees it"), ("predict_picture", "Picture"))
        ):
            chip = Chip(text)
            chip.setObjectName(name)
            chip.setChecked(place == 0)
            self._kinds.addButton(chip, place)
            row.addWidget(chip)
        row.addStretch(1)
        self._kinds.idClicked.connect(self._show_view)
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
        self._sentence.setText(str(error))

    @Slot()
    def _show_view(self) -> None:
        if self._views is None:
            return
        view = self._views[self._kinds.checkedId()]
        self._picture.set_smooth(max(view.shape[:2]) >= _SMOOTH_FROM_PX)
        self._picture.set_image(view, f"Picture {self._name.text()}")
