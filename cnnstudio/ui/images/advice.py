"""`Advice`: help from a model with the labels of the open project."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, Signal, Slot

from cnnstudio.core.advising import LabelDoubts, Suggestions
from cnnstudio.core.certainty import Certainty, precision_above
from cnnstudio.core.edits import EditResult, NamedEdit, label_each
from cnnstudio.core.project import Project
from cnnstudio.core.runs import Run
from cnnstudio.core.storage.index import IndexedPicture
from cnnstudio.ui.jobs import Job
from cnnstudio.ui.session import Session
from cnnstudio.ui.widgets.advice_bar import CERTAIN, AdviceKind
from cnnstudio.ui.words import counted, pictures


@dataclass(frozen=True)
class Hint:
    """The class that a model would give a picture; `probability` is from 0 to 1."""

    class_name: str
    probability: float


class Advice(QObject):
    """Suggested classes for pictures without one, or for pictures whose label is doubtful.

    `hints` go by path, in the order in which they are to be shown. They follow the project: a
    picture that was labelled, moved or removed is no longer among them.
    """

    changed = Signal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.kind = AdviceKind.NONE
        self.hints: Mapping[str, Hint] = {}
        self.words = ""
        self._given: Mapping[str, Hint] = {}
        self._session = session
        self._job: Job | None = None

    @property
    def is_running(self) -> bool:
        """Whether a model is being asked."""
        return self._job is not None and not self._job.has_ended

    def suggest(self, run: Run) -> None:
        """Ask a run for the classes of all pictures without one."""
        if not self.is_running:
            job = self._session.suggest_classes(run)
            job.finished.connect(self._on_suggested)
            self._begin(job)

    def find_doubts(self) -> None:
        """Look for labels that are probably wrong."""
        if not self.is_running:
            job = self._session.doubt_labels()
            job.finished.connect(self._on_doubted)
            self._begin(job)

    def _begin(self, job: Job) -> None:
        self._job = job
        job.failed.connect(self._session.failed)
        for ended in (job.failed, job.cancelled):
            ended.connect(self._on_ended)
        self.changed.emit()

    @Slot()
    def close(self) -> None:
        """Show no advice any more."""
        if self.kind is not AdviceKind.NONE:
            self._show(AdviceKind.NONE, {}, "")

    def acceptance(self, paths: Iterable[str]) -> NamedEdit | None:
        """Return the edit that gives pictures what is suggested for each; None for nothing."""
        wanted = {path: self.hints[path].class_name for path in paths if path in self.hints}
        if not wanted:
            return None
        return label_each(wanted, f"Accept {counted(len(wanted), 'suggestion')}")

    def certain(self) -> list[str]:
        """Return the paths of what may be accepted all at once."""
        return [path for path, hint in self.hints.items() if hint.probability >= CERTAIN]

    def keeping(self, paths: Iterable[str]) -> NamedEdit | None:
        """Return the edit that notes that labels are right, so that they are not doubted again."""
        project, facts = self._session.project, self._session.inspection.facts
        if project is None:
            return None
        kept = [path for path in paths if path in self.hints and path in facts]
        keys = frozenset(_key(project, path, facts[path]) for path in kept)

        def edit(project: Project) -> EditResult:
            return EditResult(replace(project, ignored_findings=project.ignored_findings | keys))

        return NamedEdit(f"Keep the label of {pictures(len(keys))}", edit) if keys else None

    def follow(self, project: Project) -> None:
        """Drop the hints that the project has overtaken."""
        if self.kind is AdviceKind.NONE:
            return
        # From all there ever were: what an undo brings back is to be decided again.
        kept = {path: hint for path, hint in self._given.items() if self._stands(project, path)}
        if kept.keys() != self.hints.keys():
            self.hints = kept
            self.changed.emit()

    def _stands(self, project: Project, path: str) -> bool:
        sample = project.sample_at.get(path)
        if sample is None:
            return False
        if self.kind is AdviceKind.SUGGESTIONS:
            return sample.class_name is None
        row = self._session.inspection.facts.get(path)
        is_kept = row is not None and _key(project, path, row) in project.ignored_findings
        return sample.class_name is not None and not is_kept

    @Slot(object)
    def _on_suggested(self, found: Suggestions) -> None:
        hints = {each.path: Hint(each.class_name, each.probability) for each in found.suggestions}
        self._show(AdviceKind.SUGGESTIONS, hints, _words_of_suggestions(found, self._run()))

    @Slot(object)
    def _on_doubted(self, found: LabelDoubts) -> None:
        hints = {
            each.path: Hint(each.suggested_class, each.confidence_in_suggestion)
            for each in found.doubts
        }
        self._show(AdviceKind.DOUBTS, hints, _words_of_doubts(found))

    @Slot()
    def _on_ended(self) -> None:
        self.changed.emit()

    def _show(self, kind: AdviceKind, hints: Mapping[str, Hint], words: str) -> None:
        self.kind, self._given, self.hints, self.words = kind, hints, hints, words
        if self._session.project is not None:
            self.hints = {p: h for p, h in hints.items() if self._stands(self._session.project, p)}
        self.changed.emit()

    def _run(self) -> Run | None:
        return self._session.chosen_run


def _key(project: Project, path: str, row: IndexedPicture) -> str:
    """What is noted where a label was doubted and is right; by content, whatever the path."""
    return f"label {row.fingerprint} {project.sample_at[path].class_name}"


def _words_of_suggestions(found: Suggestions, run: Run | None) -> str:
    if not found.suggestions:
        return "No class could be suggested."
    sure = precision_above(run, CERTAIN) if run is not None else Certainty(0, 0)
    words = "Most certain first."
    if sure.count:
        words = (
            f"Most certain first. Of {pictures(sure.count)} for validation above"
            f" {CERTAIN:.0%} it had {sure.right} right."
        )
    left_out = found.unreadable + found.without_class
    return f"{words} {pictures(left_out)} left out." if left_out else words


def _words_of_doubts(found: LabelDoubts) -> str:
    notes: Sequence[str] = found.notes
    words = (
        "A simple model that had not seen a picture's label guessed"
        f" {found.accuracy_out_of_fold:.0%} of the labels as they are."
    )
    if found.doubts:
        words += " Of these pictures it is surest that they belong elsewhere."
    return " ".join((words, *notes))
