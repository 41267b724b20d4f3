"""`ShownSamples`: which pictures the grid shows, worked out in the background."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from PySide6.QtCore import QObject, Signal, Slot

from cnnstudio.core.arranging import (
    Arrangement,
    Knowledge,
    SampleFilter,
    SampleOrder,
    arrange,
    problems_by_path,
)
from cnnstudio.core.dataset.bin_contents import binned_samples
from cnnstudio.core.dataset.health.findings import Finding
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.project import Project, Split
from cnnstudio.core.selecting import Selection, selected_again
from cnnstudio.core.storage import import_book, split_book
from cnnstudio.ui.inspection import Facts
from cnnstudio.ui.jobs import Job
from cnnstudio.ui.session import Session

Moved = Mapping[str, str | None]


@dataclass(frozen=True)
class Wish:
    """What is to be shown.

    `listed` are paths to be shown in this order instead of what the filter lets through; pictures
    of the bin come in the place of the project's when `of_bin`.
    """

    wanted: SampleFilter = field(default_factory=SampleFilter)
    order: SampleOrder = field(default_factory=SampleOrder)
    listed: tuple[str, ...] | None = None
    of_bin: bool = False


@dataclass(frozen=True, eq=False)
class Shown:
    """What the grid takes over; `project` is the one it was worked out from."""

    project: Project
    wish: Wish
    arrangement: Arrangement
    selection: Selection
    knowledge: Knowledge


class ShownSamples(QObject):
    """Works wishes out one at a time, the newest instead of all before it.

    `ready` carries a `Shown`. `selection` tells what is selected when a wish is begun.
    """

    ready = Signal(object)

    def __init__(
        self, session: Session, selection: Callable[[], Selection], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._selection = selection
        self._shown: Arrangement = Arrangement()
        self._moved: Moved = {}
        self._job: Job | None = None
        self._wish = Wish()

    @property
    def is_pending(self) -> bool:
        """Whether the grid will show something else in a moment."""
        return self._job is not None and not self._job.has_ended

    def forget(self) -> None:
        """Begin with another project: what was shown and selected means nothing there."""
        self._shown, self._moved = Arrangement(), {}

    def follow(self, moved: Moved) -> None:
        """Take note of pictures that moved, so that the same ones stay selected."""
        if not self._moved:
            self._moved = moved
            return
        earlier = {old: moved.get(new, new) if new else None for old, new in self._moved.items()}
        self._moved = {**moved, **earlier}

    def show(self, project: Project, wish: Wish) -> None:
        """Work out what a wish shows; `ready` follows, unless there is a newer one by then."""
        if self.is_pending and self._job is not None:
            self._job.cancel()
        self._wish = wish
        shown, moved, selection = self._shown, self._moved, self._selection()
        if len(selection.mask) != len(shown.samples):
            selection = Selection()  # of another project, which the grid still shows
        inspection = self._session.inspection
        facts, findings = inspection.facts, inspection.findings

        def task(context: TaskContext) -> Shown:
            knowledge = _knowledge(project, wish, facts, findings)
            arrangement = _arranged(project, wish, knowledge, context, shown)
            again = selected_again(shown, selection, arrangement, moved, context)
            return Shown(project, wish, arrangement, again, knowledge)

        self._job = self._session.view_jobs.start("Arranging", task)
        self._job.finished.connect(self._on_ready)
        self._job.failed.connect(self._session.failed)

    @Slot(object)
    def _on_ready(self, shown: Shown) -> None:
        if self.sender() is self._job:
            self._shown, self._moved = shown.arrangement, {}
            self.ready.emit(shown)


def _knowledge(
    project: Project, wish: Wish, facts: Facts, findings: Sequence[Finding]
) -> Knowledge:
    """What the wish asks for, and what the grid shows of every picture."""
    splits: dict[str, Split] = {}
    batches: dict[str, str] = {}
    if wish.wanted.split is not None:
        book = split_book.load(project.root)
        sides = {**book.sides, **book.pinned}
        splits = {p: sides[row.fingerprint] for p, row in facts.items() if row.fingerprint in sides}
    if wish.wanted.batch is not None:
        imports = import_book.load(project.root)
        found = ((path, imports.batch_of(row.fingerprint)) for path, row in facts.items())
        batches = {path: batch for path, batch in found if batch is not None}
    sizes = {path: (row.width, row.height) for path, row in facts.items()}
    return Knowledge(sizes, problems_by_path(findings), splits, batches)


def _arranged(
    project: Project,
    wish: Wish,
    knowledge: Knowledge,
    context: TaskContext,
    shown: Arrangement,
) -> Arrangement:
    if wish.of_bin:
        binned = replace(project, samples=binned_samples(project, context))
        wanted = SampleFilter(name_part=wish.wanted.name_part)
        return arrange(binned, wanted, wish.order, knowledge, context, shown)
    if wish.listed is not None:
        known = project.sample_at
        listed = tuple(known[path] for path in wish.listed if path in known)
        of_them = replace(project, samples=listed)
        wanted = SampleFilter(name_part=wish.wanted.name_part)
        return arrange(of_them, wanted, SampleOrder("class"), knowledge, context, shown)
    return arrange(project, wish.wanted, wish.order, knowledge, context, shown)
