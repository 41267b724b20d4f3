"""`RunShelf`: the runs of the open project in their list, and the curves of the one shown."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from PySide6.QtCore import QObject, Signal, Slot

from cnnstudio.core.edits import remove_run
from cnnstudio.core.project import Project
from cnnstudio.core.runs import Run
from cnnstudio.ui.models.run_rows import RunRow
from cnnstudio.ui.models.run_words import (
    IMPORTED_WORDS,
    accuracies_of,
    accuracy_words,
    run_row,
    settings_words,
    waiting_row,
)
from cnnstudio.ui.models.training_monitor import RunCurves, curves_of_history
from cnnstudio.ui.session import Session
from cnnstudio.ui.training.following import Following
from cnnstudio.ui.training.training_queue import Training
from cnnstudio.ui.widgets.curve_card import NOT_BEGUN
from cnnstudio.ui.widgets.run_list import RunList
from cnnstudio.ui.widgets.training_curves import TrainingCurves
from cnnstudio.ui.words import pictures


class RunShelf(QObject):
    """Lists what waits, what runs and what was trained; shows the curves of one of them.

    `run_shown` is emitted when the user wants to see another run, `shown_changed` whenever another
    is shown, `marks` holds the colours of the
    runs that are compared, by key, and is None while none are.
    """

    run_shown = Signal()
    shown_changed = Signal()

    def __init__(
        self,
        session: Session,
        following: Following,
        runs: RunList,
        curves: TrainingCurves,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self.marks: dict[str, str] | None = None
        self._session = session
        self._following = following
        self._list = runs
        self._curves = curves
        self._fresh: Run | None = None
        self._shown = ""
        runs.run_selected.connect(self._on_selected)
        runs.rename_wanted.connect(self._rename)
        runs.removal_wanted.connect(self._remove)
        runs.use_wanted.connect(self._use)
        following.began.connect(self._on_began)
        following.drawn.connect(self._on_drawn)
        following.finished.connect(self._on_finished)
        following.failed.connect(lambda *_: self._on_nothing_kept(keep_curves=True))
        following.cancelled.connect(lambda: self._on_nothing_kept(keep_curves=False))
        session.project_changed.connect(self._on_project_changed)
        session.runs_changed.connect(self._on_runs_changed)
        session.chosen_run_changed.connect(self.refresh)
        session.trainings.changed.connect(self.refresh)

    @property
    def shown_run(self) -> Run | None:
        """The run whose curves are shown, None for the running training's or none."""
        return self.run_at(self._shown)

    def run_at(self, key: str) -> Run | None:
        """Return the run with a key."""
        return next((run for run in self._all_runs() if run.folder.name == key), None)

    @Slot()
    def refresh(self) -> None:
        """List the runs anew."""
        self._list.set_runs(self._rows())
        if self.marks is None:
            self._list.select(self._shown)

    # What the user does

    @Slot(str)
    def _on_selected(self, key: str) -> None:
        if self.run_at(key) is not None or key == self._running_key:
            self._show(key)
            self.run_shown.emit()

    @Slot(str, str)
    def _rename(self, key: str, name: str) -> None:
        if (run := self.run_at(key)) is not None:
            self._session.rename_run(run, name)

    @Slot(str)
    def _remove(self, key: str) -> None:
        if (run := self.run_at(key)) is not None:
            self._session.edit(remove_run(run.folder.name))
        else:
            self._session.trainings.remove(key)

    @Slot(str)
    def _use(self, key: str) -> None:
        if (run := self.run_at(key)) is not None:
            self._session.choose_run(run)

    # What happens

    @Slot(object, object)
    def _on_project_changed(self, before: Project | None, after: Project | None) -> None:
        if after is not None and (before is None or before.root != after.root):
            self._fresh = None
            self._shown = ""
            self._curves.show_curves(RunCurves())

    @Slot()
    def _on_runs_changed(self) -> None:
        folders = [run.folder for run in self._session.runs]
        if self._fresh is not None and self._fresh.folder in folders:
            self._fresh = None
        is_failure_shown = not self._shown and not self._curves.curves.is_empty
        if self._shown in [row.key for row in self._rows()]:
            self._show(self._shown)
        elif is_failure_shown:
            self.refresh()
        else:
            self._show_newest()

    @Slot()
    def _on_began(self) -> None:
        if self._following.is_of_open_project:
            self._show(self._running_key)

    @Slot()
    def _on_drawn(self) -> None:
        if self._shown == self._running_key:
            self._show_running_curves()

    @Slot(object)
    def _on_finished(self, run: Run) -> None:
        project = self._session.project
        if project is not None and run.folder.parent == project.runs_folder:
            if run.folder not in [each.folder for each in self._session.runs]:
                self._fresh = run
            if self._is_shown_gone():
                self._show(run.folder.name)
        elif self._is_shown_gone():
            self._show_newest()
        self.refresh()

    def _on_nothing_kept(self, *, keep_curves: bool) -> None:
        """The training left no run; a failed one's curves may stay: they show how it failed."""
        if self._is_shown_gone():
            self._shown = ""
            monitor = self._following.monitor
            if keep_curves and not monitor.curves().is_empty:
                self._curves.set_words(("", ""), settings_words(monitor.config))
            else:
                self._show_newest()
        self.refresh()

    # What is shown

    @property
    def _running_key(self) -> str:
        training = self._following.training
        return training.key if training is not None else "/none"

    def _is_shown_gone(self) -> bool:
        """Whether the curves shown are those of a training that has just ended."""
        return self._shown.startswith("/")

    def _show(self, key: str) -> None:
        """Show the curves of a run, of the running training, or none."""
        self._shown = key
        run = self.run_at(key)
        if key == self._running_key:
            self._show_running_curves()
        elif run is not None:
            self._curves.show_curves(
                curves_of_history(run.name, run.history, run.best_epoch),
                IMPORTED_WORDS if run.is_imported else NOT_BEGUN,
            )
            self._curves.set_words(accuracies_of(run), settings_words(run.config))
        else:
            self._curves.show_curves(RunCurves())
            self._curves.set_words(("", ""), ("", ""))
        self.refresh()
        self.shown_changed.emit()

    def _show_newest(self) -> None:
        runs = self._session.runs
        if self._following.is_of_open_project:
            self._show(self._running_key)
        else:
            self._show(runs[0].folder.name if runs else "")

    def _show_running_curves(self) -> None:
        monitor = self._following.monitor
        self._curves.show_curves(monitor.curves())
        best, began = self._curves.curves.best, monitor.began
        so_far, later = "", ""
        if best is not None and began is not None:
            so_far = accuracy_words("Validation", best.validation_accuracy, began.validation_count)
        if began is not None and began.test_count:
            later = f"{pictures(began.test_count)} kept apart for a test at the end"
        self._curves.set_words((so_far, later), settings_words(monitor.config))

    def _rows(self) -> list[RunRow]:
        now = datetime.now().astimezone()
        used, marks = self._session.chosen_run, self.marks
        rows = [
            self._named(waiting_row(each.key, each.name, place), each)
            for place, each in enumerate(self._session.trainings.waiting, 1)
        ]
        rows.reverse()  # The next one stands next to the one that runs.
        if (training := self._following.training) is not None:
            row = RunRow(training.key, training.name, "…", "", "running", is_running=True)
            rows.append(self._named(row, training))
        for run in self._all_runs():
            is_used = used is not None and used.folder == run.folder
            mark = "" if marks is None else marks.get(run.folder.name, "none")
            rows.append(run_row(run, now, is_used=is_used, mark=mark))
        return rows

    def _named(self, row: RunRow, training: Training) -> RunRow:
        """Say of a training of another project whose it is."""
        project = self._session.project
        if project is None or project.root == training.root:
            return row
        return replace(row, details=f"{row.details} · {Project(training.root).title}")

    def _all_runs(self) -> list[Run]:
        """The session's runs, before them one that it has not read yet."""
        return [*([self._fresh] if self._fresh is not None else []), *self._session.runs]
