"""`ModelImportDialog`: how a model from elsewhere is to be asked, with a look at its answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QRadioButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from cnnstudio.core.catalog.scalings import SCALINGS
from cnnstudio.core.config import ResizeMode
from cnnstudio.core.engine_api import Engine
from cnnstudio.core.errors import StudioError
from cnnstudio.core.foreign.choices import ImportChoices
from cnnstudio.core.foreign.feeding import answers_words
from cnnstudio.core.foreign.found_model import KIND_WORDS, MOST_CLASSES, FoundModel
from cnnstudio.core.foreign.labels import read_labels
from cnnstudio.core.foreign.trying import ScalingTrial, try_scalings
from cnnstudio.core.foreign.trying_words import doubt_words, reason_words
from cnnstudio.core.jobs import Task, TaskContext
from cnnstudio.core.project import Project
from cnnstudio.ui.jobs import Job
from cnnstudio.ui.session import Session
from cnnstudio.ui.theme import Theme
from cnnstudio.ui.widgets.array_image import image_of_array
from cnnstudio.ui.widgets.card import Card
from cnnstudio.ui.widgets.chip_menu import ChipMenu
from cnnstudio.ui.widgets.names_field import NamesField
from cnnstudio.ui.widgets.plain_label import plain_label
from cnnstudio.ui.widgets.primary_button import primary_button, styled_button
from cnnstudio.ui.widgets.trial_tiles import TrialTile, TrialTiles

_FORM_PX = 400
_NAMES_PX = 132
_DELAY_MS = 300
_MODES: tuple[tuple[ResizeMode, str], ...] = (
    ("crop", "Cropping to the centre"),
    ("pad", "Padding the short side"),
    ("stretch", "Stretching"),
)


class ModelImportDialog(QDialog):
    """Shows what is known and guessed of a model; `choices_accepted` carries what holds."""

    choices_accepted = Signal(object)

    def __init__(
        self,
        model_file: Path,
        found: FoundModel,
        choices: ImportChoices,
        session: Session,
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._file, self._found, self._choices = model_file, found, choices
        self._session = session
        self._job: Job | None = None
        self._reading: Job | None = None
        self._trial: ScalingTrial | None = None
        self._has_chosen_scaling = False
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setObjectName("model_import_dialog")
        self.setWindowTitle("Import a model")
        self._name = QLineEdit(choices.name)
        self._name.setObjectName("model_import_name")
        self._name.setAccessibleName("Name of the run")
        self._names = NamesField(choices.titles, MOST_CLASSES)
        self._names.setObjectName("model_import_classes")
        self._names.setAccessibleName("Names of the classes, one in each line")
        self._names.setFixedHeight(_NAMES_PX)
        self._labels_from = plain_label("model_import_labels_from", "facts")
        self._scalings = {each.key: QRadioButton(each.label) for each in SCALINGS}
        self._results = {each.key: plain_label(f"model_import_right_{n}", "facts")
                         for n, each in enumerate(SCALINGS)}  # fmt: skip
        self._reason = plain_label("model_import_reason", "facts")
        self._mode = ChipMenu("Fit pictures by", _MODES)
        self._size = QSpinBox()
        self._tiles = TrialTiles(theme)
        self._tiles.setObjectName("model_import_tiles")
        self._said = plain_label("model_import_said", "muted")
        self._import = primary_button("Import")
        self._timer = QTimer(self, singleShot=True, interval=_DELAY_MS)
        self._timer.timeout.connect(self._try)
        self._build()
        self._connect()
        self._check()
        self._try()

    @property
    def choices(self) -> ImportChoices:
        """What is chosen at the moment; the names of the classes as they were when they fitted."""
        return self._choices

    def accept(self) -> None:
        """Hand the choices over and close."""
        self._drop_job()
        self.choices_accepted.emit(self._choices)
        super().accept()

    def reject(self) -> None:
        """Close; nothing is imported."""
        self._drop_job()
        super().reject()

    # What it is made of

    def _build(self) -> None:
        columns = QHBoxLayout()
        columns.setSpacing(24)
        form = QWidget()
        form.setFixedWidth(_FORM_PX)
        form.setLayout(self._form())
        columns.addWidget(form)
        columns.addWidget(self._answers_card(), 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 16)
        layout.setSpacing(16)
        heading = plain_label("model_import_heading", "heading")
        heading.setText(self._file.name)
        facts = plain_label("model_import_facts", "muted")
        facts.setText(self._facts())
        layout.addWidget(heading)
        layout.addWidget(facts)
        layout.addLayout(columns, 1)
        layout.addLayout(self._buttons())

    def _facts(self) -> str:
        found, size = self._found, self._choices.feeding.size_px
        colours = "colour" if found.channels == 3 else "grey"
        pixels = f"{size} px" if found.size_px else "any size"
        words = (
            f"{KIND_WORDS[found.kind]} model for {found.class_count:,} classes. It takes {colours}"
            f" pictures of {pixels}. It is kept as a run of this project; nothing in the file is"
            " run as code."
        )
        return f"{words} {answers_words(found.answers)}".strip()

    def _form(self) -> QVBoxLayout:
        choose = styled_button("Choose a list", small=True)
        choose.setObjectName("model_import_labels")
        choose.setToolTip("A text file with one name in each line")
        choose.clicked.connect(self._choose_labels)
        names = QHBoxLayout()
        names.addWidget(_caption("Classes, in the order of its answers", self._names))
        names.addStretch(1)
        names.addWidget(choose)
        column = QVBoxLayout()
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(_caption("Name of the run", self._name))
        column.addWidget(self._name)
        column.addSpacing(4)
        column.addLayout(names)
        column.addWidget(self._names)
        column.addWidget(self._labels_from)
        column.addSpacing(4)
        column.addWidget(self._scaling_part())
        column.addLayout(self._size_part())
        column.addStretch(1)
        return column

    def _scaling_part(self) -> QWidget:
        part = QWidget()
        grid = QGridLayout(part)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(6)
        grid.addWidget(_caption("The values of a picture go in as"), 0, 0, 1, 2)
        for row, each in enumerate(SCALINGS, 1):
            button, result = self._scalings[each.key], self._results[each.key]
            button.setObjectName(f"model_import_scaling_{row - 1}")
            button.setToolTip(each.help)
            button.setAccessibleDescription(each.help)
            button.setChecked(each.key == self._choices.feeding.scaling)
            result.setWordWrap(False)
            result.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            grid.addWidget(button, row, 0)
            grid.addWidget(result, row, 1)
        grid.addWidget(self._reason, len(SCALINGS) + 1, 0, 1, 2)
        # A model that CNN Studio has made says all that itself.
        part.setVisible(not self._choices.is_exported)
        return part

    def _size_part(self) -> QHBoxLayout:
        self._mode.setObjectName("model_import_mode")
        self._mode.setAccessibleName("How pictures are brought to its size")
        self._mode.set_value(self._choices.resize_mode)
        self._size.setObjectName("model_import_size")
        self._size.setAccessibleName("Picture width and height in pixels")
        self._size.setRange(8, 1024)
        self._size.setSuffix(" px")
        self._size.setValue(self._choices.feeding.size_px)
        is_asked = self._found.size_px is None and not self._choices.is_exported
        row = QHBoxLayout()
        row.setSpacing(8)
        caption = _caption("Picture size", self._size)
        for widget in (caption, self._size):
            widget.setVisible(is_asked)
            row.addWidget(widget)
        fit = _caption("Fit by", self._mode)
        for other in (fit, self._mode):
            other.setVisible(not self._choices.is_exported)
            row.addWidget(other)
        row.addStretch(1)
        return row

    def _answers_card(self) -> QWidget:
        card = Card("What it answers to pictures of this project")
        card.body.addWidget(self._said)
        card.body.addWidget(self._tiles, 1)
        return card

    def _buttons(self) -> QHBoxLayout:
        cancel = styled_button("Cancel")
        cancel.setObjectName("model_import_cancel")
        cancel.clicked.connect(self.reject)
        self._import.setObjectName("model_import_accept")
        self._import.setDefault(True)
        self._import.clicked.connect(self.accept)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch(1)
        row.addWidget(cancel)
        row.addWidget(self._import)
        return row

    def _connect(self) -> None:
        self._name.textChanged.connect(self._check)
        self._names.textChanged.connect(self._on_names_edited)
        self._names.refused.connect(self._on_names_refused)
        self._mode.value_changed.connect(self._on_mode)
        self._size.valueChanged.connect(self._on_size)
        for key, button in self._scalings.items():
            button.clicked.connect(self._choosing(key))

    def _choosing(self, key: str) -> Callable[[], None]:
        def choose() -> None:
            self._has_chosen_scaling = True
            self._take_scaling(key)

        return choose

    # What the user does

    @Slot()
    def _choose_labels(self) -> None:
        file, _ = QFileDialog.getOpenFileName(
            self, "List of class names", str(self._file.parent), "Text (*.txt *.json);;All (*)"
        )
        if file:
            self.take_labels(Path(file))

    def take_labels(self, file: Path) -> None:
        """Take the names of the classes from a file."""
        choices = self._choices

        def task(context: TaskContext) -> ImportChoices:
            return choices.with_names(read_labels(file), file.name)

        self._reading = self._session.view_jobs.start("Reading the names", task)
        self._reading.finished.connect(self._on_names_read)
        self._reading.failed.connect(self._on_names_not_read)

    @Slot(object)
    def _on_names_read(self, read: ImportChoices) -> None:
        if self.sender() is self._reading:
            self._choices = replace(
                self._choices, labels_from=read.labels_from, renamed=read.renamed
            )
            self._names.setPlainText("\n".join(read.titles))

    @Slot(object)
    def _on_names_not_read(self, error: Exception) -> None:
        if self.sender() is self._reading:
            _tell(self._labels_from, str(error))

    @Slot(int)
    def _on_names_refused(self, lines: int) -> None:
        count = self._found.class_count
        _tell(
            self._labels_from,
            f"That is too long for a list of class names ({lines:,} lines) and was left out: the"
            f" model tells {count:,} classes apart.",
        )

    @Slot()
    def _on_names_edited(self) -> None:
        self._check()
        self._timer.start()

    @Slot(object)
    def _on_mode(self, mode: ResizeMode) -> None:
        self._choices = replace(self._choices, resize_mode=mode)
        self._timer.start()

    @Slot(int)
    def _on_size(self, size: int) -> None:
        feeding = replace(self._choices.feeding, size_px=size)
        self._choices = replace(self._choices, feeding=feeding)
        self._timer.start()

    def _take_scaling(self, key: str) -> None:
        feeding = replace(self._choices.feeding, scaling=key)
        self._choices = replace(self._choices, feeding=feeding)
        self._scalings[key].setChecked(True)
        self._show_trial()

    @Slot()
    def _check(self) -> None:
        """Say what is missing, and offer Import when nothing is."""
        is_fine = bool(self._name.text().strip())
        try:
            named = self._choices.with_names(self._names.names())
            self._choices = replace(named, name=self._name.text().strip() or named.name)
            words = named.labels_words
            if not named.labels_from:
                words = f"The file names no classes: change these, or not. {words}".strip()
        except StudioError as error:
            words, is_fine = str(error), False
        _tell(self._labels_from, words)
        self._import.setEnabled(is_fine)

    # What it answers

    @Slot()
    def _try(self) -> None:
        if self._session.project is None:
            return
        self._drop_job()
        is_waiting = not self._session.engine_jobs.is_idle
        self._say("Waits until the engine is free…" if is_waiting else "Asking it…")
        self._job = self._session.ask_engine("Trying the model", self._question())
        self._job.finished.connect(self._on_tried)
        self._job.failed.connect(self._on_failed)

    def _question(self) -> Callable[[Engine, Project], Task[ScalingTrial]]:
        file, found, choices = self._file, self._found, self._choices

        def question(engine: Engine, project: Project) -> Task[ScalingTrial]:
            size = choices.feeding.size_px
            return try_scalings(
                engine, file, found, choices.titles, size, choices.resize_mode, project
            )

        return question

    @Slot(object)
    def _on_tried(self, trial: ScalingTrial) -> None:
        if self.sender() is not self._job:
            return
        self._job, self._trial = None, trial
        is_open = not (self._has_chosen_scaling or self._choices.is_exported)
        if is_open and not self._found.is_certain:
            self._take_scaling(trial.best_or(self._found.scaling))
        else:
            self._show_trial()

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        if self.sender() is self._job:
            self._job = self._trial = None
            self._tiles.show_tiles(())
            self._say(str(error))

    def _show_trial(self) -> None:
        trial = self._trial
        reason = _sentence(reason_words(self._found, self._choices, trial))
        doubt = doubt_words(trial)
        advice = f" {doubt} Choose the one whose answers make sense." if doubt else ""
        _tell(self._reason, f"{reason}.{advice}")
        if trial is None:
            return
        for each in trial.tried:
            words = f"{each.right} of {trial.labelled} right" if trial.labelled else ""
            self._results[each.key].setText("gives no numbers" if each.problem else words)
        chosen = trial.of(self._choices.feeding.scaling)
        if chosen is None or chosen.problem or not trial.samples:
            self._tiles.show_tiles(())
            self._say(
                "The project has no pictures to try it on." if chosen is None else chosen.problem
            )
            return
        if trial.labelled:
            self._say(
                f"Right on {chosen.right} of {trial.labelled} pictures whose class it knows."
                " Where the values go in wrongly, the answers make no sense."
            )
        else:
            self._say(
                "No class of this project has the name of one of its classes, so nobody can count"
                " how often it is right. Do these answers make sense?"
            )
        self._tiles.show_tiles(self._rows(trial))

    def _rows(self, trial: ScalingTrial) -> list[TrialTile]:
        chosen = trial.of(self._choices.feeding.scaling)
        titles = self._choices.titles
        assert chosen is not None
        rows = []
        for picture, label, answer in zip(trial.shown, trial.labels, chosen.answers, strict=False):
            place = int(answer.argmax())
            truth = titles[label] if label >= 0 else ""
            image = image_of_array(picture)
            share = float(answer[place])
            rows.append(TrialTile(image, titles[place], share, truth, place == label))
        return rows

    def _say(self, words: str) -> None:
        self._said.setText(words)

    def _drop_job(self) -> None:
        self._timer.stop()
        if self._job is not None and not self._job.has_ended:
            self._job.cancel()
        self._job = None


def _caption(words: str, buddy: QWidget | None = None) -> QLabel:
    label = QLabel(words)
    label.setProperty("class", "muted")
    if buddy is not None:
        label.setBuddy(buddy)
    return label


def _tell(label: QLabel, words: str) -> None:
    """Say something in the form, with room for all of it."""
    label.setText(words)
    label.setMinimumHeight(label.heightForWidth(_FORM_PX))


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]
