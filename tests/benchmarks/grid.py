"""Does the grid stay smooth with 100,000 pictures? Gaps of a 10 ms timer in the GUI thread.

    python -m tests.benchmarks grid

Opens the grid alone on a made project (kept at $CNNSTUDIO_MANY_PICTURES, or made in a temporary
folder), scrolls it from end to end, selects, inverts, sorts and filters.
"""

from __future__ import annotations

import gc
import os
import resource
import sys
import tempfile
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer, Slot

from cnnstudio.core.arranging import Knowledge, SampleFilter, SampleOrder, arrange
from cnnstudio.core.dataset.scanning import scan
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.project import Project
from cnnstudio.core.selecting import selected_again
from cnnstudio.core.storage.thumbnail_store import ThumbnailStore
from tests.benchmarks.many_pictures import many_pictures
from tests.benchmarks.window import Smoothness, TickingClock, table

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

COUNT = 100_000
_FRAME_MS = 16
_SCREEN = (1280, 800)


@dataclass
class Measured:
    """What was measured: gaps for each kind of work, and the most memory in MB after each."""

    rows: list[Smoothness] = field(default_factory=list)
    peak_mb: list[int] = field(default_factory=list)

    def add(self, row: Smoothness) -> None:
        """Take a row and the memory used until now."""
        self.rows.append(row)
        self.peak_mb.append(round(peak_memory_mb()))


def peak_memory_mb() -> float:
    """The most memory this process has had so far."""
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used / 1e6 if sys.platform == "darwin" else used / 1e3


class Scrolling(QObject):
    """Moves a scroll bar by so many pixels a frame, from where it is to its end and back."""

    def __init__(self, bar: QObject, step_px: int) -> None:
        super().__init__()
        self._bar = bar
        self._step_px = step_px
        self.has_ended = False
        self._timer = QTimer(self, interval=_FRAME_MS)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._move)
        self._timer.start()

    @Slot()
    def _move(self) -> None:
        self._bar.setValue(self._bar.value() + self._step_px)
        if self._bar.value() == self._bar.maximum():
            self._step_px = -abs(self._step_px)
        elif self._bar.value() == 0:
            self._timer.stop()
            self.has_ended = True


def measure(rounds: int = 1) -> str:
    """Measure and return a Markdown table."""
    kept = os.environ.get("CNNSTUDIO_MANY_PICTURES")
    with tempfile.TemporaryDirectory() as scratch:
        project = scan(many_pictures(Path(kept or scratch) / "many pictures", COUNT))
        gc.freeze()  # as the window does when it has opened a project
        measured = measure_grid(project, Path(scratch))
    memory = ", ".join(map(str, measured.peak_mb))
    return f"{table(measured.rows)}\n\nPeak memory after each, MB: {memory}"


def measure_grid(project: Project, scratch: Path) -> Measured:
    """Scroll, select, sort and filter the pictures of a project."""
    from PySide6.QtWidgets import QApplication

    from cnnstudio.app import SWITCH_INTERVAL_S
    from cnnstudio.ui.garbage_collector import GarbageCollector
    from cnnstudio.ui.jobs import JobQueue
    from cnnstudio.ui.models.sample_model import SampleModel
    from cnnstudio.ui.theme import Theme
    from cnnstudio.ui.thumbnails import Thumbnails
    from cnnstudio.ui.widgets.sample_view import SampleView

    sys.setswitchinterval(SWITCH_INTERVAL_S)
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    garbage = GarbageCollector(app)
    queue = JobQueue("arranging")
    thumbnails = Thumbnails(store=ThumbnailStore(scratch / "thumbnails.sqlite"))
    model = SampleModel()
    view = SampleView(model, Theme(app, "light"), thumbnails)
    view.set_root(project.root)
    view.resize(*_SCREEN)
    view.show()
    clock, measured, knowledge = TickingClock(), Measured(), Knowledge()

    def show(words: str, wanted: SampleFilter, order: SampleOrder) -> None:
        before, selection = model.arrangement, view.selection()

        def task(context: TaskContext) -> object:
            after = arrange(project, wanted, order, knowledge, context, before)
            return after, selected_again(before, selection, after, {}, context)

        def take_over(found: tuple[object, object]) -> None:
            model.set_arrangement(project, found[0], knowledge)
            view.doItemsLayout()
            view.set_selection(found[1])

        job = queue.start(words, task)
        job.finished.connect(take_over)
        measured.add(clock.measure(words, lambda: job.has_ended, least_s=0.5))

    def act(words: str, step: object) -> None:
        QTimer.singleShot(30, view, step)
        measured.add(clock.measure(words, lambda: True, least_s=0.5))

    everything = SampleFilter()
    show(f"showing {len(project.samples):,} pictures", everything, SampleOrder())
    measured.add(clock.measure("thumbnails of the first screen", lambda: True, least_s=2))
    bar = view.verticalScrollBar()
    for words, start_px, step_px in (
        ("scrolling 3,750 px a second", 12_000, -60),
        ("scrolling 18,750 px a second", 60_000, -300),
        ("end to end and back in 10 s", 0, bar.maximum() // 300),
    ):
        bar.setValue(start_px)
        scrolling = Scrolling(bar, step_px)
        measured.add(clock.measure(words, lambda each=scrolling: each.has_ended))
    act("select all", view.selectAll)
    act("invert", view.invert_selection)
    view.select_rows(range(0, len(project.samples), 3))
    act("invert every third", view.invert_selection)
    for key in ("name", "date", "size", "problem", "class"):
        show(f"sorting by {key}, {view.selected_count:,} selected", everything, SampleOrder(key))
    show("searching names", SampleFilter(name_part="99"), SampleOrder())
    show("one class by date", SampleFilter(frozenset({"class 3"})), SampleOrder("date", True))
    show("all again", everything, SampleOrder())
    for size_px in (256, 96, 124):
        act(f"zoom to {size_px} px", partial(view.set_thumbnail_px, size_px))
    view.close()
    thumbnails.close()
    queue.close()
    garbage.stop()
    return measured
