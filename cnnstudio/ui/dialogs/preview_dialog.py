"""`PreviewDialog`: the current picture of the grid, large."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from datetime import datetime

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QImage, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from cnnstudio.core.dataset.images import read_array, thumbnail
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.project import Project, Sample
from cnnstudio.ui.icons import Icons
from cnnstudio.ui.jobs import Job, JobQueue
from cnnstudio.ui.models.sample_model import SampleModel
from cnnstudio.ui.sample_words import network_words, sample_facts, sample_problems
from cnnstudio.ui.thumbnail_queue import Wish
from cnnstudio.ui.thumbnails import Thumbnails, as_qt_image
from cnnstudio.ui.widgets.chip import Chip
from cnnstudio.ui.widgets.fit_label import ElidedLabel
from cnnstudio.ui.widgets.icon_button import icon_button
from cnnstudio.ui.widgets.image_view import ImageView
from cnnstudio.ui.widgets.path_field import PathField
from cnnstudio.ui.widgets.preview_picture import PreviewPicture
from cnnstudio.ui.widgets.sample_view import SampleView

_MARGIN_PX = 16
_BUTTON_PX = 30
# Of the dialog's width, what the picture as the network sees it may take.
_SEEN_SHARE = 0.4
# Larger pictures are brought to this, which takes 270 MB at most.
_FULL_PX = 8192
_ASKER = "preview"

_STEPS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Up: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Down: 1}
_CLOSING = (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter)


class PreviewDialog(QDialog):
    """Follows the grid's current picture; keys do here what they do in the grid.

    Arrows go on and back, Home and End to the first and the last picture; digits and letters give
    the picture a class, Delete removes it, plus and minus show it at full size and whole, Space or
    Escape closes.
    """

    def __init__(
        self,
        view: SampleView,
        model: SampleModel,
        project: Callable[[], Project | None],
        icons: Icons,
        thumbnails: Thumbnails,
        jobs: JobQueue,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._view = view
        self._model = model
        self._project = project
        self._thumbnails = thumbnails
        self._jobs = jobs
        self._seeing: Job | None = None
        self._enlarging: Job | None = None
        self._sample: Sample | None = None
        self.setObjectName("images_preview")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._build(icons)
        self.resize(parent.window().size() * 0.85)
        self._image.setFocus()
        view.selectionModel().currentChanged.connect(self._follow)
        model.modelReset.connect(self._follow)
        model.dataChanged.connect(self._follow)
        # After a reset the grid finds its pictures again in one go.
        view.selection_changed.connect(self._follow)
        thumbnails.arrived.connect(self._on_arrived)
        thumbnails.failed.connect(self._on_arrived)
        self._seen_chip.toggled.connect(self._show_seen)
        self._full_chip.toggled.connect(self._show_full)
        self._image.full_size_wanted.connect(self._full_chip.toggle)
        self._follow()

    def _build(self, icons: Icons) -> None:
        self._image = PreviewPicture(icons.theme, self)
        self._image.setObjectName("images_preview_picture")
        self._seen = ImageView(icons.theme, smooth=False)
        self._seen.setObjectName("images_preview_seen_picture")
        self._seen_words = QLabel()
        self._seen_words.setObjectName("images_preview_seen_words")
        self._seen_words.setWordWrap(True)
        self._seen_words.setProperty("class", "muted")
        self._seen_side = QWidget()
        side = QVBoxLayout(self._seen_side)
        side.setContentsMargins(0, 0, 0, 0)
        side.setSpacing(8)
        side.addWidget(self._seen)
        side.addWidget(self._seen_words)
        side.addStretch(1)
        self._seen_side.hide()
        pictures = QHBoxLayout()
        pictures.setSpacing(_MARGIN_PX)
        pictures.addWidget(self._image, 1)
        pictures.addWidget(self._seen_side)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(_MARGIN_PX, _MARGIN_PX, _MARGIN_PX, _MARGIN_PX)
        layout.setSpacing(12)
        layout.addLayout(pictures, 1)
        layout.addLayout(self._build_words(icons))

    def _build_words(self, icons: Icons) -> QHBoxLayout:
        self._name = ElidedLabel()
        self._name.setObjectName("images_preview_name")
        self._name.setProperty("class", "heading")
        self._facts = ElidedLabel(mode=Qt.TextElideMode.ElideRight)
        self._facts.setObjectName("images_preview_facts")
        self._facts.setProperty("class", "muted")
        self._problem = ElidedLabel(mode=Qt.TextElideMode.ElideRight)
        self._problem.setObjectName("images_preview_problem")
        self._problem.setProperty("class", "warn")
        self._path = PathField()
        self._path.setObjectName("images_preview_path")
        self._path.setAccessibleName("Path of the picture")
        self._seen_chip = Chip("As the network sees it")
        self._seen_chip.setObjectName("images_preview_seen")
        self._seen_chip.setToolTip("Show what is cut off, and the picture at the network's size")
        self._full_chip = Chip("Full size")
        self._full_chip.setObjectName("images_preview_full")
        self._full_chip.setToolTip("Show every pixel (double click, plus and minus keys)")
        first = QHBoxLayout()
        first.setSpacing(8)
        for label in (self._name, self._facts, self._problem):
            first.addWidget(label)
        first.addStretch(1)
        words = QVBoxLayout()
        words.setSpacing(4)
        words.addLayout(first)
        words.addWidget(self._path)
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addLayout(words, 1)
        for chip in (self._full_chip, self._seen_chip):
            chip.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keys with the picture
            line.addWidget(chip)
        line.addWidget(self._button(icons, "up", "Previous picture", -1))
        line.addWidget(self._button(icons, "down", "Next picture", 1))
        return line

    def _button(self, icons: Icons, icon: str, words: str, step: int) -> QToolButton:
        name = f"images_preview_{'next' if step > 0 else 'previous'}"
        button = icon_button(icons, icon, words, name)
        button.setToolTip(f"{words} (arrow keys)")
        button.setFixedSize(_BUTTON_PX, _BUTTON_PX)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # arrow keys do the same
        button.clicked.connect(lambda: self._step(step))
        return button

    # What the user does

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go on, label, remove or close."""
        key = Qt.Key(event.key())
        last = len(self._model.samples) - 1
        if key in _STEPS:
            self._step(_STEPS[key])
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self._go_to(0 if key == Qt.Key.Key_Home else last)
        elif event.text() in ("+", "-"):
            self._full_chip.setChecked(event.text() == "+")
        elif key in _CLOSING:
            self.close()
        elif key == Qt.Key.Key_Escape or not self._view.act_on_key(event):
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Ask for as many pixels as there is room for."""
        super().resizeEvent(event)
        self._show()

    def done(self, result: int) -> None:
        """Nothing more is read for it."""
        self._thumbnails.want(_ASKER, ())
        for job in (self._seeing, self._enlarging):
            _cancel(job)
        self._seeing = self._enlarging = None
        super().done(result)

    def _step(self, step: int) -> None:
        self._go_to(self._view.currentIndex().row() + step)

    def _go_to(self, row: int) -> None:
        if 0 <= row < len(self._model.samples):
            self._view.select_row(row)
            self._view.scrollTo(self._view.currentIndex())

    # What is shown

    @Slot()
    def _follow(self) -> None:
        sample, project = self._view.current_sample(), self._project()
        if not self._model.samples:
            self.close()
        if sample is None or project is None:
            return
        is_other = sample != self._sample
        self._sample = sample
        knowledge = self._model.knowledge
        now = datetime.now().astimezone()
        self.setWindowTitle(sample.file_name)
        self._name.setText(sample.file_name)
        self._facts.setText(" · ".join(sample_facts(project, sample, knowledge, now)))
        self._problem.setText(sample_problems(sample, knowledge))
        self._path.set_path(str(project.absolute(sample)))
        self._show()
        if is_other:
            self._full_chip.setChecked(False)
            self._show_seen()

    def _show(self) -> None:
        row, near = self._view.currentIndex().row(), self._near_rows()
        if self._sample is None or row not in near:
            return  # the grid shows something else, and tells so in a moment
        self._thumbnails.want(_ASKER, [self._wish(each) for each in near])
        wish = self._wish(row)
        self._image.set_image(self._thumbnails.find(*wish), self._name.text())

    def _near_rows(self) -> list[int]:
        """The current picture and its neighbours, so that arrow keys show them at once."""
        row = self._view.currentIndex().row()
        near = (row, row + 1, row - 1, row + 2)
        return [each for each in near if 0 <= each < len(self._model.samples)]

    def _wish(self, row: int) -> Wish:
        sample, project = self._model.samples[row], self._project()
        longest = max(self._image.width(), self._image.height())
        size_px = math.ceil(longest * self.devicePixelRatioF())
        root = "" if project is None else f"{project.root}{os.sep}"
        return Wish(f"{root}{sample.path.replace('/', os.sep)}", size_px, sample.modified_ns)

    @Slot(str)
    def _on_arrived(self, key: str) -> None:
        if self._sample is not None and key == self._path.path:
            self._show()

    # As the network sees it

    @Slot()
    def _show_seen(self) -> None:
        project, sample = self._project(), self._sample
        is_wanted = self._seen_chip.isChecked()
        self._seen_side.setVisible(is_wanted)
        _cancel(self._seeing)
        self._seeing = None
        if project is None or sample is None or not is_wanted:
            self._image.set_mode(None)
            return
        training = project.config.training
        self._image.set_mode(training.resize_mode)
        self._seen_words.setText(network_words(project))
        # One pixel of the network's picture is one of the screen, as long as there is room.
        side = training.image_size / self.devicePixelRatioF()
        side_px = round(min(side, self.width() * _SEEN_SHARE))
        self._seen.setFixedSize(side_px, side_px)
        self._seen_side.setFixedWidth(max(side_px, 160))
        path = project.absolute(sample)

        def task(context: TaskContext) -> npt.NDArray[np.uint8]:
            return read_array(path, training.image_size, training.resize_mode)

        self._seeing = self._jobs.start("Looking at a picture", task)
        self._seeing.finished.connect(self._on_seen)
        self._seeing.failed.connect(self._on_unseen)

    @Slot(object)
    def _on_seen(self, picture: npt.NDArray[np.uint8]) -> None:
        if self.sender() is not self._seeing:
            return  # the picture of before
        self._seen.set_image(picture, f"{self._name.text()} as the network sees it")

    @Slot(object)
    def _on_unseen(self, _error: Exception) -> None:
        if self.sender() is not self._seeing:
            return
        self._seen.set_image(None, "The network cannot see this picture")

    # At full size

    @Slot()
    def _show_full(self) -> None:
        project, sample = self._project(), self._sample
        _cancel(self._enlarging)
        self._enlarging = None
        if project is None or sample is None or not self._full_chip.isChecked():
            self._image.set_full(None)
            return
        path = project.absolute(sample)

        def task(context: TaskContext) -> QImage:
            return as_qt_image(thumbnail(path, _FULL_PX))

        self._enlarging = self._jobs.start("Reading a picture", task)
        self._enlarging.finished.connect(self._on_enlarged)
        self._enlarging.failed.connect(self._on_not_enlarged)

    @Slot(object)
    def _on_enlarged(self, image: QImage) -> None:
        if self.sender() is self._enlarging:
            self._image.set_full(image)

    @Slot(object)
    def _on_not_enlarged(self, _error: Exception) -> None:
        if self.sender() is self._enlarging:
            self._full_chip.setChecked(False)


def _cancel(job: Job | None) -> None:
    """Cancel a job whose result is no longer wanted."""
    if job is not None and not job.has_ended:
        job.cancel()
