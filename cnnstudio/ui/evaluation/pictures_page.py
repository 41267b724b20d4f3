"""The page with the pictures behind the figures: found, looked at, corrected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

import numpy as np
from PySide6.QtCore import Slot
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout

from cnnstudio.core.evaluation.browsing import Browsing, Standing
from cnnstudio.core.evaluation.evaluation import place_of
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.predictions import Prediction
from cnnstudio.core.project import Project, Sample
from cnnstudio.core.selecting import Selection
from cnnstudio.ui.evaluation.gallery import (
    Gallery,
    answer_words,
    change_words,
    make_gallery,
    standing_words,
)
from cnnstudio.ui.evaluation.page import EvaluationPage, ShownEvaluation
from cnnstudio.ui.evaluation.picture_filters import PictureFilters
from cnnstudio.ui.evaluation.picture_side import PictureSide
from cnnstudio.ui.explaining import Explaining
from cnnstudio.ui.icons import Icons
from cnnstudio.ui.images.labelling import Labelling
from cnnstudio.ui.jobs import Job
from cnnstudio.ui.models.answer_rows import PredictionRow
from cnnstudio.ui.run_colours import run_colours
from cnnstudio.ui.session import Session
from cnnstudio.ui.theme import Theme
from cnnstudio.ui.thumbnails import Thumbnails
from cnnstudio.ui.widgets.answer_card import AnswerCard
from cnnstudio.ui.widgets.answer_gallery import AnswerGallery
from cnnstudio.ui.words import count_words, pictures

_NONE_SO = "No picture is like this."


class PicturesPage(EvaluationPage):
    """A gallery of the evaluation's pictures, and the chosen one in full.

    The evaluation stays as it was measured; what was changed since is marked.
    """

    name: ClassVar[str] = "pictures"
    title: ClassVar[str] = "Pictures"

    def __init__(
        self, session: Session, theme: Theme, icons: Icons, thumbnails: Thumbnails
    ) -> None:
        super().__init__()
        self._session = session
        self._shown: ShownEvaluation | None = None
        self._gallery: Gallery | None = None
        self._browsing = Browsing()
        self._is_filter_wanted = False
        self._is_stale = False
        self._job: Job | None = None
        self._answered: tuple[int, str] | None = None
        self._filters = PictureFilters()
        self._pictures = AnswerGallery(
            theme,
            icons,
            thumbnails,
            "evaluate_pictures_grid",
            lines=2,
            icon="images",
            sentence=_NONE_SO,
        )
        self._grid, self._model = self._pictures.grid, self._pictures.model
        card = AnswerCard(session.preview_jobs, theme)
        Explaining(session, theme, thumbnails, card)
        self._side = PictureSide(card)
        self._labelling = Labelling(session, self._selected_samples, self)
        self._build(icons)
        self._connect()

    def show_evaluation(self, shown: ShownEvaluation) -> None:
        """Show the pictures of another evaluation, and those wanted of it."""
        before = self._shown
        self._shown, self._gallery, self._answered = shown, None, None
        keeps_filter = self._is_filter_wanted or (
            before is not None and before.evaluation.class_names == shown.evaluation.class_names
        )
        if not keeps_filter:
            self._browsing = Browsing(self._browsing.order)
        self._is_filter_wanted = False
        self._filters.offer(shown.evaluation)
        self._filters.show_browsing(self._browsing)
        self._browsing = self._filters.browsing()
        self._side.set_colours(run_colours(shown.run, self._session.project))
        self._grid.clearSelection()
        self._refresh()

    def show_filter(self, true: int | None, predicted: int | None) -> None:
        """Show only the pictures of a class, or answered as one; None stands for any.

        Both are class indices of the evaluation that is or will be shown.
        """
        self._browsing = Browsing(self._browsing.order, true, predicted)
        self._is_filter_wanted = True
        self._filters.show_browsing(self._browsing)
        self._refresh()

    # Parts

    def _build(self, icons: Icons) -> None:
        self._changes = QLabel()
        self._changes.setObjectName("evaluate_pictures_changes")
        self._changes.setProperty("class", "muted")
        self._changes.setWordWrap(True)
        self._changes.hide()
        show_all = self._pictures.empty.add_button("Show all pictures")
        show_all.setObjectName("evaluate_pictures_all")
        show_all.clicked.connect(lambda: self.show_filter(None, None))
        left = QVBoxLayout()
        left.setSpacing(8)
        left.addWidget(self._filters)
        left.addWidget(self._changes)
        left.addWidget(self._pictures, 1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(16)
        layout.addLayout(left, 1)
        layout.addWidget(self._side)

    def _connect(self) -> None:
        session, grid, side = self._session, self._grid, self._side
        self._filters.changed.connect(self._on_filter_chosen)
        grid.selection_changed.connect(self._show_chosen)
        grid.number_pressed.connect(self._label_by_number)
        grid.letter_pressed.connect(self._label_by_letter)
        grid.remove_pressed.connect(self._exclude)
        side.label_wanted.connect(self._label)
        side.exclude_wanted.connect(self._exclude)
        side.open_wanted.connect(self._open_in_images)
        session.project_changed.connect(self._on_project_changed)
        session.inspection.facts_changed.connect(self._refresh)
        session.file_jobs.emptied.connect(self._on_files_settled)
        # Pictures are read one after the other; while a key is held down, most are passed over.
        session.preview_jobs.emptied.connect(self._show_answer)

    # What is shown

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what happened while nobody looked."""
        super().showEvent(event)
        if self._is_stale:
            self._refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        """What was wanted when the page was opened has been shown."""
        super().hideEvent(event)
        self._is_filter_wanted = False

    @Slot()
    def _on_filter_chosen(self) -> None:
        self._browsing = self._filters.browsing()
        self._refresh()

    @Slot(object, object)
    def _on_project_changed(self, before: Project | None, after: Project | None) -> None:
        if before is None or after is None or before.root != after.root:
            self._shown = self._gallery = None
            self._browsing = replace(self._browsing, true=None, predicted=None)
            self._pictures.clear()
            self._side.clear()
        elif before.samples is not after.samples or before.classes != after.classes:
            self._refresh()

    @Slot()
    def _refresh(self) -> None:
        """Work out what is shown, unless nobody looks."""
        shown, project = self._shown, self._session.project
        self._is_stale = not self.isVisible()
        if shown is None or project is None or self._is_stale:
            return
        if self._is_pending and self._job is not None:
            self._job.cancel()
        browsing, facts = self._browsing, self._session.inspection.facts
        colours = run_colours(shown.run, project)

        def task(context: TaskContext) -> tuple[ShownEvaluation, Gallery]:
            made = make_gallery(shown.evaluation, browsing, project, facts, colours, context)
            return shown, made

        self._job = self._session.view_jobs.start("Arranging", task)
        self._job.finished.connect(self._on_ready)
        self._job.failed.connect(self._session.failed)

    @property
    def _is_pending(self) -> bool:
        return self._job is not None and not self._job.has_ended

    @Slot(object)
    def _on_ready(self, made: tuple[ShownEvaluation, Gallery]) -> None:
        shown, gallery = made
        if self.sender() is not self._job or shown is not self._shown:
            return
        selection = self._selection_in(gallery)
        scrolled = self._grid.verticalScrollBar().value()
        is_other = self._gallery is None or not np.array_equal(self._gallery.rows, gallery.rows)
        self._gallery = None  # what is selected meanwhile means nothing
        self._model.set_pictures(gallery.arrangement, gallery.tiles)
        self._gallery = gallery
        self._grid.set_selection(selection)
        self._grid.verticalScrollBar().setValue(0 if is_other else scrolled)
        if is_other and selection.current >= 0:
            self._grid.scrollTo(self._grid.currentIndex())
        self._pictures.setCurrentWidget(self._grid if len(gallery.rows) else self._pictures.empty)
        words = change_words(gallery.standings)
        self._changes.setText(words)
        self._changes.setVisible(bool(words))
        if self._session.project is gallery.project:
            self._labelling.settle()

    def _selection_in(self, gallery: Gallery) -> Selection:
        """The pictures selected now, where the gallery has them; else its first one."""
        mask = np.zeros(len(gallery.rows), np.bool_)
        current = -1
        if self._gallery is not None and self._shown is not None:
            place = np.full(len(self._shown.evaluation), -1)
            place[gallery.rows] = np.arange(len(gallery.rows))
            kept = place[self._gallery.rows[self._grid.selected_rows()]]
            mask[kept[kept >= 0]] = True
            row = self._grid.currentIndex().row()
            current = int(place[self._gallery.rows[row]]) if row >= 0 else -1
        if not len(mask):
            return Selection(mask)
        if not mask.any():
            mask[0] = True
        return Selection(mask, current if current >= 0 and mask[current] else int(mask.argmax()))

    # The chosen picture

    def _chosen(self) -> list[int]:
        """The places selected in the gallery; none while it is being exchanged."""
        return [] if self._gallery is None else self._grid.selected_rows()

    def _selected_samples(self) -> Sequence[Sample]:
        """What an edit changes: of the pictures selected, those that the project has."""
        return [
            each.sample for each in self._selected_standings() if each.can_be_edited and each.sample
        ]

    def _selected_standings(self) -> list[Standing]:
        gallery = self._gallery
        return [] if gallery is None else [gallery.standing(place) for place in self._chosen()]

    @Slot()
    def _show_chosen(self) -> None:
        shown, gallery, project = self._shown, self._gallery, self._session.project
        if shown is None or gallery is None or project is None:
            return
        chosen = self._chosen()
        self._show_facts(len(chosen))
        place = self._grid.currentIndex().row()
        if not chosen or place < 0:
            self._answered = None
            self._side.clear()
            return
        row = int(gallery.rows[place])
        standing = gallery.standings[row]
        self._side.show_words(
            answer_words(shown.evaluation, row),
            standing_words(standing, shown.evaluation.pictures[row], project),
        )
        samples = self._selected_samples()
        present = frozenset(each.class_name for each in samples)
        self._side.show_actions(
            project, len(samples), present=present, can_open=standing.sample is not None
        )
        if self._session.preview_jobs.is_idle:
            self._show_answer()

    def _show_facts(self, chosen: int) -> None:
        assert self._shown is not None
        count, total = len(self._model.samples), len(self._shown.evaluation)
        of = f" of {count_words(total)}" if count < total else ""
        selected = f", {count_words(chosen)} selected" if chosen > 1 else ""
        noun = "picture" if total == 1 else "pictures"
        words = f"{count_words(count)}{of} {noun}" if of else pictures(count)
        self._filters.set_facts(f"{words}{selected}")

    @Slot()
    def _show_answer(self) -> None:
        """Read the picture that is current now, unless it is the one shown already."""
        shown, gallery, project = self._shown, self._gallery, self._session.project
        place = self._grid.currentIndex().row()
        if (
            shown is None
            or gallery is None
            or project is None
            or not 0 <= place < len(gallery.rows)
        ):
            return
        row = int(gallery.rows[place])
        sample = gallery.standings[row].sample
        picture = shown.evaluation.pictures[row]
        path = sample.path if sample is not None else picture.path
        if self._answered == (row, path) or not self.isVisible():
            return
        self._answered = (row, path)
        source = project.absolute(sample) if sample else place_of(picture, project.root)
        answers = shown.evaluation.probabilities[row]
        prediction = Prediction.of(path, shown.run.class_names, answers)
        self._side.show_answer(PredictionRow(source, prediction), shown.run)

    # What can be done about it

    @Slot(object)
    def _label(self, class_name: str | None) -> None:
        if self._can_edit():
            self._labelling.label(class_name)

    @Slot(int)
    def _label_by_number(self, number: int) -> None:
        if self._can_edit():
            self._labelling.label_by_number(number)

    @Slot(str)
    def _label_by_letter(self, letter: str) -> None:
        if self._can_edit() and not self._labelling.label_by_letter(letter):
            self._session.said.emit(f"No class has the letter {letter}.")

    @Slot()
    def _exclude(self) -> None:
        if self._can_edit():
            self._labelling.remove()

    def _can_edit(self) -> bool:
        """Whether one of the pictures selected can be changed; says why where none can."""
        chosen = self._chosen()
        if self._gallery is None or self._shown is None or not chosen:
            return False
        if self._selected_samples():
            return True
        row = int(self._gallery.rows[chosen[0]])
        picture = self._shown.evaluation.pictures[row]
        standing = self._gallery.standings[row]
        self._session.said.emit(standing_words(standing, picture, self._gallery.project))
        return False

    @Slot()
    def _open_in_images(self) -> None:
        place = self._grid.currentIndex().row()
        if self._gallery is not None and place >= 0:
            sample = self._gallery.standing(place).sample
            if sample is not None:
                self._session.sample_wanted.emit(sample.path)

    @Slot()
    def _on_files_settled(self) -> None:
        if not self._is_pending:
            self._labelling.settle()
