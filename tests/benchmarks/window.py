"""Does the window stay smooth? Gaps of a 10 ms timer in the GUI thread while work runs.

    python -m tests.benchmarks window

Starts the real window with the real engine on real pictures and measures, for each kind of work,
the gaps between the ticks of a 10 ms timer: a gap of 20 ms means that a mouse move waited 10 ms.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PySide6.QtCore import QEventLoop, QObject, Qt, QTimer, Slot

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

_TICK_MS = 10
_LOOK_MS = 50
_LONGEST_S = 600


@dataclass(frozen=True)
class Smoothness:
    """The gaps of the timer in milliseconds while one kind of work ran."""

    work: str
    seconds: float
    median_ms: float
    p99_ms: float
    longest_ms: float


class TickingClock(QObject):
    """Notes when each tick of a 10 ms timer arrives."""

    def __init__(self) -> None:
        super().__init__()
        self._ticks: list[float] = []
        self._timer = QTimer(self, interval=_TICK_MS)
        # The default timer may be 5 % late on purpose.
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)

    @Slot()
    def _tick(self) -> None:
        self._ticks.append(time.perf_counter())

    def measure(self, work: str, until: Callable[[], bool], least_s: float = 0.0) -> Smoothness:
        """Let the window live until the condition holds, and return its smoothness."""
        began = time.perf_counter()
        # What holds the window up before the first tick or after the last one counts, too.
        self._ticks = [began]
        loop = QEventLoop()

        def look() -> None:
            elapsed = time.perf_counter() - began
            if (until() and elapsed >= least_s) or elapsed > _LONGEST_S:
                loop.quit()

        watch = QTimer(interval=_LOOK_MS)
        watch.timeout.connect(look)
        watch.start()
        self._timer.start()
        # A plain event loop, as the application runs it: test waits would add gaps of their own.
        loop.exec()
        self._timer.stop()
        self._ticks.append(time.perf_counter())
        if not until():
            raise TimeoutError(work)
        gaps = np.diff(self._ticks) * 1000
        return Smoothness(
            work,
            time.perf_counter() - began,
            float(np.median(gaps)),
            float(np.percentile(gaps, 99)),
            float(gaps.max()),
        )


def measure(pictures: Path, epochs: int = 1) -> list[Smoothness]:
    """Go through import, browsing, augmentation, training and prediction.

    `pictures` is a folder of class folders; it is only read.
    """
    from PySide6.QtWidgets import QApplication

    from cnnstudio.app import SWITCH_INTERVAL_S, build_window
    from cnnstudio.core.dataset.importing import plan_import
    from cnnstudio.engine.keras_engine import KerasEngine

    sys.setswitchinterval(SWITCH_INTERVAL_S)
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    rows = []
    with tempfile.TemporaryDirectory() as scratch:
        window = build_window(app, KerasEngine(), Path(scratch) / "settings")
        window.show()
        session, clock = window.session, TickingClock()
        session.prepare_engine()
        rows.append(clock.measure("importing TensorFlow", lambda: session.engine_jobs.is_idle))
        session.create(Path(scratch) / "project")
        clock.measure("creating", lambda: session.project is not None)
        assert session.project is not None
        plan = plan_import([pictures], session.project, None)
        count = len(plan.items)
        session.import_pictures(plan)
        rows.append(
            clock.measure(
                f"importing {count:,} pictures",
                lambda: len(session.project.samples) == count and session.file_jobs.is_idle,
            )
        )
        rows.append(
            clock.measure(
                "thumbnails and looking for problems",
                lambda: session.background_jobs.is_idle,
                least_s=5,
            )
        )
        window.show_step("augment")
        turns = iter(range(100_000))

        def slide() -> None:
            config = session.project.config
            augmentation = replace(config.augmentation, rotation=float(next(turns) % 180))
            session.set_config(replace(config, augmentation=augmentation))

        slider = QTimer(interval=33)
        slider.timeout.connect(slide)
        slider.start()
        rows.append(clock.measure("moving a slider in Augment", lambda: True, least_s=6))
        slider.stop()
        window.show_step("train")
        config = session.project.config
        training = replace(config.training, epochs=epochs)
        session.set_config(replace(config, training=training))
        job = session.train()
        rows.append(clock.measure("training", lambda: job.has_ended))
        window.ask([pictures])
        rows.append(clock.measure("predicting", lambda: session.engine_jobs.is_idle))
        window.close()
        clock.measure("closing", lambda: not window.isVisible())
    return rows


def table(rows: list[Smoothness]) -> str:
    """Return the rows as a Markdown table."""
    lines = [
        "| while | seconds | median gap | 99th percentile | longest |",
        "|---|---:|---:|---:|---:|",
    ]
    lines += [
        f"| {row.work} | {row.seconds:.1f} | {row.median_ms:.1f} ms | {row.p99_ms:.1f} ms"
        f" | {row.longest_ms:.0f} ms |"
        for row in rows
    ]
    return "\n".join(lines)
