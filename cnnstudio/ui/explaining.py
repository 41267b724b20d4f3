"""`Explaining`: computes what an answer card shows beside the bars, after them.

Heat-maps and similar pictures are jobs of the engine that begin once the bars are drawn; choosing
another picture drops them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QPoint, QTimer, Slot
from PySide6.QtWidgets import QMenu

from cnnstudio.core.dataset.images import read_array
from cnnstudio.core.edits import label_samples
from cnnstudio.core.engine_api import Engine, HeatMap, Pictures
from cnnstudio.core.errors import StudioError
from cnnstudio.core.evaluation.occlusion import Occlusion, occlude
from cnnstudio.core.evaluation.similar import (
    LearnedFeatures,
    SimilarPicture,
    learned_features,
    similar_pictures,
)
from cnnstudio.core.events import Progress
from cnnstudio.core.jobs import Task, TaskContext
from cnnstudio.core.predictions import Prediction, content_of
from cnnstudio.core.project import Project
from cnnstudio.core.runs import MODEL_FILE, Run
from cnnstudio.ui.dialogs.similar_dialog import SimilarDialog, fill_label_menu
from cnnstudio.ui.jobs import Job
from cnnstudio.ui.models.answer_rows import PredictionRow
from cnnstudio.ui.session import Session
from cnnstudio.ui.theme import Theme
from cnnstudio.ui.thumbnails import Thumbnails
from cnnstudio.ui.widgets.answer_card import AnswerCard
from cnnstudio.ui.widgets.similar_strip import HEADING, SimilarStrip
from cnnstudio.ui.words import count_words, percent

# Arrow keys held down pass pictures faster than that.
_DELAY_MS = 80
_NO_LAYERS = "No Grad-CAM for this kind of file: Second opinion works"
_NOT_KNOWN = "Which pictures it has learned is not known: it was imported"

_Question = Callable[[Engine, Project], Task[Any]]
_Compared = tuple[LearnedFeatures, tuple[SimilarPicture, ...]]


class Explaining(QObject):
    """Follows one card: what it shows is explained."""

    def __init__(
        self, session: Session, theme: Theme, thumbnails: Thumbnails, card: AnswerCard
    ) -> None:
        super().__init__(card)
        self._session = session
        self._card = card
        self._theme = theme
        self._thumbnails = thumbnails
        self._row: PredictionRow | None = None
        self._run: Run | None = None
        self._heat_job: Job | None = None
        self._similar_job: Job | None = None
        self._found: tuple[SimilarPicture, ...] = ()
        self._learned: tuple[Path, LearnedFeatures] | None = None
        self._strip = SimilarStrip(theme, thumbnails)
        self._timer = QTimer(self, singleShot=True, interval=_DELAY_MS)
        self._timer.timeout.connect(self._begin)
        card.offer_reasons(self._strip)
        card.shown.connect(self._on_shown)
        card.heat_wanted.connect(self._ask_heat)
        card.heat.class_chosen.connect(self._ask_heat)
        card.heat.second_opinion_wanted.connect(self._ask_again)
        card.heat.cancel_wanted.connect(self._on_heat_cancelled)
        self._strip.opened.connect(self._open)
        self._strip.menu_wanted.connect(self._show_menu)
        self._strip.compare_wanted.connect(self._compare)
        self._strip.cancel_wanted.connect(self._on_comparison_cancelled)
        session.samples_moved.connect(self._on_samples_moved)
        session.project_changed.connect(self._on_project_changed)

    # What is explained

    @Slot(object, object)
    def _on_shown(self, row: PredictionRow | None, run: Run | None) -> None:
        self._drop()
        is_answered = row is not None and isinstance(row.answer, Prediction)
        self._row, self._run = (row, run) if is_answered else (None, None)
        self._found = ()
        self._strip.show_pictures(())
        if self._row is None or self._run is None or not isinstance(self._row.answer, Prediction):
            self._card.heat.set_classes((), None)
            return
        self._card.heat.set_classes(self._run.class_titles, self._row.answer.predicted_index)
        self._timer.start()

    def _drop(self) -> None:
        """What was asked about another picture is not wanted any more."""
        self._timer.stop()
        for job in (self._heat_job, self._similar_job):
            _cancel(job)
        self._heat_job = self._similar_job = None

    @Slot()
    def _begin(self) -> None:
        if self._card.wants_heat:
            self._ask_heat()
        self._ask_similar()

    def _ask(self, words: str, question: _Question) -> Job | None:
        return None if self._session.project is None else self._session.ask_engine(words, question)

    # Heat-maps

    @Slot()
    def _ask_heat(self) -> None:
        row, run, wanted = self._row, self._run, self._card.heat.class_index
        if row is None or run is None or wanted is None:
            return
        if run.model_name != MODEL_FILE:
            _cancel(self._heat_job)
            self._heat_job = None
            self._card.show_heat(None)
            self._card.heat.say(_NO_LAYERS)
            return

        def question(engine: Engine, _project: Project) -> Task[HeatMap]:
            def task(context: TaskContext) -> HeatMap:
                return engine.explain(run.model_file, _seen(row, run), wanted)

            return task

        is_waiting = not self._session.engine_jobs.is_idle
        self._begin_heat("Looking for what decided", question)
        self._card.heat.say("Waits until the engine is free" if is_waiting else "")

    @Slot()
    def _ask_again(self) -> None:
        row, run, wanted = self._row, self._run, self._card.heat.class_index
        if row is None or run is None or wanted is None:
            return

        def question(engine: Engine, _project: Project) -> Task[Occlusion]:
            def task(context: TaskContext) -> Occlusion:
                return occlude(engine, run, _seen(row, run), wanted)(context)

            return task

        self._begin_heat("Hiding one place after the other", question)
        self._card.heat.show_progress("Hiding one place after the other", 0.0)

    def _begin_heat(self, words: str, question: _Question) -> None:
        _cancel(self._heat_job)
        self._card.show_heat(None)
        self._heat_job = self._ask(words, question)
        if self._heat_job is not None:
            self._heat_job.reported.connect(self._on_heat_reported)
            self._heat_job.finished.connect(self._on_heat)
            self._heat_job.failed.connect(self._on_no_heat)
            self._heat_job.cancelled.connect(self._on_heat_ended)

    @Slot(object)
    def _on_heat_reported(self, event: object) -> None:
        if self.sender() is self._heat_job and isinstance(event, Progress) and event.total:
            self._card.heat.show_progress(event.words, event.done / event.total)

    @Slot(object)
    def _on_heat(self, made: HeatMap | Occlusion) -> None:
        if self.sender() is self._heat_job and self._run is not None:
            self._heat_job = None
            self._card.show_heat(made.values)
            self._card.heat.say(_heat_words(made, self._asked_title()))

    @Slot(object)
    def _on_no_heat(self, error: Exception) -> None:
        if self.sender() is self._heat_job:
            self._heat_job = None
            self._card.heat.say(_reason(error))

    @Slot()
    def _on_heat_ended(self) -> None:
        if self.sender() is self._heat_job:
            self._heat_job = None
            self._card.heat.say("")

    @Slot()
    def _on_heat_cancelled(self) -> None:
        _cancel(self._heat_job)
        self._ask_heat()

    def _asked_title(self) -> str:
        place = self._card.heat.class_index
        return "" if self._run is None or place is None else self._run.class_titles[place]

    # Similar pictures

    def _ask_similar(self, *, computes: bool = False) -> None:
        row, run = self._row, self._run
        if row is None or run is None:
            return
        if run.is_imported:
            self._strip.show_pictures((), _NOT_KNOWN)
            return
        known = self._learned
        kept = known[1] if known is not None and known[0] == run.folder and not computes else None

        def question(engine: Engine, project: Project) -> Task[_Compared]:
            def task(context: TaskContext) -> _Compared:
                learned = kept or learned_features(engine, run, project, computes=computes)(context)
                if not learned.records:
                    return learned, ()
                return learned, similar_pictures(engine, run, project, row.source, learned)

            return task

        _cancel(self._similar_job)
        self._similar_job = self._ask("Looking for similar pictures", question)
        if self._similar_job is not None:
            self._similar_job.reported.connect(self._on_similar_reported)
            self._similar_job.finished.connect(self._on_similar)
            self._similar_job.failed.connect(self._on_none_similar)

    @Slot()
    def _compare(self) -> None:
        self._ask_similar(computes=True)
        self._strip.show_progress("Looking closely at the training pictures")

    @Slot()
    def _on_comparison_cancelled(self) -> None:
        self._ask_similar()

    @Slot(object)
    def _on_similar_reported(self, event: object) -> None:
        if self.sender() is self._similar_job and isinstance(event, Progress) and event.total:
            count = f"{count_words(event.done)} of {count_words(event.total)}"
            self._strip.show_progress(f"{event.words}: {count}")

    @Slot(object)
    def _on_similar(self, compared: _Compared) -> None:
        if self.sender() is not self._similar_job or self._run is None:
            return
        self._similar_job = None
        learned, self._found = compared
        self._learned = self._run.folder, learned
        self._show_similar()

    @Slot(object)
    def _on_none_similar(self, error: Exception) -> None:
        if self.sender() is self._similar_job:
            self._similar_job = None
            self._strip.show_pictures((), _reason(error))

    def _show_similar(self) -> None:
        missing = 0 if self._learned is None else self._learned[1].missing
        words = HEADING
        if missing and not self._found:
            words = f"Not compared with its {count_words(missing)} training pictures yet"
        elif missing:
            words = f"{HEADING}, {count_words(missing)} not looked at yet"
        labels = [(each, self._label_of(each)) for each in self._found]
        self._strip.show_pictures(labels, words, can_compare=missing > 0)

    def _label_of(self, picture: SimilarPicture) -> str:
        """The label as it is now; a picture that is gone has the one it was learned with."""
        if picture.path is not None and picture.class_name is None:
            return "no class"
        return self._title_of(picture.class_name or picture.learned_as)

    def _title_of(self, name: str) -> str:
        titles: dict[str, str] = {}
        if self._run is not None:
            titles = dict(zip(self._run.class_names, self._run.class_titles, strict=True))
        if self._session.project is not None:
            titles.update({each.name: each.title for each in self._session.project.classes})
        return titles.get(name, name)

    @Slot(object)
    def _open(self, picture: SimilarPicture) -> None:
        words = f"Learned as {self._title_of(picture.learned_as)}"
        now = self._label_of(picture)
        if now != self._title_of(picture.learned_as):
            words += f", now labelled {now}"
        words += f". Similarity {percent(picture.similarity)}."
        dialog = SimilarDialog(picture, words, self._session, self._theme, self._card.window())
        dialog.label_wanted.connect(self._label)
        dialog.open()

    @Slot(object, QPoint)
    def _show_menu(self, picture: SimilarPicture, place: QPoint) -> None:
        project = self._session.project
        if project is None or picture.path is None:
            return
        menu = QMenu(self._card)
        menu.setObjectName("predict_similar_menu")
        fill_label_menu(menu, project, picture, self._label)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(place)

    @Slot(str, object)
    def _label(self, path: str, class_name: str | None) -> None:
        self._session.edit(label_samples([path], class_name))

    @Slot(object, object)
    def _on_project_changed(self, before: Project | None, after: Project | None) -> None:
        if before is None or after is None or before.root != after.root:
            self._learned = None
            return
        if self._found and before.samples != after.samples:
            now = [after.sample_at.get(each.path or "") for each in self._found]
            self._found = tuple(
                each if sample is None else replace(each, class_name=sample.class_name)
                for each, sample in zip(self._found, now, strict=True)
            )
            self._show_similar()

    @Slot(object)
    def _on_samples_moved(self, moved: Mapping[str, str | None]) -> None:
        project = self._session.project
        if project is not None:
            self._found = tuple(_followed(each, moved, project) for each in self._found)


def _seen(row: PredictionRow, run: Run) -> Pictures:
    """Read the picture of a row as the network sees it."""
    settings = run.config.training
    return read_array(content_of(row.source), settings.image_size, settings.resize_mode)


def _followed(
    picture: SimilarPicture, moved: Mapping[str, str | None], project: Project
) -> SimilarPicture:
    """Return a similar picture where it lies now: a label that was fixed moved its file."""
    if picture.path is None or picture.path not in moved:
        return picture
    path = moved[picture.path]
    return replace(picture, path=path, place=project.root / (path or picture.path))


def _heat_words(made: HeatMap | Occlusion, title: str) -> str:
    if not made.values.any():
        return f"Nothing in the picture speaks for {title}"
    if isinstance(made, HeatMap):
        return f"Grad-CAM (Selvaraju et al. 2017) for {title}, layer {made.layer}"
    whole, lowest = percent(made.probability, 0), percent(made.lowest, 0)
    return f"Occlusion (Zeiler, Fergus 2014): hidden, {whole} fall to {lowest}"


def _reason(error: Exception) -> str:
    return error.sentence if isinstance(error, StudioError) else "This could not be found out"


def _cancel(job: Job | None) -> None:
    if job is not None and not job.has_ended:
        job.cancel()
