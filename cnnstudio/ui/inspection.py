"""`Inspection`: what is known of the pictures, found out in the background."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from cnnstudio.core.dataset.checks import find_problems
from cnnstudio.core.dataset.health.findings import Finding
from cnnstudio.core.dataset.health.measuring import TINY
from cnnstudio.core.dataset.health.twins import TwinSearch
from cnnstudio.core.dataset.reading import index_samples
from cnnstudio.core.events import Progress
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.project import Project
from cnnstudio.core.storage.index import Index, IndexedPicture
from cnnstudio.ui.jobs import Job, JobQueue

_AT_ONCE = 1000
_DELAY_MS = 250
_FEW = 2000

Facts = Mapping[str, IndexedPicture]


@dataclass(frozen=True)
class _Looked:
    """A part of the pictures was looked at."""

    rows: Facts


@dataclass(frozen=True)
class _Work:
    """What is to be looked at.

    `unsaved` are new paths of pictures that moved: the next time, they are known there.
    """

    project: Project
    facts: Facts
    unsaved: Collection[str]
    is_first: bool
    is_forced: bool
    twins: TwinSearch


class Inspection(QObject):
    """Facts by path and the findings of the health check; both follow the project's changes.

    `facts` is replaced, never changed. An edit does not let anything be found out twice: pictures
    that moved keep their facts.
    """

    facts_changed = Signal()
    findings_changed = Signal()
    failed = Signal(object)

    def __init__(self, jobs: JobQueue, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.facts: Facts = {}
        self.findings: Sequence[Finding] = ()
        self._jobs = jobs
        self._job: Job | None = None
        self._following: Job | None = None
        self._project: Project | None = None
        self._is_first = True
        self._is_forced = False
        self._unsaved: frozenset[str] = frozenset()
        self._twins = TwinSearch()
        self._timer = QTimer(self, singleShot=True, interval=_DELAY_MS)
        self._timer.timeout.connect(self._start)

    def begin(self, project: Project) -> None:
        """Start with another project."""
        self._cancel()
        self._project = project
        self.facts, self.findings = {}, ()
        self._is_first = True
        self._unsaved = frozenset()
        self._twins = TwinSearch()
        self.facts_changed.emit()
        self.findings_changed.emit()
        # Not at once: each step of laying out the window would wait for Python's lock.
        self._timer.start()

    def follow(self, moved: Mapping[str, str | None]) -> None:
        """Keep the facts of pictures that were moved; those that are gone (None) are forgotten."""
        if len(moved) <= _FEW:
            self._on_followed(_followed(self.facts, moved))
            return
        self._cancel()
        facts = self.facts
        self._following = self._jobs.start(
            "Following the pictures", lambda _: _followed(facts, moved), can_cancel=False
        )
        self._following.finished.connect(self._on_followed)

    @Slot(object)
    def _on_followed(self, followed: tuple[Facts, frozenset[str]]) -> None:
        self.facts, arrived = followed
        self._unsaved |= arrived

    def look(self, project: Project) -> None:
        """Find out what is new, a moment after the last change."""
        self._project = project
        self._cancel()
        self._timer.start()

    @Slot()
    def look_again(self) -> None:
        """Look at every picture anew, whatever the index says."""
        if self._project is not None:
            self._cancel()
            self.facts, self._is_forced = {}, True
            self._start()

    @property
    def is_running(self) -> bool:
        """Whether something is being found out, or will be in a moment."""
        is_at_work = self._job is not None and not self._job.has_ended
        return self._timer.isActive() or is_at_work or self._is_following()

    def problems(self) -> dict[str, str]:
        """Return the reason for every picture that cannot be read, by path."""
        return {path: row.problem for path, row in self.facts.items() if row.problem}

    def _is_following(self) -> bool:
        return self._following is not None and not self._following.has_ended

    def _cancel(self) -> None:
        self._timer.stop()
        if self._job is not None and not self._job.has_ended:
            self._job.cancel()

    @Slot()
    def _start(self) -> None:
        project = self._project
        if project is None:
            return
        if self._is_following():
            self._timer.start()
            return
        work = _Work(
            project, self.facts, self._unsaved, self._is_first, self._is_forced, self._twins
        )
        self._is_forced = False

        def task(context: TaskContext) -> Sequence[Finding]:
            return _inspected(work, context)

        self._job = self._jobs.start("Looking at the pictures", task)
        self._job.reported.connect(self._on_reported)
        self._job.finished.connect(self._on_finished)
        self._job.failed.connect(self.failed)

    @Slot(object)
    def _on_reported(self, event: object) -> None:
        if isinstance(event, _Looked) and self.sender() is self._job:
            self.facts = {**self.facts, **event.rows}
            self.facts_changed.emit()

    @Slot(object)
    def _on_finished(self, findings: Sequence[Finding]) -> None:
        self._is_first = False
        self._unsaved = frozenset()
        self.findings = findings
        self.findings_changed.emit()


def _followed(facts: Facts, moved: Mapping[str, str | None]) -> tuple[Facts, frozenset[str]]:
    """The facts under the new paths, and which of these have some."""
    kept = dict(facts)
    rows = {place: kept.pop(path, None) for path, place in moved.items()}
    arrived = {place: row for place, row in rows.items() if place and row is not None}
    return {**kept, **arrived}, frozenset(arrived)


def _inspected(work: _Work, context: TaskContext) -> Sequence[Finding]:
    """Look at what is not known yet, then at all that is known."""
    samples = work.project.samples
    with Index.of(work.project) as index:
        if work.is_forced:
            index.forget(samples)
        rows = {s.path: row for s in samples if (row := work.facts.get(s.path)) is not None}
        missing = [sample for sample in samples if sample.path not in rows]
        known = index.find(missing)
        if known:
            context.report(_Looked(known))
            rows.update(known)
            missing = [sample for sample in missing if sample.path not in rows]
        for start in range(0, len(missing), _AT_ONCE):
            part = missing[start : start + _AT_ONCE]
            found = index_samples(work.project, part, index, _Part(context, start, len(missing)))
            context.report(_Looked(found))
            rows.update(found)
        if work.is_first:
            index.prune(samples)
        moved = (work.project.sample_at.get(path) for path in work.unsaved)
        index.store({sample: rows[sample.path] for sample in moved if sample is not None})
        tiny = partial(index.find_features, TINY)
        return tuple(find_problems(work.project, rows, context, tiny, work.twins))


class _Part(TaskContext):
    """The context of one part of the pictures: its progress counts for all of them."""

    def __init__(self, whole: TaskContext, start: int, total: int) -> None:
        super().__init__()
        self._whole = whole
        self._start = start
        self._total = total
        self._began = time.monotonic()

    def report(self, event: object) -> None:
        """Report the progress of the whole."""
        if isinstance(event, Progress) and event.done:
            left = (time.monotonic() - self._began) / event.done
            done = self._start + event.done
            event = Progress(event.words, done, self._total, left * (self._total - done))
            self._whole.report(event)

    def checkpoint(self) -> None:
        """Ask the whole."""
        self._whole.checkpoint()
