"""The Evaluate step: how far a run can be trusted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import ClassVar, Literal

from PySide6.QtCore import Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from cnnstudio.core.dataset.scanning import scan
from cnnstudio.core.engine_api import Engine
from cnnstudio.core.evaluation.asking import EvaluationNote, evaluate_run
from cnnstudio.core.evaluation.evaluation import Evaluation, kept_evaluation
from cnnstudio.core.evaluation.figure_words import CHOSEN_BY_THESE, LEARNED_ELSEWHERE
from cnnstudio.core.jobs import Task, TaskContext
from cnnstudio.core.project import Project
from cnnstudio.core.runs import Run
from cnnstudio.ui.evaluation.page import EvaluationPage, ShownEvaluation
from cnnstudio.ui.icons import Icons
from cnnstudio.ui.jobs import Job
from cnnstudio.ui.models.run_words import choice_words
from cnnstudio.ui.report_file import REPORT_SUFFIXES, write_report
from cnnstudio.ui.session import Session
from cnnstudio.ui.widgets.banner import Banner
from cnnstudio.ui.widgets.chip_menu import ChipMenu
from cnnstudio.ui.widgets.empty_state import EmptyState
from cnnstudio.ui.widgets.page_chips import LaterPage, PageChips
from cnnstudio.ui.widgets.primary_button import styled_button

_Kept = Literal["test", "validation"]
_Part = _Kept | Path

_KEPT: tuple[tuple[_Kept, str], ...] = (
    ("test", "Test pictures"),
    ("validation", "Validation pictures"),
)


class EvaluatePanel(QWidget):
    """Chooses a run and the pictures it is judged by; its pages show what came of it."""

    step: ClassVar[str] = "evaluate"

    def __init__(
        self, session: Session, icons: Icons, pages: Sequence[LaterPage[EvaluationPage]]
    ) -> None:
        super().__init__()
        self._session = session
        self._later = {page.kind.name: page for page in pages}
        self._pages: dict[str, EvaluationPage] = {}
        self._run: Run | None = None
        self._is_run_chosen = False
        self._part: _Part = "test"
        self._shown: ShownEvaluation | None = None
        self._fresh: set[str] = set()
        self._notes: list[str] = []
        self._has_notes = False
        self._job: Job | None = None
        self._runs = ChipMenu("No run yet")
        self._parts = ChipMenu("Pictures")
        self._banner = Banner(icons)
        self._stack = QStackedWidget()
        self._nothing = EmptyState(icons, "evaluate", "")
        titles = ((name, page.kind.title) for name, page in self._later.items())
        self._tabs = PageChips(titles, "evaluate")
        self._page = pages[0].kind.name
        self._build()
        session.runs_changed.connect(self._show_runs)
        session.project_changed.connect(self._on_project_changed)
        self._show_runs()

    @property
    def shown(self) -> ShownEvaluation | None:
        """What the pages are about, None while there is nothing."""
        return self._shown

    def show_page(self, name: str) -> None:
        """Bring a page to the front."""
        self._page = name
        self._tabs.set_current(name)
        if self._shown is not None:
            page = self._made(name)
            self._stack.setCurrentWidget(page)
            self._show_part()
            if name not in self._fresh:
                self._fresh.add(name)
                page.show_evaluation(self._shown)

    def _show_part(self) -> None:
        """Name the pictures and what is known of them, where the page is about them."""
        is_of_part = self._shown is None or self._later[self._page].kind.is_of_part
        self._parts.setVisible(is_of_part)
        self._banner.setVisible(is_of_part and self._has_notes)

    def _made(self, name: str) -> EvaluationPage:
        if name not in self._pages:
            page = self._later[name].make()
            page.page_wanted.connect(self.show_page)
            page.stopped.connect(self._session.said)
            self._stack.addWidget(page)
            self._pages[name] = page
        return self._pages[name]

    def _build(self) -> None:
        title = QLabel("Evaluate")
        title.setProperty("class", "title")
        self._runs.setObjectName("evaluate_run")
        self._runs.setToolTip(
            "The run that is judged: the newest, until you choose another. Predict keeps its own."
        )
        self._runs.value_changed.connect(self._on_run_chosen)
        self._parts.setObjectName("evaluate_part")
        self._parts.value_changed.connect(self._on_part_chosen)
        folder = styled_button("Other pictures")
        folder.setObjectName("evaluate_folder")
        folder.setToolTip("Judge the run by a folder of class folders that it has never seen")
        folder.clicked.connect(self._open_folder)
        report = styled_button("Save report")
        report.setObjectName("evaluate_report")
        report.setToolTip("One sheet with all that is known of this run, as PDF or HTML")
        report.clicked.connect(self._ask_where_to_save)
        self._report = report
        header = QHBoxLayout()
        header.setSpacing(8)
        for widget in (title, self._runs, self._parts):
            header.addWidget(widget)
        header.addStretch(1)
        header.addWidget(folder)
        header.addWidget(report)
        self._tabs.chosen.connect(self.show_page)
        self._stack.addWidget(self._nothing)
        self._banner.setObjectName("evaluate_banner")
        self._banner.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(12)
        layout.addLayout(header)
        layout.addWidget(self._tabs)
        layout.addWidget(self._banner)
        layout.addWidget(self._stack, 1)

    # What is shown

    @Slot()
    def _show_runs(self) -> None:
        runs = self._session.runs
        now = datetime.now().astimezone()
        self._runs.set_choices([(run, choice_words(run, now)) for run in runs])
        known = [run.folder for run in runs]
        is_known = self._run is not None and self._run.folder in known
        self._is_run_chosen &= is_known
        if self._run is not None and is_known and (self._is_run_chosen or self.isVisible()):
            self._runs.set_value(runs[known.index(self._run.folder)])
        else:
            self._take_newest()

    def _take_newest(self) -> None:
        newest = self._session.runs[0] if self._session.runs else None
        self._runs.set_value(newest)
        self._take(newest)

    def showEvent(self, event: QShowEvent) -> None:
        """Go over to the newest run, unless one was chosen; nothing changes under one's eyes."""
        super().showEvent(event)
        if not self._is_run_chosen:
            self._take_newest()

    @Slot(object)
    def _on_run_chosen(self, run: Run) -> None:
        self._is_run_chosen = True
        self._session.said.emit("")
        self._take(run)

    def _take(self, run: Run | None) -> None:
        if run is not None and self._run is not None and run.folder == self._run.folder:
            return
        self._run = run
        self._report.setEnabled(run is not None)
        if run is None:
            self._say_nothing("No trained network yet. Train one in the Train step first.")
            self._parts.set_choices([])
            return
        choices = [
            (part, f"{label} ({run.counts[part]:,})")
            for part, label in _KEPT
            if run.counts.get(part)
        ]
        self._parts.set_choices(choices)
        self._load(self._parts.value() or "test")

    @Slot(object)
    def _on_part_chosen(self, part: _Part) -> None:
        self._load(part)

    @Slot()
    def _open_folder(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, "Folder of class folders to judge by")
        if folder:
            self.judge_by(Path(folder))

    def judge_by(self, folder: Path) -> None:
        """Ask the run about the labelled pictures in a folder."""
        if self._run is None:
            return
        self._load(folder)

    @Slot()
    def _ask_where_to_save(self) -> None:
        file, _ = QFileDialog.getSaveFileName(
            self, "Save report", "report.pdf", "PDF (*.pdf);;Web page (*.html)"
        )
        if file:
            self.save_report(Path(file))

    def save_report(self, file: Path) -> None:
        """Write the run's report card, as a web page where the name ends so, else as PDF."""
        if self._run is None:
            return
        if file.suffix.lower() not in REPORT_SUFFIXES:
            file = file.with_name(f"{file.name}.pdf")
        job = self._session.background_jobs.start(
            "Writing the report", write_report(self._run, file)
        )
        job.finished.connect(lambda _none: self._session.said.emit(f"Saved {file.name}"))
        job.failed.connect(self._session.failed)

    def _load(self, part: _Part) -> None:
        run = self._run
        if run is None:
            return
        if self._job is not None and not self._job.has_ended:
            self._job.cancel()
        self._part, self._notes, self._has_notes = part, [], False
        self._banner.hide()
        if isinstance(part, Path):
            self._say_nothing(f"Looking at the pictures in {part.name}…")
            self._job = self._session.ask_engine("Evaluating", _asking(part, run))
        else:
            self._job = self._session.background_jobs.start(
                "Reading the answers", lambda _context: kept_evaluation(run, part)
            )
        self._job.reported.connect(self._on_reported)
        self._job.finished.connect(self._on_finished)
        self._job.failed.connect(self._on_failed)
        self._job.cancelled.connect(self._on_cancelled)

    @Slot(object)
    def _on_reported(self, event: object) -> None:
        if self.sender() is self._job and isinstance(event, EvaluationNote):
            self._notes.append(event.words)

    @Slot(object)
    def _on_finished(self, evaluation: Evaluation) -> None:
        if self.sender() is not self._job or self._run is None:
            return
        self._show_notes(evaluation)
        if not len(evaluation):
            self._say_nothing(
                "This model was imported, and no class of the project had the name of one of its"
                " classes. Choose Other pictures to judge it by a folder of class folders."
                if self._run.is_imported
                else "This run has no test pictures: its project was too small for a test part."
                " Choose Other pictures to judge it by a folder it has never seen."
            )
            return
        self._shown = ShownEvaluation(self._run, evaluation)
        self._fresh.clear()
        self._tabs.show()
        self.show_page(self._page)

    def _show_notes(self, evaluation: Evaluation) -> None:
        notes = list(self._notes)
        if self._run is not None and self._run.is_imported:
            notes.append(LEARNED_ELSEWHERE)
        elif evaluation.part == "validation":
            notes.append(CHOSEN_BY_THESE)
        if evaluation.problems:
            notes.append(f"{evaluation.problems:,} pictures could not be read and are left out.")
        self._has_notes = bool(notes)
        self._banner.set_finding("warn", " ".join(notes))

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        if self.sender() is self._job:
            self._say_nothing(str(error))

    @Slot()
    def _on_cancelled(self) -> None:
        if self.sender() is self._job:
            self._load(self._parts.value() or "test")

    def _say_nothing(self, sentence: str) -> None:
        self._shown = None
        self._nothing.set_sentence(sentence)
        self._stack.setCurrentWidget(self._nothing)
        self._tabs.hide()
        self._show_part()

    @Slot(object, object)
    def _on_project_changed(self, before: Project | None, after: Project | None) -> None:
        if before is None or after is None or before.root != after.root:
            if self._job is not None and not self._job.has_ended:
                self._job.cancel()
            self._job = None
            self._run = None
            self._is_run_chosen = False
            self._banner.hide()


def _asking(folder: Path, run: Run) -> Callable[[Engine, Project], Task[Evaluation]]:
    def question(engine: Engine, _project: Project) -> Task[Evaluation]:
        def task(context: TaskContext) -> Evaluation:
            return evaluate_run(engine, run, scan(folder, context, is_read_only=True))(context)

        return task

    return question
