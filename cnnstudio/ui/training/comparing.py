"""`Comparing`: several runs in one plot, and what is different about them."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot

from cnnstudio.core.comparing import RunComparison, load_comparison
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.project import Project
from cnnstudio.core.runs import Run
from cnnstudio.ui.jobs import Job
from cnnstudio.ui.models.comparison_table import comparison_rows
from cnnstudio.ui.session import Session
from cnnstudio.ui.theme import CLASS_COLOURS
from cnnstudio.ui.training.run_shelf import RunShelf
from cnnstudio.ui.widgets.comparison_view import ComparisonView
from cnnstudio.ui.widgets.overlay_plot import Line
from cnnstudio.ui.widgets.run_list import RunList

MOST = 6
# Yellow is left out: on white it is too pale for a line.
_COLOURS = tuple(colour for colour in CLASS_COLOURS if colour != "#f0e442")
_HINT = "Choose runs at the right, up to six, to lay them over each other."


class Comparing(QObject):
    """While it is on, runs are chosen in the list; `toggled` says when it goes on and off."""

    toggled = Signal(bool)

    def __init__(
        self,
        session: Session,
        shelf: RunShelf,
        runs: RunList,
        view: ComparisonView,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._shelf = shelf
        self._list = runs
        self._view = view
        self._loaded: dict[str, RunComparison] = {}
        self._base = ""
        self._job: Job | None = None
        runs.comparing_toggled.connect(self._on_toggled)
        runs.mark_toggled.connect(self._toggle)
        session.runs_changed.connect(self._on_runs_changed)
        session.project_changed.connect(self._on_project_changed)
        session.trainings.started.connect(self._end)

    @Slot(bool)
    def _on_toggled(self, comparing: bool) -> None:
        self._shelf.marks = None
        if comparing:
            shown = self._shelf.shown_run
            runs = [*([shown] if shown is not None else []), *self._session.runs]
            first_two = list(dict.fromkeys(run.folder.name for run in runs))[:2]
            self._shelf.marks = dict(zip(first_two, _COLOURS, strict=False))
            self._show()
        self._shelf.refresh()
        self.toggled.emit(comparing)

    @Slot(str)
    def _toggle(self, key: str) -> None:
        marks = self._shelf.marks
        if marks is None:
            return
        if key in marks:
            del marks[key]
        elif len(marks) < MOST:
            marks[key] = next(each for each in _COLOURS if each not in marks.values())
        self._shelf.refresh()
        self._show()

    @Slot()
    def _on_runs_changed(self) -> None:
        marks = self._shelf.marks
        if marks is not None:
            known = {run.folder.name for run in self._session.runs}
            for key in [each for each in marks if each not in known]:
                del marks[key]
            self._show()

    @Slot(object, object)
    def _on_project_changed(self, before: Project | None, after: Project | None) -> None:
        if before is None or after is None or before.root != after.root:
            self._end()

    @Slot()
    def _end(self) -> None:
        self._list.compare.setChecked(False)

    def _show(self) -> None:
        """Draw what is known at once, and read from the runs' folders what is not."""
        marks = self._shelf.marks or {}
        # The oldest first: what has changed is told from there.
        runs = [run for run in reversed(self._session.runs) if run.folder.name in marks]
        self._view.show_lines(
            [_line(run, marks, [each.validation_accuracy for each in run.history]) for run in runs],
            [_line(run, marks, [each.validation_loss for each in run.history]) for run in runs],
        )
        base = runs[0].folder.name if runs else ""
        if base != self._base:
            self._base = base
            self._loaded = {}
        self._show_table(runs)
        missing = [run for run in runs[1:] if run.folder.name not in self._loaded]
        if missing:
            self._load(runs[0], missing)

    def _show_table(self, runs: list[Run]) -> None:
        marks = self._shelf.marks or {}
        heads = [(run.name, marks[run.folder.name]) for run in runs]
        if len(runs) < 2:
            self._view.show_rows(heads, [], _HINT)
            return
        changes = {key: each.pictures for key, each in self._loaded.items()}
        verdict = f"Different from {runs[0].name}, the oldest of these:"
        if len(runs) == 2 and (both := self._loaded.get(runs[1].folder.name)) is not None:
            verdict = both.verdict
        self._view.show_rows(heads, comparison_rows(runs, changes), verdict)

    def _load(self, first: Run, others: list[Run]) -> None:
        def task(context: TaskContext) -> tuple[str, dict[str, RunComparison]]:
            found = {}
            for other in others:
                context.checkpoint()
                found[other.folder.name] = load_comparison(first, other)
            return first.folder.name, found

        if self._job is not None and not self._job.has_ended:
            self._job.cancel()
        self._job = self._session.view_jobs.start("Comparing runs", task)
        self._job.finished.connect(self._on_loaded)
        self._job.failed.connect(self._session.failed)

    @Slot(object)
    def _on_loaded(self, found: tuple[str, dict[str, RunComparison]]) -> None:
        base, comparisons = found
        marks = self._shelf.marks
        if base == self._base and marks is not None:
            self._loaded.update(comparisons)
            runs = [run for run in reversed(self._session.runs) if run.folder.name in marks]
            self._show_table(runs)


def _line(run: Run, marks: dict[str, str], values: list[float]) -> Line:
    return Line(run.name, marks[run.folder.name], values, run.best_epoch)
