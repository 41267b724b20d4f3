"""The Augment step: random changes of training pictures, seen before they are used."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from cnnstudio.core.catalog.augmentations import AUGMENTATION_PRESETS, preset_of
from cnnstudio.core.config import AugmentationConfig, ResizeMode, parameters_of, to_dict
from cnnstudio.core.dataset.augmenting import augmented_samples
from cnnstudio.core.dataset.images import read_array
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.project import Project, Sample
from cnnstudio.ui.icons import Icons
from cnnstudio.ui.jobs import Job
from cnnstudio.ui.session import Session
from cnnstudio.ui.theme import Theme
from cnnstudio.ui.thumbnails import Thumbnails
from cnnstudio.ui.widgets.card import Card
from cnnstudio.ui.widgets.chip import Chip
from cnnstudio.ui.widgets.chip_menu import ChipMenu
from cnnstudio.ui.widgets.empty_state import EmptyState
from cnnstudio.ui.widgets.fit_label import ElidedLabel
from cnnstudio.ui.widgets.parameter_form import ParameterForm
from cnnstudio.ui.widgets.primary_button import styled_button
from cnnstudio.ui.widgets.sample_grid import SampleGrid

_SAMPLES = 14
_FORM_WIDTH_PX = 360
_CELL_PX = 140
# Pictures smaller than this are shown with sharp pixels: smoothing would hide what they are.
_SMOOTH_FROM_PX = 96

_NO_PICTURES = "No pictures yet. Add some in the Images step."
_NONE_IN_CLASS = "No pictures in this class yet. Choose another class."
_NONE_READABLE = "None of these pictures can be read. The Images step says why."

_Gallery = tuple[NDArray[np.uint8], list[NDArray[np.uint8]]]


class AugmentPanel(QWidget):
    """One control for each augmentation, and a gallery made by the code that training runs."""

    step: ClassVar[str] = "augment"

    def __init__(
        self, session: Session, theme: Theme, icons: Icons, thumbnails: Thumbnails
    ) -> None:
        super().__init__()
        self._session = session
        self._icons = icons
        self._place = 0
        self._original: tuple[tuple[Path, int, ResizeMode], NDArray[np.uint8]] | None = None
        self._running: Job | None = None
        self._is_stale = False
        self._chosen: tuple[Any, Any, Any, list[Sample]] | None = None
        self._presets = QButtonGroup(self)
        self._form = ParameterForm(parameters_of(AugmentationConfig), "augment")
        self._words = QLabel()
        self._classes = ChipMenu("Class")
        self._name = ElidedLabel()
        self._seed = QSpinBox()
        self._grid = SampleGrid(theme, cell_px=_CELL_PX)
        self._empty = EmptyState(icons, "picture", _NO_PICTURES)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(16)
        layout.addWidget(self._settings_card())
        layout.addLayout(self._gallery(), 1)
        self._form.value_changed.connect(self._on_value_changed)
        self._presets.idClicked.connect(self._on_preset)
        self._classes.value_changed.connect(self._on_class_chosen)
        self._seed.valueChanged.connect(self._on_seed)
        session.project_changed.connect(self._on_project_changed)
        session.inspection.facts_changed.connect(self._refresh)

    # What it is made of

    def _settings_card(self) -> Card:
        card = Card("Augmentation")
        card.setFixedWidth(_FORM_WIDTH_PX)
        row = QHBoxLayout()
        row.setSpacing(8)
        for place, preset in enumerate(AUGMENTATION_PRESETS):
            chip = Chip(preset.label)
            chip.setObjectName(f"augment_preset_{preset.key}")
            chip.setAccessibleName(f"Preset {preset.label}")
            chip.setToolTip(preset.help)
            self._presets.addButton(chip, place)
            row.addWidget(chip)
        row.addStretch(1)
        card.body.addLayout(row)
        self._words.setObjectName("augment_preset_words")
        self._words.setProperty("class", "facts")
        self._words.setWordWrap(True)
        card.body.addWidget(self._words)
        area = QScrollArea()
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 4, 8, 0)
        column.addWidget(self._form)
        column.addStretch(1)
        area.setWidget(inside)
        card.body.addWidget(area, 1)
        return card

    def _gallery(self) -> QVBoxLayout:
        title = QLabel("Augmented samples")
        title.setProperty("class", "title")
        self._name.setObjectName("augment_name")
        self._name.setProperty("class", "muted")
        self._empty.setObjectName("augment_empty")
        self._classes.setObjectName("augment_class")
        self._classes.setAccessibleName("Class of the picture shown")
        previous = styled_button("Previous")
        previous.setObjectName("augment_previous")
        previous.setAccessibleName("Previous picture")
        following = styled_button("Next")
        following.setObjectName("augment_next")
        following.setAccessibleName("Next picture")
        previous.clicked.connect(lambda: self._move(-1))
        following.clicked.connect(lambda: self._move(1))
        self._seed.setObjectName("augment_seed")
        self._seed.setAccessibleName("Seed of the samples shown")
        self._seed.setToolTip("The same seed shows the same samples again.")
        self._seed.setPrefix("Seed ")
        self._seed.setMaximum(999_999)
        shuffle = styled_button("Shuffle", "primary")
        shuffle.setObjectName("augment_shuffle")
        shuffle.setToolTip("Draw new samples")
        shuffle.clicked.connect(lambda: self._seed.setValue(self._seed.value() + 1))
        header = QHBoxLayout()
        header.setSpacing(8)
        header.addWidget(title)
        header.addStretch(1)
        header.addWidget(self._seed)
        header.addWidget(shuffle)
        choice = QHBoxLayout()
        choice.setSpacing(8)
        for widget in (self._classes, previous, following):
            choice.addWidget(widget)
        choice.addWidget(self._name, 1)
        card = Card()
        card.body.addLayout(choice)
        self._grid.setObjectName("augment_gallery")
        self._grid.setAccessibleName("The original and augmented samples of it")
        area = QScrollArea()
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidget(self._grid)
        # The card shows through.
        area.viewport().setAutoFillBackground(False)
        self._grid.setAutoFillBackground(False)
        self._area = area
        card.body.addWidget(area, 1)
        card.body.addWidget(self._empty, 1)
        layout = QVBoxLayout()
        layout.setSpacing(12)
        layout.addLayout(header)
        layout.addWidget(card, 1)
        return layout

    # What the user does

    @Slot(str, object)
    def _on_value_changed(self, key: str, value: Any) -> None:
        self._set(replace(self._config(), **{key: value}))

    @Slot(int)
    def _on_preset(self, place: int) -> None:
        self._set(AUGMENTATION_PRESETS[place].config)

    @Slot(object)
    def _on_class_chosen(self, _name: object) -> None:
        self._place = 0
        self._refresh()

    @Slot(int)
    def _on_seed(self, _seed: int) -> None:
        self._refresh()

    def _move(self, by: int) -> None:
        samples = self._samples()
        if samples:
            self._place = (self._place + by) % len(samples)
            self._refresh()

    def _set(self, augmentation: AugmentationConfig) -> None:
        project = self._session.project
        if project is not None:
            self._session.set_config(replace(project.config, augmentation=augmentation))

    # What is shown

    def showEvent(self, event: QShowEvent) -> None:
        """Draw what changed while the step was not shown."""
        super().showEvent(event)
        self._refresh()

    @Slot(object, object)
    def _on_project_changed(self, before: Project | None, after: Project | None) -> None:
        if after is None:
            return
        if before is None or before.root != after.root:
            self._place = 0
            self._original = None
        choices: list[tuple[str | None, str]] = [(None, "All classes")]
        choices += [(each.name, each.title) for each in after.classes]
        if before is None or before.classes != after.classes:
            self._classes.set_choices(choices)
        self._show_config(after.config.augmentation)
        self._refresh()

    def _show_config(self, config: AugmentationConfig) -> None:
        self._form.set_values(to_dict(config))
        preset = preset_of(config)
        self._presets.setExclusive(False)
        for place, each in enumerate(AUGMENTATION_PRESETS):
            self._presets.button(place).setChecked(each is preset)
        self._presets.setExclusive(preset is not None)
        self._words.setText(preset.help if preset else "Your own choice of changes.")

    @Slot()
    def _refresh(self) -> None:
        if not self.isVisible():
            return  # it is drawn when the step is shown
        sample = self._sample()
        self._empty.set_sentence(self._empty_sentence())
        self._empty.setVisible(sample is None)
        self._area.setVisible(sample is not None)
        self._name.setText(sample.file_name if sample else "")
        if sample is None:
            return
        if self._running is not None and not self._running.has_ended:
            # Only the newest state of a moving slider is worth drawing.
            self._is_stale = True
            return
        self._is_stale = False
        self._running = self._session.preview_jobs.start("Preview", self._preview_task(sample))
        self._running.finished.connect(self._on_gallery)
        self._running.failed.connect(self._on_failed)

    def _preview_task(self, sample: Sample) -> Any:
        project = self._session.project
        assert project is not None
        training, config = project.config.training, project.config.augmentation
        key = (project.absolute(sample), training.image_size, training.resize_mode)
        kept, seed = self._original, self._seed.value()

        def task(context: TaskContext) -> tuple[Any, _Gallery]:
            picture = kept[1] if kept is not None and kept[0] == key else read_array(*key)
            return key, (picture, augmented_samples(picture, config, _SAMPLES, seed))

        return task

    @Slot(object)
    def _on_gallery(self, result: tuple[Any, _Gallery]) -> None:
        key, (picture, samples) = result
        self._original = (key, picture)
        self._grid.set_smooth(picture.shape[0] >= _SMOOTH_FROM_PX)
        captions = [f"sample {number}" for number in range(1, len(samples) + 1)]
        self._grid.set_samples([(picture, "original"), *zip(samples, captions, strict=True)])
        if self._is_stale:
            self._refresh()

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        self._empty.set_sentence(f"{error} Choose another picture with Next.")
        self._empty.setVisible(True)
        self._area.setVisible(False)
        if self._is_stale:
            self._refresh()

    def _config(self) -> AugmentationConfig:
        project = self._session.project
        return project.config.augmentation if project else AugmentationConfig()

    def _samples(self) -> list[Sample]:
        project = self._session.project
        if project is None:
            return []
        # Kept, because a slider that moves asks 30 times a second.
        wanted, facts = self._classes.value(), self._session.inspection.facts
        if self._chosen is None or self._chosen[:3] != (project.samples, wanted, facts):
            problems = self._session.inspection.problems()
            samples = [
                sample
                for sample in project.samples
                if (wanted is None or sample.class_name == wanted) and sample.path not in problems
            ]
            self._chosen = (project.samples, wanted, facts, samples)
        return self._chosen[3]

    def _empty_sentence(self) -> str:
        project, wanted = self._session.project, self._classes.value()
        if project is None or not project.samples:
            return _NO_PICTURES
        return _NONE_READABLE if wanted is None or project.counts.get(wanted) else _NONE_IN_CLASS

    def _sample(self) -> Sample | None:
        samples = self._samples()
        return samples[self._place % len(samples)] if samples else None
